package bindset

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/store"
)

// A CallOption changes how one call of a use case works, or what it asks of the
// store first. Each says which use cases it is for; others ignore it.
type CallOption func(*call)

type call struct {
	cascade      bool
	keepPosition bool
	ifExists     bool
	revision     uint64
	ifRevision   bool
}

// Cascade lets DeleteHost delete the services of the host with it, and PutHost
// remove the bindings that use what goes away. Both are reported in the Change.
func Cascade() CallOption { return func(c *call) { c.cascade = true } }

// KeepPosition makes UpdateService leave the Position of the service as it is
// stored, whatever the one given says.
func KeepPosition() CallOption { return func(c *call) { c.keepPosition = true } }

// IfRevision makes UpdateService, DeleteService, MoveService, PutHost and
// DeleteHost fail with ErrStale unless the host or service is
// stored with that Revision, and with ErrNotFound where it is not stored. No
// stored Revision is 0.
func IfRevision(rev uint64) CallOption {
	return func(c *call) { c.revision, c.ifRevision = rev, true }
}

// IfExists makes PutHost fail with ErrNotFound where it would create the host.
func IfExists() CallOption { return func(c *call) { c.ifExists = true } }

func callOf(opts []CallOption) call {
	var c call
	for _, opt := range opts {
		opt(&c)
	}
	return c
}

// fresh refuses a call that was made for another revision than the stored one:
// by IfRevision, or by a non-zero Revision in the value given.
func (c *call) fresh(entity string, id uuid.UUID, name string, stored, given uint64) error {
	asked := given
	if c.ifRevision && c.revision != stored {
		asked = c.revision
	} else if given == 0 || given == stored {
		return nil
	}
	return &store.EntityError{
		Code: store.ErrStale, Entity: entity, ID: id, Name: name,
		Problem: fmt.Sprintf("it is at revision %d, not %d; read it again and repeat the change", stored, asked),
	}
}

// required refuses a nil ID where one is needed.
func required(field string, id uuid.UUID, problem string) error {
	if id == uuid.Nil {
		return &binding.FieldError{Path: field, Problem: problem}
	}
	return nil
}
