package pgstore

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/bindset/bindset/store"
)

// A Store is a [store.Store] in a PostgreSQL database. Make one with [Open] or
// [New], and call Migrate before its first use. Safe for concurrent use.
type Store struct {
	*base
	pool *pgxpool.Pool
	owns bool // Close closes the pool

	closed atomic.Bool

	gates            gates
	commits, retries atomic.Uint64
}

var _ store.Store = (*Store)(nil)

// Open connects to the database that a DSN names, a URL or a list of settings as
// pgxpool.ParseConfig reads them, and returns a store on it. It creates no
// tables: see Migrate. Call Close when done.
func Open(ctx context.Context, dsn string, opts ...Option) (*Store, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("pgstore: %w", err)
	}
	config.ConnConfig.OnNotice = OnNotice
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("pgstore: %w", err)
	}
	s, err := New(pool, opts...)
	if err != nil {
		pool.Close()
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("pgstore: %w", err)
	}
	s.owns = true
	return s, nil
}

// New returns a store on a pool of connections, which stays the caller's to
// close. An Update or View holds one connection while it runs. On Citus the pool
// should have OnNotice. An error says what is wrong with the options.
func New(pool *pgxpool.Pool, opts ...Option) (*Store, error) {
	b, err := newBase(opts)
	if err != nil {
		return nil, err
	}
	return &Store{base: b, pool: pool}, nil
}

// Close waits for the transactions that run and closes the connections of a
// store that Open made. Then View and Update return ErrClosed. It does nothing on a
// store that New made.
func (s *Store) Close() {
	if s.owns {
		s.closed.Store(true)
		s.pool.Close()
	}
}

var errClosed = fmt.Errorf("pgstore: the store is closed: %w", store.ErrClosed)

// Stats counts what a store did since it was made.
type Stats struct {
	Commits uint64 // Updates that were committed
	Retries uint64 // times a transaction was run again because another got in its way
}

// Stats returns the counts.
func (s *Store) Stats() Stats {
	return Stats{Commits: s.commits.Load(), Retries: s.retries.Load()}
}

// The statements that begin a transaction. Who scans a table has read all of it,
// and is in the way of everyone who writes to it: index scans keep transactions
// apart, so they are to be preferred even where a table is small. As every statement
// finds its rows by an index whatever its values, it is planned once.
var (
	beginView   = append([]string{"BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY"}, planning...)
	beginUpdate = append([]string{"BEGIN ISOLATION LEVEL SERIALIZABLE"}, planning...)
	planning    = []string{"SET LOCAL enable_seqscan = off", "SET LOCAL plan_cache_mode = force_generic_plan"}
)

// View calls fn with one consistent snapshot. It waits for nobody. Where what fn
// read fits into no order of the Updates, it is called again.
func (s *Store) View(ctx context.Context, fn func(ctx context.Context, r store.Reader) error) error {
	return s.run(ctx, beginView, nil, func(ctx context.Context, t *tx) error { return fn(ctx, t) }, finish)
}

// Update calls fn in a serializable transaction, and again, after a short random
// time, where others got in its way; when it has done so as often as WithAttempts
// says it returns an error. Once COMMIT is sent Update waits for the answer, 10
// seconds at most, also where ctx ends meanwhile. Without an answer it returns
// ErrUnknownOutcome; every other error means that nothing was written.
func (s *Store) Update(ctx context.Context, fn func(ctx context.Context, w store.Writer) error) error {
	err := s.run(ctx, beginUpdate, &s.gates, func(ctx context.Context, t *tx) error { return fn(ctx, t) }, commit)
	if err == nil {
		s.commits.Add(1)
	}
	return err
}

// run runs fn in transactions until one comes to an end of its own.
func (s *Store) run(ctx context.Context, begin []string, g *gates, fn func(context.Context, *tx) error, end ending) error {
	inside, err := s.enter(ctx)
	if err != nil {
		return err
	}
	if s.closed.Load() {
		return errClosed
	}
	if err := s.requireSchema(ctx, s.pool); err != nil {
		return err
	}
	held := &heldGates{gates: g}
	defer held.leave()
	for attempt := 1; ; attempt++ {
		raced, err := s.attempt(inside, begin, held, fn, end)
		if !raced {
			return err
		}
		if attempt >= s.attempts {
			return fmt.Errorf("pgstore: gave up after %d attempts, in which other transactions got in the way; "+
				"nothing is written, try again later: %w", attempt, err)
		}
		s.retries.Add(1)
		if err != errGated { // else its turn is what it waits for
			if err := pause(ctx, attempt); err != nil {
				return err
			}
		}
		if err := held.enter(ctx); err != nil {
			return err
		}
	}
}

func (s *Store) attempt(ctx context.Context, begin []string, held *heldGates, fn func(context.Context, *tx) error, end ending) (raced bool, err error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil && s.closed.Load() {
		return false, errClosed
	}
	if err != nil {
		return false, fmt.Errorf("pgstore: get a connection: %w", err)
	}
	defer conn.Release()
	t := &tx{base: s.base, heldGates: held, db: &lazyTx{conn.Conn(), begin}}
	return t.run(ctx, fn, end)
}
