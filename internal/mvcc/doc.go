// Package mvcc has tables in memory whose readers and writer never block each
// other (multi-version concurrency control).
//
// A [DB] runs transactions. A [Table] maps keys to rows; an [Index] finds the rows
// of a table by other keys that they have. A View reads the rows as the last
// commit left them when the View began. Update transactions run one after the
// other; each commits all of its changes or none.
//
// Rows do not change once they are in a table. What a row refers to must not change
// either: a row that is put in its place refers to a changed copy. Package sorted
// has sets of which such a copy is cheap, for what must be in order, or be found
// by a key that many rows share.
package mvcc

// How it works.
//
// A row is a chain of versions, newest first, each with the number of the commit
// that made it (table.go). A View holds the number of the last commit (views.go),
// and reads of each row the first version that is not newer. The versions of a
// running Update have the number of the commit to come. Hash tables of single
// words lead from keys to rows (words.go); they have no versions, so they may
// lead to rows that do not have the key in the version that is read.
//
// An Update ends by freeing the versions that no View needs any more. A version is
// needed by Views that hold a commit from its own up to before that of the next
// newer one. Rows that keep older versions are in the history (history.go), and are
// looked at again when Views have ended.
//
// What always holds:
//
//  1. A committed version does not change, but for its link to older ones and the
//     mark that only the writer reads.
//  2. The version of a row that a running View needs is in its chain. Versions of
//     an Update that has not committed may come and go in front of it.
//  3. From every key that a version in the chain has, a hash table leads to the row,
//     by exactly one entry for each key.
//  4. A hash table has no empty slot between where the search for an entry begins
//     and the entry. A reader of a table that was replaced by a larger one still
//     finds there every entry that its View needs.
//  5. A row gets another key only when no View can read any version that it had.
//  6. After an Update, a row is in the history, once, if it has an older version or
//     if its only version says that it is deleted.
//
// A View that begins while an Update frees versions is safe: it holds the last
// commit, whose versions are never freed, and if another commit comes before the
// View has announced its number, the View takes the newer one.
