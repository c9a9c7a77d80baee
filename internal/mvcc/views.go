package mvcc

import (
	"slices"
	"sync"
	"sync/atomic"
)

// views are the Views that run. Each holds the number of the commit whose state
// it reads.
//
// A View takes a holder that a View on the same processor has used before, if it
// can, so that processors do not wait for each other's memory.
type views struct {
	all  atomic.Pointer[[]*holder]
	grow sync.Mutex
	used sync.Pool // of *holder
}

// A holder holds the number of a commit for one View at a time; 0 while it is
// free.
type holder struct {
	commit atomic.Uint64
	_      [120]byte // keeps holders of other processors out of the same memory
}

func (v *views) init() { v.all.Store(&[]*holder{}) }

// begin holds the last commit for a View, and returns its number.
func (v *views) begin(last *atomic.Uint64) (*holder, uint64) {
	commit := last.Load()
	h := v.take(commit)
	// A commit that came in between may have freed what this one needs.
	for now := last.Load(); now != commit; now = last.Load() {
		commit = now
		h.commit.Store(commit)
	}
	return h, commit
}

func (v *views) end(h *holder) {
	h.commit.Store(0)
	v.used.Put(h)
}

// take returns a holder for a commit.
func (v *views) take(commit uint64) *holder {
	if h, ok := v.used.Get().(*holder); ok && h.commit.CompareAndSwap(0, commit) {
		return h
	}
	for _, h := range *v.all.Load() {
		if h.commit.CompareAndSwap(0, commit) {
			return h
		}
	}
	h := &holder{}
	h.commit.Store(commit)
	v.grow.Lock()
	defer v.grow.Unlock()
	all := append(slices.Clone(*v.all.Load()), h)
	v.all.Store(&all)
	return h
}

// appendHeld appends the commits that are held now, ascending. A View whose commit
// is not among them holds the last commit or a later one.
func (v *views) appendHeld(held []uint64) []uint64 {
	for _, h := range *v.all.Load() {
		if commit := h.commit.Load(); commit != 0 {
			held = append(held, commit)
		}
	}
	slices.Sort(held)
	return held
}
