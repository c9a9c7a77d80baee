package validate_test

import (
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/validate"
	"github.com/bindset/bindset/validate/validatetest"
)

// scene is what the Validator and the brute force are compared on: a host, and
// another that bindings name by mistake.
type scene struct {
	inv, other *host.Inventory
	v          *validate.Validator
	brute      brute
	service    validate.ServiceInfo
	exclusive  bool // V6 is on
}

func drawScene(t *rapid.T) scene {
	inv := inventory().Draw(t, "host")
	limit := rapid.SampledFrom([]int{0, 0, 0, 0, 3, 20}).Draw(t, "limit")
	opts := []validate.Option{validate.WithMaxBindings(limit)}
	exclusive := rapid.Bool().Draw(t, "exclusive ports")
	if exclusive {
		opts = append(opts, validate.WithExclusivePorts())
	}
	v := validate.New(opts...)
	return scene{
		inv: inv, other: hosttest.Inventory().Draw(t, "other host"), v: v,
		brute:   newBrute(inv.Host(), v.MaxBindings()),
		service: validate.ServiceInfo{ID: uuid.UUID{0x77}, NetworkID: inv.NetworkID(), Name: "web"}, exclusive: exclusive,
	}
}

// inventory generates small hosts, on which bindings meet, and larger ones, on
// which large sets can be valid.
func inventory() *rapid.Generator[*host.Inventory] {
	large := rapid.Custom(func(t *rapid.T) *host.Inventory {
		h := hosttest.Sized(
			rapid.IntRange(0, 9).Draw(t, "interfaces"), rapid.IntRange(0, 20).Draw(t, "addresses"), rapid.IntRange(0, 9).Draw(t, "ports"))
		for i := range rapid.IntRange(0, len(h.IPAddresses)).Draw(t, "without an interface") {
			h.IPAddresses[i].InterfaceID = uuid.Nil
		}
		inv, err := host.NewInventory(h)
		if err != nil {
			t.Fatal(err)
		}
		return inv
	})
	return rapid.OneOf(hosttest.Inventory(), hosttest.Inventory(), large)
}

// input returns an input of the scene; claims are left out where V6 is off, so
// that the brute force need not know.
func (s scene) input(t *rapid.T, set []binding.Binding) validate.Input {
	in := validate.Input{Inventory: s.inv, Service: s.service, Bindings: set}
	if s.exclusive {
		in.Claims = validate.NewClaims(s.inv, validatetest.Claims(s.inv).Draw(t, "claims")...)
	}
	return in
}

// dirty generates sets of which some have broken bindings in them: malformed, of
// another host, two targets under one ID.
func (s scene) dirty(t *rapid.T) []binding.Binding {
	set := validatetest.Set(s.inv).Draw(t, "set")
	if rapid.Bool().Draw(t, "clean") {
		return set
	}
	broken := rapid.OneOf(hosttest.Foreign(s.inv), hosttest.AnyReference(s.other), validatetest.Malformed())
	ids := append(bindingtest.IDs(0x1d, 3), uuid.Nil, uuid.Nil)
	often := rapid.SampledFrom([]int{3, 3, 20}).Draw(t, "clean to dirty")
	for i := range set {
		if rapid.IntRange(0, often).Draw(t, "dirt") == 0 {
			set[i].Target = broken.Draw(t, "broken")
		}
		if rapid.IntRange(0, often).Draw(t, "shared ID") == 0 {
			set[i].ID = rapid.SampledFrom(ids).Draw(t, "ID")
		}
	}
	return set
}
