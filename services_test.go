package bindset_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

func (f *fixture) createService(d service.Draft) (created service.Service, change bindset.Change) {
	f.Helper()
	change = f.does(func() (c bindset.Change, err error) {
		created, c, err = f.CreateService(f.ctx, d)
		return c, err
	})
	require.Equal(f, f.stored(created.ID), created, "what is returned is what is stored")
	return created, change
}

func (f *fixture) updateService(s service.Service) (updated service.Service, change bindset.Change) {
	f.Helper()
	change = f.does(func() (c bindset.Change, err error) {
		updated, c, err = f.UpdateService(f.ctx, s)
		return c, err
	})
	require.Equal(f, f.stored(updated.ID), updated, "what is returned is what is stored")
	return updated, change
}

func TestCreateServiceAssignsWhatADraftDoesNotSay(t *testing.T) {
	f := newFixture(t)
	f.withHost()
	d := service.Draft{
		HostID: webID, Name: "nginx", Definition: "Nginx", Tags: []string{"public", "web"},
		Virtualization: json.RawMessage(`{ "type": "Docker" }`),
		Bindings: []binding.Binding{{
			Target: everywhere(https), ServiceID: unknown[0], NetworkID: unknown[1],
			CreatedAt: epoch, UpdatedAt: epoch, Sightings: binding.Sightings{LastSeenAt: epoch.Add(1500)}, LineageID: unknown[2],
		}},
	}
	s, change := f.createService(d)

	require.NotEqual(t, uuid.Nil, s.ID)
	require.Equal(t, service.Source{Type: "Manual"}, s.Source)
	require.Equal(t, network, s.NetworkID)
	require.Equal(t, uint64(1), s.Revision)
	require.Equal(t, f.now(), s.CreatedAt)
	require.Equal(t, f.now(), s.UpdatedAt)
	require.Zero(t, s.Position)
	require.Equal(t, []string{"public", "web"}, s.Tags)
	require.JSONEq(t, `{"type":"Docker"}`, string(s.Virtualization))
	require.Equal(t, []binding.Binding{{
		Target: everywhere(https), ID: s.Bindings[0].ID, ServiceID: s.ID, NetworkID: network,
		CreatedAt: f.now(), UpdatedAt: f.now(), Sightings: binding.Sightings{LastSeenAt: epoch.Add(1000)}, LineageID: unknown[2],
	}}, s.Bindings)
	require.NotEqual(t, uuid.Nil, s.Bindings[0].ID)
	require.Equal(t, s.Bindings, change.Added)
	require.Equal(t, unknown[0], d.Bindings[0].ServiceID, "the draft is the caller's")
}

func TestCreateServiceNormalizesTheSetAndReportsIt(t *testing.T) {
	f := newFixture(t)
	f.withHost()
	s, change := f.createService(service.Draft{HostID: webID, Name: "nginx", Bindings: set(
		onInterface(https, addr5), // an IP address under the name of an interface
		onAddress(https, addr5),
		onInterface(http80, eth0),
		onInterface(http80, eth0),
		everywhere(https),
	)})
	require.ElementsMatch(t, []binding.Target{onInterface(http80, eth0), everywhere(https)}, targetsOf(s.Bindings))

	require.Len(t, change.Rewritten, 1)
	require.Equal(t, onInterface(https, addr5), change.Rewritten[0].From.Target)
	require.Equal(t, onAddress(https, addr5), change.Rewritten[0].To.Target)
	require.Len(t, change.Dropped, 3)
	for i, reason := range []validate.Reason{validate.Superseded, validate.Superseded, validate.Duplicate} {
		d := change.Dropped[i]
		require.Equal(t, reason, d.Reason)
		require.Equal(t, s.ID, d.Binding.ServiceID)
		require.Equal(t, uuid.Nil, d.Binding.ID, "what was never stored has no ID")
	}
	require.Equal(t, everywhere(https), change.Dropped[0].By.Target)
	require.Equal(t, onInterface(http80, eth0), change.Dropped[2].By.Target)
}

func TestWhatADuplicateIsOfIsSaidAsItIsStored(t *testing.T) {
	f := newFixture(t)
	f.withHost()
	s, _ := f.createService(service.Draft{HostID: webID, Name: "nginx", Bindings: set(onAddress(https, addr5))})
	stored := s.Bindings[0]
	s.Bindings = []binding.Binding{{ID: stored.ID, Target: onInterface(https, addr5)}, {Target: onAddress(https, addr5)}}
	_, change := f.updateService(s)
	require.Empty(t, change.Services, "nothing changed")
	require.Len(t, change.Dropped, 1)
	require.Equal(t, stored, change.Dropped[0].By)
}

func TestCreateServiceKeepsTheIDsGiven(t *testing.T) {
	f := newFixture(t)
	f.withHost()
	b := binding.Binding{Target: everywhere(https), ID: unknown[1]}
	s, _ := f.createService(service.Draft{ID: unknown[0], HostID: webID, Bindings: []binding.Binding{b}})
	require.Equal(t, unknown[0], s.ID)
	require.Equal(t, unknown[1], s.Bindings[0].ID)
}

func TestPositionsGoOnFromTheHighestOnTheHost(t *testing.T) {
	f := newFixture(t)
	f.withHost(nil)
	second, _ := f.createService(service.Draft{HostID: webID})
	require.EqualValues(t, 1, second.Position)

	second.Position = -7
	second, _ = f.updateService(second)
	require.EqualValues(t, -7, second.Position, "an update takes the position as it is given")
	third, _ := f.createService(service.Draft{HostID: webID})
	require.EqualValues(t, 1, third.Position)

	third.Position = 5
	third, change, err := f.UpdateService(f.ctx, third, bindset.KeepPosition())
	require.NoError(t, err)
	require.EqualValues(t, 1, third.Position, "an update that keeps the position does not ask what is given")
	require.True(t, change.IsZero())

	third.Position = math.MaxInt32
	f.updateService(third)
	f.invalidAt("position", func() error {
		_, _, err := f.CreateService(f.ctx, service.Draft{HostID: webID})
		return err
	})
}

func TestCreateServiceRefuses(t *testing.T) {
	f := newFixture(t)
	services := f.withHost(set(everywhere(https)))
	create := func(d service.Draft) func() error {
		return func() error {
			s, change, err := f.CreateService(f.ctx, d)
			require.Zero(t, s)
			require.True(t, change.IsZero())
			return err
		}
	}
	for name, id := range map[string]uuid.UUID{"nil": uuid.Nil, "unknown": unknown[0]} {
		t.Run("a host that is "+name, func(t *testing.T) {
			if id == uuid.Nil {
				f.invalidAt("host_id", create(service.Draft{}))
			} else {
				f.refuses(store.ErrNotFound, create(service.Draft{HostID: id}))
			}
		})
	}
	t.Run("the ID of another service", func(t *testing.T) {
		err := f.refuses(store.ErrExists, create(service.Draft{HostID: webID, ID: services[0].ID}))
		var entity *store.EntityError
		require.ErrorAs(t, err, &entity)
		require.Equal(t, store.EntityService, entity.Entity)
	})
	t.Run("the ID of another binding, even of one that would be dropped", func(t *testing.T) {
		taken := binding.Binding{Target: everywhere(http80), ID: services[0].Bindings[0].ID}
		f.refuses(store.ErrExists, create(service.Draft{HostID: webID, Bindings: []binding.Binding{taken}}))
		f.refuses(store.ErrExists, create(service.Draft{HostID: webID, Bindings: []binding.Binding{{Target: everywhere(http80)}, taken}}))
	})
	t.Run("another network", func(t *testing.T) {
		violations := f.violates(validate.ErrNetworkMismatch, create(service.Draft{HostID: webID, NetworkID: unknown[0]}))
		require.Len(t, violations, 1)
		require.Equal(t, -1, violations[0].Index)
	})
	t.Run("every violation at once", func(t *testing.T) {
		violations := f.violates(binding.ErrInvalid, create(service.Draft{HostID: webID, Bindings: set(
			binding.Interface(eth0), onAddress(http80, addr5), everywhere(unknown[0]), binding.Target{},
		)}))
		require.Len(t, violations, 3)
		require.Equal(t, "bindings[3]", violations[0].Path)
		require.Equal(t, validate.ErrInvalid, violations[0].Code)
		require.Equal(t, "bindings[2]", violations[1].Path)
		require.Equal(t, validate.ErrCrossHost, violations[1].Code)
		require.Equal(t, "bindings[1]", violations[2].Path)
		require.Equal(t, validate.ErrConflict, violations[2].Code)
	})
}

func TestWhatNoStoreCouldKeepIsRefusedByItsField(t *testing.T) {
	f := newFixture(t)
	s := f.withHost(nil)[0]
	for name, c := range map[string]struct {
		path  string
		wrong func(*service.Service)
	}{
		"101 characters":        {"name", func(s *service.Service) { s.Name = strings.Repeat("é", 101) }},
		"a name no UTF-8":       {"name", func(s *service.Service) { s.Name = "a\xff" }},
		"NUL in a name":         {"name", func(s *service.Service) { s.Name = "a\x00" }},
		"NUL in a definition":   {"service_definition", func(s *service.Service) { s.Definition = "\x00" }},
		"a definition no UTF-8": {"service_definition", func(s *service.Service) { s.Definition = "\xc3" }},
		"NUL in a tag":          {"tags[1]", func(s *service.Service) { s.Tags = []string{"a", "b\x00"} }},
		"a tag no UTF-8":        {"tags[0]", func(s *service.Service) { s.Tags = []string{"\xed\xa0\x80"} }},
		"NUL in a source type":  {"source.type", func(s *service.Service) { s.Source.Type = "\x00" }},
		"JSON cut off":          {"virtualization", func(s *service.Service) { s.Virtualization = json.RawMessage(`{"a":`) }},
		"two JSON values":       {"virtualization", func(s *service.Service) { s.Virtualization = json.RawMessage(`1 2`) }},
		"JSON no UTF-8":         {"virtualization", func(s *service.Service) { s.Virtualization = json.RawMessage("\"\xff\"") }},
		"JSON nested too deeply": {"virtualization", func(s *service.Service) {
			s.Virtualization = json.RawMessage(strings.Repeat("[", 1_000_000) + strings.Repeat("]", 1_000_000))
		}},
		"a source no JSON":   {"source", func(s *service.Service) { s.Source.Rest = json.RawMessage(`}`) }},
		"a type twice":       {"source.type", func(s *service.Service) { s.Source.Rest = json.RawMessage(`{"type":null}`) }},
		"half a character":   {"virtualization", func(s *service.Service) { s.Virtualization = json.RawMessage(`"\ud800"`) }},
		"NUL in JSON":        {"virtualization", func(s *service.Service) { s.Virtualization = json.RawMessage(`{"\u0000":1}`) }},
		"a source no object": {"source", func(s *service.Service) { s.Source.Rest = json.RawMessage(`[]`) }},
	} {
		t.Run(name, func(t *testing.T) {
			wrong := s.Clone()
			c.wrong(&wrong)
			f.invalidAt(c.path, func() error { _, _, err := f.UpdateService(f.ctx, wrong); return err })
			if strings.HasPrefix(c.path, "source") {
				return // a draft has none
			}
			d := service.Draft{
				HostID: webID, Name: wrong.Name, Definition: wrong.Definition, Tags: wrong.Tags, Virtualization: wrong.Virtualization,
			}
			f.invalidAt(c.path, func() error { _, _, err := f.CreateService(f.ctx, d); return err })
			other := web1()
			other.ID = unknown[3]
			f.invalidAt("services[1]."+c.path, func() error {
				_, _, err := f.CreateHost(f.ctx, other, []service.Draft{{}, d})
				return err
			})
		})
	}
	s.Name = strings.Repeat("é", 100)
	f.updateService(s)
}

func TestUpdateServiceReplacesWhatItIsGiven(t *testing.T) {
	f := newFixture(t)
	was := f.withHost(set(everywhere(https), everywhere(http80)))[0]
	s := was.Clone()
	s.Name, s.Definition, s.Tags, s.Position = "caddy", "Caddy", []string{"a"}, 9
	s.Source = service.Source{Type: "Discovery", Rest: json.RawMessage(`{ "metadata": [] }`)}
	s.Virtualization = json.RawMessage(`null`)
	s.Bindings = s.Bindings[:1]
	s.CreatedAt, s.UpdatedAt, s.NetworkID, s.HostID = epoch, epoch, uuid.Nil, uuid.Nil
	now, change := f.updateService(s)

	require.Equal(t, service.Service{
		ID: was.ID, HostID: webID, NetworkID: network, Name: "caddy", Definition: "Caddy", Tags: []string{"a"}, Position: 9,
		Source:   service.Source{Type: "Discovery", Rest: json.RawMessage(`{"metadata":[]}`)},
		Bindings: was.Bindings[:1], Revision: 2, CreatedAt: was.CreatedAt, UpdatedAt: f.now(),
	}, now)
	require.Equal(t, was.Bindings[1:], change.Removed)

	s.Source, s.Revision = service.Source{}, 0
	now, change = f.updateService(s)
	require.Equal(t, "Discovery", now.Source.Type, "a source without a type leaves the stored one")
	require.True(t, change.IsZero())
}

func TestAnUpdateThatChangesNothingWritesNothing(t *testing.T) {
	f := newFixtureOn(t, &counted{Store: newMemstore()})
	was := f.withHost(set(everywhere(https), binding.Interface(wlan0))[:1])[0]
	was.Virtualization = json.RawMessage(`{"a":[1,2]}`)
	was, _ = f.updateService(was)
	writes := f.store.(*counted).writes

	same := was.Clone()
	same.Virtualization = json.RawMessage(" {\n\"a\" : [1, 2]}\n")
	same.Tags = []string{}
	same.Bindings = append(same.Bindings, set(everywhere(https))...)
	now, change := f.updateService(same)
	require.Equal(t, was, now)
	require.Len(t, change.Dropped, 1, "the duplicate is reported all the same")

	same.Bindings = same.Bindings[:1]
	_, change = f.updateService(same)
	require.True(t, change.IsZero())
	require.Equal(t, writes, f.store.(*counted).writes)
}

func TestOnlyBeingSeenAgainIsWrittenButIsNoChange(t *testing.T) {
	f := newFixture(t)
	was := f.withHost(set(everywhere(https)))[0]
	s := was.Clone()
	s.Bindings[0].LastSeenAt, s.Bindings[0].LastDiscoveryID = epoch.Add(time.Second), unknown[0]
	now, change := f.updateService(s)
	require.True(t, change.IsZero())
	require.Equal(t, was.Revision, now.Revision)
	require.Equal(t, was.UpdatedAt, now.UpdatedAt)
	require.Equal(t, epoch.Add(time.Second), now.Bindings[0].LastSeenAt)
	require.Equal(t, unknown[0], now.Bindings[0].LastDiscoveryID)
	require.Equal(t, was.Bindings[0].UpdatedAt, now.Bindings[0].UpdatedAt)

	now.Bindings[0].LastSeenAt, now.Bindings[0].LastDiscoveryID = time.Time{}, uuid.Nil
	again, change := f.updateService(now)
	require.True(t, change.IsZero())
	require.Equal(t, unknown[0], again.Bindings[0].LastDiscoveryID, "an absent tracking field keeps the stored one")

	now.Bindings[0].ValidTo = epoch
	again, change = f.updateService(now)
	require.Len(t, change.Updated, 1)
	require.Equal(t, epoch, again.Bindings[0].ValidTo)
	require.Equal(t, was.Revision+1, again.Revision)
}

func TestUpdateServiceMatchesBindingsByIDOrElseByTarget(t *testing.T) {
	x, y := unknown[0], unknown[1]
	for name, c := range map[string]struct {
		stored []binding.Target
		given  func(stored []binding.Binding) []binding.Binding
		// want is the set in input order: the stored binding that each one is, or
		// -1 for a new one
		want []int
	}{
		"by ID, to another target": {
			stored: []binding.Target{everywhere(https)},
			given: func(stored []binding.Binding) []binding.Binding {
				return []binding.Binding{{ID: stored[0].ID, Target: everywhere(http80)}}
			},
			want: []int{0},
		},
		"by target": {
			stored: []binding.Target{everywhere(https), everywhere(http80)},
			given: func([]binding.Binding) []binding.Binding {
				return set(everywhere(http80), everywhere(https))
			},
			want: []int{1, 0},
		},
		"by target, though another ID is given": {
			stored: []binding.Target{everywhere(https)},
			given: func([]binding.Binding) []binding.Binding {
				return []binding.Binding{{ID: x, Target: everywhere(https)}}
			},
			want: []int{0},
		},
		"by target as V0 has it": {
			stored: []binding.Target{onAddress(https, addr5), binding.Interface(wlan0)},
			given: func([]binding.Binding) []binding.Binding {
				return set(onInterface(https, addr5), binding.IPAddress(wlan0))
			},
			want: []int{0, 1},
		},
		"IDs first": {
			stored: []binding.Target{everywhere(https)},
			given: func(stored []binding.Binding) []binding.Binding {
				return []binding.Binding{{Target: everywhere(https)}, {ID: stored[0].ID, Target: everywhere(http80)}}
			},
			want: []int{-1, 0},
		},
		"two that swap targets": {
			stored: []binding.Target{everywhere(https), everywhere(http80)},
			given: func(stored []binding.Binding) []binding.Binding {
				return []binding.Binding{{ID: stored[0].ID, Target: everywhere(http80)}, {ID: stored[1].ID, Target: everywhere(https)}}
			},
			want: []int{0, 1},
		},
		"a duplicate before the one with the ID": {
			stored: []binding.Target{everywhere(https)},
			given: func(stored []binding.Binding) []binding.Binding {
				return []binding.Binding{{Target: everywhere(https)}, {ID: x, Target: everywhere(https)}, {ID: stored[0].ID, Target: everywhere(https)}}
			},
			want: []int{0},
		},
		"an ID twice with one target": {
			stored: []binding.Target{everywhere(https)},
			given: func(stored []binding.Binding) []binding.Binding {
				return []binding.Binding{{ID: stored[0].ID, Target: onAddress(http80, loop)}, {ID: stored[0].ID, Target: onInterface(http80, loop)}}
			},
			want: []int{0},
		},
		"new ones": {
			stored: []binding.Target{everywhere(https)},
			given: func(stored []binding.Binding) []binding.Binding {
				return append(set(everywhere(http80)), binding.Binding{ID: y, Target: everywhere(dns)})
			},
			want: []int{-1, -1},
		},
		"one that is superseded": {
			stored: []binding.Target{onInterface(https, eth0)},
			given: func(stored []binding.Binding) []binding.Binding {
				return append(set(everywhere(https)), stored...)
			},
			want: []int{-1},
		},
		"one that is superseded, twice": {
			stored: []binding.Target{onInterface(https, eth0)},
			given: func(stored []binding.Binding) []binding.Binding {
				return append(append(stored, set(onInterface(https, eth0))...), set(everywhere(https))...)
			},
			want: []int{-1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			was := f.withHost(set(c.stored...))[0]
			s := was.Clone()
			slicesByTarget(was.Bindings, c.stored)
			given := c.given(append([]binding.Binding(nil), was.Bindings...))
			s.Bindings = given
			now, _ := f.updateService(s)

			require.Len(t, now.Bindings, len(c.want))
			kept := keptOf(f, given, now)
			for i, at := range c.want {
				if at >= 0 {
					require.Equal(t, was.Bindings[at].ID, kept[i].ID)
					require.Equal(t, was.Bindings[at].CreatedAt, kept[i].CreatedAt)
					continue
				}
				require.Equal(t, f.now(), kept[i].CreatedAt)
				for _, b := range given {
					if b.Target == kept[i].Target && b.ID != uuid.Nil {
						require.Equal(t, b.ID, kept[i].ID, "a free ID is kept")
					}
				}
			}
		})
	}
}

// slicesByTarget orders bindings as the targets are.
func slicesByTarget(bindings []binding.Binding, order []binding.Target) {
	for i, target := range order {
		for j := i; j < len(bindings); j++ {
			if bindings[j].Target == target {
				bindings[i], bindings[j] = bindings[j], bindings[i]
			}
		}
	}
}

// keptOf returns the stored bindings of a service in the order in which the
// input first names their targets.
func keptOf(f *fixture, given []binding.Binding, s service.Service) []binding.Binding {
	inv := inventoryOf(f, s.HostID)
	var kept []binding.Binding
	seen := map[binding.Target]bool{}
	for _, b := range given {
		target := inv.Canonical(b.Target)
		for _, stored := range s.Bindings {
			if stored.Target == target && !seen[target] {
				kept, seen[target] = append(kept, stored), true
			}
		}
	}
	return kept
}

func TestUpdateServiceRefuses(t *testing.T) {
	f := newFixture(t)
	services := f.withHost(set(everywhere(https)), set(everywhere(dns)))
	other := web1()
	other.ID = unknown[3]
	f.does(func() (bindset.Change, error) {
		_, change, err := f.CreateHost(f.ctx, other, nil)
		return change, err
	})
	for _, c := range []struct {
		name string
		code binding.Code
		edit func(*service.Service)
	}{
		{"a nil ID", binding.ErrInvalid, func(s *service.Service) { s.ID = uuid.Nil }},
		{"an unknown ID", store.ErrNotFound, func(s *service.Service) { s.ID = unknown[0] }},
		{"a stale revision", store.ErrStale, func(s *service.Service) { s.Revision = 7 }},
		{"another host", binding.ErrInvalid, func(s *service.Service) { s.HostID = other.ID }},
		{"an unknown host", store.ErrNotFound, func(s *service.Service) { s.HostID = unknown[0]; s.Revision = 7 }},
		{"a stale revision before another host", store.ErrStale, func(s *service.Service) { s.HostID = other.ID; s.Revision = 7 }},
		{"another network", validate.ErrNetworkMismatch, func(s *service.Service) { s.NetworkID = unknown[0] }},
		{"a stale revision before the rules", store.ErrStale, func(s *service.Service) { s.NetworkID = unknown[0]; s.Revision = 7 }},
		{"the ID of another service's binding", store.ErrExists, func(s *service.Service) {
			s.Bindings = []binding.Binding{{ID: services[1].Bindings[0].ID, Target: everywhere(http80)}}
		}},
		{"one ID with two targets", binding.ErrInvalid, func(s *service.Service) {
			s.Bindings = append(s.Bindings, binding.Binding{ID: s.Bindings[0].ID, Target: everywhere(http80)})
		}},
		{"a new ID with two targets, one of them stored", binding.ErrInvalid, func(s *service.Service) {
			s.Bindings = []binding.Binding{{ID: unknown[0], Target: everywhere(https)}, {ID: unknown[0], Target: everywhere(http80)}}
		}},
		{"a conflict", validate.ErrConflict, func(s *service.Service) {
			s.Bindings = append(s.Bindings, set(binding.Interface(eth1))...)
		}},
		{"what another host has", validate.ErrCrossHost, func(s *service.Service) {
			s.Bindings = append(s.Bindings, set(binding.Interface(unknown[0]))...)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := services[0].Clone()
			c.edit(&s)
			f.refuses(c.code, func() error {
				updated, change, err := f.UpdateService(f.ctx, s)
				require.Zero(t, updated)
				require.True(t, change.IsZero())
				return err
			})
		})
	}
}

func TestRevisions(t *testing.T) {
	f := newFixture(t)
	s := f.withHost(nil)[0]
	s.Name = "by revision"
	s, _ = f.updateService(s)
	require.EqualValues(t, 2, s.Revision)
	s.Revision, s.Name = 0, "last writer wins"
	s, _ = f.updateService(s)
	require.EqualValues(t, 3, s.Revision)

	update := func(revision uint64, opts ...bindset.UpdateServiceOption) func() error {
		return func() error {
			s := s
			s.Revision = revision
			_, _, err := f.UpdateService(f.ctx, s, opts...)
			return err
		}
	}
	f.refuses(store.ErrStale, update(2))
	f.refuses(store.ErrStale, update(4))
	f.refuses(store.ErrStale, update(3, bindset.IfRevision(2)))
	err := f.refuses(store.ErrStale, update(2, bindset.IfRevision(3)))
	require.ErrorContains(t, err, "service last writer wins: it is at revision 3, not 2")
	require.NoError(t, update(0, bindset.IfRevision(3))())

	remove := func(opts ...bindset.ChangeOption) func() error {
		return func() error { _, err := f.DeleteService(f.ctx, s.ID, opts...); return err }
	}
	f.refuses(store.ErrStale, remove(bindset.IfRevision(2)))
	f.does(func() (bindset.Change, error) { return f.DeleteService(f.ctx, s.ID, bindset.IfRevision(3)) })
	f.refuses(store.ErrNotFound, remove(bindset.IfRevision(3)))
}

func TestDeleteServiceTakesItsBindingsAlong(t *testing.T) {
	f := newFixture(t)
	services := f.withHost(set(everywhere(https), everywhere(http80)), set(everywhere(dns)))
	change := f.does(func() (bindset.Change, error) { return f.DeleteService(f.ctx, services[0].ID) })
	require.Equal(t, services[0].Bindings, change.Removed)
	require.Len(t, f.snapshot().services, 1)
	f.refuses(store.ErrNotFound, func() error { _, err := f.DeleteService(f.ctx, services[0].ID); return err })
}

func TestDeleteServicesSkipsUnknownIDsAndCounts(t *testing.T) {
	f := newFixture(t)
	services := f.withHost(set(everywhere(https)), nil, nil)
	var n int
	change := f.does(func() (c bindset.Change, err error) {
		n, c, err = f.DeleteServices(f.ctx, []uuid.UUID{services[1].ID, unknown[0], services[0].ID, uuid.Nil, services[1].ID})
		return c, err
	})
	require.Equal(t, 2, n)
	require.Equal(t, services[0].Bindings, change.Removed)
	for _, ids := range [][]uuid.UUID{nil, bindingtest.IDs(0xee, 1000)} {
		change = f.does(func() (c bindset.Change, err error) {
			n, c, err = f.DeleteServices(f.ctx, ids)
			return c, err
		})
		require.Zero(t, n)
		require.True(t, change.IsZero())
	}
}

func TestUpdateServiceRefusesBindingsOfAnotherNetwork(t *testing.T) {
	f := newFixture(t)
	s := f.withHost(set(everywhere(https)))[0]
	s.Bindings = append(s.Bindings, binding.Binding{Target: everywhere(http80), NetworkID: unknown[0]})
	violations := f.violates(validate.ErrNetworkMismatch, func() error {
		_, _, err := f.UpdateService(f.ctx, s)
		return err
	})
	require.Len(t, violations, 1)
	require.Equal(t, 1, violations[0].Index)
	require.Equal(t, "bindings[1]", violations[0].Path)
}
