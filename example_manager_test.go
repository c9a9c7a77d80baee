package bindset_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// The host of the examples: eth0 carries one address, docker0 carries none.
var (
	eth0ID    = uuid.MustParse("0190b0a0-0000-7000-8000-000000000001")
	docker0ID = uuid.MustParse("0190b0a0-0000-7000-8000-000000000002")
	addressID = uuid.MustParse("0190b0a0-0000-7000-8000-000000000003")
	httpsID   = uuid.MustParse("0190b0a0-0000-7000-8000-000000000004")
	httpID    = uuid.MustParse("0190b0a0-0000-7000-8000-000000000005")

	exampleHost = host.Host{
		ID:        uuid.MustParse("0190b0a0-0000-7000-8000-00000000000a"),
		NetworkID: uuid.MustParse("0190b0a0-0000-7000-8000-00000000000b"),
		Name:      "web-1",
		Interfaces: []host.Interface{
			{ID: eth0ID, Name: "eth0"},
			{ID: docker0ID, Name: "docker0"},
		},
		IPAddresses: []host.IPAddress{{ID: addressID, Address: netip.MustParseAddr("10.0.0.5"), InterfaceID: eth0ID}},
		Ports: []host.Port{
			{ID: httpsID, Number: 443, Protocol: host.TCP},
			{ID: httpID, Number: 80, Protocol: host.TCP},
		},
	}
)

// withNginx returns a Manager that has the host, and on it a service that listens
// on the targets given.
func withNginx(targets ...binding.Target) (*bindset.Manager, service.Service) {
	nginx := service.Draft{Name: "nginx"}
	for _, target := range targets {
		nginx.Bindings = append(nginx.Bindings, binding.Binding{Target: target})
	}
	m := bindset.NewManager(memstore.New())
	web, _, err := m.CreateHost(context.Background(), exampleHost, []service.Draft{nginx})
	if err != nil {
		panic(err)
	}
	return m, web.Services[0]
}

// describe prints bindings by name.
func describe(what string, bindings ...binding.Binding) {
	inv, err := host.NewInventory(exampleHost)
	if err != nil {
		panic(err)
	}
	for _, b := range bindings {
		fmt.Println(what, inv.Describe(b.Target))
	}
}

func ExampleManager() {
	ctx := context.Background()
	m := bindset.NewManager(memstore.New())
	if _, _, err := m.PutHost(ctx, exampleHost); err != nil {
		fmt.Println(err)
		return
	}
	nginx, change, err := m.CreateService(ctx, service.Draft{
		HostID: exampleHost.ID, Name: "nginx",
		Bindings: []binding.Binding{
			{Target: binding.Port(httpsID, binding.OnIPAddress(addressID))},
			{Target: binding.Port(httpsID, binding.OnInterface(eth0ID))},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	describe("stored:", nginx.Bindings...)
	describe("dropped:", change.Dropped[0].Binding)

	_, _, err = m.CreateBinding(ctx, binding.Binding{ServiceID: nginx.ID, Target: binding.IPAddress(addressID)})
	fmt.Println(err)
	// Output:
	// stored: 443/tcp on eth0 (10.0.0.5)
	// dropped: 443/tcp on 10.0.0.5 (eth0)
	// presence at 10.0.0.5 (eth0) conflicts with 443/tcp on eth0 (10.0.0.5) of the same service; a service that listens at a place is present there already: remove one of the two
}

func ExampleNewManager() {
	noon := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	m := bindset.NewManager(memstore.New(),
		bindset.WithValidator(validate.New(validate.WithExclusivePorts())),
		bindset.WithClock(func() time.Time { return noon }),
		bindset.WithIDs(uuid.New),
		bindset.WithObserver(func(_ context.Context, c bindset.Change) {
			for _, s := range c.Services {
				fmt.Println(s.Name, s.Did, "at revision", s.Revision)
			}
		}),
	)
	everywhere := binding.Port(httpsID, binding.AllInterfaces())
	onHost, _, err := m.CreateHost(context.Background(), exampleHost, []service.Draft{
		{Name: "nginx", Bindings: []binding.Binding{{Target: everywhere}}},
	})
	services := onHost.Services
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(services[0].CreatedAt)

	_, _, err = m.CreateService(context.Background(), service.Draft{
		HostID: exampleHost.ID, Name: "caddy", Bindings: []binding.Binding{{Target: everywhere}},
	})
	fmt.Println(err)
	// Output:
	// nginx added at revision 1
	// 2026-04-01 12:00:00 +0000 UTC
	// bindings[0]: 443/tcp on all interfaces is claimed by service nginx, which listens on 443/tcp on all interfaces; free it there first, or listen elsewhere
}

func ExampleManager_CreateHost() {
	m := bindset.NewManager(memstore.New())
	web, change, err := m.CreateHost(context.Background(), exampleHost, []service.Draft{
		{Name: "nginx", Bindings: []binding.Binding{{Target: binding.Port(httpsID, binding.AllInterfaces())}}},
		{Name: "docker", Bindings: []binding.Binding{{Target: binding.Interface(docker0ID)}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(web.Host.Name, "at revision", web.Host.Revision)
	for _, s := range web.Services {
		fmt.Println(s.Position, s.Name)
	}
	describe("added:", change.Added...)
	// Output:
	// web-1 at revision 1
	// 0 nginx
	// 1 docker
	// added: 443/tcp on all interfaces
	// added: presence at docker0
}

func ExampleManager_PutHost() {
	m, _ := withNginx(binding.Port(httpsID, binding.AllInterfaces()), binding.Port(httpID, binding.AllInterfaces()))
	withoutHTTP := exampleHost.Clone()
	withoutHTTP.Ports = withoutHTTP.Ports[:1]

	_, _, err := m.PutHost(context.Background(), withoutHTTP)
	fmt.Println(err)

	h, change, err := m.PutHost(context.Background(), withoutHTTP, bindset.Cascade())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(h.Name, "at revision", h.Revision)
	describe("removed:", change.Removed...)
	// Output:
	// host web-1: what would go away is still in use: nginx uses 80/tcp on all interfaces; change or delete these bindings first, or ask for Cascade
	// web-1 at revision 2
	// removed: 80/tcp on all interfaces
}

func ExampleManager_DeleteHost() {
	m, _ := withNginx()
	_, err := m.DeleteHost(context.Background(), exampleHost.ID)
	fmt.Println(err)

	change, err := m.DeleteHost(context.Background(), exampleHost.ID, bindset.Cascade())
	fmt.Println(change.Services[0].Name, change.Services[0].Did, err)
	// Output:
	// host web-1: services still run on it: nginx; delete them first, or ask for Cascade
	// nginx removed <nil>
}

func ExampleManager_CreateService() {
	m, _ := withNginx()
	s, change, err := m.CreateService(context.Background(), service.Draft{
		HostID: exampleHost.ID, Name: "sshd", Tags: []string{"admin"},
		Bindings: []binding.Binding{{Target: binding.Port(httpID, binding.OnInterface(eth0ID))}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Name, "at position", s.Position, "and revision", s.Revision)
	describe("added:", change.Added...)
	// Output:
	// sshd at position 1 and revision 1
	// added: 80/tcp on eth0 (10.0.0.5)
}

func ExampleManager_UpdateService() {
	ctx := context.Background()
	m, nginx := withNginx(binding.Port(httpsID, binding.OnInterface(eth0ID)), binding.Port(httpID, binding.OnInterface(eth0ID)))
	stale := nginx.Clone()

	nginx.Name = "caddy"
	nginx.Bindings = []binding.Binding{
		{Target: binding.Port(httpsID, binding.OnInterface(eth0ID))}, // keeps the stored binding and its ID
		{Target: binding.Port(httpsID, binding.OnInterface(docker0ID))},
	}
	caddy, change, err := m.UpdateService(ctx, nginx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(caddy.Name, "at revision", caddy.Revision)
	describe("added:", change.Added...)
	describe("removed:", change.Removed...)

	_, _, err = m.UpdateService(ctx, stale)
	fmt.Println(err)
	// Output:
	// caddy at revision 2
	// added: 443/tcp on docker0
	// removed: 80/tcp on eth0 (10.0.0.5)
	// service caddy: it is at revision 2, not 1; read it again and repeat the change
}

func ExampleManager_DeleteService() {
	m, nginx := withNginx(binding.Port(httpsID, binding.AllInterfaces()))
	change, err := m.DeleteService(context.Background(), nginx.ID, bindset.IfRevision(nginx.Revision))
	describe("removed:", change.Removed...)
	fmt.Println(err)

	_, err = m.DeleteService(context.Background(), nginx.ID)
	fmt.Println(errors.Is(err, store.ErrNotFound))
	// Output:
	// removed: 443/tcp on all interfaces
	// <nil>
	// true
}

func ExampleManager_DeleteServices() {
	m, nginx := withNginx(binding.Port(httpsID, binding.AllInterfaces()))
	n, change, err := m.DeleteServices(context.Background(), []uuid.UUID{nginx.ID, uuid.New()})
	fmt.Println(n, err)
	describe("removed:", change.Removed...)
	// Output:
	// 1 <nil>
	// removed: 443/tcp on all interfaces
}

func ExampleManager_CreateBinding() {
	ctx := context.Background()
	m, nginx := withNginx(binding.Port(httpsID, binding.OnInterface(eth0ID)))

	// The listener on eth0 covers its address.
	b, change, err := m.CreateBinding(ctx, binding.Binding{
		ServiceID: nginx.ID, Target: binding.Port(httpsID, binding.OnIPAddress(addressID)),
	})
	fmt.Println(b == nginx.Bindings[0], len(change.Absorbed), err)

	// One on all interfaces supersedes it.
	b, change, err = m.CreateBinding(ctx, binding.Binding{
		ServiceID: nginx.ID, Target: binding.Port(httpsID, binding.AllInterfaces()),
	})
	describe("stored:", b)
	describe("dropped:", change.Dropped[0].Binding)
	fmt.Println(err)
	// Output:
	// true 1 <nil>
	// stored: 443/tcp on all interfaces
	// dropped: 443/tcp on eth0 (10.0.0.5)
	// <nil>
}

func ExampleManager_UpdateBinding() {
	m, nginx := withNginx(binding.Port(httpsID, binding.OnInterface(eth0ID)))
	b := nginx.Bindings[0]
	b.Target = binding.Port(httpsID, binding.AllInterfaces())
	b, change, err := m.UpdateBinding(context.Background(), b)
	describe("stored:", b)
	fmt.Println(len(change.Updated), err)
	// Output:
	// stored: 443/tcp on all interfaces
	// 1 <nil>
}

func ExampleManager_DeleteBinding() {
	m, nginx := withNginx(binding.Port(httpsID, binding.AllInterfaces()))
	change, err := m.DeleteBinding(context.Background(), nginx.Bindings[0].ID)
	describe("removed:", change.Removed...)
	fmt.Println(change.Services[0].Name, "at revision", change.Services[0].Revision, err)
	// Output:
	// removed: 443/tcp on all interfaces
	// nginx at revision 2 <nil>
}

func ExampleManager_DeleteBindings() {
	m, nginx := withNginx(binding.Port(httpsID, binding.AllInterfaces()), binding.Port(httpID, binding.AllInterfaces()))
	n, _, err := m.DeleteBindings(context.Background(), []uuid.UUID{nginx.Bindings[0].ID, nginx.Bindings[1].ID, uuid.New()})
	fmt.Println(n, err)
	// Output: 2 <nil>
}

func ExampleManager_View() {
	m, _ := withNginx(binding.Port(httpsID, binding.AllInterfaces()))
	err := m.View(context.Background(), func(ctx context.Context, r store.Reader) error {
		services, err := r.ServicesOnHost(ctx, exampleHost.ID)
		for _, s := range services {
			fmt.Println(s.Name, len(s.Bindings))
		}
		return err
	})
	fmt.Println(err)
	// Output:
	// nginx 1
	// <nil>
}

func ExampleCodeOf() {
	m, _ := withNginx()
	_, _, err := m.CreateBinding(context.Background(), binding.Binding{ServiceID: uuid.New()})
	switch bindset.CodeOf(err) {
	case store.ErrNotFound:
		fmt.Println("create the service first")
	case validate.ErrConflict, validate.ErrPortClaimed:
		fmt.Println("listen elsewhere")
	}
	// Output: create the service first
}
