package load_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// Every host has two interfaces with two addresses each, 50 ports, and five
// services, each of which listens on five ports of its own, on all four addresses.
const (
	addressesPerHost   = 4
	portsPerHost       = 50
	servicesPerHost    = 5
	bindingsPerService = 20
	bindingsPerHost    = servicesPerHost * bindingsPerService
)

// A town is what a store is filled with. IDs are of version 7 as those that a
// Manager makes, but for those of hosts.
type town struct {
	network uuid.UUID
	houses  []house
}

// A house is a host.
type house struct {
	id       uuid.UUID
	services [servicesPerHost]uuid.UUID
	ports    [portsPerHost]uuid.UUID
	places   [addressesPerHost]binding.Scope
}

// fill puts a town into a store, some hosts in a transaction.
func fill(b *testing.B, into store.Store, hosts int) *town {
	b.Helper()
	const together = 50
	t := &town{network: uuid.New(), houses: make([]house, hosts)}
	for first := 0; first < hosts; first += together {
		require.NoError(b, into.Update(context.Background(), func(ctx context.Context, w store.Writer) error {
			for i := first; i < min(first+together, hosts); i++ {
				if err := t.build(ctx, w, i); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	return t
}

// build puts the i-th host into a store.
func (t *town) build(ctx context.Context, w store.Writer, i int) error {
	house := &t.houses[i]
	house.id = uuid.New()
	h := host.Host{ID: house.id, NetworkID: t.network, Name: "host-" + strconv.Itoa(i), Revision: 1}
	for n := range addressesPerHost / 2 {
		h.Interfaces = append(h.Interfaces, host.Interface{ID: newID(), Name: "eth" + strconv.Itoa(n), Position: int32(n)})
	}
	for n := range addressesPerHost {
		var ip [4]byte
		binary.BigEndian.PutUint32(ip[:], 10<<24+uint32(i*addressesPerHost+n))
		a := host.IPAddress{ID: newID(), Address: netip.AddrFrom4(ip), InterfaceID: h.Interfaces[n/2].ID, Position: int32(n)}
		h.IPAddresses = append(h.IPAddresses, a)
		house.places[n] = binding.OnIPAddress(a.ID)
	}
	for n := range portsPerHost {
		house.ports[n] = newID()
		h.Ports = append(h.Ports, host.Port{ID: house.ports[n], Number: uint16(n + 1), Protocol: host.TCP})
	}
	if err := w.PutHost(ctx, h); err != nil {
		return err
	}
	now := binding.Time(time.Now())
	for n := range servicesPerHost {
		s := service.Service{
			ID: newID(), HostID: h.ID, NetworkID: t.network, Name: "service-" + strconv.Itoa(n), Definition: "Custom",
			Position: int32(n), Source: service.Source{Type: service.SourceManual}, Revision: 1, CreatedAt: now, UpdatedAt: now,
		}
		house.services[n] = s.ID
		if err := w.PutService(ctx, s); err != nil {
			return err
		}
		set := make([]binding.Binding, bindingsPerService)
		for k := range set {
			set[k] = binding.Binding{
				Target: house.listener(n*bindingsPerService + k), ID: newID(), ServiceID: s.ID, NetworkID: t.network, CreatedAt: now, UpdatedAt: now,
			}
		}
		if err := w.PutBindings(ctx, s.ID, set, nil); err != nil {
			return err
		}
	}
	return nil
}

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// listener returns the n-th of the host's listeners that can be.
func (h *house) listener(n int) binding.Target {
	return binding.Port(h.ports[n/addressesPerHost], h.places[n%addressesPerHost])
}

// visit returns the i-th host of a way that leads to all of them, and not from
// neighbour to neighbour: neighbours by ID are neighbours in the indexes, too.
func (t *town) visit(i int) *house { return &t.houses[i*7919%len(t.houses)] } // a prime

// newcomers is how many bindings can be created for a service.
const newcomers = 40

// room is how many bindings can be created in a town.
func (t *town) room() int { return len(t.houses) * servicesPerHost * newcomers }

// newcomer returns the i-th binding that fill did not make. One follows another on
// another host, and on the next service of its host.
func (t *town) newcomer(i int) binding.Binding {
	house, i := t.visit(i), i/len(t.houses)
	return binding.Binding{
		ServiceID: house.services[i%servicesPerHost],
		Target:    house.listener(bindingsPerHost + i/servicesPerHost),
	}
}

// read reads the i-th host with its services, as a scanner would see it.
func (t *town) read(ctx context.Context, from store.Store, i int) (seen service.Discovery, err error) {
	id := t.visit(i).id
	err = from.View(ctx, func(ctx context.Context, r store.Reader) error {
		if seen.Host, err = r.Host(ctx, id); err != nil {
			return err
		}
		seen.Services, err = r.ServicesOnHost(ctx, id)
		if err == nil && len(seen.Services) != servicesPerHost {
			return fmt.Errorf("there are %d services", len(seen.Services))
		}
		return err
	})
	return seen, err
}
