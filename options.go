package bindset

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// The options of use cases. Each use case takes those that mean something to it:
// any other one does not compile.
type (
	// A CallOption is one for every use case: DryRun.
	CallOption interface {
		ChangeOption
		ObserveOption
		forAll()
	}

	// A ChangeOption is one for every use case that changes a host, a service or
	// a binding that is stored, Observe excepted: IfRevision, and every CallOption.
	ChangeOption interface {
		UpdateServiceOption
		PutHostOption
		DeleteHostOption
		MoveOption
		forChange()
	}

	// An UpdateServiceOption is KeepPosition, or any ChangeOption.
	UpdateServiceOption interface {
		callOption
		forUpdateService()
	}

	// A PutHostOption is Cascade, IfExists, or any ChangeOption.
	PutHostOption interface {
		callOption
		forPutHost()
	}

	// A DeleteHostOption is Cascade, or any ChangeOption.
	DeleteHostOption interface {
		callOption
		forDeleteHost()
	}

	// A CascadeOption is one for PutHost and DeleteHost: Cascade.
	CascadeOption interface {
		PutHostOption
		DeleteHostOption
	}

	// A MoveOption is DropUnfit, or any ChangeOption.
	MoveOption interface {
		callOption
		forMove()
	}

	// An ObserveOption is IdentifyHost, or any CallOption.
	ObserveOption interface {
		callOption
		forObserve()
	}
)

// DryRun makes a use case do all that it does but the commit: it returns what it
// would, and nothing is stored, observed or logged. IDs that it assigned are of
// nothing: the use case without DryRun assigns others. Inside InTx it is refused
// with ErrNestedTx; give it to InTx.
func DryRun() CallOption { return option(func(c *call) { c.dryRun = true }) }

// IfRevision makes a use case fail with ErrStale unless the host or service that
// it changes is stored with that Revision; for a binding, the service that has it.
// Zero asks for nothing: the last writer wins.
func IfRevision(revision uint64) ChangeOption {
	return option(func(c *call) { c.revision = revision })
}

// KeepPosition makes UpdateService leave the Position of the service as it is
// stored, whatever the one given says.
func KeepPosition() UpdateServiceOption { return option(func(c *call) { c.keepPosition = true }) }

// IfExists makes PutHost fail with ErrNotFound where it would create the host.
func IfExists() PutHostOption { return option(func(c *call) { c.ifExists = true }) }

// Cascade lets DeleteHost delete the services of the host with it, and PutHost
// remove the bindings that use what goes away. The Change reports both.
func Cascade() CascadeOption { return option(func(c *call) { c.cascade = true }) }

// DropUnfit lets MoveService remove the bindings that name something which the new
// host does not have, and MergeHosts those that break a rule there. The Change has
// them as Removed.
func DropUnfit() MoveOption { return option(func(c *call) { c.dropUnfit = true }) }

// IdentifyHost makes Observe find a host of an unknown ID by its MACs and addresses,
// as it does one without an ID.
func IdentifyHost() ObserveOption { return option(func(c *call) { c.identify = true }) }

// call is what the options of one call ask for.
type call struct {
	dryRun       bool
	revision     uint64 // 0 for any
	keepPosition bool
	ifExists     bool
	cascade      bool
	dropUnfit    bool
	identify     bool
}

type callOption interface{ apply(*call) }

// An option is every kind of option: the functions above say which one it is.
type option func(*call)

func (o option) apply(c *call)   { o(c) }
func (option) forAll()           {}
func (option) forChange()        {}
func (option) forUpdateService() {}
func (option) forPutHost()       {}
func (option) forDeleteHost()    {}
func (option) forMove()          {}
func (option) forObserve()       {}

// callOf returns what options ask for. Nil ones ask for nothing.
func callOf[O callOption](opts []O) call {
	var c call
	for _, o := range opts {
		if any(o) != nil {
			o.apply(&c)
		}
	}
	return c
}

// requireFresh refuses a call that was made for another revision of a service.
func (t *tx) requireFresh(s *service.Service, given uint64) error {
	return t.requireRevision(store.EntityService, s.ID, s.Name, s.Revision, given)
}

// requireRevision refuses a call that was made for another revision than the
// stored one: by IfRevision, or by a non-zero Revision in the value given.
func (t *tx) requireRevision(entity string, id uuid.UUID, name string, stored, given uint64) error {
	for _, asked := range []uint64{t.call.revision, given} {
		if asked != 0 && asked != stored {
			return &store.EntityError{
				Code: store.ErrStale, Entity: entity, ID: id, Name: name,
				Problem: fmt.Sprintf("it is at revision %d, not %d; read it again and repeat the change", stored, asked),
			}
		}
	}
	return nil
}

// required refuses a nil ID where one is needed.
func required(field string, id uuid.UUID, problem string) error {
	if id == uuid.Nil {
		return &binding.FieldError{Path: field, Problem: problem}
	}
	return nil
}
