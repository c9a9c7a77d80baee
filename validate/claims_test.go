package validate_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/validate"
	"github.com/bindset/bindset/validate/validatetest"
)

var nginx = bindingID(70)

// claimOf is a claim of the service nginx.
func claimOf(to binding.Target) validate.Claim {
	return validate.Claim{Binding: binding.Binding{Target: to, ID: bindingID(71), ServiceID: nginx}, ServiceName: "nginx"}
}

func claimsOf(targets ...binding.Target) *validate.Claims {
	claims := validate.NewClaims(office)
	for _, to := range targets {
		claims.Add(validate.ServiceInfo{ID: nginx, Name: "nginx"}, []binding.Binding{claimOf(to).Binding})
	}
	return claims
}

// renamed are claims of services with another name.
func renamed(inv *host.Inventory, claims *validate.Claims, name string) *validate.Claims {
	all := validate.NewClaims(inv)
	for c := range claims.All() {
		all.Add(validate.ServiceInfo{ID: c.Binding.ServiceID, Name: name}, []binding.Binding{c.Binding})
	}
	return all
}

// claimedBy is a violation of V6 against a claim.
func claimedBy(index int, claim validate.Claim) validate.Violation {
	v := against("V6", validate.ErrPortClaimed, index, claim.Binding.Target)
	v.Service.ID = claim.Binding.ServiceID
	return v
}

func TestExclusivePortsKeepServicesApart(t *testing.T) { // V6
	everywhere, eth0, address := listen("443/tcp", "everywhere"), listen("443/tcp", "eth0"), listen("443/tcp", "10.0.0.5")
	own := claimOf(everywhere)
	own.Binding.ServiceID = web.ID
	exclusive := []validate.Option{validate.WithExclusivePorts()}
	for _, c := range []struct {
		fact    string
		opts    []validate.Option
		set     []binding.Target
		stored  []binding.Target
		claims  []validate.Claim
		refused []validate.Violation
	}{
		{fact: "off by default", set: []binding.Target{eth0}, claims: []validate.Claim{claimOf(eth0)}},
		{fact: "off without claims", opts: exclusive, set: []binding.Target{eth0}},
		{fact: "nobody claims anything", opts: exclusive, set: []binding.Target{eth0}, claims: []validate.Claim{}},
		{
			fact: "the same listener", opts: exclusive,
			set: []binding.Target{present("eth1"), eth0}, claims: []validate.Claim{claimOf(eth0)},
			refused: []validate.Violation{claimedBy(1, claimOf(eth0))},
		},
		{
			fact: "everywhere against an address", opts: exclusive,
			set: []binding.Target{everywhere}, claims: []validate.Claim{claimOf(address)},
			refused: []validate.Violation{claimedBy(0, claimOf(address))},
		},
		{
			fact: "an address against everywhere", opts: exclusive,
			set: []binding.Target{address}, claims: []validate.Claim{claimOf(everywhere)},
			refused: []validate.Violation{claimedBy(0, claimOf(everywhere))},
		},
		{
			fact: "an address against the interface that carries it", opts: exclusive,
			set: []binding.Target{address}, claims: []validate.Claim{claimOf(eth0)},
			refused: []validate.Violation{claimedBy(0, claimOf(eth0))},
		},
		{
			fact: "an interface against an address that it carries", opts: exclusive,
			set: []binding.Target{eth0}, claims: []validate.Claim{claimOf(address)},
			refused: []validate.Violation{claimedBy(0, claimOf(address))},
		},
		{
			fact: "the first claim is named", opts: exclusive,
			set: []binding.Target{everywhere}, claims: []validate.Claim{claimOf(address), claimOf(eth0)},
			refused: []validate.Violation{claimedBy(0, claimOf(address))},
		},
		{
			fact: "another port, place or a presence", opts: exclusive,
			set:    []binding.Target{eth0, present("eth1")},
			claims: []validate.Claim{claimOf(listen("80/tcp", "eth0")), claimOf(listen("443/tcp", "eth1")), claimOf(present("eth0"))},
		},
		{fact: "presences never do", opts: exclusive, set: []binding.Target{present("eth0")}, claims: []validate.Claim{claimOf(everywhere)}},
		{fact: "claims of the service itself", opts: exclusive, set: []binding.Target{eth0}, claims: []validate.Claim{own}},
		{
			fact: "a claim counts as V0 has it now", opts: exclusive,
			set: []binding.Target{eth0}, claims: []validate.Claim{claimOf(misnamed(address))},
			refused: []validate.Violation{claimedBy(0, claimOf(misnamed(address)))},
		},
		{
			fact: "what is stored", opts: exclusive,
			set: []binding.Target{eth0}, stored: []binding.Target{eth0}, claims: []validate.Claim{claimOf(eth0)},
		},
		{
			fact: "what a stored listener covers", opts: exclusive,
			set: []binding.Target{address}, stored: []binding.Target{eth0}, claims: []validate.Claim{claimOf(address)},
		},
		{
			fact: "what is stored counts as V0 has it now", opts: exclusive,
			set: []binding.Target{address}, stored: []binding.Target{misnamed(address)}, claims: []validate.Claim{claimOf(address)},
		},
		{
			fact: "more than what is stored", opts: exclusive,
			set: []binding.Target{everywhere}, stored: []binding.Target{eth0}, claims: []validate.Claim{claimOf(eth0)},
			refused: []validate.Violation{claimedBy(0, claimOf(eth0))},
		},
		{
			fact: "stored on another port, or as a presence", opts: exclusive,
			set: []binding.Target{address}, stored: []binding.Target{listen("80/tcp", "eth0"), present("eth0")}, claims: []validate.Claim{claimOf(address)},
			refused: []validate.Violation{claimedBy(0, claimOf(address))},
		},
		{
			fact: "what V4 drops claims nothing", opts: exclusive,
			set: []binding.Target{address, eth0}, claims: []validate.Claim{claimOf(address)},
			refused: []validate.Violation{claimedBy(1, claimOf(address))},
		},
	} {
		t.Run(c.fact, func(t *testing.T) {
			in := validate.Input{Inventory: office, Service: web, Bindings: setOf(c.set...), Stored: setOf(c.stored...)}
			if c.claims != nil {
				in.Claims = validate.NewClaims(office, c.claims...)
			}
			err := validate.New(c.opts...).SetInto(new(validate.Result), in)
			if c.refused == nil {
				require.NoError(t, err)
				return
			}
			validatetest.RequireViolations(t, office, err, c.refused...)
			require.Equal(t, "nginx", validatetest.RequireViolation(t, err, validate.ErrPortClaimed, c.refused[0].Index).Service.Name)
		})
	}
}

func TestTheStoredListenerIsKnownByItsTargetNotItsID(t *testing.T) { // V6
	eth0, eth1 := listen("443/tcp", "eth0"), listen("443/tcp", "eth1")
	in := validate.Input{
		Inventory: office, Service: web,
		Bindings: []binding.Binding{{ID: bindingID(1), Target: eth1}},
		Stored:   []binding.Binding{{ID: bindingID(1), Target: eth0}},
		Claims:   claimsOf(eth1),
	}
	v := validate.New(validate.WithExclusivePorts())
	validatetest.RequireViolations(t, office, v.SetInto(new(validate.Result), in), claimedBy(0, claimOf(eth1)))

	in.Bindings[0] = binding.Binding{ID: uuid.Nil, Target: eth0}
	in.Claims = claimsOf(eth0)
	require.NoError(t, v.SetInto(new(validate.Result), in))
}

func TestSwitchingExclusivePortsOnBreaksNothingStored(t *testing.T) { // V6
	stored, http := setOf(listen("443/tcp", "eth0"), present("eth1")), listen("80/tcp", "eth0")
	in := validate.Input{
		Inventory: office, Service: web, Bindings: stored, Stored: stored,
		Claims: claimsOf(listen("443/tcp", "everywhere"), http),
	}
	v := validate.New(validate.WithExclusivePorts())
	validatetest.RequireUnchanged(t, v, in)
	changed := stored[0]
	changed.UpdatedAt = binding.Time(changed.UpdatedAt.AddDate(1, 0, 0))
	_, err := v.Replace(in, 0, changed)
	require.NoError(t, err)
	_, err = v.Add(in, binding.Binding{Target: listen("443/tcp", "10.0.0.5")})
	require.NoError(t, err)
	res, err := v.Merge(in, []binding.Binding{{Target: listen("443/tcp", "10.0.0.5")}, {Target: listen("80/tcp", "10.0.0.5")}})
	require.NoError(t, err)
	validatetest.RequireSkipped(t, office, res, claimedBy(3, claimOf(http)))
}
