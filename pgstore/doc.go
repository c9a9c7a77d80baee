// Package pgstore has a [store.Store] in a PostgreSQL database, for programs
// that run in several processes, or whose data others look after already.
//
//	db, err := pgstore.Open(ctx, "postgres://localhost/inventory")
//	...
//	err = db.Migrate(ctx)
//	...
//	manager := bindset.NewManager(db)
//
// Every transaction is SERIALIZABLE, those that only read too: the database finds
// out when transactions are in each other's way, and the store runs one of them
// again. So any number of processes may use the same tables, and other programs
// may read them; what else writes to them must be SERIALIZABLE as well.
//
// [WithTx] makes bindset's changes part of a transaction of the caller's, beside
// rows of tables of his own.
package pgstore
