package storetest

import (
	"context"
	"errors"
	"net/netip"

	"github.com/google/uuid"

	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/store"
)

// A reading is a call of one method of a Reader, of which there is one for each,
// on the data of a place.
type reading struct {
	method string
	read   func(ctx context.Context, r store.Reader, p place) (any, error)
}

// from returns what a View of the fixture's store reads.
func (r reading) from(f *fixture) (got any) {
	f.t.Helper()
	f.view(func(ctx context.Context, tx store.Reader) (err error) {
		got, err = r.read(ctx, tx, f.place)
		return err
	})
	return got
}

var readings = []reading{
	{"Networks", func(ctx context.Context, r store.Reader, p place) (any, error) {
		return list(r.Networks(ctx, before(p.network), 2))
	}},
	{"Hosts", func(ctx context.Context, r store.Reader, p place) (any, error) {
		return list(r.Hosts(ctx, p.network, uuid.Nil, 0))
	}},
	{"HostsWith", func(ctx context.Context, r store.Reader, p place) (any, error) {
		return list(r.HostsWith(ctx, p.network, []netip.Addr{p.first.IPAddresses[0].Address}, nil))
	}},
	{"Host", func(ctx context.Context, r store.Reader, p place) (any, error) { return r.Host(ctx, p.first.ID) }},
	{"Inventory", func(ctx context.Context, r store.Reader, p place) (any, error) {
		inv, err := r.Inventory(ctx, p.first.ID)
		if err != nil {
			return host.Host{}, err
		}
		return inv.Host(), nil
	}},
	{"Service", func(ctx context.Context, r store.Reader, p place) (any, error) { return r.Service(ctx, p.services[0]) }},
	{"Services", func(ctx context.Context, r store.Reader, p place) (any, error) {
		return list(r.Services(ctx, p.services...))
	}},
	{"ServicesOnHost", func(ctx context.Context, r store.Reader, p place) (any, error) {
		return list(r.ServicesOnHost(ctx, p.first.ID))
	}},
	{"LastPosition", func(ctx context.Context, r store.Reader, p place) (any, error) {
		pos, ok, err := r.LastPosition(ctx, p.first.ID)
		return []any{pos, ok}, err
	}},
	{"BindingOwners", func(ctx context.Context, r store.Reader, p place) (any, error) {
		owners, err := r.BindingOwners(ctx, p.bindings...)
		return owners, err
	}},
	{"Listeners", func(ctx context.Context, r store.Reader, p place) (any, error) {
		return list(r.Listeners(ctx, p.first.ID, p.ports...))
	}},
}

// list returns what a method returned, nil for an empty list.
func list[T any](all []T, err error) ([]T, error) { return normal(all), err }

// before returns the greatest ID below another one.
func before(id uuid.UUID) uuid.UUID {
	for i := len(id) - 1; i >= 0; i-- {
		if id[i]--; id[i] != 0xff {
			break
		}
	}
	return id
}

// changeAllReadings changes what each of the readings returns.
func (f *fixture) changeAllReadings(ctx context.Context, w store.Writer) error {
	return errors.Join(
		f.changeEverything(ctx, w),
		w.PutHost(ctx, host.Host{ID: f.place.hosts[3], NetworkID: f.place.unknown}),
	)
}
