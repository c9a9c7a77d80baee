package boltstore

import "time"

// defaultTimeout is how long Open waits where nobody says otherwise.
const defaultTimeout = 5 * time.Second

// An Option changes how Open opens a store.
type Option func(*options)

type options struct {
	timeout  time.Duration
	openFile openFunc
}

// WithTimeout sets how long Open waits for another Store, of this process or
// another one, to close the file; then it gives up with store.ErrLocked. Zero or less
// means not at all. The default is five seconds.
func WithTimeout(d time.Duration) Option { return func(o *options) { o.timeout = d } }
