package bindset_test

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/google/uuid"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
)

func ExampleManager_Observe() {
	m, nginx := withNginx(binding.Port(httpsID, binding.OnInterface(eth0ID)))

	// A scanner saw nginx again, on two ports now, and calls everything by new IDs.
	https, http80 := uuid.New(), uuid.New()
	seen := service.Discovery{
		Host: host.Host{ID: exampleHost.ID, Ports: []host.Port{
			{ID: https, Number: 443, Protocol: host.TCP},
			{ID: http80, Number: 80, Protocol: host.TCP},
		}},
		Services: []service.Service{{Name: "nginx", Bindings: []binding.Binding{
			{Target: binding.Port(https, binding.AllInterfaces())},
			{Target: binding.Port(http80, binding.AllInterfaces())},
			{Target: binding.Interface(eth0ID)},
		}}},
	}
	change, err := m.Observe(context.Background(), seen)
	if err != nil {
		panic(err)
	}
	describe("added:", change.Added...)
	describe("dropped:", change.Dropped[0].Binding)
	fmt.Println("skipped:", change.Skipped[0].Violation.Path, change.Skipped[0].Violation.Code)
	fmt.Println("the service is the stored one:", change.Services[0].ID == nginx.ID)
	// Output:
	// added: 80/tcp on all interfaces
	// added: 443/tcp on all interfaces
	// dropped: 443/tcp on eth0 (10.0.0.5)
	// skipped: services[0].bindings[2] conflict
	// the service is the stored one: true
}

func ExampleManager_TransferListener() {
	ctx := context.Background()
	m, nginx := withNginx(binding.Port(httpsID, binding.AllInterfaces()))
	caddy, _, err := m.CreateService(ctx, service.Draft{HostID: exampleHost.ID, Name: "caddy"})
	if err != nil {
		panic(err)
	}
	moved, _, err := m.TransferListener(ctx, nginx.Bindings[0].ID, caddy.ID)
	if err != nil {
		panic(err)
	}
	describe("caddy has:", moved)
	fmt.Println("it is the same binding:", moved.ID == nginx.Bindings[0].ID)
	// Output:
	// caddy has: 443/tcp on all interfaces
	// it is the same binding: true
}

func ExampleManager_MoveService() {
	ctx := context.Background()
	m, nginx := withNginx(binding.Port(httpsID, binding.AllInterfaces()), binding.Port(httpID, binding.AllInterfaces()))
	// web-2 has port 443/tcp under another ID, and no port 80/tcp.
	web2 := host.Host{
		ID: uuid.New(), NetworkID: exampleHost.NetworkID, Name: "web-2",
		Ports: []host.Port{{ID: uuid.New(), Number: 443, Protocol: host.TCP}},
	}
	if _, _, err := m.PutHost(ctx, web2); err != nil {
		panic(err)
	}
	_, _, err := m.MoveService(ctx, nginx.ID, web2.ID)
	fmt.Println(err)
	moved, change, err := m.MoveService(ctx, nginx.ID, web2.ID, bindset.DropUnfit())
	if err != nil {
		panic(err)
	}
	describe("removed:", change.Removed...)
	fmt.Println("bindings left:", len(moved.Bindings))
	// Output:
	// bindings[1]: 80/tcp on all interfaces cannot move: host web-2 has no port 80/tcp; add it there first, or move with DropUnfit
	// removed: 80/tcp on all interfaces
	// bindings left: 1
}

// One machine was recorded as two, by the addresses of its two interfaces.
func ExampleManager_MergeHosts() {
	ctx := context.Background()
	m := bindset.NewManager(newMemstore())
	network := uuid.New()
	record := func(ip string) uuid.UUID {
		ssh := host.Port{ID: uuid.New(), Number: 22, Protocol: host.TCP}
		address := host.IPAddress{ID: uuid.New(), Address: netip.MustParseAddr(ip)}
		h := host.Host{ID: uuid.New(), NetworkID: network, Name: "web-1", IPAddresses: []host.IPAddress{address}, Ports: []host.Port{ssh}}
		_, err := m.Observe(ctx, service.Discovery{Host: h, Services: []service.Service{{
			Name: "sshd", Definition: "SSH", Bindings: []binding.Binding{{Target: binding.Port(ssh.ID, binding.OnIPAddress(address.ID))}},
		}}})
		if err != nil {
			panic(err)
		}
		return h.ID
	}
	into, from := record("192.0.2.5"), record("192.0.2.6")

	if _, err := m.MergeHosts(ctx, into, from); err != nil {
		panic(err)
	}
	services, err := m.ServicesOnHost(ctx, into)
	if err != nil {
		panic(err)
	}
	for _, s := range services {
		fmt.Println(s.Name, "has", len(s.Bindings), "listeners")
	}
	// Output: sshd has 2 listeners
}
