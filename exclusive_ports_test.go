package bindset_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/validate"
)

func exclusive() bindset.Option {
	return bindset.WithValidator(validate.New(validate.WithExclusivePorts()))
}

func TestExclusivePortsHoldInEveryUseCase(t *testing.T) {
	f := newFixture(t, exclusive())
	services := f.withHost(set(onInterface(https, eth0)), set(everywhere(dns)))
	owner, other := services[0], services[1]
	claimed := onAddress(https, addr5)
	for name, useCase := range map[string]func() error{
		"CreateService": func() error {
			_, _, err := f.CreateService(f.ctx, service.Draft{HostID: webID, Bindings: set(claimed)})
			return err
		},
		"UpdateService": func() error {
			_, _, err := f.UpdateService(f.ctx, service.Service{ID: other.ID, Bindings: set(claimed)})
			return err
		},
		"CreateBinding": func() error {
			_, _, err := f.CreateBinding(f.ctx, binding.Binding{ServiceID: other.ID, Target: claimed})
			return err
		},
		"UpdateBinding": func() error {
			_, _, err := f.UpdateBinding(f.ctx, binding.Binding{ID: other.Bindings[0].ID, Target: claimed})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			violations := f.violates(validate.ErrPortClaimed, useCase)
			require.Len(t, violations, 1)
			require.Equal(t, owner.Bindings[0], violations[0].Other)
			require.Equal(t, validate.ServiceInfo{ID: owner.ID, Name: "nginx"}, violations[0].Service)
		})
	}
	f.createBinding(binding.Binding{ServiceID: other.ID, Target: onInterface(https, eth1)})
	f.createBinding(binding.Binding{ServiceID: other.ID, Target: onInterface(http80, eth0)})
}

func TestExclusivePortsHoldBetweenTheDraftsOfAHost(t *testing.T) {
	f := newFixture(t, exclusive())
	create := func(drafts ...service.Draft) func() error {
		return func() error { _, _, err := f.CreateHost(f.ctx, web1(), drafts); return err }
	}
	violations := f.violates(validate.ErrPortClaimed, create(
		service.Draft{Name: "nginx", Bindings: set(onAddress(https, addr5))},
		service.Draft{Name: "caddy", Bindings: set(everywhere(dns), onInterface(https, eth0))},
		service.Draft{Name: "haproxy", Bindings: set(everywhere(http80), everywhere(https))},
	))
	require.Len(t, violations, 2)
	require.Equal(t, "services[1].bindings[1]", violations[0].Path)
	require.Equal(t, "nginx", violations[0].Service.Name)
	require.Equal(t, "services[2].bindings[1]", violations[1].Path)

	t.Run("also with what is right in a draft that breaks a rule", func(t *testing.T) {
		violations := f.violates(validate.ErrConflict, create(
			service.Draft{Name: "nginx", Bindings: set(onInterface(https, eth0), binding.IPAddress(addr5))},
			service.Draft{Name: "caddy", Bindings: set(onAddress(https, addr6))},
		))
		require.Len(t, violations, 2)
		require.Equal(t, validate.ErrPortClaimed, violations[1].Code)
		require.Equal(t, "services[1].bindings[0]", violations[1].Path)
		require.Equal(t, "nginx", violations[1].Service.Name)
	})
	require.NoError(t, create(
		service.Draft{Bindings: set(onAddress(https, addr5))},
		service.Draft{Bindings: set(onInterface(https, eth1), onAddress(https, addr6))},
	)())
}

func TestExclusivePortsBetweenDrafts(t *testing.T) {
	clashes := 0
	rapid.Check(t, func(rt *rapid.T) {
		inv := hosttest.Inventory().Draw(rt, "inventory")
		targets := rapid.SliceOfN(hosttest.AnyReference(inv), 1, 6).Draw(rt, "targets")
		var drafts []service.Draft
		for _, target := range targets {
			drafts = append(drafts, service.Draft{Bindings: set(target)})
		}
		one := bindset.NewManager(newMemstore(), exclusive())
		_, _, atOnce := one.CreateHost(rt.Context(), inv.Host(), drafts)

		m := bindset.NewManager(newMemstore(), exclusive())
		_, _, err := m.CreateHost(rt.Context(), inv.Host(), nil)
		require.NoError(rt, err)
		var each error
		for _, d := range drafts {
			d.HostID = inv.HostID()
			if _, _, err := m.CreateService(rt.Context(), d); err != nil {
				each = err
				break
			}
		}
		require.Equal(rt, bindset.CodeOf(each), bindset.CodeOf(atOnce))
		if each != nil {
			clashes++
		}
	})
	require.Positive(t, clashes)
}

func TestListenersOfADraftClaimPorts(t *testing.T) {
	f := newFixture(t, exclusive())
	violations := f.violates(validate.ErrPortClaimed, func() error {
		_, _, err := f.CreateHost(f.ctx, web1(), []service.Draft{
			{Name: "nginx", Bindings: set(binding.Interface(eth1), onInterface(https, eth0))},
			{Bindings: set(everywhere(https))},
		})
		return err
	})
	require.Len(t, violations, 1)
	require.Equal(t, "services[1].bindings[0]", violations[0].Path)
}

func TestAnObservedListenerMeetsThoseOfOthersBehindItsOwn(t *testing.T) {
	f := newFixture(t, exclusive())
	known := f.withHost(set(onInterface(https, eth0)), set(onInterface(https, eth1)))
	seen := service.Service{ID: known[0].ID, Name: "nginx", Bindings: set(everywhere(https))}
	change := f.observes(scan(web1(), seen))
	require.Len(t, change.Skipped, 1)
	require.Equal(t, validate.ErrPortClaimed, change.Skipped[0].Violation.Code)
	require.Equal(t, known[1].ID, change.Skipped[0].Violation.Service.ID)
}

func TestSwitchingExclusivePortsOnBreaksNothingStored(t *testing.T) {
	f := newFixture(t)
	services := f.withHost(set(everywhere(https)), set(onInterface(https, eth0), onAddress(http80, addr5)))
	exclusive := bindset.NewManager(f.store, exclusive())

	s := services[1]
	s.Name = "renamed"
	_, _, err := exclusive.UpdateService(f.ctx, s)
	require.NoError(t, err)
	_, _, err = exclusive.UpdateService(f.ctx, service.Service{ID: s.ID, Bindings: set(onAddress(https, addr6), everywhere(http80))})
	require.NoError(t, err, "what a stored listener covers was claimed before")

	var all binding.Binding
	for _, b := range f.stored(s.ID).Bindings {
		if b.Target == everywhere(http80) {
			all = b
		}
	}
	_, _, err = exclusive.CreateBinding(f.ctx, binding.Binding{ServiceID: services[0].ID, Target: onInterface(http80, eth0)})
	require.ErrorIs(t, err, validate.ErrPortClaimed)
	_, _, err = f.CreateBinding(f.ctx, binding.Binding{ServiceID: services[0].ID, Target: onInterface(http80, eth0)})
	require.NoError(t, err)
	all.Target = onAddress(http80, addr6)
	_, _, err = exclusive.UpdateBinding(f.ctx, all)
	require.NoError(t, err, "it listened there before")

	h := web1()
	h.Name = "renamed"
	h.IPAddresses[2].InterfaceID = eth0
	_, _, err = exclusive.PutHost(f.ctx, h)
	require.NoError(t, err)
	require.EqualValues(t, 2, f.stored(services[0].ID).Revision)

	_, _, err = exclusive.UpdateService(f.ctx, service.Service{ID: s.ID, Bindings: set(onInterface(https, eth1))})
	require.ErrorIs(t, err, validate.ErrPortClaimed)
}
