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
	Look             Kind = "Look" // everything of the group, by every method of a Reader
	Read             Kind = "Read" // one service
	CreateService    Kind = "CreateService"
	UpdateService    Kind = "UpdateService"
	DeleteService    Kind = "DeleteService"
	MoveService      Kind = "MoveService"
	CreateBinding    Kind = "CreateBinding"
	UpdateBinding    Kind = "UpdateBinding"
	DeleteBinding    Kind = "DeleteBinding"
	DeleteBindings   Kind = "DeleteBindings" // all of the group whose IDs are known
	TransferListener Kind = "TransferListener"
	Observe          Kind = "Observe"    // a host and one service on it
	CreateHost       Kind = "CreateHost" // with one service
	PutHost          Kind = "PutHost"
	DeleteHost       Kind = "DeleteHost"
	InTx             Kind = "InTx" // two use cases in one transaction
)

// weights says how often an operation is of a kind, on groups of one host and of
// two. On two hosts nothing is observed: a service that a scanner finds on
// another host gets a new ID, which no model knows.
var weights = []struct {
	kind     Kind
	one, two int
}{
	{CreateBinding, 28, 28},
	{UpdateService, 14, 14},
	{UpdateBinding, 12, 12},
	{TransferListener, 12, 12},
	{DeleteBinding, 6, 6},
	{CreateService, 12, 12},
	{DeleteService, 2, 2},
	{MoveService, 0, 16},
	{DeleteBindings, 1, 1},
	{Observe, 0, 0}, // what a scan displaces depends on when things were seen, which the model does not know yet
	{CreateHost, 5, 5},
	{PutHost, 20, 8},
	{DeleteHost, 3, 3},
	{InTx, 8, 8},
	{Look, 5, 5},
	{Read, 3, 3},
}

// An Op is one operation on one group of hosts. Which fields count depends on the
// Kind.
type Op struct {
	Group    int
	Kind     Kind
	Host     int // to MoveService: the one to go to
	Service  int
	Binding  int
	Target   Target
	Set      []Given // of CreateService, UpdateService, CreateHost and Observe
	Version  uint8
	Revision uint64 // that the caller of UpdateService knows, 0 for any
	Shape    Shape
	Lossy    bool // Cascade of PutHost and DeleteHost, DropUnfit of MoveService
	DryRun   bool // of every Kind that writes
	Parts    []Op // of InTx
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
	// revisions and hosts that its Change has.
	Saw State

	Skipped int  // how many bindings that a scanner saw are Skipped in the Change
	Refused bool // a link that it saw is not taken over: with it, stored bindings would conflict
}

// Random returns an operation on a group of one or two hosts. seen holds what its
// caller knows.
func Random(rng *rand.Rand, group, hosts int, seen *State) Op {
	op := Op{
		Group: group, Kind: randomKind(rng, hosts), Host: rng.IntN(hosts),
		Service: rng.IntN(Services), Binding: rng.IntN(Bindings),
		Version: uint8(rng.IntN(4)), Shape: Shape(rng.IntN(int(shapes))), Lossy: rng.IntN(2) == 0,
	}
	op.DryRun = op.writes() && rng.IntN(16) == 0
	for op.Kind == InTx && len(op.Parts) < 2 {
		part := Random(rng, group, hosts, seen)
		if part.DryRun = false; part.writes() && part.Kind != InTx && part.Kind != Observe {
			op.Parts = append(op.Parts, part)
		}
	}
	on := op.Host // where the targets are
	if known := seen.Services[op.Service]; known.Revision > 0 && op.Kind != CreateService && op.Kind != CreateHost {
		on = int(known.Host)
	}
	op.Target = randomTarget(rng).on(on)
	if op.Kind == CreateService || op.Kind == UpdateService || op.Kind == CreateHost || op.Kind == Observe {
		for _, n := range rng.Perm(Bindings)[:rng.IntN(4)] {
			op.Set = append(op.Set, Given{Binding: n, Target: randomTarget(rng).on(on)})
		}
	}
	if known := seen.Services[op.Service].Revision; op.Kind == UpdateService && known > 0 {
		op.Revision = []uint64{0, known, known, known + 1}[rng.IntN(4)]
	}
	return op
}

func (op *Op) writes() bool { return op.Kind != Look && op.Kind != Read }

func randomKind(rng *rand.Rand, hosts int) Kind {
	sum := 0
	var below []int
	for _, w := range weights {
		sum += []int{w.one, w.two}[hosts-1]
		below = append(below, sum)
	}
	n := rng.IntN(sum)
	for i, w := range weights {
		if n < below[i] {
			return w.kind
		}
	}
	panic("unreachable: n is below the sum of the weights")
}

// randomTarget returns a target of the first host.
func randomTarget(rng *rand.Rand) Target { return Target(1 + rng.IntN(Targets)) }

// Note takes in the revisions that an operation returned, and the hosts of
// services.
func (s *State) Note(r Result) {
	for n, service := range r.Saw.Services {
		if service.Revision > 0 {
			s.Services[n].Revision, s.Services[n].Host = service.Revision, service.Host
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
		args = fmt.Sprintf("service %d, on host %d, %v", op.Service, op.Host, op.Set)
	case UpdateService:
		args = fmt.Sprintf("service %d, %v, version %d, revision %d", op.Service, op.Set, op.Version, op.Revision)
	case MoveService:
		args = fmt.Sprintf("service %d, to host %d, drop %t", op.Service, op.Host, op.Lossy)
	case CreateBinding:
		args = fmt.Sprintf("service %d, binding %d, target %d", op.Service, op.Binding, op.Target)
	case UpdateBinding:
		args = fmt.Sprintf("binding %d, target %d", op.Binding, op.Target)
	case DeleteBinding:
		args = fmt.Sprintf("binding %d", op.Binding)
	case TransferListener:
		args = fmt.Sprintf("binding %d, to service %d", op.Binding, op.Service)
	case Observe:
		args = fmt.Sprintf("host %d, shape %d, service %d, %v, version %d", op.Host, op.Shape, op.Service, op.Set, op.Version)
	case CreateHost:
		args = fmt.Sprintf("host %d, shape %d, service %d, %v", op.Host, op.Shape, op.Service, op.Set)
	case PutHost:
		args = fmt.Sprintf("host %d, shape %d, cascade %t", op.Host, op.Shape, op.Lossy)
	case DeleteHost:
		args = fmt.Sprintf("host %d, cascade %t", op.Host, op.Lossy)
	case InTx:
		args = fmt.Sprint(op.Parts)
	}
	if op.DryRun {
		args += ", dry run"
	}
	return fmt.Sprintf("group %d: %s(%s)", op.Group, op.Kind, args)
}

// String returns the code, or what was seen.
func (r Result) String() string {
	if r.Code != "" {
		return string(r.Code)
	}
	if r.Skipped > 0 || r.Refused {
		return fmt.Sprintf("%v, %d skipped, link refused %t", r.Saw, r.Skipped, r.Refused)
	}
	return r.Saw.String()
}
