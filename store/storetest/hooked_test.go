package storetest

import (
	"context"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// hook returns how to open a memstore some of whose methods are replaced:
// replace is called for each transaction.
func hook(replace func(h *hooked)) func() store.Store {
	return func() store.Store { return hookStore(memstore.New(), replace) }
}

func hookStore(s store.Store, replace func(h *hooked)) store.Store {
	hooked := func(w store.Writer) *hooked {
		h := &hooked{Writer: w}
		replace(h)
		return h
	}
	return txHooks{
		Store: s,
		view: func(ctx context.Context, fn func(context.Context, store.Reader) error) error {
			return s.View(ctx, func(ctx context.Context, r store.Reader) error { return fn(ctx, hooked(readOnly{Reader: r})) })
		},
		update: func(ctx context.Context, fn func(context.Context, store.Writer) error) error {
			return s.Update(ctx, func(ctx context.Context, w store.Writer) error { return fn(ctx, hooked(w)) })
		},
	}
}

// txHooks is a store whose View or Update may be replaced.
type txHooks struct {
	store.Store
	view   func(ctx context.Context, fn func(context.Context, store.Reader) error) error
	update func(ctx context.Context, fn func(context.Context, store.Writer) error) error
}

func (s txHooks) View(ctx context.Context, fn func(context.Context, store.Reader) error) error {
	if s.view == nil {
		return s.Store.View(ctx, fn)
	}
	return s.view(ctx, fn)
}

func (s txHooks) Update(ctx context.Context, fn func(context.Context, store.Writer) error) error {
	if s.update == nil {
		return s.Store.Update(ctx, fn)
	}
	return s.update(ctx, fn)
}

// readOnly makes a Reader a Writer that must not write.
type readOnly struct {
	store.Reader
	writeMethods
}

// writeMethods are what a Writer has that a Reader has not.
type writeMethods interface {
	PutHost(ctx context.Context, h host.Host) error
	DeleteHost(ctx context.Context, id uuid.UUID) error
	PutService(ctx context.Context, s service.Service) error
	PutBindings(ctx context.Context, serviceID uuid.UUID, put []binding.Binding, del []uuid.UUID) error
	DeleteService(ctx context.Context, id uuid.UUID) error
	Saw(ctx context.Context, hostID uuid.UUID, at time.Time, discoveryID uuid.UUID, ids []uuid.UUID) error
}

// hooked is a Writer whose methods may be replaced.
type hooked struct {
	store.Writer
	networks       func(ctx context.Context, after uuid.UUID, limit int) ([]uuid.UUID, error)
	hostsWith      func(ctx context.Context, networkID uuid.UUID, addrs []netip.Addr, macs []string) ([]host.Host, error)
	services       func(ctx context.Context, ids []uuid.UUID) ([]service.Service, error)
	saw            func(ctx context.Context, hostID uuid.UUID, at time.Time, discoveryID uuid.UUID, ids []uuid.UUID) error
	host           func(ctx context.Context, id uuid.UUID) (host.Host, error)
	inventory      func(ctx context.Context, id uuid.UUID) (*host.Inventory, error)
	hosts          func(ctx context.Context, networkID, after uuid.UUID, limit int) ([]host.Host, error)
	service        func(ctx context.Context, id uuid.UUID) (service.Service, error)
	servicesOnHost func(ctx context.Context, hostID uuid.UUID) ([]service.Service, error)
	lastPosition   func(ctx context.Context, hostID uuid.UUID) (int32, bool, error)
	listeners      func(ctx context.Context, hostID uuid.UUID, portIDs []uuid.UUID) ([]validate.Claim, error)
	putHost        func(ctx context.Context, h host.Host) error
	deleteHost     func(ctx context.Context, id uuid.UUID) error
	putService     func(ctx context.Context, s service.Service) error
	putBindings    func(ctx context.Context, id uuid.UUID, put []binding.Binding, del []uuid.UUID) error
	deleteService  func(ctx context.Context, id uuid.UUID) error
}

func (h *hooked) Networks(ctx context.Context, after uuid.UUID, limit int) ([]uuid.UUID, error) {
	if h.networks == nil {
		return h.Writer.Networks(ctx, after, limit)
	}
	return h.networks(ctx, after, limit)
}

func (h *hooked) HostsWith(ctx context.Context, networkID uuid.UUID, addrs []netip.Addr, macs []string) ([]host.Host, error) {
	if h.hostsWith == nil {
		return h.Writer.HostsWith(ctx, networkID, addrs, macs)
	}
	return h.hostsWith(ctx, networkID, addrs, macs)
}

func (h *hooked) Services(ctx context.Context, ids ...uuid.UUID) ([]service.Service, error) {
	if h.services == nil {
		return h.Writer.Services(ctx, ids...)
	}
	return h.services(ctx, ids)
}

func (h *hooked) Saw(ctx context.Context, hostID uuid.UUID, at time.Time, discoveryID uuid.UUID, ids []uuid.UUID) error {
	if h.saw == nil {
		return h.Writer.Saw(ctx, hostID, at, discoveryID, ids)
	}
	return h.saw(ctx, hostID, at, discoveryID, ids)
}

func (h *hooked) Host(ctx context.Context, id uuid.UUID) (host.Host, error) {
	if h.host == nil {
		return h.Writer.Host(ctx, id)
	}
	return h.host(ctx, id)
}

func (h *hooked) Inventory(ctx context.Context, id uuid.UUID) (*host.Inventory, error) {
	if h.inventory == nil {
		return h.Writer.Inventory(ctx, id)
	}
	return h.inventory(ctx, id)
}

func (h *hooked) Hosts(ctx context.Context, networkID, after uuid.UUID, limit int) ([]host.Host, error) {
	if h.hosts == nil {
		return h.Writer.Hosts(ctx, networkID, after, limit)
	}
	return h.hosts(ctx, networkID, after, limit)
}

func (h *hooked) Service(ctx context.Context, id uuid.UUID) (service.Service, error) {
	if h.service == nil {
		return h.Writer.Service(ctx, id)
	}
	return h.service(ctx, id)
}

func (h *hooked) ServicesOnHost(ctx context.Context, hostID uuid.UUID) ([]service.Service, error) {
	if h.servicesOnHost == nil {
		return h.Writer.ServicesOnHost(ctx, hostID)
	}
	return h.servicesOnHost(ctx, hostID)
}

func (h *hooked) LastPosition(ctx context.Context, hostID uuid.UUID) (int32, bool, error) {
	if h.lastPosition == nil {
		return h.Writer.LastPosition(ctx, hostID)
	}
	return h.lastPosition(ctx, hostID)
}

func (h *hooked) Listeners(ctx context.Context, hostID uuid.UUID, portIDs ...uuid.UUID) ([]validate.Claim, error) {
	if h.listeners == nil {
		return h.Writer.Listeners(ctx, hostID, portIDs...)
	}
	return h.listeners(ctx, hostID, portIDs)
}

func (h *hooked) PutHost(ctx context.Context, v host.Host) error {
	if h.putHost == nil {
		return h.Writer.PutHost(ctx, v)
	}
	return h.putHost(ctx, v)
}

func (h *hooked) DeleteHost(ctx context.Context, id uuid.UUID) error {
	if h.deleteHost == nil {
		return h.Writer.DeleteHost(ctx, id)
	}
	return h.deleteHost(ctx, id)
}

func (h *hooked) PutService(ctx context.Context, s service.Service) error {
	if h.putService == nil {
		return h.Writer.PutService(ctx, s)
	}
	return h.putService(ctx, s)
}

func (h *hooked) PutBindings(ctx context.Context, id uuid.UUID, put []binding.Binding, del []uuid.UUID) error {
	if h.putBindings == nil {
		return h.Writer.PutBindings(ctx, id, put, del)
	}
	return h.putBindings(ctx, id, put, del)
}

func (h *hooked) DeleteService(ctx context.Context, id uuid.UUID) error {
	if h.deleteService == nil {
		return h.Writer.DeleteService(ctx, id)
	}
	return h.deleteService(ctx, id)
}
