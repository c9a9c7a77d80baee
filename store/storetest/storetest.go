package storetest

import (
	"testing"

	"github.com/bindset/bindset/store"
)

// Run runs the suite. It calls open once or more for every subtest; each call
// must return an empty store of its own. What open wants to close it closes with
// t.Cleanup; it ends a test that cannot have a store with t.Fatal or t.Skip.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	topics := []struct {
		name string
		run  func(t *testing.T, open opener)
	}{
		{"Rollback", testRollback},
		{"Cancellation", testCancellation},
		{"Aliasing", testAliasing},
		{"Snapshots", testSnapshots},
		{"Serializability", testSerializability},
		{"Reruns", testReruns},
		{"Nesting", testNesting},
		{"References", testReferences},
		{"Indexes", testIndexes},
		{"Errors", testErrors},
		{"Order", testOrder},
		{"RoundTrip", testRoundTrip},
		{"Sightings", testSightings},
		{"Copy", testCopy},
		{"Size", testSize},
		{"Histories", testHistories},
		{"Machine", testMachine},
	}
	for _, topic := range topics {
		t.Run(topic.name, func(t *testing.T) { topic.run(t, open) })
	}
}

type opener func(t *testing.T) store.Store
