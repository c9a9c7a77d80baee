package storetest

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// testSerializability runs two transactions at once, each of which writes only
// if it does not find what the other one writes: whatever the store does, it
// must end as if one had run after the other.
func testSerializability(t *testing.T, open opener) {
	race := func(name string, one, other func(f *fixture) contender, check func(f *fixture, after state)) {
		t.Run(name, func(t *testing.T) {
			for _, pair := range [][2]func(*fixture) contender{{one, other}, {other, one}} {
				f := newFixture(t, open)
				early, late := f.race(pair[0](f), pair[1](f))
				require.NoError(t, early)
				require.NoError(t, late)
				check(f, f.state())
			}
		})
	}

	race("of two claims on a free port one sees the other",
		claimPort(0), claimPort(1),
		func(f *fixture, after state) {
			require.Len(f.t, listenersOn(after, f.place.first.ID, f.place.free), 1)
		})
	race("a claim on a port sees the listener of a service that moves in",
		func(f *fixture) contender { // ssh on the second host claims what web has on the first
			return func(ctx context.Context, w store.Writer, pause func()) error {
				ssh := f.place.service(2)
				ssh.HostID = f.place.second.ID
				return unlessListening(ctx, w, ssh.HostID, f.place.https, pause, func() error {
					ssh.Bindings = []binding.Binding{f.place.binding(5, ssh, binding.Port(f.place.https, binding.AllInterfaces()))}
					return putService(ctx, w, ssh)
				})
			}
		},
		func(f *fixture) contender {
			return func(ctx context.Context, w store.Writer, pause func()) error {
				return unlessListening(ctx, w, f.place.second.ID, f.place.https, pause, func() error {
					web := f.web
					web.HostID = f.place.second.ID
					return w.PutService(ctx, web)
				})
			}
		},
		func(f *fixture, after state) {
			require.Len(f.t, listenersOn(after, f.place.second.ID, f.place.https), 1)
		})
	race("two services that are added last have different positions",
		addLast(2), addLast(3),
		func(f *fixture, after state) {
			require.NotEqual(f.t, after.Services[f.place.services[2]].Position, after.Services[f.place.services[3]].Position)
		})
	race("of two first services of a host one sees the other",
		beFirst(2), beFirst(3),
		func(f *fixture, after state) { require.Len(f.t, after.OnHost[f.place.second.ID], 1) })
	race("of two bindings that are put unless the other is there one is put",
		putUnlessOwned(5, 6), putUnlessOwned(6, 5),
		func(f *fixture, after state) {
			_, five := after.Owners[f.place.bindings[5]]
			_, six := after.Owners[f.place.bindings[6]]
			require.True(f.t, five != six, "one of two, not %v and %v", five, six)
		})
	race("of two services that are put unless the other is there one is put",
		putUnlessService(2, 3), putUnlessService(3, 2),
		func(f *fixture, after state) { require.Len(f.t, after.Services, 3) })
	race("of two hosts that are put unless the other is there one is put",
		putUnlessHost(2, 3), putUnlessHost(3, 2),
		func(f *fixture, after state) { require.Len(f.t, after.Hosts, 3) })
	race("of two hosts that are put to make a third one in the network one is put",
		putThirdHost(2), putThirdHost(3),
		func(f *fixture, after state) { require.Len(f.t, after.Hosts, 3) })
	race("of two hosts that are put unless one has their address one is put",
		putHostUnless(2, hasAddress), putHostUnless(3, hasAddress),
		func(f *fixture, after state) { require.Len(f.t, after.AllHosts, 3) })
	race("of two hosts that are put unless one is in their network one is put",
		putHostUnless(2, networkIsThere), putHostUnless(3, networkIsThere),
		func(f *fixture, after state) { require.Len(f.t, after.AllHosts, 3) })
	race("of two hosts that are put to make a third one in all networks one is put",
		putHostUnless(2, twoAreThere), putHostUnless(3, twoAreThere),
		func(f *fixture, after state) { require.Len(f.t, after.AllHosts, 3) })
	race("of two services that are put unless the other is among several one is put",
		putUnlessAmong(2, 3), putUnlessAmong(3, 2),
		func(f *fixture, after state) { require.Len(f.t, after.Services, 3) })
	race("a service that goes unless it was seen is not seen when it is gone",
		deleteUnlessSeen, seeIfThere,
		func(f *fixture, after state) {
			_, there := after.Services[f.web.ID]
			require.Equal(f.t, there, after.HostsByID[f.place.first.ID].LastSeenAt == day(9))
		})
	race("of two scans that each see what the other does not both count",
		see(func(f *fixture) uuid.UUID { return f.web.ID }), see(func(f *fixture) uuid.UUID { return f.dns.ID }),
		func(f *fixture, after state) {
			require.Equal(f.t, day(9), after.Services[f.web.ID].LastSeenAt)
			require.Equal(f.t, day(9), after.Services[f.dns.ID].LastSeenAt)
		})
	race("a set with room for one more binding gets one more",
		fillSet(5), fillSet(6),
		func(f *fixture, after state) { require.Len(f.t, after.Services[f.web.ID].Bindings, 3) })
	race("two increments both count",
		increment, increment,
		func(f *fixture, after state) { require.EqualValues(f.t, 3, after.Services[f.web.ID].Revision) })
	race("of two services one of which must keep its name one does",
		renameOneOfTwo(func(f *fixture) service.Service { return f.web }),
		renameOneOfTwo(func(f *fixture) service.Service { return f.dns }),
		func(f *fixture, after state) {
			require.True(f.t, after.Services[f.web.ID].Name != after.Services[f.dns.ID].Name, "one of two")
		})
	race("a port that goes away unless it is used is not bound to unless it is there",
		removeFreePort, bindToFreePort,
		func(f *fixture, after state) {
			there := len(after.Hosts[0].Ports) == 3
			used := len(listenersOn(after, f.place.first.ID, f.place.free)) > 0
			require.True(f.t, there == used, "port there: %v, used: %v", there, used)
		})
	race("a host that goes gets no service",
		deleteEmptyHost, beFirst(2),
		func(f *fixture, after state) {
			_, there := after.HostsByID[f.place.second.ID]
			require.Equal(f.t, there, len(after.OnHost[f.place.second.ID]) == 1)
		})
	open.test(t, "of two services that take one binding ID one gets it", func(f *fixture) {
		var errWeb, errDNS error
		one, other := f.race(f.takeBinding(f.web, &errWeb), f.takeBinding(f.dns, &errDNS))
		require.NoError(f.t, one)
		require.NoError(f.t, other)
		id := f.place.bindings[5]
		owner, loser := f.web, errDNS
		if errWeb != nil {
			owner, loser = f.dns, errWeb
			require.NoError(f.t, errDNS)
		}
		requireEntityError(f.t, loser, store.ErrExists, store.EntityBinding, id)
		require.Equal(f.t, owner.ID, f.owners(id)[id])
		require.Len(f.t, f.service(owner.ID).Bindings, len(owner.Bindings)+1)
	})
}

// claimPort puts a new service that listens on the free port, unless there is a
// listener.
func claimPort(n int) func(f *fixture) contender {
	return func(f *fixture) contender {
		return func(ctx context.Context, w store.Writer, pause func()) error {
			return unlessListening(ctx, w, f.place.first.ID, f.place.free, pause, func() error {
				s := f.place.service(2 + n)
				s.Bindings = []binding.Binding{f.place.binding(5+n, s, binding.Port(f.place.free, binding.AllInterfaces()))}
				return putService(ctx, w, s)
			})
		}
	}
}

func unlessListening(ctx context.Context, w store.Writer, hostID, portID uuid.UUID, pause func(), put func() error) error {
	claims, err := w.Listeners(ctx, hostID, portID)
	pause()
	if err != nil || len(claims) > 0 {
		return err
	}
	return put()
}

func listenersOn(s state, hostID, portID uuid.UUID) (ids []uuid.UUID) {
	for _, claim := range s.Listeners[hostID] {
		if id, _ := claim.Binding.Target.PortID(); id == portID {
			ids = append(ids, claim.Binding.ID)
		}
	}
	return ids
}

func addLast(n int) func(f *fixture) contender {
	return func(f *fixture) contender {
		return func(ctx context.Context, w store.Writer, pause func()) error {
			last, _, err := w.LastPosition(ctx, f.place.first.ID)
			pause()
			s := f.place.service(n)
			s.Position = last + 1
			return errors.Join(err, w.PutService(ctx, s))
		}
	}
}

// beFirst puts a service on the second host, unless that has one or is gone.
func beFirst(n int) func(f *fixture) contender {
	return func(f *fixture) contender {
		return func(ctx context.Context, w store.Writer, pause func()) error {
			services, err := w.ServicesOnHost(ctx, f.place.second.ID)
			pause()
			if err != nil || len(services) > 0 {
				return err
			}
			s := f.place.service(n)
			s.HostID = f.place.second.ID
			return unless(w.PutService(ctx, s), store.ErrNotFound)
		}
	}
}

// unless returns the error, nil where it is the one that may be.
func unless(err, expected error) error {
	if errors.Is(err, expected) {
		return nil
	}
	return err
}

func deleteEmptyHost(f *fixture) contender {
	return func(ctx context.Context, w store.Writer, pause func()) error {
		services, err := w.ServicesOnHost(ctx, f.place.second.ID)
		pause()
		if err != nil || len(services) > 0 {
			return err
		}
		return w.DeleteHost(ctx, f.place.second.ID)
	}
}

func putUnlessOwned(n, other int) func(f *fixture) contender {
	return func(f *fixture) contender {
		owner := []service.Service{f.web, f.dns}[n%2]
		return func(ctx context.Context, w store.Writer, pause func()) error {
			owners, err := w.BindingOwners(ctx, f.place.bindings[other])
			pause()
			if err != nil || len(owners) > 0 {
				return err
			}
			b := f.place.binding(n, owner, binding.Interface(f.place.eth0))
			return w.PutBindings(ctx, owner.ID, []binding.Binding{b}, nil)
		}
	}
}

func putUnlessService(n, other int) func(f *fixture) contender {
	return func(f *fixture) contender {
		return func(ctx context.Context, w store.Writer, pause func()) error {
			_, err := w.Service(ctx, f.place.services[other])
			pause()
			if !errors.Is(err, store.ErrNotFound) {
				return err
			}
			return w.PutService(ctx, f.place.service(n))
		}
	}
}

func putUnlessHost(n, other int) func(f *fixture) contender {
	return func(f *fixture) contender {
		return func(ctx context.Context, w store.Writer, pause func()) error {
			_, err := w.Host(ctx, f.place.hosts[other])
			pause()
			if !errors.Is(err, store.ErrNotFound) {
				return err
			}
			h := f.place.second.Clone()
			h.ID = f.place.hosts[n]
			return w.PutHost(ctx, h)
		}
	}
}

func putThirdHost(n int) func(f *fixture) contender {
	return func(f *fixture) contender {
		return func(ctx context.Context, w store.Writer, pause func()) error {
			hosts, err := w.Hosts(ctx, f.place.network, uuid.Nil, 0)
			pause()
			if err != nil || len(hosts) > 2 {
				return err
			}
			h := f.place.second.Clone()
			h.ID = f.place.hosts[n]
			return w.PutHost(ctx, h)
		}
	}
}

// putHostUnless puts a host with an address into a network that has no hosts, unless
// something is there.
func putHostUnless(n int, isThere func(ctx context.Context, w store.Writer, h host.Host) (bool, error)) func(f *fixture) contender {
	return func(f *fixture) contender {
		return func(ctx context.Context, w store.Writer, pause func()) error {
			h := f.place.second.Clone()
			h.ID, h.NetworkID = f.place.hosts[n], f.place.unknown
			h.IPAddresses[0].Address = netip.MustParseAddr("192.0.2.1")
			there, err := isThere(ctx, w, h)
			pause()
			if err != nil || there {
				return err
			}
			return w.PutHost(ctx, h)
		}
	}
}

func hasAddress(ctx context.Context, w store.Writer, h host.Host) (bool, error) {
	found, err := w.HostsWith(ctx, h.NetworkID, []netip.Addr{h.IPAddresses[0].Address}, nil)
	return len(found) > 0, err
}

func networkIsThere(ctx context.Context, w store.Writer, h host.Host) (bool, error) {
	networks, err := w.Networks(ctx, uuid.Nil, 0)
	return slices.Contains(networks, h.NetworkID), err
}

func twoAreThere(ctx context.Context, w store.Writer, _ host.Host) (bool, error) {
	hosts, err := w.Hosts(ctx, uuid.Nil, uuid.Nil, 0)
	return len(hosts) > 2, err
}

func putUnlessAmong(n, other int) func(f *fixture) contender {
	return func(f *fixture) contender {
		return func(ctx context.Context, w store.Writer, pause func()) error {
			found, err := w.Services(ctx, f.place.services[other], f.web.ID)
			pause()
			if err != nil || len(found) > 1 {
				return err
			}
			return w.PutService(ctx, f.place.service(n))
		}
	}
}

// deleteUnlessSeen deletes the web service unless it was seen.
func deleteUnlessSeen(f *fixture) contender {
	return func(ctx context.Context, w store.Writer, pause func()) error {
		web, err := w.Service(ctx, f.web.ID)
		pause()
		if err != nil || !web.LastSeenAt.IsZero() {
			return err
		}
		return w.DeleteService(ctx, web.ID)
	}
}

// seeIfThere sees the web service and its host, if the service is there.
func seeIfThere(f *fixture) contender {
	return func(ctx context.Context, w store.Writer, pause func()) error {
		_, err := w.Service(ctx, f.web.ID)
		pause()
		if err != nil {
			return unless(err, store.ErrNotFound)
		}
		return w.Saw(ctx, f.place.first.ID, day(9), f.place.unknown, []uuid.UUID{f.web.ID, f.place.first.ID})
	}
}

// see sees the first host and a service.
func see(service func(f *fixture) uuid.UUID) func(f *fixture) contender {
	return func(f *fixture) contender {
		return func(ctx context.Context, w store.Writer, pause func()) error {
			_, err := w.Service(ctx, f.web.ID)
			pause()
			return errors.Join(err, w.Saw(ctx, f.place.first.ID, day(9), service(f), []uuid.UUID{service(f), f.place.first.ID}))
		}
	}
}

// fillSet adds a binding to a service that has fewer than three.
func fillSet(n int) func(f *fixture) contender {
	return func(f *fixture) contender {
		return func(ctx context.Context, w store.Writer, pause func()) error {
			web, err := w.Service(ctx, f.web.ID)
			pause()
			if err != nil || len(web.Bindings) > 2 {
				return err
			}
			b := f.place.binding(n, web, binding.Port(f.place.free, binding.AllInterfaces()))
			return w.PutBindings(ctx, web.ID, []binding.Binding{b}, nil)
		}
	}
}

func increment(f *fixture) contender {
	return func(ctx context.Context, w store.Writer, pause func()) error {
		web, err := w.Service(ctx, f.web.ID)
		pause()
		if err != nil {
			return err
		}
		web.Revision++
		return w.PutService(ctx, web)
	}
}

// renameOneOfTwo renames its service unless web or dns has another name already.
func renameOneOfTwo(mine func(f *fixture) service.Service) func(f *fixture) contender {
	return func(f *fixture) contender {
		return func(ctx context.Context, w store.Writer, pause func()) error {
			web, errWeb := w.Service(ctx, f.web.ID)
			dns, errDNS := w.Service(ctx, f.dns.ID)
			pause()
			if err := errors.Join(errWeb, errDNS); err != nil || web.Name != f.web.Name || dns.Name != f.dns.Name {
				return err
			}
			renamed := mine(f)
			renamed.Name = "renamed"
			return w.PutService(ctx, renamed)
		}
	}
}

func removeFreePort(f *fixture) contender {
	return func(ctx context.Context, w store.Writer, pause func()) error {
		return unlessListening(ctx, w, f.place.first.ID, f.place.free, pause, func() error {
			h := f.place.first.Clone()
			h.Ports = h.Ports[:2]
			return w.PutHost(ctx, h)
		})
	}
}

func bindToFreePort(f *fixture) contender {
	return func(ctx context.Context, w store.Writer, pause func()) error {
		inv, err := w.Inventory(ctx, f.place.first.ID)
		pause()
		if err != nil {
			return err
		}
		if _, there := inv.Port(f.place.free); !there {
			return nil
		}
		b := f.place.binding(5, f.web, binding.Port(f.place.free, binding.AllInterfaces()))
		return w.PutBindings(ctx, f.web.ID, []binding.Binding{b}, nil)
	}
}

// takeBinding puts a binding under an ID that another service may take first,
// and tells what it got.
func (f *fixture) takeBinding(mine service.Service, got *error) contender {
	return func(ctx context.Context, w store.Writer, pause func()) error {
		_, err := w.Service(ctx, mine.ID)
		pause()
		b := f.place.binding(5, mine, binding.Interface(f.place.eth0))
		*got = w.PutBindings(ctx, mine.ID, []binding.Binding{b}, nil)
		return err
	}
}
