package boltstore

import (
	"github.com/google/uuid"
	"go.etcd.io/bbolt"

	"github.com/bindset/bindset/boltstore/internal/record"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/store"
)

// upgrade makes a sound file of format 1 one of format 2: it adds the tables that
// were not there, and puts all hosts again, in the form in which they are kept now.
// The records of services and bindings stay as they are until they are put again. It
// takes as much memory as the records of all hosts.
func upgrade(tx *bbolt.Tx) error {
	for _, name := range tableNames[tablesOfFormat1:] {
		if _, err := tx.CreateBucket([]byte(name)); err != nil {
			return err
		}
	}
	w := &writer{reader: reader{tx: tx}}
	var all []uuid.UUID
	for k := range w.under(hosts, nil) {
		all = append(all, uuid.UUID(k))
	}
	for _, id := range all {
		old, err := w.host(id)
		if err != nil {
			return err
		}
		inv, err := store.CheckPutHost(old)
		if err != nil {
			return damaged(err)
		}
		generation, err := w.bucket(hosts).NextSequence()
		if err != nil {
			return err
		}
		h := inv.Host()
		w.put(hosts, key(id), record.EncodeHost(&h, generation, record.Scan{}))
		w.find(&host.Host{}, &h)
	}
	if w.broken != nil {
		return w.broken
	}
	return setFormat(tx)
}
