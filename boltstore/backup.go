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
func (s *Store) Backup(ctx context.Context, w io.Writer) (n int64, err error) {
	err = s.view(ctx, func(ctx context.Context, r *reader) (err error) {
		if n, err = r.tx.WriteTo(untilDone{ctx, w}); err != nil {
			return fmt.Errorf("boltstore: backup: %w", err)
		}
		return nil
	})
	return n, err
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
