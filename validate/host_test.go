package validate_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/validate"
	"github.com/bindset/bindset/validate/validatetest"
)

func TestHostJudgesEverySetAndV6AmongThem(t *testing.T) {
	https, eth0, http := listen("443/tcp", "everywhere"), listen("443/tcp", "eth0"), listen("80/tcp", "eth0")
	services := []validate.Input{
		{Service: validate.ServiceInfo{Name: "web"}, Bindings: setOf(eth0, https, http)},
		{Bindings: setOf(present("eth1"), listen("53/udp", "eth1"), listen("80/tcp", "10.0.0.5"))},
		{Service: validate.ServiceInfo{Name: "cache"}, Bindings: setOf(http, binding.Target{}, listen("443/tcp", "eth1"))},
		{Bindings: setOf(listen("53/udp", "eth0"))},
	}
	t.Run("without exclusive ports", func(t *testing.T) {
		results, err := validate.New().Host(office, services...)
		validatetest.RequireViolations(t, office, err, violation("V1", validate.ErrInvalid, 1), against("V5", validate.ErrConflict, 1, present("eth1")))
		validatetest.RequireKept(t, office, results[0], https, http)
		validatetest.RequireDropped(t, office, results[0], validate.Drop{Index: 0, By: 1, Reason: validate.Superseded})
		require.Nil(t, results[1].Bindings)
		validatetest.RequireKept(t, office, results[3], listen("53/udp", "eth0"))
	})
	t.Run("with them", func(t *testing.T) {
		v := validate.New(validate.WithExclusivePorts())
		results, err := v.Host(office, services...)
		var broken *validate.Error
		require.ErrorAs(t, err, &broken)
		var got []string
		for _, b := range broken.Violations {
			got = append(got, fmt.Sprintf("%s %d %s other %d %d %q", b.Rule, b.Set, b.Path, b.OtherSet, b.OtherIndex, b.Service.Name))
		}
		require.Equal(t, []string{
			`V1 2 services[2].bindings[1] other -1 -1 ""`,
			`V5 1 services[1].bindings[1] other 1 0 ""`,
			`V6 1 services[1].bindings[2] other 0 2 "web"`,
			`V6 2 services[2].bindings[0] other 0 2 "web"`,
			`V6 2 services[2].bindings[2] other 0 1 "web"`,
		}, got)
		require.Contains(t, broken.Violations[2].Message, "80/tcp on 10.0.0.5 (eth0) is claimed by service web")
		require.Len(t, results, 4)
		require.Nil(t, results[2].Bindings)
		require.NotNil(t, results[3].Bindings, "what V5 refuses claims nothing")
	})
	t.Run("what is stored is left alone only where that is said", func(t *testing.T) {
		v := validate.New(validate.WithExclusivePorts())
		services := []validate.Input{{Bindings: setOf(https)}, {Bindings: setOf(eth0)}}
		_, err := v.Host(office, services...)
		require.ErrorIs(t, err, validate.ErrPortClaimed)
		require.ErrorContains(t, err, "claimed by another service")
		services[1].Stored = services[1].Bindings
		_, err = v.Host(office, services...)
		require.NoError(t, err)
	})
	t.Run("without an inventory or a service", func(t *testing.T) {
		_, err := validate.New().Host(nil, services...)
		require.ErrorIs(t, err, validate.ErrInvalid)
		results, err := validate.New().Host(office)
		require.NoError(t, err)
		require.Empty(t, results)
	})
}

// Host says of each set what SetInto says of it beside the claims of those before.
func TestHostAgreesWithTheBruteForce(t *testing.T) {
	claimed := 0
	for range 3 {
		rapid.Check(t, func(t *rapid.T) {
			s := drawScene(t)
			services := make([]validate.Input, rapid.IntRange(0, 4).Draw(t, "services"))
			for i := range services {
				services[i] = validate.Input{
					Service:  validate.ServiceInfo{ID: bindingtest.IDs(0x5e, i+1)[i], Name: fmt.Sprint("service ", i)},
					Bindings: s.dirty(t),
				}
				if rapid.IntRange(0, 3).Draw(t, "stored") == 0 {
					services[i].Stored = services[i].Bindings
				}
			}
			results, err := s.v.Host(s.inv, services...)
			var refused *validate.Error
			errors.As(err, &refused)

			claims := validate.NewClaims(s.inv)
			violations := 0
			for i, in := range services {
				in.Inventory = s.inv
				if s.exclusive {
					in.Claims = claims
				}
				kept, drops, wrong := s.brute.set(in, in.Bindings)
				if len(in.Bindings) > s.v.MaxBindings() {
					wrong = slices.Insert(wrong, 0, broken{rule: "V1", code: "invalid", index: -1})
				}
				var got []validate.Violation
				if refused != nil {
					for _, v := range refused.Violations {
						if v.Set == i {
							got = append(got, v)
						}
					}
				}
				require.Equal(t, wrong, violationsOf(got))
				requireSame(t, drops, results[i].Dropped)
				if len(wrong) == 0 {
					requireKept(t, kept, results[i])
				} else {
					require.Nil(t, results[i].Bindings)
				}
				violations += len(wrong)
				for _, it := range kept {
					if !slices.ContainsFunc(wrong, func(w broken) bool { return w.index == it.index && w.rule != "V6" }) {
						claims.Add(in.Service, []binding.Binding{it.Binding})
					}
				}
				for _, w := range wrong {
					if w.rule == "V6" {
						claimed++
					}
				}
			}
			require.Equal(t, violations == 0, err == nil)
		})
	}
	require.Greater(t, claimed, 10)
}

func TestHostOfManyServicesOnOnePortIsLinear(t *testing.T) {
	const n = 20_000
	h := hosttest.Sized(0, n, 1)
	inv, err := host.NewInventory(h)
	require.NoError(t, err)
	services := make([]validate.Input, n)
	for i := range services {
		to := binding.Port(h.Ports[0].ID, binding.OnIPAddress(h.IPAddresses[i].ID))
		services[i] = validate.Input{Bindings: []binding.Binding{{Target: to}}}
	}
	v := validate.New(validate.WithExclusivePorts())
	_, err = v.Host(inv, services...)
	require.NoError(t, err)
	for i := range services {
		services[i].Bindings[0].Target = services[i].Bindings[0].Target.WithScope(binding.AllInterfaces())
	}
	_, err = v.Host(inv, services...)
	var broken *validate.Error
	require.ErrorAs(t, err, &broken)
	require.Len(t, broken.Violations, n-1)
	require.Zero(t, broken.Violations[n-2].OtherSet)
}
