package boltstore

import (
	"errors"
	"fmt"

	"github.com/bindset/bindset/store"
)

// What can be wrong with a file. Errors of this package have them in them, for
// errors.Is.
var (
	// ErrFormat is in the error of Open for a file that is no store, or one whose
	// format this version does not know. Open has not touched it.
	ErrFormat = errors.New("the file is no store that this version can read")

	// ErrDamaged is in the error of whatever met damage in the file: of Open, of
	// a transaction, or of Check.
	ErrDamaged = errors.New("the file is damaged")
)

var (
	errNested = fmt.Errorf("boltstore: this context is inside a transaction of this store; use the Reader or Writer of that one: %w", store.ErrNestedTx)
	errOver   = fmt.Errorf("boltstore: the transaction is over; use its Reader or Writer only inside the function that was given it: %w", store.ErrClosed)
	errClosed = fmt.Errorf("boltstore: the store is closed: %w", store.ErrClosed)
	errFailed = fmt.Errorf("boltstore: an earlier commit of this store failed in a way that left its file in doubt; close the store, look after the disk, and open the store again: %w", store.ErrClosed)
)

// damaged says that the file is, and how that showed.
func damaged(err error) error { return fmt.Errorf("boltstore: %w: %w", ErrDamaged, err) }
