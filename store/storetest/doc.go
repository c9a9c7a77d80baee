// Package storetest tests stores: whoever writes a [store.Store] calls [Run]
// in a test of his own, and learns by the name of the subtest that fails what
// his store gets wrong.
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) store.Store { return mystore.New() })
//	}
//
// The suite checks the whole contract: what a transaction leaves behind, what it
// sees of others and others of it, that values share no memory with the store,
// every error and every order, sizes at which linear searches hurt, and
// histories of concurrent transactions. It holds for stores that run one write
// transaction at a time as well as for those that run several and call a
// function again. Run it with -race.
//
// A [Machine] goes further than fixed cases: it drives a store and a [Model], the
// plainest store there is, side by side through random transactions, with steps
// of one's own in between, such as closing the store and opening it again.
package storetest
