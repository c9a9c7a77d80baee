package boltstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/bindset/bindset/boltstore/internal/record"
	"github.com/bindset/bindset/host"
)

// maxProblems is how many problems Check reports.
const maxProblems = 100

// Check reads the whole file and returns nil where it is sound: every record can
// be read, every reference leads somewhere, the indexes say of the records all
// that there is to say and nothing else, and bbolt's pages are whole. Otherwise
// the error is ErrDamaged and names up to a hundred problems. It checks no rule of
// package validate.
//
// It takes the place of a write transaction: others wait for it, readers do not.
// Its time is linear in the size of the file, and so is its memory.
func (s *Store) Check(ctx context.Context) error {
	ctx, err := s.enter(ctx)
	if err != nil {
		return err
	}
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.unlock()
	tx, err := s.begin(false)
	if err != nil {
		return err
	}
	defer tx.Rollback()

	c := &checker{reader: reader{store: s, tx: tx}}
	err = protect(func() error { return c.tables(ctx) })
	if err != nil || len(c.problems) > 0 {
		return errors.Join(append(c.problems, err)...)
	}
	// bbolt's check runs in a goroutine of its own, where a fault ends the process:
	// what the tables are in has been read by now.
	for problem := range tx.Check() {
		c.problem("%w", problem)
	}
	return errors.Join(c.problems...)
}

// A checker compares the tables of a file. Each entry that a record needs in an
// index must be there; where an index has as many entries as are needed, it has no
// other.
type checker struct {
	reader
	needed   [tableCount]int // entries of the indexes
	problems []error
}

// errEnough ends a check.
var errEnough = errors.New("boltstore: there are more problems")

func (c *checker) problem(format string, args ...any) {
	if len(c.problems) < maxProblems {
		c.problems = append(c.problems, damaged(fmt.Errorf(format, args...)))
	}
}

func (c *checker) tables(ctx context.Context) error {
	err := errors.Join(c.each(ctx, hosts, c.checkHost), c.each(ctx, services, c.checkService), c.each(ctx, bindings, c.checkBinding))
	if err != nil {
		return err
	}
	for _, index := range []table{networks, positions, owners, listeners} {
		entries := 0
		if err := c.each(ctx, index, func(_, _ []byte) { entries++ }); err != nil {
			return err
		}
		if entries != c.needed[index] {
			c.problem("table %s has %d entries, the records account for %d", tableNames[index], entries, c.needed[index])
		}
	}
	return nil
}

// each calls fn with what is in a table.
func (c *checker) each(ctx context.Context, t table, fn func(k, v []byte)) error {
	for k, v := range c.under(t, nil) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(c.problems) == maxProblems {
			return errEnough
		}
		fn(k, v)
	}
	return nil
}

// need looks for what a record needs in an index.
func (c *checker) need(index table, k, v []byte, entity string, id uuid.UUID) {
	c.needed[index]++
	if have := c.get(index, k); have == nil || string(have) != string(v) {
		c.problem("table %s does not have %s %s as its record does", tableNames[index], entity, id)
	}
}

func (c *checker) checkHost(k, rec []byte) {
	h, err := record.DecodeHost(uuid.UUID(k), rec)
	if err == nil {
		_, err = host.NewInventory(h)
	}
	if err != nil {
		c.problem("host %x: %w", k, err)
		return
	}
	c.need(networks, key(h.NetworkID, h.ID), nil, "host", h.ID)
}

func (c *checker) checkService(k, rec []byte) {
	s, err := record.DecodeService(uuid.UUID(k), rec)
	if err != nil {
		c.problem("%w", err)
		return
	}
	if c.get(hosts, s.HostID[:]) == nil {
		c.problem("service %s is on host %s, which is not there", s.ID, s.HostID)
	}
	c.need(positions, positionKey(s.HostID, s.Position, s.ID), nil, "service", s.ID)
}

func (c *checker) checkBinding(k, rec []byte) {
	serviceID, id := idAt(k, 0), idAt(k, 1)
	b, err := record.DecodeBinding(serviceID, id, rec)
	if err != nil {
		c.problem("%w", err)
		return
	}
	c.need(owners, id[:], serviceID[:], "binding", id)
	s, err := c.service(serviceID)
	if err != nil {
		c.problem("binding %s: its service: %w", id, err)
		return
	}
	if portID, ok := b.Target.PortID(); ok {
		c.need(listeners, key(s.HostID, portID, id), serviceID[:], "binding", id)
	}
}
