package bindset_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/validate"
)

// shared is the code of a rule that leaves a port to the first service on it.
const shared = binding.Code("shared_port")

func unshared() bindset.Option {
	return bindset.WithValidator(validate.New(validate.WithRule("unshared", func(c validate.Candidate) *validate.Violation {
		for claim := range c.Claims() {
			own, _ := c.Binding.Target.PortID()
			if theirs, _ := claim.Binding.Target.PortID(); own == theirs {
				return &validate.Violation{Code: shared, Message: claim.ServiceName + " has that port", Other: claim.Binding}
			}
		}
		return nil
	})))
}

func TestCustomRulesHoldInEveryUseCaseAndSeeClaims(t *testing.T) {
	f := newFixture(t, unshared())
	services := f.withHost(set(onInterface(https, eth0)), set(everywhere(dns)))
	owner, other := services[0], services[1]
	claimed := onInterface(https, eth1)
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
			violations := f.violates(shared, useCase)
			require.Len(t, violations, 1)
			require.Equal(t, "unshared", violations[0].Rule)
			require.Equal(t, owner.Bindings[0], violations[0].Other)
			require.Contains(t, violations[0].Message, "nginx has that port")
		})
	}
	f.createBinding(binding.Binding{ServiceID: owner.ID, Target: claimed})
}

func TestCustomRulesAfterACascade(t *testing.T) {
	f := newFixture(t)
	f.withHost()
	ids := bindingtest.IDs(0xb1, 2)
	s, _ := f.createService(service.Draft{HostID: webID, Bindings: []binding.Binding{
		{ID: ids[0], Target: everywhere(dns)}, {ID: ids[1], Target: onInterface(https, eth0)},
	}})
	strict := bindset.NewManager(f.store, bindset.WithValidator(validate.New(validate.WithRule("none", func(validate.Candidate) *validate.Violation {
		return &validate.Violation{Code: shared}
	}))))
	violations := f.violates(shared, func() error {
		_, _, err := strict.PutHost(f.ctx, without(web1(), dns), bindset.Cascade())
		return err
	})
	require.Len(t, violations, 1)
	require.Equal(t, 1, violations[0].Index)
	require.Equal(t, "services[0].bindings[1]", violations[0].Path)
	require.Equal(t, s.Bindings[1], violations[0].Binding)
}

func TestCustomRulesHoldBetweenTheDraftsOfAHost(t *testing.T) {
	f := newFixture(t, unshared())
	violations := f.violates(shared, func() error {
		_, _, err := f.CreateHost(f.ctx, web1(), []service.Draft{
			{Name: "nginx", Bindings: set(everywhere(https))},
			{Name: "caddy", Bindings: set(onInterface(https, eth0))},
		})
		return err
	})
	require.Len(t, violations, 1)
	require.Equal(t, "services[1].bindings[0]", violations[0].Path)
}
