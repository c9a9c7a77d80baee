package validate

import (
	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

// DefaultMaxBindings is how many bindings a set may have unless WithMaxBindings
// says otherwise.
const DefaultMaxBindings = 131072

// A Validator holds the options of the rules. The zero Validator has none of them
// and is ready for use. Safe for concurrent use.
type Validator struct {
	maxBindings    int // 0 means DefaultMaxBindings
	exclusivePorts bool
	rules          []customRule
}

// An Option changes what a new Validator does.
type Option func(*Validator)

// New returns a Validator with the given options.
func New(opts ...Option) *Validator {
	v := &Validator{}
	for _, opt := range opts {
		opt(v)
	}
	return v
}

// WithMaxBindings sets how many bindings a set may have (rule V1): the input of
// Set, and the result of Add and Merge, unless it is no larger than the set was.
// The default, also for a number below 1, is DefaultMaxBindings.
func WithMaxBindings(n int) Option {
	return func(v *Validator) { v.maxBindings = max(n, 0) }
}

// WithExclusivePorts turns rule V6 on, for inputs with Claims: two services of a
// host must not listen on the same port at the same place.
func WithExclusivePorts() Option {
	return func(v *Validator) { v.exclusivePorts = true }
}

// MaxBindings returns how many bindings a set may have.
func (v *Validator) MaxBindings() int {
	if v.maxBindings == 0 {
		return DefaultMaxBindings
	}
	return v.maxBindings
}

// ExclusivePorts reports whether rule V6 is on.
func (v *Validator) ExclusivePorts() bool { return v.exclusivePorts }

// ReadsClaims reports whether any rule may read Input.Claims: V6, or one that
// WithRule added.
func (v *Validator) ReadsClaims() bool { return v.exclusivePorts || len(v.rules) > 0 }

// Input is what the rules read.
type Input struct {
	Inventory *host.Inventory   // of the service's host; nil is a violation
	Service   ServiceInfo       // the service that owns the set
	Bindings  []binding.Binding // the set: for Set as it is to be, for the others as it is and valid
	Stored    []binding.Binding // what the service has stored now; only V6 and rules of the user's own read it
	Claims    *Claims           // listeners of services of the host, made for Inventory; those of Service are skipped; nil turns V6 off
}

// ServiceInfo is what rules may know of the service that owns a set.
type ServiceInfo struct {
	ID         uuid.UUID
	NetworkID  uuid.UUID // nil where unknown: then it is taken for the host's
	Name       string
	Definition string
	Tags       []string
}
