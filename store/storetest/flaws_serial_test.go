package storetest

import (
	"errors"

	"github.com/google/uuid"

	"github.com/bindset/bindset/store"
)

// serialFlaws are those of stores that run Updates side by side and do not
// compare all that they must before they commit.
var serialFlaws = []flaw{
	{"compares nothing: the last writer wins", []string{
		"Serializability/two increments both count",
		"Serializability/a set with room for one more binding gets one more",
		"Reruns/an Update that runs again sees what overtook it",
		"Histories/all increments count, and each sees those before it",
		"Histories/transfers keep the sum at every moment",
		"Histories/all bindings that are added to one set are in it",
		"Histories/of all claims on a port one is stored",
	}, replaying(never)},
	{"compares only the services it writes: write skew", []string{
		"Serializability/of two services one of which must keep its name one does",
	}, replaying(func(c recorded, writes map[uuid.UUID]bool) bool { return c.method != "Service" || writes[c.id] })},
	{"does not compare what it did not find", []string{
		"Serializability/of two services that are put unless the other is there one is put",
		"Serializability/of two hosts that are put unless the other is there one is put",
	}, replaying(func(c recorded, _ map[uuid.UUID]bool) bool { return !errors.Is(c.err, store.ErrNotFound) })},
	{"does not compare listeners", []string{
		"Serializability/of two claims on a free port one sees the other",
		"Serializability/a claim on a port sees the listener of a service that moves in",
	}, replaying(allBut("Listeners"))},
	{"does not compare the last position", []string{
		"Serializability/two services that are added last have different positions",
	}, replaying(allBut("LastPosition"))},
	{"does not compare the services of a host", []string{
		"Serializability/of two first services of a host one sees the other",
	}, replaying(allBut("ServicesOnHost"))},
	{"does not compare owners", []string{
		"Serializability/of two bindings that are put unless the other is there one is put",
	}, replaying(allBut("BindingOwners"))},
	{"does not compare the hosts of a network", []string{
		"Serializability/of two hosts that are put to make a third one in the network one is put",
	}, replaying(allBut("Hosts"))},
	{"does not compare what has an address", []string{
		"Serializability/of two hosts that are put unless one has their address one is put",
	}, replaying(allBut("HostsWith"))},
	{"does not compare networks", []string{
		"Serializability/of two hosts that are put unless one is in their network one is put",
	}, replaying(allBut("Networks"))},
	{"does not compare several services", []string{
		"Serializability/of two services that are put unless the other is among several one is put",
	}, replaying(allBut("Services"))},
	{"does not compare inventories", []string{
		"Serializability/a port that goes away unless it is used is not bound to unless it is there",
	}, replaying(allBut("Inventory"))},
	{"does not notice that a write is refused when it commits", []string{
		"Serializability/of two services that take one binding ID one gets it",
	}, replaying(allBut("PutBindings"))},
}

func replaying(compares func(recorded, map[uuid.UUID]bool) bool) func() store.Store {
	return func() store.Store { return newReplayer(compares) }
}

func allBut(method string) func(recorded, map[uuid.UUID]bool) bool {
	return func(c recorded, _ map[uuid.UUID]bool) bool { return c.method != method }
}
