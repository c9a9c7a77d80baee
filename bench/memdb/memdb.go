// Package memdb keeps hosts, services and bindings in hashicorp/go-memdb, with
// the indexes that memstore has: what people who want an embedded store with
// transactions and snapshots take. Rows are pointers to values that never change,
// and keys are the bytes of IDs.
package memdb

import (
	"encoding/binary"
	"fmt"

	"github.com/google/uuid"
	"github.com/hashicorp/go-memdb"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// index is a key of rows: what FromArgs and FromObject of go-memdb need.
type index[R any] func(row R) (key []byte, ok bool)

func (x index[R]) FromObject(row any) (bool, []byte, error) {
	key, ok := x(row.(R))
	return ok, key, nil
}

func (x index[R]) FromArgs(args ...any) ([]byte, error) {
	id := args[0].(uuid.UUID)
	return id[:], nil
}

func schema() *memdb.DBSchema {
	table := func(name string, indexes ...*memdb.IndexSchema) *memdb.TableSchema {
		t := &memdb.TableSchema{Name: name, Indexes: map[string]*memdb.IndexSchema{}}
		for _, x := range indexes {
			t.Indexes[x.Name] = x
		}
		return t
	}
	return &memdb.DBSchema{Tables: map[string]*memdb.TableSchema{
		"hosts": table("hosts", &memdb.IndexSchema{Name: "id", Unique: true, Indexer: index[*host.Inventory](
			func(inv *host.Inventory) ([]byte, bool) { id := inv.HostID(); return id[:], true },
		)}),
		"services": table("services", &memdb.IndexSchema{Name: "id", Unique: true, Indexer: index[*service.Service](
			func(s *service.Service) ([]byte, bool) { return s.ID[:], true },
		)}, &memdb.IndexSchema{Name: "position", Indexer: index[*service.Service](
			func(s *service.Service) ([]byte, bool) {
				return binary.BigEndian.AppendUint32(s.HostID[:], uint32(s.Position)^1<<31), true
			},
		)}),
		"bindings": table("bindings", &memdb.IndexSchema{Name: "id", Unique: true, Indexer: index[*binding.Binding](
			func(b *binding.Binding) ([]byte, bool) { return b.ID[:], true },
		)}, &memdb.IndexSchema{Name: "service", Indexer: index[*binding.Binding](
			func(b *binding.Binding) ([]byte, bool) { return b.ServiceID[:], true },
		)}, &memdb.IndexSchema{Name: "port", AllowMissing: true, Indexer: index[*binding.Binding](
			func(b *binding.Binding) ([]byte, bool) { id, ok := b.Target.PortID(); return id[:], ok },
		)}),
	}}
}

// A Store is a database.
type Store struct{ db *memdb.MemDB }

// New returns an empty Store.
func New() (*Store, error) {
	db, err := memdb.NewMemDB(schema())
	if err != nil {
		return nil, fmt.Errorf("memdb: the schema: %w", err)
	}
	return &Store{db}, nil
}

// Put stores a host with its services and their bindings.
func (s *Store) Put(inv *host.Inventory, services []service.Service) error {
	txn := s.db.Txn(true)
	defer txn.Abort()
	if err := txn.Insert("hosts", inv); err != nil {
		return err
	}
	for i := range services {
		row := services[i].Clone()
		row.Bindings = nil
		if err := txn.Insert("services", &row); err != nil {
			return err
		}
		for _, b := range services[i].Bindings {
			if err := txn.Insert("bindings", &b); err != nil {
				return err
			}
		}
	}
	txn.Commit()
	return nil
}

// Service returns a service with its bindings, by their IDs, in memory of its own.
func (s *Store) Service(id uuid.UUID) (service.Service, error) {
	return read(s.db.Txn(false), id)
}

func read(txn *memdb.Txn, id uuid.UUID) (service.Service, error) {
	row, err := txn.First("services", "id", id)
	if err != nil {
		return service.Service{}, err
	}
	if row == nil {
		return service.Service{}, store.ErrNotFound
	}
	rows, err := txn.Get("bindings", "service", id)
	if err != nil {
		return service.Service{}, err
	}
	read := row.(*service.Service).Clone()
	read.Bindings = make([]binding.Binding, 0, 4)
	for b := rows.Next(); b != nil; b = rows.Next() {
		read.Bindings = append(read.Bindings, *b.(*binding.Binding))
	}
	return read, nil
}

// Add reads a service and adds a binding to it, or replaces the one with its ID.
func (s *Store) Add(b binding.Binding) error {
	txn := s.db.Txn(true)
	defer txn.Abort()
	if _, err := read(txn, b.ServiceID); err != nil {
		return err
	}
	taken, err := txn.First("bindings", "id", b.ID)
	if err != nil {
		return err
	}
	if taken != nil && taken.(*binding.Binding).ServiceID != b.ServiceID {
		return store.ErrExists
	}
	if err := txn.Insert("bindings", &b); err != nil {
		return err
	}
	txn.Commit()
	return nil
}

// Remove removes bindings.
func (s *Store) Remove(bindings []binding.Binding) error {
	txn := s.db.Txn(true)
	defer txn.Abort()
	for i := range bindings {
		if err := txn.Delete("bindings", &bindings[i]); err != nil {
			return err
		}
	}
	txn.Commit()
	return nil
}

// Begin opens a write transaction, and returns the function that gives it up.
func (s *Store) Begin() (end func()) { return s.db.Txn(true).Abort }
