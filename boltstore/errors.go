package boltstore

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/bindset/bindset/store"
)

// What can be wrong with a file. Errors of this package have them in them, for
// errors.Is.
var (
	// ErrLocked is in the error of Open where another Store has the file open.
	ErrLocked = errors.New("the file is open elsewhere")

	// ErrFormat is in the error of Open for a file that is no store, or one whose
	// format this version does not know. Open has not touched it.
	ErrFormat = errors.New("the file is no store that this version can read")

	// ErrDamaged is in the error of whatever met damage in the file: of Open, of
	// a transaction, or of Check.
	ErrDamaged = errors.New("the file is damaged")
)

var (
	errNested = fmt.Errorf("boltstore: this context is inside a transaction of this store; use the Reader or Writer of that one: %w", store.ErrNestedTx)
	errOver   = errors.New("boltstore: the transaction is over; use its Reader or Writer only inside the function that was given it")
	errClosed = fmt.Errorf("boltstore: the store is closed: %w", fs.ErrClosed)
	errFailed = errors.New("boltstore: an earlier commit of this store failed in a way that left its file in doubt; close the store, look after the disk, and open the store again")
)

// damaged says that the file is, and how that showed.
func damaged(err error) error { return fmt.Errorf("boltstore: %w: %w", ErrDamaged, err) }
