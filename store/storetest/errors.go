package storetest

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/store"
)

// A refusal is a call that must fail.
type refusal struct {
	name  string
	call  func(ctx context.Context, f *fixture, w store.Writer) error
	check func(t require.TestingT, f *fixture, err error)
}

func testErrors(t *testing.T, open opener) {
	for _, r := range refusals() {
		open.test(t, r.name, func(f *fixture) {
			before := f.state()
			f.update(func(ctx context.Context, w store.Writer) error {
				r.check(f.t, f, r.call(ctx, f, w))
				within, err := readState(ctx, w, f.place)
				require.Equal(f.t, before, within, "a method that returns an error has written nothing")
				return err
			})
			require.Equal(f.t, before, f.state())
			f.update(func(ctx context.Context, w store.Writer) error {
				_ = r.call(ctx, f, w)
				return f.changeEverything(ctx, w) // fn goes on
			})
			require.Equal(f.t, "moved", f.state().Services[f.web.ID].Name)
		})
	}
}

func refusals() []refusal {
	return []refusal{
		{"a host that is not there is not found", func(ctx context.Context, f *fixture, w store.Writer) error {
			_, err := w.Host(ctx, f.place.unknown)
			return err
		}, unknown(store.ErrNotFound, store.EntityHost)},
		{"the inventory of a host that is not there is not found", func(ctx context.Context, f *fixture, w store.Writer) error {
			_, err := w.Inventory(ctx, f.place.unknown)
			return err
		}, unknown(store.ErrNotFound, store.EntityHost)},
		{"a service that is not there is not found", func(ctx context.Context, f *fixture, w store.Writer) error {
			_, err := w.Service(ctx, f.place.unknown)
			return err
		}, unknown(store.ErrNotFound, store.EntityService)},
		{"a host that is not there is not deleted", func(ctx context.Context, f *fixture, w store.Writer) error {
			return w.DeleteHost(ctx, f.place.unknown)
		}, unknown(store.ErrNotFound, store.EntityHost)},
		{"a service that is not there is not deleted", func(ctx context.Context, f *fixture, w store.Writer) error {
			return w.DeleteService(ctx, f.place.unknown)
		}, unknown(store.ErrNotFound, store.EntityService)},
		{"a host with services is in use", func(ctx context.Context, f *fixture, w store.Writer) error {
			return w.DeleteHost(ctx, f.place.first.ID)
		}, func(t require.TestingT, f *fixture, err error) {
			requireEntityError(t, err, store.ErrInUse, store.EntityHost, f.place.first.ID)
		}},
		{"a service needs a host that is there", func(ctx context.Context, f *fixture, w store.Writer) error {
			s := f.place.service(5)
			s.HostID = f.place.unknown
			return w.PutService(ctx, s)
		}, unknown(store.ErrNotFound, store.EntityHost)},
		{"a service does not move to a host that is not there", func(ctx context.Context, f *fixture, w store.Writer) error {
			moved := f.web
			moved.HostID = f.place.unknown
			return w.PutService(ctx, moved)
		}, unknown(store.ErrNotFound, store.EntityHost)},
		{"bindings need a service that is there", func(ctx context.Context, f *fixture, w store.Writer) error {
			b := f.place.binding(5, f.web, binding.Interface(f.place.eth0))
			b.ServiceID = f.place.unknown
			return w.PutBindings(ctx, f.place.unknown, []binding.Binding{b}, nil)
		}, unknown(store.ErrNotFound, store.EntityService)},
		{"a service that is not there has no bindings to delete", func(ctx context.Context, f *fixture, w store.Writer) error {
			return w.PutBindings(ctx, f.place.unknown, nil, nil)
		}, unknown(store.ErrNotFound, store.EntityService)},
		{"a binding's ID that another service's binding has is taken", func(ctx context.Context, f *fixture, w store.Writer) error {
			b := f.dns.Bindings[0]
			b.ServiceID = f.web.ID
			fresh := f.place.binding(5, f.web, binding.Interface(f.place.eth0))
			return w.PutBindings(ctx, f.web.ID, []binding.Binding{fresh, b}, bindingIDs(f.web.Bindings[:1]))
		}, func(t require.TestingT, f *fixture, err error) {
			requireEntityError(t, err, store.ErrExists, store.EntityBinding, f.dns.Bindings[0].ID)
		}},
		{"a binding that the service does not have is not deleted", func(ctx context.Context, f *fixture, w store.Writer) error {
			fresh := f.place.binding(5, f.web, binding.Interface(f.place.eth0))
			return w.PutBindings(ctx, f.web.ID, []binding.Binding{fresh}, []uuid.UUID{f.web.Bindings[0].ID, f.place.unknown})
		}, unknown(store.ErrNotFound, store.EntityBinding)},
		{"a binding of another service is not deleted", func(ctx context.Context, f *fixture, w store.Writer) error {
			return w.PutBindings(ctx, f.web.ID, nil, bindingIDs(f.dns.Bindings))
		}, func(t require.TestingT, f *fixture, err error) {
			requireEntityError(t, err, store.ErrNotFound, store.EntityBinding, f.dns.Bindings[0].ID)
		}},
		{"a binding is not deleted twice", func(ctx context.Context, f *fixture, w store.Writer) error {
			id := f.web.Bindings[1].ID
			return w.PutBindings(ctx, f.web.ID, nil, []uuid.UUID{id, f.web.Bindings[0].ID, id})
		}, func(t require.TestingT, f *fixture, err error) {
			requireEntityError(t, err, store.ErrNotFound, store.EntityBinding, f.web.Bindings[1].ID)
		}},
		{"nobody sees a host that is not there", func(ctx context.Context, f *fixture, w store.Writer) error {
			return w.Saw(ctx, f.place.unknown, day(5), f.place.unknown, []uuid.UUID{f.web.ID})
		}, unknown(store.ErrNotFound, store.EntityHost)},
		{"nothing is seen at no time", func(ctx context.Context, f *fixture, w store.Writer) error {
			return w.Saw(ctx, f.place.first.ID, time.Time{}, f.place.unknown, []uuid.UUID{f.web.ID})
		}, invalid},
		{"a host without an ID is invalid", putHost(func(h *host.Host) { h.ID = uuid.Nil }), invalid},
		{"a host without a network is invalid", putHost(func(h *host.Host) { h.NetworkID = uuid.Nil }), invalid},
		{"a host that has no inventory is invalid", putHost(breakHost), func(t require.TestingT, f *fixture, err error) {
			h := f.place.first.Clone()
			breakHost(&h)
			_, want := host.NewInventory(h)
			require.EqualError(t, err, want.Error())
			invalid(t, f, err)
		}},
		{"a service without an ID is invalid", func(ctx context.Context, f *fixture, w store.Writer) error {
			s := f.place.service(5)
			s.ID = uuid.Nil
			return w.PutService(ctx, s)
		}, invalid},
		{"a binding without an ID is invalid", putSecond(func(b *binding.Binding) { b.ID = uuid.Nil }), invalid},
		{"a binding without a target is invalid", putSecond(func(b *binding.Binding) { b.Target = binding.Target{} }), invalid},
		{"a binding with a nil ID in its target is invalid", putSecond(func(b *binding.Binding) {
			b.Target = binding.Port(uuid.Nil, binding.AllInterfaces())
		}), invalid},
		{"a binding that says it is another service's is invalid", putSecond(func(b *binding.Binding) { b.ServiceID = uuid.UUID{1} }), invalid},
		{"a binding that says it is nobody's is invalid", putSecond(func(b *binding.Binding) { b.ServiceID = uuid.Nil }), invalid},
		{"a binding's ID that stands twice is invalid", func(ctx context.Context, f *fixture, w store.Writer) error {
			b := f.place.binding(5, f.web, binding.Interface(f.place.eth0))
			other := b
			other.Target = binding.Port(f.place.free, binding.AllInterfaces())
			return w.PutBindings(ctx, f.web.ID, []binding.Binding{b, other}, bindingIDs(f.web.Bindings))
		}, invalid},
	}
}

// unknown returns a check for the error of a kind about the place's unknown ID.
func unknown(code binding.Code, entity string) func(require.TestingT, *fixture, error) {
	return func(t require.TestingT, f *fixture, err error) {
		requireEntityError(t, err, code, entity, f.place.unknown)
	}
}

func requireEntityError(t require.TestingT, err error, code binding.Code, entity string, id uuid.UUID) {
	var got *store.EntityError
	require.ErrorAs(t, err, &got)
	require.ErrorIs(t, err, code)
	require.Equal(t, []any{code, entity, id}, []any{got.Code, got.Entity, got.ID})
}

// invalid checks for the error of a value that cannot be stored.
func invalid(t require.TestingT, _ *fixture, err error) {
	var got *binding.FieldError
	require.ErrorAs(t, err, &got)
	require.ErrorIs(t, err, binding.ErrInvalid)
	require.False(t, got.Malformed)
	require.NotEmpty(t, got.Path)
}

func putHost(wrong func(*host.Host)) func(context.Context, *fixture, store.Writer) error {
	return func(ctx context.Context, f *fixture, w store.Writer) error {
		h := f.place.first.Clone()
		wrong(&h)
		return w.PutHost(ctx, h)
	}
}

func breakHost(h *host.Host) {
	h.IPAddresses = append(h.IPAddresses, host.IPAddress{
		ID: uuid.UUID{1}, Address: netip.MustParseAddr("10.0.0.6"), InterfaceID: uuid.UUID{2},
	})
}

// putSecond puts a good binding and a wrong one, and deletes those that were.
func putSecond(wrong func(*binding.Binding)) func(context.Context, *fixture, store.Writer) error {
	return func(ctx context.Context, f *fixture, w store.Writer) error {
		good := f.place.binding(5, f.web, binding.Interface(f.place.eth0))
		bad := f.place.binding(6, f.web, binding.Interface(f.place.eth0))
		wrong(&bad)
		return w.PutBindings(ctx, f.web.ID, []binding.Binding{good, bad}, bindingIDs(f.web.Bindings))
	}
}
