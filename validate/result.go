package validate

import (
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

// A Result is the normalized set and what was done to get it.
//
// Indexes in it count the input from 0: the bindings of Input.Bindings, and behind
// them those that Add or Merge was given. Replace puts its binding in the place of
// the one it replaces. Every binding of the input is in Bindings, or in exactly one
// of Dropped, Absorbed and Skipped; the first two name, in By, what is in Bindings
// instead. Where the input was refused, Bindings is nil.
//
// Where nothing was dropped or rewritten, Bindings of Set is the input slice itself,
// not a copy, and Bindings of Add may be.
type Result struct {
	Bindings  []binding.Binding // the set, in input order
	Rewritten []Rewrite         // by V0, ascending; a rewritten binding may be dropped, too
	Dropped   []Drop            // by V3 and V4, ascending
	Absorbed  []Drop            // by Add, Replace and Merge: given bindings that the set held already
	Skipped   []Violation       // by Merge: given bindings that break a rule

	input  [2][]binding.Binding // the set and what was given beside it, for Input
	placed int                  // 1 + the position at which Replace put input[1]; 0 for the others

	buffer []binding.Binding // what Bindings was built in, to be used again
	work   *work
}

// Input returns the binding at an index of the input, as it was given. It panics
// for an index out of range, as a slice does.
func (r *Result) Input(index int) binding.Binding {
	switch n := len(r.input[0]); {
	case r.placed == 0 && index >= n:
		return r.input[1][index-n]
	case r.placed > 0 && r.placed == index+1:
		return r.input[1][0]
	default:
		return r.input[0][index]
	}
}

// Inputs returns how many bindings the input had: the indexes in the Result are
// below it.
func (r *Result) Inputs() int {
	return len(r.input[0]) + len(r.input[1]) - min(r.placed, 1)
}

// A Rewrite says that rule V0 gave a binding of the input the target it meant.
type Rewrite struct {
	Index    int
	From, To binding.Target
}

// A Drop says that a binding of the input is not in the set, and why.
type Drop struct {
	Index  int    // of what is not in the set
	By     int    // of what is there instead
	Reason Reason // Duplicate or Superseded
}

// Reason says why a binding was dropped or absorbed.
type Reason uint8

// The reasons. The zero Reason is none of them.
const (
	Duplicate  Reason = iota + 1 // the set has an equal target (V3)
	Superseded                   // the set has a listener on the same port that covers it (V4)
)

// String returns "duplicate", "superseded" or "invalid".
func (r Reason) String() string {
	switch r {
	case Duplicate:
		return "duplicate"
	case Superseded:
		return "superseded"
	default:
		return "invalid"
	}
}

// reset makes the result empty for a new input, and keeps its memory.
func (r *Result) reset(set, given []binding.Binding) {
	r.Bindings = nil
	r.Rewritten, r.Dropped = r.Rewritten[:0], r.Dropped[:0]
	r.Absorbed, r.Skipped = r.Absorbed[:0], r.Skipped[:0]
	r.input[0], r.input[1], r.placed = set, given, 0
}

// work is the memory of evaluations, kept in a Result from call to call.
type work struct {
	room
	input      Input
	evaluation evaluation
	index      *index // nil while there never were many
}

// room is the memory for a few bindings.
type room struct {
	at       [few + 1]host.Location
	verdicts [few + 1]verdict
	standing [few + 1]int32
}

// evaluation returns a new evaluation in the memory of the result, with an index
// where many are given.
func (r *Result) evaluation(v *Validator, in Input, old, given []binding.Binding, many bool) *evaluation {
	w, n := r.work, len(old)+len(given)
	if w == nil {
		w = &work{}
		w.evaluation = evaluation{at: w.room.at[:], verdicts: w.room.verdicts[:], standing: w.room.standing[:]}
		r.work = w
	}
	w.input = in
	before := &w.evaluation
	w.evaluation = evaluation{
		v: v, in: &w.input, old: old, given: given, replaced: none,
		at: sized(before.at, n), verdicts: zeros(before.verdicts, n), standing: sized(before.standing, n),
	}
	if many && w.index == nil {
		w.index = &index{}
	}
	if many {
		w.evaluation.index = w.index
	}
	return &w.evaluation
}

// aliases reports whether the input is a part of what an earlier call left in
// buffer: to write there would change the input while it is read.
func aliases(buffer, set []binding.Binding) bool {
	buffer = buffer[:cap(buffer)]
	for i := range buffer {
		if len(set) > 0 && &buffer[i] == &set[0] {
			return true
		}
	}
	return false
}
