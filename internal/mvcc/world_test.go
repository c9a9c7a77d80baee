package mvcc

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A team is a row of the tests: it has players, in their order, each of which is
// in one team only.
type team struct {
	name    string
	players []int
}

var playersOf = Keys[int, team]{
	Len:     func(t *team) int { return len(t.players) },
	Key:     func(t *team, i int) int { return t.players[i] },
	Compare: cmp.Compare[int],
}

// A league has two tables in a DB, one of them with an index.
type league struct {
	db      *DB
	teams   *Table[int, team]
	players *Index[int, int, team]
	notes   *Table[string, int]
}

func newLeague() *league {
	l := &league{db: NewDB(), teams: NewTable[int, team](), notes: NewTable[string, int]()}
	l.players = NewIndex(l.teams, playersOf)
	return l
}

func (l *league) update(t require.TestingT, fn func(tx Tx)) {
	require.NoError(t, l.db.Update(context.Background(), func(tx Tx) error { fn(tx); return nil }))
}

// begin opens a View that stays open until end is called.
func (l *league) begin() (at Snapshot, end func()) {
	h, commit := l.db.views.begin(&l.db.last)
	return Snapshot{commit}, func() { l.db.views.end(h) }
}

const (
	teamsInWorld   = 4
	playersInWorld = 8
)

// A world is what a league holds, as plain as can be.
type world struct {
	teams map[int]team
	note  int // 0 for none
}

func (w world) clone() world { return world{maps.Clone(w.teams), w.note} }

// require checks everything that a snapshot can be asked.
func (w world) require(t require.TestingT, l *league, at Snapshot) {
	captains := map[int]int{}
	for id := range teamsInWorld {
		want, ok := w.teams[id]
		got := l.teams.Get(at, id)
		require.Equal(t, ok, got != nil)
		if ok {
			require.Equal(t, want, *got)
		}
		for _, p := range want.players {
			captains[p] = id
		}
	}
	for p := range playersInWorld {
		want, ok := captains[p]
		id, got := l.players.Get(at, p)
		require.Equal(t, ok, got != nil)
		require.Equal(t, want, id)
		if ok {
			require.Equal(t, w.teams[id], *got)
		}
	}
	note := l.notes.Get(at, "note")
	require.Equal(t, w.note != 0, note != nil)
	require.True(t, note == nil || *note == w.note)
}

// change changes something at random in the league, and in the world.
func (w *world) change(t *rapid.T, l *league, tx Tx) {
	id := rapid.IntRange(0, teamsInWorld-1).Draw(t, "team")
	switch rapid.IntRange(0, 5).Draw(t, "what") {
	case 0:
		l.teams.Delete(tx, id)
		delete(w.teams, id)
	case 1:
		w.note = rapid.IntRange(1, 9).Draw(t, "note")
		l.notes.Put(tx, "note", w.note)
	case 2:
		w.note = 0
		l.notes.Delete(tx, "note")
	default:
		players := rapid.SliceOfDistinct(rapid.IntRange(0, playersInWorld-1), rapid.ID[int]).Draw(t, "players")
		players = slices.DeleteFunc(players, func(p int) bool {
			other, row := l.players.Get(tx.Snapshot, p)
			return row != nil && other != id
		})
		slices.Sort(players)
		w.teams[id] = team{rapid.StringN(0, 2, -1).Draw(t, "name"), players}
		l.teams.Put(tx, id, w.teams[id])
	}
}

var errRollBack = errors.New("roll back")

// outcomeOf calls fn and swallows the panic with errRollBack.
func outcomeOf(fn func() error) {
	defer func() {
		if r := recover(); r != nil && r != errRollBack {
			panic(r)
		}
	}()
	_ = fn()
}

// Many Views stay open while Updates commit, fail and panic. All the time each
// reads what was there when it began, the Update what it wrote, and what doc.go says
// holds.
func TestEverySnapshotIsTheWorldAsItWas(t *testing.T) {
	type view struct {
		world world
		at    Snapshot
		end   func()
	}
	rapid.Check(t, func(t *rapid.T) {
		l, now := newLeague(), world{teams: map[int]team{}}
		var views []view
		requireViews := func() {
			for _, v := range views {
				v.world.require(t, l, v.at)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"update": func(t *rapid.T) {
				next := now.clone()
				outcome := rapid.SampledFrom([]string{"commit", "commit", "commit", "fail", "panic"}).Draw(t, "outcome")
				outcomeOf(func() error {
					return l.db.Update(context.Background(), func(tx Tx) error {
						for range rapid.IntRange(0, 6).Draw(t, "changes") {
							next.change(t, l, tx)
						}
						requireViews()
						next.require(t, l, tx.Snapshot)
						switch outcome {
						case "panic":
							panic(errRollBack)
						case "fail":
							return errRollBack
						}
						return nil
					})
				})
				if outcome == "commit" {
					now = next
				}
			},
			"view": func(t *rapid.T) {
				if len(views) < 6 {
					at, end := l.begin()
					views = append(views, view{now, at, end})
				}
			},
			"end": func(t *rapid.T) {
				if len(views) > 0 {
					i := rapid.IntRange(0, len(views)-1).Draw(t, "which")
					views[i].end()
					views = slices.Delete(views, i, i+1)
				}
			},
			"": func(t *rapid.T) {
				requireViews()
				require.NoError(t, l.db.View(func(at Snapshot) error { now.require(t, l, at); return nil }))
				if len(views) == 0 {
					l.update(t, func(Tx) {})
				}
				l.requireWhole(t)
			},
		})
	})
}

// requireWhole checks, between Updates, what doc.go says always holds.
func (l *league) requireWhole(t require.TestingT) {
	inHistory := map[change]int{}
	history := &l.db.history
	for _, r := range history.rows[history.recalled:] {
		inHistory[r.change]++
		require.LessOrEqual(t, r.commit, l.db.last.Load())
	}
	require.True(t, slices.IsSortedFunc(history.rows, func(a, b remembered) int { return cmp.Compare(a.commit, b.commit) }))
	known := requireTable(t, l.teams, l.db, inHistory) + requireTable(t, l.notes, l.db, inHistory)
	require.Len(t, inHistory, known)

	indexed := 0
	l.teams.each(func(row rowID, newest *version[int, team]) {
		keys := map[int]bool{}
		for v := newest; v != nil; v = v.older.Load() {
			for _, p := range v.row.players {
				keys[p] = true
			}
		}
		same := map[tag]int{}
		for key := range keys {
			same[tagOf(l.teams.seed, key)]++
		}
		for tag, n := range same {
			require.Equal(t, n, l.players.entries.rows(tag)[row])
		}
		indexed += len(keys)
	})
	require.Equal(t, indexed, l.players.entries.entries)
}

// requireTable returns how many rows of a table are in the history.
func requireTable[K comparable, R any](t require.TestingT, table *Table[K, R], db *DB, inHistory map[change]int) (known int) {
	rows := 0
	table.each(func(row rowID, newest *version[K, R]) {
		rows++
		require.Equal(t, 1, table.keys.rows(tagOf(table.seed, newest.key))[row])
		require.LessOrEqual(t, newest.commit, db.last.Load())
		for v := newest; v.older.Load() != nil; v = v.older.Load() {
			require.Greater(t, v.commit, v.older.Load().commit)
			require.Equal(t, newest.key, v.older.Load().key)
		}
		several := newest.older.Load() != nil
		require.True(t, newest.remembered || !several && !newest.deleted, "it must be freed one day")
		require.False(t, newest.remembered && len(db.views.appendHeld(nil)) == 0, "no View needs it")
		if newest.remembered {
			require.Equal(t, 1, inHistory[change{table, row}])
			known++
		}
	})
	require.Equal(t, rows, table.keys.entries)
	require.Equal(t, int(table.last), rows+len(table.unused))
	return known
}

// each calls fn for every row that a key has.
func (t *Table[K, R]) each(fn func(row rowID, newest *version[K, R])) {
	for row := rowID(1); row <= t.last; row++ {
		if v := t.head(row).Load(); v != nil {
			fn(row, v)
		}
	}
}

// versions returns how many versions of teams there are.
func (l *league) versions() (n int) {
	l.teams.each(func(_ rowID, v *version[int, team]) {
		for ; v != nil; v = v.older.Load() {
			n++
		}
	})
	return n
}
