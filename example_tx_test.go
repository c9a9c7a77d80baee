package bindset_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// A service takes over from another one: both happen, or neither.
func ExampleManager_InTx() {
	ctx := context.Background()
	m, nginx := withNginx(binding.Port(httpsID, binding.AllInterfaces()))
	change, err := m.InTx(ctx, func(ctx context.Context, m *bindset.Manager) error {
		if _, err := m.DeleteService(ctx, nginx.ID); err != nil {
			return err
		}
		_, _, err := m.CreateService(ctx, service.Draft{
			HostID: nginx.HostID, Name: "caddy", Bindings: []binding.Binding{{Target: nginx.Bindings[0].Target}},
		})
		return err
	})
	for _, c := range change.Services {
		fmt.Println(c.Did, c.Name)
	}
	fmt.Println(err)
	// Output:
	// removed nginx
	// added caddy
	// <nil>
}

// What would become of a wider listener?
func ExampleDryRun() {
	ctx := context.Background()
	m, nginx := withNginx(binding.Port(httpsID, binding.OnInterface(eth0ID)), binding.Port(httpsID, binding.OnInterface(docker0ID)))
	_, change, err := m.CreateBinding(ctx, binding.Binding{
		ServiceID: nginx.ID, Target: binding.Port(httpsID, binding.AllInterfaces()),
	}, bindset.DryRun())
	fmt.Println(err)
	for _, d := range change.Dropped {
		describe("would be dropped:", d.Binding)
	}
	stored, err := m.Service(ctx, nginx.ID)
	fmt.Println(len(stored.Bindings), "bindings are stored,", err)
	// Unordered output:
	// <nil>
	// would be dropped: 443/tcp on eth0 (10.0.0.5)
	// would be dropped: 443/tcp on docker0
	// 2 bindings are stored, <nil>
}

// A change that is based on what was read is refused where somebody else was
// faster: then read again.
func ExampleIfRevision() {
	ctx := context.Background()
	m, nginx := withNginx(binding.Port(httpsID, binding.AllInterfaces()))
	read, err := m.Service(ctx, nginx.ID)
	if err != nil {
		panic(err)
	}
	if _, _, err := m.CreateBinding(ctx, binding.Binding{ServiceID: nginx.ID, Target: binding.Port(httpID, binding.AllInterfaces())}); err != nil {
		panic(err)
	}
	_, err = m.DeleteBinding(ctx, read.Bindings[0].ID, bindset.IfRevision(read.Revision))
	fmt.Println(errors.Is(err, store.ErrStale), err)
	// Output:
	// true service nginx: it is at revision 2, not 1; read it again and repeat the change
}

// Rule V6 is switched on for a store that was filled without it.
func ExampleManager_Audit() {
	ctx := context.Background()
	stored := memstore.New()
	everywhere := []binding.Binding{{Target: binding.Port(httpsID, binding.AllInterfaces())}}
	if _, _, err := bindset.NewManager(stored).CreateHost(ctx, exampleHost, []service.Draft{
		{Name: "nginx", Bindings: everywhere}, {Name: "caddy", Bindings: everywhere},
	}); err != nil {
		panic(err)
	}

	strict := bindset.NewManager(stored, bindset.WithValidator(validate.New(validate.WithExclusivePorts())))
	audit, err := strict.Audit(ctx, exampleHost.ID)
	fmt.Println(err)
	for _, v := range audit.Violations {
		fmt.Println(v.Path, v.Message)
	}
	// Output:
	// <nil>
	// services[1].bindings[0] service caddy: 443/tcp on all interfaces is claimed by service nginx, which listens on 443/tcp on all interfaces; free it there first, or listen elsewhere
}

func ExampleManager_Service() {
	ctx := context.Background()
	m, nginx := withNginx(binding.Port(httpsID, binding.AllInterfaces()))
	s, err := m.Service(ctx, nginx.ID)
	fmt.Println(s.Name, s.Revision, err)
	h, err := m.Host(ctx, s.HostID)
	fmt.Println(h.Name, h.Revision, err)
	all, err := m.ServicesOnHost(ctx, h.ID)
	fmt.Println(len(all), err)
	_, err = m.Binding(ctx, uuid.Nil)
	fmt.Println(bindset.CodeOf(err))
	// Output:
	// nginx 1 <nil>
	// web-1 1 <nil>
	// 1 <nil>
	// not_found
}

// A table of statuses is complete when every code is in it.
func ExampleCodes() {
	statuses := map[binding.Code]int{binding.ErrInvalid: 400, store.ErrNotFound: 404, validate.ErrConflict: 409}
	missing := 0
	for _, code := range bindset.Codes() {
		if _, ok := statuses[code]; !ok {
			missing++
		}
	}
	fmt.Println(missing > 0)
	// Output: true
}
