package bindset_test

import (
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

func (f *fixture) createBinding(b binding.Binding) (stored binding.Binding, change bindset.Change) {
	f.Helper()
	change = f.does(func() (c bindset.Change, err error) {
		stored, c, err = f.CreateBinding(f.ctx, b)
		return c, err
	})
	require.Equal(f, f.snapshot().bindings[stored.ID], stored, "what is returned is what is stored")
	return stored, change
}

func (f *fixture) updateBinding(b binding.Binding) (stored binding.Binding, change bindset.Change) {
	f.Helper()
	change = f.does(func() (c bindset.Change, err error) {
		stored, c, err = f.UpdateBinding(f.ctx, b)
		return c, err
	})
	require.Equal(f, f.snapshot().bindings[stored.ID], stored, "what is returned is what is stored")
	return stored, change
}

func TestCreateBindingAssignsWhatIsNotGiven(t *testing.T) {
	f := newFixture(t)
	s := f.withHost(nil)[0]
	b, change := f.createBinding(binding.Binding{
		ServiceID: s.ID, Target: everywhere(https), CreatedAt: epoch, UpdatedAt: epoch, Sightings: binding.Sightings{LastSeenAt: epoch.Add(999)},
	})
	require.Equal(t, binding.Binding{
		ID: b.ID, ServiceID: s.ID, NetworkID: network, Target: everywhere(https),
		CreatedAt: f.now(), UpdatedAt: f.now(), Sightings: binding.Sightings{LastSeenAt: epoch},
	}, b)
	require.Equal(t, []binding.Binding{b}, change.Added)
	require.EqualValues(t, 2, f.stored(s.ID).Revision)
	require.Equal(t, f.now(), f.stored(s.ID).UpdatedAt)
	require.EqualValues(t, 1, f.snapshot().hosts[webID].Revision, "a binding's change counts for its service, not its host")

	b, _ = f.createBinding(binding.Binding{ServiceID: s.ID, NetworkID: network, ID: unknown[0], Target: everywhere(http80)})
	require.Equal(t, unknown[0], b.ID)
}

func TestCreateBindingAppliesAdd(t *testing.T) {
	for _, c := range []struct {
		name     string
		stored   []binding.Target
		add      binding.Target
		absorbed int // the stored binding that absorbs it, or -1
		dropped  []int
	}{
		{"into the empty set", nil, everywhere(https), -1, nil},
		{"beside another port", []binding.Target{everywhere(http80)}, onInterface(https, eth0), -1, nil},
		{"an equal one", []binding.Target{everywhere(http80), everywhere(https)}, everywhere(https), 1, nil},
		{"an equal one, by V0", []binding.Target{binding.IPAddress(addr5)}, binding.Interface(addr5), 0, nil},
		{"one that is covered", []binding.Target{onInterface(https, eth0)}, onAddress(https, addr6), 0, nil},
		{"one that covers", []binding.Target{onAddress(https, addr5), everywhere(http80), onAddress(https, addr6)}, onInterface(https, eth0), -1, []int{0, 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			was := f.withHost(set(c.stored...))[0]
			slicesByTarget(was.Bindings, c.stored)
			b, change := f.createBinding(binding.Binding{ServiceID: was.ID, Target: c.add})
			now := f.stored(was.ID)

			if c.absorbed >= 0 {
				require.Equal(t, was.Bindings[c.absorbed], b)
				require.Len(t, change.Absorbed, 1)
				require.Equal(t, b, change.Absorbed[0].By)
				require.Equal(t, c.add, change.Absorbed[0].Binding.Target)
				require.Equal(t, uuid.Nil, change.Absorbed[0].Binding.ID)
				require.Equal(t, was.Revision, now.Revision)
				return
			}
			require.Equal(t, c.add, b.Target)
			require.Len(t, now.Bindings, len(c.stored)+1-len(c.dropped))
			require.Len(t, change.Dropped, len(c.dropped))
			for i, at := range c.dropped {
				require.Equal(t, bindset.Dropped{Binding: was.Bindings[at], By: b, Reason: validate.Superseded}, change.Dropped[i])
			}
		})
	}
}

func TestCreateBindingRefuses(t *testing.T) {
	f := newFixture(t)
	services := f.withHost(set(everywhere(https), everywhere(http80)), set(binding.Interface(eth0)))
	taken := services[0].Bindings[0]
	for _, c := range []struct {
		name string
		code binding.Code
		b    binding.Binding
	}{
		{"an unknown service", store.ErrNotFound, binding.Binding{ServiceID: unknown[0], Target: everywhere(dns)}},
		{"a taken ID", store.ErrExists, binding.Binding{ServiceID: services[0].ID, ID: taken.ID, Target: everywhere(dns)}},
		{"an ID taken elsewhere", store.ErrExists, binding.Binding{ServiceID: services[1].ID, ID: taken.ID, Target: everywhere(dns)}},
		{"a taken ID, though the set has the target", store.ErrExists, binding.Binding{ServiceID: services[0].ID, ID: taken.ID, Target: taken.Target}},
		{"a conflict", validate.ErrConflict, binding.Binding{ServiceID: services[1].ID, Target: everywhere(dns)}},
		{"what another host has", validate.ErrCrossHost, binding.Binding{ServiceID: services[0].ID, Target: everywhere(unknown[0])}},
		{"no target", binding.ErrInvalid, binding.Binding{ServiceID: services[0].ID}},
		{"no target, before another network", binding.ErrInvalid, binding.Binding{ServiceID: services[0].ID, NetworkID: unknown[0]}},
		{"another network", validate.ErrNetworkMismatch, binding.Binding{ServiceID: services[0].ID, NetworkID: unknown[0], Target: everywhere(dns)}},
		{"another network, before another host", validate.ErrNetworkMismatch, binding.Binding{ServiceID: services[0].ID, NetworkID: unknown[0], Target: everywhere(unknown[0])}},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := f.refuses(c.code, func() error {
				b, change, err := f.CreateBinding(f.ctx, c.b)
				require.Zero(t, b)
				require.True(t, change.IsZero())
				return err
			})
			requireOfTheGivenBinding(t, err, c.b.Target)
		})
	}
	f.invalidAt("service_id", func() error {
		_, _, err := f.CreateBinding(f.ctx, binding.Binding{Target: everywhere(dns)})
		return err
	})
}

func TestTimesThatJSONCannotHoldAreRefused(t *testing.T) {
	f := newFixture(t)
	s := f.withHost(set(everywhere(https)))[0]
	late := time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	for path, b := range map[string]binding.Binding{
		"created_at":   {CreatedAt: late},
		"updated_at":   {UpdatedAt: late},
		"last_seen_at": {Sightings: binding.Sightings{LastSeenAt: late}},
		"valid_from":   {ValidFrom: late},
		"valid_to":     {ValidTo: time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		b.ServiceID, b.Target = s.ID, everywhere(http80)
		f.invalidAt(path, func() error { _, _, err := f.CreateBinding(f.ctx, b); return err })
		b.ID = s.Bindings[0].ID
		f.invalidAt(path, func() error { _, _, err := f.UpdateBinding(f.ctx, b); return err })
		s.Bindings = append(s.Bindings[:1], b)
		f.invalidAt("bindings[1]."+path, func() error { _, _, err := f.UpdateService(f.ctx, s); return err })
	}
}

// requireOfTheGivenBinding requires that violations, if err has any, are about
// the one binding that was given.
func requireOfTheGivenBinding(t *testing.T, err error, target binding.Target) {
	var broken *validate.Error
	if bindset.CodeOf(err) == validate.ErrConflict || bindset.CodeOf(err) == validate.ErrNetworkMismatch {
		require.ErrorAs(t, err, &broken)
		require.Len(t, broken.Violations, 1)
		require.Zero(t, broken.Violations[0].Index)
		require.Empty(t, broken.Violations[0].Path)
		require.Equal(t, target, broken.Violations[0].Binding.Target)
		require.NotEmpty(t, broken.Violations[0].Message)
	}
}

func TestUpdateBindingAppliesReplace(t *testing.T) {
	for _, c := range []struct {
		name     string
		stored   []binding.Target // the first one is updated
		to       binding.Target
		absorbed int // the stored binding that absorbs it, or -1
		dropped  []int
		reason   validate.Reason
	}{
		{"to another port", []binding.Target{everywhere(https), everywhere(dns)}, everywhere(http80), -1, nil, 0},
		{"to what conflicts with itself as it was", []binding.Target{binding.Interface(eth0)}, everywhere(https), -1, nil, 0},
		{"to the target of another one", []binding.Target{everywhere(https), everywhere(http80)}, everywhere(http80), -1, []int{1}, validate.Duplicate},
		{"to what covers others", []binding.Target{everywhere(https), onAddress(http80, addr5), onAddress(http80, loop)}, everywhere(http80), -1, []int{1, 2}, validate.Superseded},
		{"to what another one covers", []binding.Target{everywhere(https), everywhere(http80)}, onAddress(http80, loop), 1, nil, 0},
		{"to what V0 rewrites", []binding.Target{everywhere(https)}, onInterface(https, addr6), -1, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			was := f.withHost(set(c.stored...))[0]
			slicesByTarget(was.Bindings, c.stored)
			given := was.Bindings[0]
			given.Target = c.to
			b, change := f.updateBinding(binding.Binding{ID: given.ID, Target: c.to})
			now := f.stored(was.ID)
			require.EqualValues(t, 2, now.Revision)

			if c.absorbed >= 0 {
				require.Equal(t, was.Bindings[c.absorbed], b)
				require.Equal(t, was.Bindings[:1], change.Removed)
				require.Equal(t, []bindset.Absorbed{{Binding: given, By: b}}, change.Absorbed)
				return
			}
			require.Equal(t, inventoryOf(f, webID).Canonical(c.to), b.Target)
			require.Equal(t, given.ID, b.ID)
			require.Equal(t, given.CreatedAt, b.CreatedAt)
			require.Equal(t, f.now(), b.UpdatedAt)
			require.Equal(t, []binding.Binding{b}, change.Updated)
			require.Len(t, change.Dropped, len(c.dropped))
			for i, at := range c.dropped {
				require.Equal(t, bindset.Dropped{Binding: was.Bindings[at], By: b, Reason: c.reason}, change.Dropped[i])
			}
		})
	}
}

func TestUpdateBindingThatChangesNothing(t *testing.T) {
	f := newFixtureOn(t, &counted{Store: newMemstore()})
	was := f.withHost(set(everywhere(https)))[0].Bindings[0]
	writes := f.store.(*counted).writes
	b, change := f.updateBinding(binding.Binding{ID: was.ID, Target: was.Target})
	require.Equal(t, was, b)
	require.True(t, change.IsZero())
	require.Equal(t, writes, f.store.(*counted).writes)

	b, change = f.updateBinding(binding.Binding{ID: was.ID, Target: was.Target, Sightings: binding.Sightings{LastSeenAt: epoch.Add(time.Second + 1)}})
	require.True(t, change.IsZero(), "to be seen again is no change")
	require.Equal(t, epoch.Add(time.Second), b.LastSeenAt)
	require.Equal(t, was.UpdatedAt, b.UpdatedAt)
	require.EqualValues(t, 1, f.stored(b.ServiceID).Revision)
	require.Equal(t, writes+1, f.store.(*counted).writes)

	b, change = f.updateBinding(binding.Binding{ID: was.ID, Target: was.Target, LineageID: unknown[0]})
	require.Equal(t, []binding.Binding{b}, change.Updated)
	require.Equal(t, epoch.Add(time.Second), b.LastSeenAt, "an absent tracking field keeps the stored one")
}

func TestTrackingFields(t *testing.T) {
	f := newFixture(t)
	s := f.withHost(nil)[0]
	was, _ := f.createBinding(binding.Binding{
		ServiceID: s.ID, Target: everywhere(https),
		Sightings: binding.Sightings{LastSeenAt: epoch, FirstDiscoveryID: unknown[0], LastDiscoveryID: unknown[1]},
		ValidFrom: epoch.Add(time.Hour), ValidTo: epoch.Add(2 * time.Hour), LineageID: unknown[2],
	})

	t.Run("that are not given stay as stored, and who moves a binding states it", func(t *testing.T) {
		now, _ := f.updateBinding(binding.Binding{ID: was.ID, Target: everywhere(http80)})
		want := was
		want.Target, want.UpdatedAt, want.FirstDiscoveryID = everywhere(http80), f.now(), uuid.Nil
		require.Equal(t, want, now)
	})
	t.Run("that are given replace what is stored, what is stated stays stated", func(t *testing.T) {
		given := binding.Binding{
			ID: was.ID, ServiceID: s.ID, NetworkID: network, Target: everywhere(http80),
			Sightings: binding.Sightings{LastSeenAt: epoch.Add(time.Second), FirstDiscoveryID: unknown[3], LastDiscoveryID: unknown[3]},
			ValidFrom: epoch, ValidTo: epoch, LineageID: unknown[3],
		}
		now, _ := f.updateBinding(given)
		given.CreatedAt, given.UpdatedAt, given.FirstDiscoveryID = was.CreatedAt, f.now(), uuid.Nil
		require.Equal(t, given, now)
	})
}

func TestLastSeenAt(t *testing.T) {
	newBinding := func(f *fixture, seen time.Time) binding.Binding {
		b, _ := f.createBinding(binding.Binding{
			ServiceID: f.withHost(nil)[0].ID, Target: everywhere(https),
			Sightings: binding.Sightings{LastSeenAt: seen, FirstDiscoveryID: unknown[0], LastDiscoveryID: unknown[0]},
		})
		return b
	}
	t.Run("is now where it is given later than now", func(t *testing.T) {
		f := newFixture(t)
		b := newBinding(f, epoch.Add(time.Hour))
		require.Equal(t, f.now(), b.LastSeenAt)
		b.LastSeenAt = epoch.Add(time.Hour)
		b, _ = f.updateBinding(b)
		require.Equal(t, f.now(), b.LastSeenAt)
		s := f.stored(b.ServiceID)
		s.LastSeenAt, s.Bindings[0].LastSeenAt = epoch.Add(time.Hour), epoch.Add(time.Hour)
		s, _ = f.updateService(s)
		require.Equal(t, f.now(), s.LastSeenAt)
		require.Equal(t, f.now(), s.Bindings[0].LastSeenAt)
	})
	t.Run("never goes back", func(t *testing.T) {
		f := newFixture(t)
		was := newBinding(f, epoch)
		b := was
		b.LastSeenAt, b.LastDiscoveryID = epoch.Add(-time.Second), unknown[1]
		b, _ = f.updateBinding(b)
		require.Equal(t, was, b, "and what comes with an older one means nothing")
		s := f.stored(b.ServiceID)
		s.Bindings[0].LastSeenAt = epoch.Add(-time.Second)
		s, _ = f.updateService(s)
		require.Equal(t, was, s.Bindings[0])
	})
	t.Run("of who says again what is stored, or moves it, does not state it", func(t *testing.T) {
		f := newFixture(t)
		b := newBinding(f, epoch)
		again, _ := f.updateBinding(binding.Binding{ID: b.ID, Target: b.Target})
		require.False(t, again.Stated())
		s, _ := f.updateService(service.Service{ID: b.ServiceID, Name: "nginx", Bindings: set(b.Target)})
		require.False(t, s.Bindings[0].Stated())
	})
}

func TestUpdateBindingRefuses(t *testing.T) {
	f := newFixture(t)
	services := f.withHost(set(everywhere(https), onAddress(http80, addr5)), set(everywhere(dns)))
	slicesByTarget(services[0].Bindings, []binding.Target{everywhere(https)})
	for _, c := range []struct {
		name string
		code binding.Code
		edit func(*binding.Binding)
	}{
		{"a nil ID", binding.ErrInvalid, func(b *binding.Binding) { b.ID = uuid.Nil }},
		{"an unknown ID", store.ErrNotFound, func(b *binding.Binding) { b.ID = unknown[0] }},
		{"another service", binding.ErrInvalid, func(b *binding.Binding) { b.ServiceID = services[1].ID }},
		{"an unknown service", store.ErrNotFound, func(b *binding.Binding) { b.ServiceID = unknown[0] }},
		{"another network", validate.ErrNetworkMismatch, func(b *binding.Binding) { b.NetworkID = unknown[0] }},
		{"a conflict", validate.ErrConflict, func(b *binding.Binding) { b.Target = binding.Interface(eth0) }},
		{"no target", binding.ErrInvalid, func(b *binding.Binding) { b.Target = binding.Target{} }},
		{"what another host has", validate.ErrCrossHost, func(b *binding.Binding) { b.Target = binding.Interface(unknown[0]) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := services[0].Bindings[0]
			c.edit(&b)
			err := f.refuses(c.code, func() error {
				updated, change, err := f.UpdateBinding(f.ctx, b)
				require.Zero(t, updated)
				require.True(t, change.IsZero())
				return err
			})
			requireOfTheGivenBinding(t, err, b.Target)
		})
	}
}

func TestDeleteBinding(t *testing.T) {
	f := newFixture(t)
	s := f.withHost(set(everywhere(https), everywhere(http80)))[0]
	change := f.does(func() (bindset.Change, error) { return f.DeleteBinding(f.ctx, s.Bindings[0].ID) })
	require.Equal(t, s.Bindings[:1], change.Removed)
	require.EqualValues(t, 2, f.stored(s.ID).Revision)
	require.Equal(t, f.now(), f.stored(s.ID).UpdatedAt)
	for _, id := range []uuid.UUID{s.Bindings[0].ID, unknown[0], uuid.Nil} {
		f.refuses(store.ErrNotFound, func() error { _, err := f.DeleteBinding(f.ctx, id); return err })
	}
}

func TestDeleteBindingsSkipsUnknownIDsAndCounts(t *testing.T) {
	f := newFixture(t)
	services := f.withHost(set(everywhere(https), everywhere(http80)), set(everywhere(dns)), set(everywhere(dns)))
	a, b := services[0].Bindings[0].ID, services[1].Bindings[0].ID
	var n int
	change := f.does(func() (c bindset.Change, err error) {
		n, c, err = f.DeleteBindings(f.ctx, []uuid.UUID{b, unknown[0], a, b, uuid.Nil})
		return c, err
	})
	require.Equal(t, 2, n)
	require.Len(t, change.Removed, 2)
	require.Len(t, change.Services, 2)
	for _, ids := range [][]uuid.UUID{nil, bindingtest.IDs(0xee, 1000)} {
		change = f.does(func() (c bindset.Change, err error) {
			n, c, err = f.DeleteBindings(f.ctx, ids)
			return c, err
		})
		require.Zero(t, n)
		require.True(t, change.IsZero())
	}
}
