package boltstore

import (
	"context"
	"fmt"
	"io"
)

// Backup writes a copy of the file as of the last commit to w, for Open to open
// elsewhere, and returns how many bytes it wrote. The store stays in use: readers
// and writers go on, but the file grows meanwhile where writers change much, as
// with any long View.
func (s *Store) Backup(ctx context.Context, w io.Writer) (int64, error) {
	ctx, err := s.enter(ctx)
	if err != nil {
		return 0, err
	}
	tx, err := s.begin(false)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	n, err := tx.WriteTo(untilDone{ctx, w})
	if err != nil {
		return n, fmt.Errorf("boltstore: backup: %w", err)
	}
	return n, nil
}

// untilDone writes until the context is done.
type untilDone struct {
	context.Context
	io.Writer
}

func (w untilDone) Write(p []byte) (int, error) {
	if err := w.Err(); err != nil {
		return 0, err
	}
	return w.Writer.Write(p)
}
