package boltstore

import "go.etcd.io/bbolt"

// DB returns the database of a store.
func (s *Store) DB() *bbolt.DB { return s.db }

// Commits makes a store commit its transactions by another function.
func (s *Store) Commits(commit func(*bbolt.Tx) error) { s.commitTx = commit }

// WithOpenFile sets what opens the file.
func WithOpenFile(open openFunc) Option { return func(o *options) { o.openFile = open } }

// CachedInventories returns how many inventories a store holds.
func (s *Store) CachedInventories() int { return s.inventories.byUse.Len() }
