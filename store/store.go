package store

import (
	"context"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/validate"
)

// A Store keeps hosts, services and their bindings. Implementations are safe
// for concurrent use. storetest.Run checks all that is said here.
//
// A store keeps IDs unique (hosts, services and bindings, each kind by itself)
// and references whole (a service's host and a binding's service exist). It
// checks no rule, the Manager does: a target may name what its host does not
// have. Every text in bindset is valid UTF-8 without NUL, and Revisions are at
// most math.MaxInt64; a store may rely on both.
//
// What comes out is what went in, raw JSON byte for byte, in normal form: times
// as binding.Time makes them, nil for empty slices, hosts as Inventory.Host
// returns them, with their Sightings. Values that go in or come out share no memory with the store,
// nor with each other, the immutable Inventory excepted; a store does not write
// to what it is given.
//
// The context that fn is given marks the transaction: opening another one on the
// same store with it, or with a context derived from it, is ErrNestedTx at once.
// Opening one inside fn with a context from outside is not noticed and may
// deadlock: do not.
//
// A context that is done when View or Update is called gives its error, and fn
// is not called. A Reader or Writer is for fn alone, and for one goroutine at a
// time; once fn has returned its methods do nothing and return ErrClosed, as View and
// Update of a closed store do.
//
// A store that wraps another one has a method Unwrap() Store that returns it, so that
// [IsJoined] sees through it.
type Store interface {
	// View calls fn with one consistent snapshot: the commits of all Updates
	// that had returned when it began, whole or not at all those of others, and
	// nothing uncommitted. No method of its Reader answers from an older one. It returns the error of fn. What a panic in fn leaves behind
	// is closed, and the panic goes on. fn may be called again, with another
	// snapshot, so it must have no other effects.
	View(ctx context.Context, fn func(ctx context.Context, r Reader) error) error

	// Update calls fn and commits what it wrote. Where fn returns an error,
	// Update returns that; where fn panics, or leaves by runtime.Goexit, the
	// panic goes on; where ctx is done before the commit, Update returns the
	// context's error: in all these cases nothing is written.
	//
	// Updates are serializable, also across what they looked for and did not
	// find. What fn wrote it reads, nobody else does before the commit. fn may
	// be called again after a serialization failure, so it must have no other
	// effects. A commit that may or may not have happened is ErrUnknownOutcome.
	Update(ctx context.Context, fn func(ctx context.Context, w Writer) error) error
}

// A Reader reads in a transaction of a Store. The cost of each method is that of
// what it returns, however large the store is. An entity that is not there is an
// *EntityError that is ErrNotFound; lists without members are no error.
//
// The context of a method is the one that fn was given or derived from it. A
// method may return the error of a context that is done.
type Reader interface {
	// Networks returns the IDs of the networks that have hosts, in the order of
	// their bytes: those greater than after, limit of them at most; all of them
	// for a limit below 1.
	Networks(ctx context.Context, after uuid.UUID, limit int) ([]uuid.UUID, error)

	// Hosts returns the hosts of a network, or those of all networks for a nil
	// ID, by the bytes of their IDs: those greater than after, limit of them at
	// most; all of them for a limit below 1.
	Hosts(ctx context.Context, networkID, after uuid.UUID, limit int) ([]host.Host, error)

	// HostsWith returns the hosts of a network that have one of the addresses, on
	// an IP address or an interface, or one of the MACs, each once, by the bytes
	// of their IDs. IPv4-mapped addresses are unmapped, zones mean nothing, and
	// MACs are compared as host.MAC makes them. No host has the zero address or
	// the empty MAC.
	HostsWith(ctx context.Context, networkID uuid.UUID, addrs []netip.Addr, macs []string) ([]host.Host, error)

	// Host returns a host, with its Sightings and those of everything on it.
	Host(ctx context.Context, id uuid.UUID) (host.Host, error)

	// Inventory returns the inventory of a host. It is made once after every
	// PutHost, and shared: as long as the host is not put again, all
	// transactions get the same one.
	Inventory(ctx context.Context, hostID uuid.UUID) (*host.Inventory, error)

	// Service returns a service with its bindings, by the bytes of their IDs.
	Service(ctx context.Context, id uuid.UUID) (service.Service, error)

	// Services returns the services among ids that exist, each once, by the bytes
	// of their IDs.
	Services(ctx context.Context, ids ...uuid.UUID) ([]service.Service, error)

	// ServicesOnHost returns the services of a host with their bindings, by
	// Position, then by ID; none for an unknown host.
	ServicesOnHost(ctx context.Context, hostID uuid.UUID) ([]service.Service, error)

	// LastPosition returns the highest Position on a host, and whether the host
	// has a service at all; an unknown host has none.
	LastPosition(ctx context.Context, hostID uuid.UUID) (pos int32, ok bool, err error)

	// BindingOwners returns the service of every binding among ids that exists.
	BindingOwners(ctx context.Context, ids ...uuid.UUID) (map[uuid.UUID]uuid.UUID, error)

	// Listeners returns the listeners on the given ports of a host, of all its
	// services, by the binding's ID, each once; the ServiceName is that of the
	// binding's service. An unknown host or port has none.
	Listeners(ctx context.Context, hostID uuid.UUID, portIDs ...uuid.UUID) ([]validate.Claim, error)
}

// A Writer reads and writes in a transaction of a Store. A method that returns
// an error has written nothing; fn may go on. Where several errors apply, any
// one of them is returned.
//
// A value that cannot be stored is a *binding.FieldError that is ErrInvalid:
// [CheckPutHost], [CheckPutService] and [CheckPutBindings] say which ones. What
// is wrong with regard to what is stored is an *EntityError.
type Writer interface {
	Reader

	// PutHost creates a host or replaces it, Revision, Sightings and all. What
	// host.NewInventory refuses it refuses with the same error. A nil host or
	// network ID is ErrInvalid.
	PutHost(ctx context.Context, h host.Host) error

	// DeleteHost deletes a host: ErrNotFound where there is none, ErrInUse
	// while it has services.
	DeleteHost(ctx context.Context, id uuid.UUID) error

	// PutService creates a service or replaces it, Revision, Position, Sightings
	// and host and all, but not its bindings: they stay, also on another host, and the
	// Bindings of s are ignored. A nil ID is ErrInvalid, an unknown host
	// ErrNotFound.
	PutService(ctx context.Context, s service.Service) error

	// PutBindings deletes the bindings with the IDs in del from a service, then
	// puts those in put: new ones, and ones that replace the service's binding
	// of the same ID. An unknown service is ErrNotFound. A nil ID, one that
	// stands twice in put, a Target that is not valid and a ServiceID other
	// than serviceID are ErrInvalid. An ID in put that another service's
	// binding has is ErrExists. An ID in del that the service does not have, or
	// that stands twice there, is ErrNotFound.
	PutBindings(ctx context.Context, serviceID uuid.UUID, put []binding.Binding, del []uuid.UUID) error

	// DeleteService deletes a service with its bindings: ErrNotFound where
	// there is none.
	DeleteService(ctx context.Context, id uuid.UUID) error

	// Saw says that a scan saw things at a time: the host, its interfaces, IP
	// addresses and ports, and the services on it and their bindings, as far as
	// they have one of the IDs. It does to the Sightings of each what
	// binding.Sightings.Seen does, and to nothing else: no time goes back, and
	// FirstDiscoveryID and Revisions stay. An ID of nothing on the host is
	// passed over. An unknown host is ErrNotFound, a zero time ErrInvalid.
	//
	// A Saw is about what there is now. What is put later has the Sightings that
	// it is put with, also where those are older; what moves to another host
	// takes its Sightings along, and is not seen by a Saw of its old host any
	// more; what is deleted and put again has seen nothing.
	//
	// A Saw of everything that the one before it saw writes next to nothing,
	// however much that is.
	Saw(ctx context.Context, hostID uuid.UUID, at time.Time, discoveryID uuid.UUID, ids []uuid.UUID) error
}
