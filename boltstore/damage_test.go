package boltstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/bindset/bindset/boltstore"
	"github.com/bindset/bindset/store"
)

// TestDamageIsAnErrorAndNeverAPanic damages copies of a golden file, which is
// always the same, in ways that are always the same, and has another process use
// them. That must live through it, refuse what it cannot read, and call nothing
// sound that does not hold what was put, now or before the last commit.
func TestDamageIsAnErrorAndNeverAPanic(t *testing.T) {
	if raceDetector { // it ends the process where bbolt reads beyond a damaged page
		out, err := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-run", "^"+t.Name()+"$", ".").CombinedOutput()
		require.NoError(t, err, "without the race detector:\n%s", out)
		return
	}
	const pageSize, each = 4096, 20
	whole := bytesOf(t, goldenFormat2) // an older one is checked when it is opened
	random := rand.New(rand.NewPCG(1, 2))
	page := func(b []byte) []byte {
		n := random.IntN(len(b) / pageSize)
		return b[n*pageSize:][:pageSize]
	}
	ways := []struct {
		name   string
		damage func(b []byte) []byte
	}{
		{"a bit anywhere", func(b []byte) []byte { b[random.IntN(len(b))] ^= 1 << random.IntN(8); return b }},
		{"a bit in the header of a page", func(b []byte) []byte { page(b)[random.IntN(16)] ^= 1 << random.IntN(8); return b }},
		{"a byte in the elements of a page", func(b []byte) []byte { page(b)[16+random.IntN(300)] = byte(random.Uint32()); return b }},
		{"a page of zeros", func(b []byte) []byte { clear(page(b)); return b }},
		{"a page of noise", func(b []byte) []byte { noise(random, page(b)); return b }},
		{"noise in a page", func(b []byte) []byte { noise(random, page(b)[16:]); return b }},
		{"a page twice", func(b []byte) []byte { copy(page(b), page(b)); return b }},
		{"the end cut off", func(b []byte) []byte { return b[:1+random.IntN(len(b)-1)] }},
		{"the end lost", func(b []byte) []byte { clear(b[random.IntN(len(b)):]); return b }},
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "sound"), whole, 0o600))
	for _, way := range ways {
		for i := range each {
			path := filepath.Join(dir, fmt.Sprintf("%s %d.db", way.name, i))
			require.NoError(t, os.WriteFile(path, way.damage(bytes.Clone(whole)), 0o600))
		}
	}
	out, err := process(t, "damaged", dir).Output()
	require.NoError(t, err, "the process ended at the file after these:\n%s", out)

	results := map[string]int{}
	for line := range strings.Lines(string(out)) {
		_, result, _ := strings.Cut(strings.TrimSpace(line), ".db: ")
		require.NotContains(t, result, "WRONG", line)
		results[result]++
	}
	require.Equal(t, each*len(ways), results[refused]+results[found]+results[sound]+results[older])
	require.Greater(t, results[refused], 10)
	require.Greater(t, results[found], 10)
}

func noise(random *rand.Rand, b []byte) {
	for i := range b {
		b[i] = byte(random.Uint32())
	}
}

// What becomes of a damaged file.
const (
	refused = "is not opened"
	found   = "is found damaged"
	sound   = "is sound"                            // what was hit is not in use
	older   = "is as it was before the last commit" // what was hit made that count
)

// readDamaged uses the files in a directory, and says what became of each. The one
// named sound is not damaged.
func readDamaged(dir string) {
	s, err := boltstore.Open(filepath.Join(dir, "sound"))
	if err != nil {
		panic(err)
	}
	want, err := read(context.Background(), s)
	if err != nil {
		panic(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.db"))
	if err != nil {
		panic(err)
	}
	for _, path := range files {
		fmt.Printf("%s: %s\n", filepath.Base(path), useDamaged(path, want))
	}
}

func useDamaged(path string, want content) string {
	s, err := boltstore.Open(path)
	switch {
	case errors.Is(err, boltstore.ErrDamaged), errors.Is(err, boltstore.ErrFormat):
		return refused
	case err != nil:
		return "WRONG: " + err.Error()
	}
	defer s.Close()
	ctx := context.Background()
	got, readErr := read(ctx, s)
	checkErr := s.Check(ctx)
	for _, err := range []error{readErr, checkErr} {
		if err != nil && !errors.Is(err, boltstore.ErrDamaged) {
			return "WRONG: " + err.Error()
		}
	}
	if checkErr != nil {
		return found
	}
	writeErr := s.Update(ctx, func(ctx context.Context, w store.Writer) error { return w.DeleteService(ctx, web) })
	if err := errors.Join(readErr, writeErr, s.Check(ctx)); err != nil {
		return "WRONG: called sound, but " + err.Error()
	}
	switch {
	case reflect.DeepEqual(got, want):
		return sound
	case len(got.Services) == 2:
		return older
	default:
		return "WRONG: called sound, but other things are in it"
	}
}

// TestCheckFindsWhereIndexesAndRecordsDisagree changes one table of a store at a
// time.
func TestCheckFindsWhereIndexesAndRecordsDisagree(t *testing.T) {
	other := key(ids[30], ids[31])
	for name, test := range map[string]struct {
		table  string
		change func(b *bbolt.Bucket) error
		want   string
	}{
		"a host's record gone":        {"hosts", dropFirst, "is on host"},
		"a host not in its network":   {"networks", dropFirst, "table networks does not have host"},
		"a host of no record":         {"networks", put(other, nil), "table networks has 3 entries, the records account for 2"},
		"a service's record gone":     {"services", dropFirst, "its service: there is no service"},
		"a service not on its host":   {"positions", dropFirst, "table positions does not have service"},
		"a service of no record":      {"positions", put(other, nil), "table positions has 3 entries"},
		"a binding's record gone":     {"bindings", dropFirst, "table owners has 4 entries, the records account for 3"},
		"a binding without an owner":  {"owners", dropFirst, "table owners does not have binding"},
		"a binding of another owner":  {"owners", put(key(ids[20]), key(dns)), "table owners does not have binding"},
		"an owner of no binding":      {"owners", put(key(ids[30]), key(web)), "table owners has 5 entries"},
		"a listener not listed":       {"listeners", dropFirst, "table listeners does not have binding"},
		"a scan of no host":           {"scans", put(key(ids[30]), nil), "which is not there"},
		"a host without its evidence": {"evidence", dropFirst, "table evidence does not have host"},
		"evidence of no host":         {"evidence", put(key(ids[30], ids[31], ids[32]), nil), "table evidence has 5 entries, the records account for 4"},
		"a listener listed elsewhere": {"listeners", put(key(otherHost, port, ids[20]), key(web)), "table listeners has 3 entries"},
		"a key that is no key":        {"hosts", put([]byte{1}, []byte{1}), "slice"},
		"a record that is none":       {"services", put(key(ids[30]), []byte{1, 2, 3, 4, 5, 6}), "the record of service " + ids[30].String() + " is corrupt"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, newPath(t))
			fill(t, s)
			require.NoError(t, s.Check(t.Context()))
			require.NoError(t, s.DB().Update(func(tx *bbolt.Tx) error { return test.change(tx.Bucket([]byte(test.table))) }))
			err := s.Check(t.Context())
			require.ErrorIs(t, err, boltstore.ErrDamaged)
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestCheckNamesAHundredProblemsAtMost(t *testing.T) {
	s := open(t, newPath(t))
	require.NoError(t, s.DB().Update(func(tx *bbolt.Tx) error {
		for i := range 1000 {
			if err := tx.Bucket([]byte("bindings")).Put(key(web, ids[i%40], ids[i/40]), []byte("damage")); err != nil {
				return err
			}
		}
		return nil
	}))
	err := s.Check(t.Context())
	require.ErrorContains(t, err, "there are more problems")
	require.Len(t, strings.Split(err.Error(), "\n"), 101)
}

func TestCheckEndsWithItsContext(t *testing.T) {
	s := open(t, newPath(t))
	fill(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, s.Check(ctx), context.Canceled)
}

// dropFirst deletes the first entry of a table.
func dropFirst(b *bbolt.Bucket) error {
	k, _ := b.Cursor().First()
	return b.Delete(k)
}

func put(k, v []byte) func(b *bbolt.Bucket) error {
	return func(b *bbolt.Bucket) error { return b.Put(k, v) }
}
