package validate_test

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/validate"
)

// The host of the examples: eth0 carries 10.0.0.5, and there are two ports.
var (
	eth0    = uuid.MustParse("11111111-1111-4111-8111-111111111111")
	address = uuid.MustParse("22222222-2222-4222-8222-222222222222")
	https   = uuid.MustParse("33333333-3333-4333-8333-333333333333")
	dns     = uuid.MustParse("44444444-4444-4444-8444-444444444444")
)

func exampleHost() *host.Inventory {
	inv, err := host.NewInventory(host.Host{
		Name:        "web-1",
		Interfaces:  []host.Interface{{ID: eth0, Name: "eth0"}},
		IPAddresses: []host.IPAddress{{ID: address, Address: netip.MustParseAddr("10.0.0.5"), InterfaceID: eth0}},
		Ports: []host.Port{
			{ID: https, Number: 443, Protocol: host.TCP},
			{ID: dns, Number: 53, Protocol: host.UDP},
		},
	})
	if err != nil {
		panic(err)
	}
	return inv
}

func Example() {
	inv := exampleHost()
	set := []binding.Binding{
		{Target: binding.Port(https, binding.OnInterface(eth0))},
		{Target: binding.Port(https, binding.AllInterfaces())},
		{Target: binding.Port(dns, binding.OnIPAddress(address))},
	}
	res, err := validate.New().Set(inv, set)
	validate.Report(os.Stdout, inv, res, err)

	set = append(set, binding.Binding{Target: binding.Interface(eth0)})
	res, err = validate.New().Set(inv, set)
	validate.Report(os.Stdout, inv, res, err)
	// Output:
	// valid: 2 bindings kept, 1 dropped, 0 absorbed, 0 skipped
	//   kept     443/tcp on all interfaces
	//   kept     53/udp on 10.0.0.5 (eth0)
	//   dropped  443/tcp on eth0 (10.0.0.5)  superseded by 443/tcp on all interfaces
	// refused: 1 violation
	//   V5 conflict  bindings[3]  presence at eth0 (10.0.0.5) conflicts with 443/tcp on all interfaces of the same service; a service that listens at a place is present there already: remove one of the two
}

func ExampleValidator_Set() {
	set := []binding.Binding{
		{Target: binding.Port(https, binding.OnInterface(eth0))},
		{Target: binding.Port(https, binding.AllInterfaces())},
	}
	res, err := validate.New().Set(exampleHost(), set)
	if err != nil {
		panic(err)
	}
	for _, d := range res.Dropped {
		fmt.Printf("binding %d is %s by binding %d\n", d.Index, d.Reason, d.By)
	}
	fmt.Println(len(res.Bindings), "binding left")
	// Output:
	// binding 0 is superseded by binding 1
	// 1 binding left
}

// A server keeps a Result and uses its memory again: then valid sets cost no
// allocation, however large they are.
func ExampleValidator_SetInto() {
	inv, v := exampleHost(), validate.New()
	sets := [][]binding.Binding{
		{{Target: binding.Port(https, binding.AllInterfaces())}, {Target: binding.Port(dns, binding.AllInterfaces())}},
		{{Target: binding.Interface(eth0)}, {Target: binding.Interface(eth0)}},
	}
	var res validate.Result
	for _, set := range sets {
		if err := v.SetInto(&res, validate.Input{Inventory: inv, Bindings: set}); err != nil {
			panic(err)
		}
		fmt.Println(len(res.Bindings), "kept,", len(res.Dropped), "dropped")
	}
	// Output:
	// 2 kept, 0 dropped
	// 1 kept, 1 dropped
}

func ExampleValidator_Add() {
	inv := exampleHost()
	in := validate.Input{Inventory: inv, Bindings: []binding.Binding{
		{Target: binding.Port(https, binding.OnInterface(eth0))},
	}}
	for _, target := range []binding.Target{
		binding.Port(https, binding.OnIPAddress(address)),
		binding.Port(https, binding.AllInterfaces()),
		binding.IPAddress(address),
	} {
		res, err := validate.New().Add(in, binding.Binding{Target: target})
		switch {
		case err != nil:
			fmt.Println(inv.Describe(target), "is refused:", err.(*validate.Error).Code())
		case len(res.Absorbed) > 0:
			holder := res.Input(res.Absorbed[0].By)
			fmt.Println(inv.Describe(target), "is absorbed by", inv.Describe(holder.Target))
		default:
			fmt.Println(inv.Describe(target), "is added,", len(res.Dropped), "dropped")
		}
	}
	// Output:
	// 443/tcp on 10.0.0.5 (eth0) is absorbed by 443/tcp on eth0 (10.0.0.5)
	// 443/tcp on all interfaces is added, 1 dropped
	// presence at 10.0.0.5 (eth0) is refused: conflict
}

// A binding is checked against the others, not against the one it replaces: so a
// listener can become a presence.
func ExampleValidator_Replace() {
	inv := exampleHost()
	in := validate.Input{Inventory: inv, Bindings: []binding.Binding{
		{Target: binding.Port(https, binding.OnInterface(eth0))},
	}}
	res, err := validate.New().Replace(in, 0, binding.Binding{Target: binding.Interface(eth0)})
	if err != nil {
		panic(err)
	}
	fmt.Println(inv.Describe(res.Bindings[0].Target))
	// Output: presence at eth0 (10.0.0.5)
}

// Merge takes what a scanner saw, and leaves out what breaks a rule.
func ExampleValidator_Merge() {
	inv := exampleHost()
	in := validate.Input{Inventory: inv, Bindings: []binding.Binding{
		{Target: binding.Port(https, binding.OnInterface(eth0))},
	}}
	res, err := validate.New().Merge(in, []binding.Binding{
		{Target: binding.Port(https, binding.OnIPAddress(address))},
		{Target: binding.Port(dns, binding.AllInterfaces())},
		{Target: binding.Interface(eth0)},
	})
	validate.Report(os.Stdout, inv, res, err)
	// Output:
	// valid: 2 bindings kept, 0 dropped, 1 absorbed, 1 skipped
	//   kept      443/tcp on eth0 (10.0.0.5)
	//   kept      53/udp on all interfaces
	//   absorbed  443/tcp on 10.0.0.5 (eth0)   superseded by 443/tcp on eth0 (10.0.0.5)
	//   skipped   presence at eth0 (10.0.0.5)  V5 conflict: presence at eth0 (10.0.0.5) conflicts with 443/tcp on eth0 (10.0.0.5) of the same service; a service that listens at a place is present there already: remove one of the two
}

func ExampleReport() {
	inv := exampleHost()
	res, err := validate.New().Set(inv, []binding.Binding{{Target: binding.Interface(address)}})
	if err := validate.Report(os.Stdout, inv, res, err); err != nil {
		panic(err)
	}
	// Output:
	// valid: 1 binding kept, 0 dropped, 0 absorbed, 0 skipped
	//   kept       presence at 10.0.0.5 (eth0)
	//   rewritten  presence at 10.0.0.5 (eth0)  an interface by its reference, an IP address on this host
}

// With exclusive ports, two services of a host cannot listen on one port at one
// place. The caller says what other services listen on; a Manager asks its
// store.
func ExampleWithExclusivePorts() {
	inv := exampleHost()
	nginx := uuid.MustParse("55555555-5555-4555-8555-555555555555")
	err := validate.New(validate.WithExclusivePorts()).SetInto(new(validate.Result), validate.Input{
		Inventory: inv,
		Bindings:  []binding.Binding{{Target: binding.Port(https, binding.OnIPAddress(address))}},
		Service:   validate.ServiceInfo{ID: uuid.MustParse("66666666-6666-4666-8666-666666666666"), Name: "caddy"},
		Claims: validate.NewClaims(inv, validate.Claim{
			Binding:     binding.Binding{Target: binding.Port(https, binding.AllInterfaces()), ServiceID: nginx},
			ServiceName: "nginx",
		}),
	})
	fmt.Println(err)
	// Output: bindings[0]: 443/tcp on 10.0.0.5 (eth0) is claimed by service nginx, which listens on 443/tcp on all interfaces; free it there first, or listen elsewhere
}

// errors.Is finds the code of every violation in an error, however deep it is
// wrapped.
func ExampleError() {
	_, err := validate.New().Set(exampleHost(), []binding.Binding{
		{Target: binding.Interface(eth0)},
		{Target: binding.Port(https, binding.OnInterface(eth0))},
		{},
	})
	err = fmt.Errorf("import services: %w", err)
	fmt.Println(errors.Is(err, validate.ErrConflict), errors.Is(err, validate.ErrInvalid), errors.Is(err, validate.ErrCrossHost))

	var rules *validate.Error
	if errors.As(err, &rules) {
		fmt.Println("first of all:", rules.Code())
		for _, v := range rules.Under("services[4]").Violations {
			fmt.Println(v.Rule, v.Path)
		}
	}
	// Output:
	// true true false
	// first of all: invalid
	// V1 services[4].bindings[2]
	// V5 services[4].bindings[1]
}

// A rule of one's own: what is tagged "internal" does not listen everywhere.
func ExampleWithRule() {
	v := validate.New(validate.WithRule("internal-stays-inside", func(c validate.Candidate) *validate.Violation {
		if !slices.Contains(c.Service.Tags, "internal") || c.Binding.Target.Scope() != binding.AllInterfaces() {
			return nil
		}
		return &validate.Violation{
			Code:    "exposed",
			Message: c.Inventory.Describe(c.Binding.Target) + " is too much for an internal service; choose an interface",
		}
	}))
	err := v.SetInto(new(validate.Result), validate.Input{
		Inventory: exampleHost(),
		Service:   validate.ServiceInfo{Tags: []string{"internal"}},
		Bindings:  []binding.Binding{{Target: binding.Port(https, binding.AllInterfaces())}},
	})
	fmt.Println(err)
	fmt.Println(errors.Is(err, binding.Code("exposed")))
	// Output:
	// bindings[0]: 443/tcp on all interfaces is too much for an internal service; choose an interface
	// true
}
