package storetest

import (
	"slices"

	"github.com/bindset/bindset/store"
)

// A flaw is one thing that a store does wrong, and subtests that name it.
type flaw struct {
	name  string
	fails []string // subtests that must fail, as their names are written
	open  func() store.Store
}

var flaws = slices.Concat(
	txFlaws, rerunFlaws, serialFlaws, snapshotFlaws, memoryFlaws, referenceFlaws, indexFlaws, findFlaws, valueFlaws, seenFlaws,
)
