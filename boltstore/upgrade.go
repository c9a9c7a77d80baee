package boltstore

import (
	"github.com/google/uuid"
	"go.etcd.io/bbolt"

	"github.com/bindset/bindset/boltstore/internal/record"
	"github.com/bindset/bindset/host"
)

// upgrade makes a sound file of format 1 one of format 2. Hosts are put in the form
// in which they are kept now; services and bindings stay as they are until they are
// put again. It takes as much memory as the records of all hosts.
func upgrade(tx *bbolt.Tx) error {
	table := tx.Bucket([]byte(tableNames[hosts]))
	var all []uuid.UUID
	err := table.ForEach(func(k, _ []byte) error { all = append(all, uuid.UUID(k)); return nil })
	if err != nil {
		return err
	}
	for _, id := range all {
		h, err := record.DecodeHost(id, table.Get(id[:]))
		if err != nil {
			return damaged(err)
		}
		inv, err := host.NewInventory(h)
		if err != nil {
			return damaged(err)
		}
		h = inv.Host()
		generation, err := table.NextSequence()
		if err != nil {
			return err
		}
		if err := table.Put(key(id), record.EncodeHost(&h, generation)); err != nil {
			return err
		}
	}
	return setFormat(tx)
}
