package model

import (
	"fmt"
	"math/rand/v2"

	"github.com/bindset/bindset/binding"
)

// A Kind is a use case, or a way to read.
type Kind string

// The kinds of operation.
const (
	Look             Kind = "Look" // everything of the host, by every method of a Reader
	Read             Kind = "Read" // one service
	CreateService    Kind = "CreateService"
	UpdateService    Kind = "UpdateService"
	DeleteService    Kind = "DeleteService"
	CreateBinding    Kind = "CreateBinding"
	UpdateBinding    Kind = "UpdateBinding"
	DeleteBinding    Kind = "DeleteBinding"
	DeleteBindings   Kind = "DeleteBindings" // all of the host
	TransferListener Kind = "TransferListener"
	PutHost          Kind = "PutHost"
)

// weights says how often an operation is of a kind.
var weights = []struct {
	kind   Kind
	weight int
}{
	{CreateBinding, 28},
	{UpdateService, 14},
	{UpdateBinding, 12},
	{TransferListener, 12},
	{DeleteBinding, 6},
	{CreateService, 12},
	{DeleteService, 2},
	{DeleteBindings, 1},
	{PutHost, 5},
	{Look, 5},
	{Read, 3},
}

// An Op is one operation on one host. Which fields count depends on the Kind.
type Op struct {
	Host     int
	Kind     Kind
	Service  int
	Binding  int
	Target   Target
	Set      []Given // of CreateService and UpdateService
	Version  uint8
	Revision uint64 // that the caller of UpdateService knows, 0 for any
	Linked   bool
}

// Given is a binding of a set that is given.
type Given struct {
	Binding int
	Target  Target
}

// A Result is what an operation returned.
type Result struct {
	Code binding.Code // of the error; "" for none

	// Saw holds what the operation returned of what is stored, and the new
	// revisions that its Change has.
	Saw State
}

// Random returns an operation. seen holds the revisions that its caller knows.
func Random(rng *rand.Rand, hostNumber int, seen *State) Op {
	op := Op{
		Host: hostNumber, Kind: randomKind(rng),
		Service: rng.IntN(Services), Binding: rng.IntN(Bindings), Target: randomTarget(rng),
		Version: uint8(rng.IntN(4)), Linked: rng.IntN(2) == 0,
	}
	if op.Kind == CreateService || op.Kind == UpdateService {
		for _, n := range rng.Perm(Bindings)[:rng.IntN(4)] {
			op.Set = append(op.Set, Given{Binding: n, Target: randomTarget(rng)})
		}
	}
	if known := seen.Services[op.Service].Revision; op.Kind == UpdateService && known > 0 {
		op.Revision = []uint64{0, known, known, known + 1}[rng.IntN(4)]
	}
	return op
}

func randomKind(rng *rand.Rand) Kind {
	sum := 0
	for _, w := range weights {
		sum += w.weight
	}
	n := rng.IntN(sum)
	for _, w := range weights {
		if n < w.weight {
			return w.kind
		}
		n -= w.weight
	}
	panic("unreachable: n is below the sum of the weights")
}

func randomTarget(rng *rand.Rand) Target { return Target(1 + rng.IntN(Targets)) }

// Note takes in the revisions that an operation returned.
func (s *State) Note(r Result) {
	for n, service := range r.Saw.Services {
		if service.Revision > 0 {
			s.Services[n].Revision = service.Revision
		}
	}
}

// String returns the operation with those fields that count.
func (op Op) String() string {
	args := ""
	switch op.Kind {
	case Read, DeleteService:
		args = fmt.Sprintf("service %d", op.Service)
	case CreateService:
		args = fmt.Sprintf("service %d, %v", op.Service, op.Set)
	case UpdateService:
		args = fmt.Sprintf("service %d, %v, version %d, revision %d", op.Service, op.Set, op.Version, op.Revision)
	case CreateBinding:
		args = fmt.Sprintf("service %d, binding %d, target %d", op.Service, op.Binding, op.Target)
	case UpdateBinding:
		args = fmt.Sprintf("binding %d, target %d", op.Binding, op.Target)
	case DeleteBinding:
		args = fmt.Sprintf("binding %d", op.Binding)
	case TransferListener:
		args = fmt.Sprintf("binding %d, to service %d", op.Binding, op.Service)
	case PutHost:
		args = fmt.Sprintf("linked %t", op.Linked)
	}
	return fmt.Sprintf("host %d: %s(%s)", op.Host, op.Kind, args)
}

// String returns the code, or what was seen.
func (r Result) String() string {
	if r.Code != "" {
		return string(r.Code)
	}
	return fmt.Sprintf("%+v", r.Saw)
}
