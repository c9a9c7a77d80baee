package boltstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"github.com/google/uuid"
	"go.etcd.io/bbolt"

	"github.com/bindset/bindset/boltstore/internal/record"
	"github.com/bindset/bindset/host"
)

// maxProblems is how many problems Check reports.
const maxProblems = 100

// Check reads the whole file and returns nil where it is sound: every record can
// be read and found, every reference leads somewhere, the indexes say of the
// records all that there is to say and nothing else, and each page of the file is
// used once or free. Otherwise the error is ErrDamaged and names up to a hundred
// problems. It checks no rule of package validate.
//
// Its time is that of reading the file and looking each key up; its memory is
// constant. It holds nobody up but for a moment at the end, when it takes the
// place of a write transaction to look at the free pages. Where there is reason to
// suspect damage, use it before anything is written: what is written to a damaged
// page may damage more.
func (s *Store) Check(ctx context.Context) error {
	err := s.view(ctx, func(ctx context.Context, r *reader) error {
		c := &checker{reader: r}
		err := protect(func() error { return c.tables(ctx) })
		return errors.Join(append(c.problems, err)...)
	})
	if err != nil {
		return err
	}
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.unlock()
	tx, err := s.begin(true)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	return protect(func() error { return checkPages(tx, s.file) })
}

// checkPages counts the pages that can be reached from the tables, and those that
// are neither free nor bbolt's own: they must be as many. The tables have been
// read, so that nothing leads in circles.
func checkPages(tx *bbolt.Tx, file *os.File) error {
	stats := tx.Cursor().Bucket().Stats()
	reached := stats.BranchPageN + stats.BranchOverflowN + stats.LeafPageN + stats.LeafOverflowN
	const metaPages = 2
	used, id, end := 0, metaPages, int(tx.Size())/tx.DB().Info().PageSize
	for id < end {
		page, err := tx.Page(id)
		if err != nil {
			return err
		}
		switch page.Type {
		case "free":
			id++
			continue
		case "freelist": // bbolt itself reads it without a look at its number
			if err := checkPageNumber(file, id, tx.DB().Info().PageSize); err != nil {
				return err
			}
		default:
			used += 1 + page.OverflowCount
		}
		id += 1 + page.OverflowCount
	}
	if used != reached || id != end {
		return damaged(fmt.Errorf("its %d pages do not add up: %d are reached from the tables, %d are marked as in use, up to page %d", end, reached, used, id))
	}
	return nil
}

// checkPageNumber compares the number of a page with the one that its header says.
func checkPageNumber(file *os.File, id, pageSize int) error {
	var header [8]byte
	if _, err := file.ReadAt(header[:], int64(id)*int64(pageSize)); err != nil {
		return err
	}
	if says := binary.NativeEndian.Uint64(header[:]); says != uint64(id) {
		return damaged(fmt.Errorf("page %d says that it is page %d", id, says))
	}
	return nil
}

// A checker compares the tables of a file. Each entry that a record needs in an
// index must be there; where an index has as many entries as are needed, it has no
// other.
type checker struct {
	*reader
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
	err := errors.Join(c.each(ctx, hosts, c.checkHost), c.each(ctx, services, c.checkService),
		c.each(ctx, bindings, c.checkBinding), c.each(ctx, scans, c.checkScan))
	if err != nil {
		return err
	}
	for _, index := range []table{networks, positions, owners, listeners, evidence} {
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

// each calls fn with what is in a table, and looks every key up, which takes
// other ways through the pages than going from key to key.
func (c *checker) each(ctx context.Context, t table, fn func(k, v []byte)) error {
	if !c.has(t) {
		return nil
	}
	var last []byte
	for k, v := range c.under(t, nil) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(c.problems) == maxProblems {
			return errEnough
		}
		if bytes.Compare(last, k) >= 0 {
			return damaged(fmt.Errorf("table %s has keys out of order: %x before %x", tableNames[t], last, k))
		}
		if !bytes.Equal(c.get(t, k), v) {
			c.problem("table %s has key %x where it is not found", tableNames[t], k)
		}
		last = k
		fn(k, v)
	}
	return nil
}

// need looks for what a record needs in an index.
func (c *checker) need(index table, k, v []byte, entity string, id uuid.UUID) {
	if !c.has(index) {
		return
	}
	c.needed[index]++
	if have := c.get(index, k); have == nil || string(have) != string(v) {
		c.problem("table %s does not have %s %s as its record does", tableNames[index], entity, id)
	}
}

func (c *checker) checkHost(k, _ []byte) {
	id := uuid.UUID(k)
	h, err := c.host(id)
	if err == nil {
		_, err = host.NewInventory(h)
	}
	if err != nil {
		c.problem("host %s: %w", id, err)
		return
	}
	for k, index := range findingKeys(&h) {
		c.need(index, []byte(k), nil, "host", id)
	}
}

func (c *checker) checkScan(k, rec []byte) {
	id := uuid.UUID(k)
	if _, err := record.DecodeScan(id, rec); err != nil {
		c.problem("%w", err)
	}
	if c.get(hosts, k) == nil {
		c.problem("a scan is of host %s, which is not there", id)
	}
}

func (c *checker) checkService(k, _ []byte) {
	s, err := c.service(uuid.UUID(k))
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
	s, err := c.service(serviceID)
	if err != nil {
		c.problem("binding %s: its service: %w", id, err)
		return
	}
	latest, err := c.latestScan(s.HostID)
	if err != nil {
		return // checkScan says so
	}
	b, err := record.DecodeBinding(serviceID, id, rec, latest)
	if err != nil {
		c.problem("%w", err)
		return
	}
	c.need(owners, id[:], serviceID[:], "binding", id)
	if portID, ok := b.Target.PortID(); ok {
		c.need(listeners, key(s.HostID, portID, id), serviceID[:], "binding", id)
	}
}
