package store

import (
	"context"

	"github.com/google/uuid"
)

// copyPage is how many hosts Copy reads at a time.
const copyPage = 100

// Copy copies all that a store holds into an empty one, of any kind: for backups, and
// to move from one kind to another. It takes one View, and one Update that commits
// all or nothing, so that stores that keep a transaction in memory need room for
// all. Where the other store has hosts already, Copy fails with ErrExists.
func Copy(ctx context.Context, to, from Store) error {
	return to.Update(ctx, func(ctx context.Context, w Writer) error {
		there, err := w.Hosts(ctx, uuid.Nil, uuid.Nil, 1)
		if err != nil {
			return err
		}
		for i := range there {
			return &EntityError{
				Code: ErrExists, Entity: EntityHost, ID: there[i].ID, Name: there[i].Name,
				Problem: "is in the store that is to be copied into; copy into an empty one",
			}
		}
		again := false
		return from.View(ctx, func(ctx context.Context, r Reader) error {
			if again { // with another snapshot
				if err := deleteAll(ctx, w); err != nil {
					return err
				}
			}
			again = true
			return copyAll(ctx, w, r)
		})
	})
}

func copyAll(ctx context.Context, w Writer, r Reader) error {
	after := uuid.Nil
	for {
		hosts, err := r.Hosts(ctx, uuid.Nil, after, copyPage)
		if err != nil || len(hosts) == 0 {
			return err
		}
		for i := range hosts {
			if err := w.PutHost(ctx, hosts[i]); err != nil {
				return err
			}
			if err := copyServices(ctx, w, r, hosts[i].ID); err != nil {
				return err
			}
		}
		after = hosts[len(hosts)-1].ID
	}
}

func copyServices(ctx context.Context, w Writer, r Reader, hostID uuid.UUID) error {
	services, err := r.ServicesOnHost(ctx, hostID)
	if err != nil {
		return err
	}
	for i := range services {
		s := &services[i]
		if err := w.PutService(ctx, *s); err != nil {
			return err
		}
		if err := w.PutBindings(ctx, s.ID, s.Bindings, nil); err != nil {
			return err
		}
	}
	return nil
}

// deleteAll deletes all that a store holds.
func deleteAll(ctx context.Context, w Writer) error {
	hosts, err := w.Hosts(ctx, uuid.Nil, uuid.Nil, 0)
	if err != nil {
		return err
	}
	for i := range hosts {
		services, err := w.ServicesOnHost(ctx, hosts[i].ID)
		if err != nil {
			return err
		}
		for j := range services {
			if err := w.DeleteService(ctx, services[j].ID); err != nil {
				return err
			}
		}
		if err := w.DeleteHost(ctx, hosts[i].ID); err != nil {
			return err
		}
	}
	return nil
}
