package service

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/validate"
)

// A Manager runs the use cases on a Store. Each is one serializable transaction:
// all of it happens or none. Safe for concurrent use.
type Manager struct {
	store     Store
	validator *validate.Validator
	clock     func() time.Time
	newID     func() uuid.UUID
	observers []func(context.Context, Change)
	log       *slog.Logger
}

// An Option changes how a new Manager works.
type Option func(*Manager)

// NewManager returns a Manager on a store. By default its rules are those of
// validate.New(), its clock is time.Now, its IDs are UUIDv7, nobody observes it
// and it logs nothing.
func NewManager(store Store, opts ...Option) *Manager {
	m := &Manager{
		store:     store,
		validator: validate.New(),
		clock:     time.Now,
		newID:     func() uuid.UUID { return uuid.Must(uuid.NewV7()) },
		log:       slog.New(slog.DiscardHandler),
	}
	for _, opt := range opts {
		opt(m)
	}
	return m
}

// WithValidator sets the rules.
func WithValidator(v *validate.Validator) Option { return func(m *Manager) { m.validator = v } }

// WithClock sets where CreatedAt, UpdatedAt and a missing LastSeenAt come from.
// The clock must be safe for concurrent use. Times are stored as binding.Time
// makes them.
func WithClock(clock func() time.Time) Option { return func(m *Manager) { m.clock = clock } }

// WithIDs sets where new IDs come from. The source must be safe for concurrent
// use and never return the same ID twice, nor the nil one.
func WithIDs(newID func() uuid.UUID) Option { return func(m *Manager) { m.newID = newID } }

// WithObserver adds a function that gets every Change that is not zero, after
// its commit, from the goroutine of the use case and before that returns.
// Changes of concurrent use cases come concurrently and in any order: the
// Revisions in them say which is newer.
func WithObserver(observe func(context.Context, Change)) Option {
	return func(m *Manager) { m.observers = append(m.observers, observe) }
}

// WithLogger sets where the Manager logs what an operator wants to know: changes
// at level Debug, refusals of discovered bindings at level Warn. It never logs
// an error that it returns.
func WithLogger(log *slog.Logger) Option { return func(m *Manager) { m.log = log } }

// now returns the time of a use case.
func (m *Manager) now() time.Time { return binding.Time(m.clock()) }
