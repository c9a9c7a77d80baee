// Package memstore has a [store.Store] that lives in memory: for tests, for
// daemons that discover their data anew at every start, and as the reference of
// what a Store does.
//
// A View reads what was committed when it began. It waits for nobody and holds
// nobody up; what is changed while it runs is kept, once, in the version that it
// reads, until a write transaction ends after it. Write transactions run one
// after the other.
package memstore

// How it works.
//
// Hosts, networks and services are rows of tables (table.go, row.go). A row is a
// chain of versions, newest first, each with the number of the commit that made
// it; the versions of a write transaction that runs have the number that it will
// get. A reader of commit n takes the first version of a chain that is not newer
// than n, so it needs neither lock nor copy. A View announces its n (views.go).
//
// A table finds rows by an index, a hash table of bare words (index.go). The
// index only says where a row may be; the version found there says whether it is
// the one. So an index may have too much in it, and needs no versions. The
// bindings of a service are in its row; an index of their own leads from a
// binding to that row. What must be in order is in trees that never change
// (tree.go): they are parts of rows.
//
// These hold at any time:
//
//  1. A version never changes from its commit on, but for its links: before, and
//     what only the writer reads.
//  2. As long as a View that has announced n runs, and for n the last commit, the
//     first version not newer than n stays in the chain of each row. What is
//     newer than n and not committed may come and go before it.
//  3. As long as any version of a row is in its chain, an index leads to the row
//     from the row's ID, and from the ID of each binding that any of these
//     versions has; by as many entries as there are such IDs.
//  4. From where the probing for an entry begins to where the entry is, no slot
//     of an index is ever empty. A reader that has the slots before an index
//     was rebuilt finds there all that had been added by then.
//  5. A row is used for another ID only when no index leads to it, and no View
//     that runs can read any version it had.
//  6. After an Update, a row with more than one version, or whose only version
//     says that it is gone, is in the history (history.go), and no row is twice.
//     Each older version was held by a View when the row last changed or was
//     recalled.
//
// 2 is the work of prune, which is told of all Views that hold a commit: one that
// it is not told of has announced its n after the last commit, so has seen that,
// and needs no older version. Rollback takes versions away that are newer than
// what any View reads; a reader that stands on one of them goes on from there to
// the version that it needs. 3 and 4 mean that a reader never misses what it
// must find: what is added to an index after a reader has taken its slots
// belongs to a later commit than the reader's.
