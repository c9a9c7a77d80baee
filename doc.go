// Package bindset keeps service bindings correct: which service, on which host, is
// present at which interface or IP address, or listens on which port.
//
// # Values and rules
//
// A [github.com/bindset/bindset/binding.Binding] says that a service is at a
// [github.com/bindset/bindset/binding.Target] of its host: a presence at an
// interface or IP address, or a listener on a port, within a scope. What targets
// name is on a [github.com/bindset/bindset/host.Host]; its checked and indexed view
// is the [github.com/bindset/bindset/host.Inventory], which also reads and writes
// targets by name, such as "443/tcp on eth0". Package
// [github.com/bindset/bindset/validate] has the rules V0 to V6, as pure functions of
// an inventory and a set of bindings. To check sets that you hold yourself, these
// three packages are all you need.
//
// # Use cases
//
// A [Manager] runs the use cases that change what is stored. Make one on any
// [github.com/bindset/bindset/store.Store]:
//
//	m := bindset.NewManager(memstore.New())
//
// Each use case is one serializable transaction, applies the rules, and returns what
// it did as a [Change]: every stored binding that disappears is listed in it, with
// the reason. [WithObserver] gives every Change to a function of yours, after the
// commit.
//
//   - People and programs that know: CreateHost, PutHost, DeleteHost; CreateService,
//     UpdateService, DeleteService, MoveService; CreateBinding, UpdateBinding,
//     DeleteBinding, TransferListener; and those for many at once.
//   - Scanners, which forget: Observe takes in what was seen, Expire removes what was
//     not seen for long, MergeHosts joins what was recorded as two.
//   - Questions: Host, Service, Binding and ServicesOnHost read one thing, View reads
//     many in one snapshot, and Audit says what today's rules find in what is stored.
//
// Every use case that writes takes [DryRun], which commits nothing. Those for people
// take [IfRevision], which fails with store.ErrStale where somebody else was faster.
// InTx runs several use cases in one transaction, with one Change.
//
// # Errors
//
// Every error of the library has a code, which is itself the sentinel:
// errors.Is(err, validate.ErrConflict). [CodeOf] returns the leading one, [Codes] all
// there are. Broken rules are a *validate.Error with all violations at once, malformed
// values a *binding.FieldError with the path, and what is missing, taken, in use or
// stale a *store.EntityError.
//
// # Stores
//
// Package [github.com/bindset/bindset/memstore] keeps everything in memory. The
// modules boltstore (one file) and pgstore (PostgreSQL) keep it for good. To write a
// store, implement store.Store and run
// [github.com/bindset/bindset/store/storetest] against it.
//
// # Tests
//
// The packages bindingtest, hosttest and validatetest, beside those they test, have
// generators for property tests and assertions that show differences in names.
package bindset
