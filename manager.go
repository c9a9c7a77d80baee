package bindset

import (
	"bufio"
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// A Manager runs the use cases on a Store. Each is one serializable transaction:
// all of it happens or none. Safe for concurrent use.
//
// A use case that fails returns zero values and an error: what the rules refuse
// is a *validate.Error, a field that cannot be is a *binding.FieldError, what is
// missing, taken, in use or stale is an *EntityError, and the errors of the store
// and of the context come back as they are. CodeOf tells them apart. Fields are
// checked first, then that everything named exists, then revisions, then the
// rules.
//
// A use case that changes nothing writes nothing: revisions and times stay, and
// the Change is zero.
type Manager struct {
	store     store.Store
	validator *validate.Validator
	match     Matcher
	clock     func() time.Time
	newID     func() uuid.UUID
	observers []func(context.Context, Change)
	log       *slog.Logger
	tx        *tx // the transaction that this Manager is inside of; nil for none
}

// An Option changes how a new Manager works. A nil Option, and one of a nil value,
// changes nothing.
type Option func(*Manager)

// NewManager returns a Manager on a store. By default its rules are those of
// validate.New(), its clock is time.Now, its IDs are UUIDv7, nobody observes it
// and it logs nothing.
func NewManager(store store.Store, opts ...Option) *Manager {
	m := &Manager{
		store:     store,
		validator: validate.New(),
		match:     MatchByEvidence,
		clock:     time.Now,
		newID:     newIDs(),
		log:       slog.New(slog.DiscardHandler),
	}
	for _, opt := range opts {
		if opt != nil {
			opt(m)
		}
	}
	return m
}

// newIDs returns a source of UUIDv7. It asks the system for many random bytes at
// a time, which is most of what an ID costs.
func newIDs() func() uuid.UUID {
	var lock sync.Mutex
	random := bufio.NewReader(rand.Reader)
	return func() uuid.UUID {
		lock.Lock()
		defer lock.Unlock()
		return uuid.Must(uuid.NewV7FromReader(random))
	}
}

// WithValidator sets the rules.
func WithValidator(v *validate.Validator) Option {
	if v == nil {
		return nil
	}
	return func(m *Manager) { m.validator = v }
}

// WithClock sets where CreatedAt, UpdatedAt and a missing LastSeenAt come from.
// The clock must be safe for concurrent use. Times are stored as binding.Time
// makes them.
func WithClock(clock func() time.Time) Option {
	if clock == nil {
		return nil
	}
	return func(m *Manager) { m.clock = clock }
}

// WithIDs sets where new IDs come from. The source must be safe for concurrent
// use and never return the same ID twice, nor the nil one.
func WithIDs(newID func() uuid.UUID) Option {
	if newID == nil {
		return nil
	}
	return func(m *Manager) { m.newID = newID }
}

// WithObserver adds a function that gets every Change that is not zero, after
// its commit, from the goroutine of the use case and before that returns.
// Changes of concurrent use cases come concurrently and in any order: the
// Revisions in them say which is newer. A use case whose outcome is unknown
// (ErrUnknownOutcome) is not observed, nor is one on a Joined store. A panic of
// an observer goes through to the caller of the use case; what was committed
// stays.
func WithObserver(observe func(context.Context, Change)) Option {
	if observe == nil {
		return nil
	}
	return func(m *Manager) { m.observers = append(m.observers, observe) }
}

// WithLogger sets where the Manager logs what an operator wants to know: changes
// at level Debug, refusals of discovered bindings at level Warn. It never logs
// an error that it returns.
func WithLogger(log *slog.Logger) Option {
	if log == nil {
		return nil
	}
	return func(m *Manager) { m.log = log }
}

// A tx is one run of a use case in a transaction.
type tx struct {
	store.Writer
	difference
	m      *Manager
	now    time.Time
	call   call
	doomed error // of a use case inside InTx: nothing can be committed
}

// publish tells log and observers of a committed Change.
func (m *Manager) publish(ctx context.Context, name string, c *Change) {
	if c.IsZero() {
		return
	}
	if m.log.Enabled(ctx, slog.LevelDebug) {
		m.log.LogAttrs(ctx, slog.LevelDebug, name,
			slog.Int("hosts", len(c.Hosts)), slog.Int("services", len(c.Services)),
			slog.Int("added", len(c.Added)), slog.Int("updated", len(c.Updated)), slog.Int("removed", len(c.Removed)),
			slog.Int("dropped", len(c.Dropped)), slog.Int("absorbed", len(c.Absorbed)))
	}
	for _, observe := range m.observers {
		observe(ctx, *c)
	}
}
