package service

import (
	"context"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/validate"
)

// A Store keeps hosts, services and their bindings. Implementations are safe
// for concurrent use. storetest.Run checks all that is said here.
//
// A store keeps IDs unique (hosts, services and bindings, each kind by itself)
// and references whole (a service's host and a binding's service exist). It
// checks no rule: the Manager does. Values that go in or come out share no
// memory with the store, the immutable Inventory excepted. What a transaction
// wrote, it reads.
//
// The context that fn is given marks the transaction: opening another one on the
// same store with it, or with a context derived from it, is ErrNestedTx. Opening
// one inside fn with a context from outside is not noticed and may deadlock: do
// not. Reader and Writer must not be used after fn has returned, nor by several
// goroutines at once.
type Store interface {
	// View calls fn once with one consistent snapshot, and returns its error.
	View(ctx context.Context, fn func(ctx context.Context, r Reader) error) error

	// Update calls fn and commits what it wrote: all of it, or, where fn
	// returns an error or panics, or ctx is done, nothing. Transactions are
	// serializable, also across what they looked for and did not find. fn may
	// be called again after a serialization failure, so it must have no other
	// effects. A commit that may or may not have happened is ErrUnknownOutcome.
	Update(ctx context.Context, fn func(ctx context.Context, w Writer) error) error
}

// A Reader reads in a transaction of a Store. The cost of each method is that of
// what it returns, however large the store is. An entity that is not there is an
// *EntityError that is ErrNotFound.
type Reader interface {
	Host(ctx context.Context, id uuid.UUID) (host.Host, error)

	// Inventory returns the inventory of a host. It is made once for every
	// revision of the host, and shared.
	Inventory(ctx context.Context, hostID uuid.UUID) (*host.Inventory, error)

	// Hosts returns the hosts of a network whose IDs are greater than after,
	// by ID, limit of them at most; all of them for a limit below 1. A network
	// without hosts has none.
	Hosts(ctx context.Context, networkID, after uuid.UUID, limit int) ([]host.Host, error)

	// Service returns a service with its bindings, by ID.
	Service(ctx context.Context, id uuid.UUID) (Service, error)

	// ServicesOnHost returns the services of a host with their bindings, by
	// Position, then by ID; none for an unknown host.
	ServicesOnHost(ctx context.Context, hostID uuid.UUID) ([]Service, error)

	// LastPosition returns the highest Position on a host, and whether the host
	// has a service at all.
	LastPosition(ctx context.Context, hostID uuid.UUID) (pos int32, ok bool, err error)

	// BindingOwners returns the service of every binding among ids that exists.
	BindingOwners(ctx context.Context, ids ...uuid.UUID) (map[uuid.UUID]uuid.UUID, error)

	// Listeners returns the listeners on the given ports of a host, of all its
	// services, by the binding's ID.
	Listeners(ctx context.Context, hostID uuid.UUID, portIDs ...uuid.UUID) ([]validate.Claim, error)
}

// A Writer reads and writes in a transaction of a Store. A method that returns
// an error has written nothing; fn may go on.
type Writer interface {
	Reader

	// PutHost creates a host or replaces it, Revision and all. What
	// host.NewInventory refuses it refuses with the same error. A nil host or
	// network ID is ErrInvalid.
	PutHost(ctx context.Context, h host.Host) error

	// DeleteHost deletes a host: ErrNotFound where there is none, ErrInUse
	// while it has services.
	DeleteHost(ctx context.Context, id uuid.UUID) error

	// PutService creates a service or replaces it, all but its bindings: the
	// Bindings of s are ignored. A nil ID is ErrInvalid, an unknown host
	// ErrNotFound.
	PutService(ctx context.Context, s Service) error

	// PutBindings deletes the bindings with the IDs in del from a service, then
	// puts those in put: new ones, and ones that replace the service's binding
	// of the same ID. An unknown service is ErrNotFound. A nil ID, one that
	// stands twice in put, and a ServiceID other than serviceID are ErrInvalid.
	// An ID in put that another service's binding has is ErrExists. An ID in
	// del that the service does not have is ErrNotFound.
	PutBindings(ctx context.Context, serviceID uuid.UUID, put []binding.Binding, del []uuid.UUID) error

	// DeleteService deletes a service with its bindings: ErrNotFound where
	// there is none.
	DeleteService(ctx context.Context, id uuid.UUID) error
}
