package service_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/validate"
)

// shared is the code of a rule that leaves a port to the first service on it.
const shared = binding.Code("shared_port")

func unshared() service.Option {
	return service.WithValidator(validate.New(validate.WithRule("unshared", func(c validate.Candidate) *validate.Violation {
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

func TestCustomRulesHoldBetweenTheDraftsOfAHost(t *testing.T) {
	f := newFixture(t, unshared())
	violations := f.violates(shared, func() error {
		_, _, _, err := f.CreateHost(f.ctx, web1(),
			service.Draft{Name: "nginx", Bindings: set(everywhere(https))},
			service.Draft{Name: "caddy", Bindings: set(onInterface(https, eth0))})
		return err
	})
	require.Len(t, violations, 1)
	require.Equal(t, "services[1].bindings[0]", violations[0].Path)
}
