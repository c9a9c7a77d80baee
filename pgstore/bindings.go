package pgstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// A bindingRow is a row of the table bindings.
type bindingRow struct {
	id, service, network   pgtype.UUID
	kind                   string
	port, iface, ipAddress pgtype.UUID
	family                 pgtype.Text
	created, updated       pgtype.Timestamptz
	validFrom, validTo     pgtype.Timestamptz
	lineage                pgtype.UUID
	seen                   seenRow
}

func (r *bindingRow) columns() []any {
	return append([]any{
		&r.id, &r.service, &r.network, &r.kind, &r.port, &r.iface, &r.ipAddress, &r.family, &r.created, &r.updated,
		&r.validFrom, &r.validTo, &r.lineage,
	}, r.seen.columns()...)
}

// The kinds of a binding in the database.
const (
	kindInterface = "interface"
	kindIPAddress = "ip_address"
	kindPort      = "port"
)

// The families of a listener that is at every address of one.
const (
	familyIPv4 = "ipv4"
	familyIPv6 = "ipv6"
)

func (r *bindingRow) target() (binding.Target, error) {
	switch r.kind {
	case kindPort:
		scope, err := r.scope()
		return binding.Port(r.port.Bytes, scope), err
	case kindInterface:
		return binding.Interface(r.iface.Bytes), nil
	case kindIPAddress:
		return binding.IPAddress(r.ipAddress.Bytes), nil
	default:
		return binding.Target{}, fmt.Errorf("the kind %q is none of interface, ip_address and port", r.kind)
	}
}

// scope returns the scope of a listener.
func (r *bindingRow) scope() (binding.Scope, error) {
	switch {
	case r.iface.Valid:
		return binding.OnInterface(r.iface.Bytes), nil
	case r.ipAddress.Valid:
		return binding.OnIPAddress(r.ipAddress.Bytes), nil
	case !r.family.Valid:
		return binding.AllInterfaces(), nil
	case r.family.String == familyIPv4:
		return binding.AllIPv4(), nil
	case r.family.String == familyIPv6:
		return binding.AllIPv6(), nil
	default:
		return binding.Scope{}, fmt.Errorf("the IP family %q is none of ipv4 and ipv6", r.family.String)
	}
}

func (r *bindingRow) binding() (binding.Binding, error) {
	target, err := r.target()
	return binding.Binding{
		Target: target, ID: r.id.Bytes, ServiceID: r.service.Bytes, NetworkID: r.network.Bytes,
		CreatedAt: timeOf(r.created), UpdatedAt: timeOf(r.updated), Sightings: r.seen.sightings(),
		ValidFrom: timeOf(r.validFrom), ValidTo: timeOf(r.validTo), LineageID: r.lineage.Bytes,
	}, err
}

// readBindings calls fn with the binding in each row. What else is in a row is
// read into rest first.
func readBindings(rows pgx.Rows, fn func(binding.Binding), rest ...any) error {
	var row bindingRow
	_, err := pgx.ForEachRow(rows, append(row.columns(), rest...), func() error {
		b, err := row.binding()
		fn(b)
		return err
	})
	return err
}

func (t *tx) BindingOwners(ctx context.Context, bindingIDs ...uuid.UUID) (map[uuid.UUID]uuid.UUID, error) {
	owners := make(map[uuid.UUID]uuid.UUID)
	if len(bindingIDs) == 0 {
		return owners, t.usable()
	}
	var bindingID, serviceID pgtype.UUID
	batch := t.batch()
	queueRows(batch, t.sql.owners, []any{ids(bindingIDs)}, []any{&bindingID, &serviceID}, func() error {
		owners[bindingID.Bytes] = serviceID.Bytes
		return nil
	})
	if err := t.send(ctx, "read the services of bindings", batch); err != nil {
		return nil, err
	}
	return owners, nil
}

func (t *tx) Listeners(ctx context.Context, hostID uuid.UUID, portIDs ...uuid.UUID) ([]validate.Claim, error) {
	if err := t.touch(hostID); err != nil {
		return nil, err
	}
	var claims []validate.Claim
	var serviceName string
	batch := t.batch()
	batch.Queue(t.sql.listeners, required(hostID), ids(portIDs)).Query(func(rows pgx.Rows) error {
		return readBindings(rows, func(b binding.Binding) {
			claims = append(claims, validate.Claim{Binding: b, ServiceName: serviceName})
		}, &serviceName)
	})
	if err := t.send(ctx, "read the listeners on host "+hostID.String(), batch); err != nil {
		return nil, err
	}
	return claims, nil
}

// PutBindings takes one round trip where it succeeds: how much its statements
// wrote says whether it did, and then what they wrote is undone and others find
// out why. To look first whether new IDs are free would be to read the place in
// the index that all new IDs go to, and to be in the way of everyone.
func (t *tx) PutBindings(ctx context.Context, serviceID uuid.UUID, put []binding.Binding, del []uuid.UUID) error {
	if err := checkBindings(serviceID, put); err != nil {
		return err
	}
	if len(put)+len(del) == 0 {
		return t.requireService(ctx, serviceID)
	}
	what := "write the bindings of service " + serviceID.String()
	want, written := int64(len(put)+len(del)), int64(0)
	batch := t.batch()
	if want > 1 {
		batch.Queue(setSavepoint)
	}
	if len(del) > 0 {
		batch.Queue(t.sql.deleteBindings, required(serviceID), ids(del)).Exec(countInto(&written))
	}
	if len(put) > 0 {
		batch.Queue(t.sql.putBindings, append([]any{required(serviceID)}, columnsOf(put)...)...).Exec(countInto(&written))
	}
	if err := t.send(ctx, what, batch); err != nil {
		return err
	}
	t.savepoint = want > 1
	if written == want {
		return nil
	}
	if t.savepoint {
		undo := &pgx.Batch{}
		undo.Queue(rollbackToSavepoint)
		if err := t.send(ctx, what, undo); err != nil {
			return err
		}
	}
	if err := t.whyNotPut(ctx, serviceID, put, del); err != nil {
		return err
	}
	t.failed = fmt.Errorf("pgstore: %s: the database wrote %d of %d rows; does a trigger or a rule change the table bindings?", what, written, want)
	return t.failed
}

// whyNotPut returns the error of a PutBindings that cannot be done.
func (t *tx) whyNotPut(ctx context.Context, serviceID uuid.UUID, put []binding.Binding, del []uuid.UUID) error {
	if err := t.requireService(ctx, serviceID); err != nil {
		return err
	}
	named := slices.Clone(del)
	for i := range put {
		named = append(named, put[i].ID)
	}
	owners, err := t.BindingOwners(ctx, named...)
	if err != nil {
		return err
	}
	for i := range put {
		if owner, ok := owners[put[i].ID]; ok && owner != serviceID {
			return &store.EntityError{Code: store.ErrExists, Entity: store.EntityBinding, ID: put[i].ID}
		}
	}
	for _, id := range del {
		if owners[id] != serviceID {
			return notFound(store.EntityBinding, id)
		}
		delete(owners, id) // a second time it is not there
	}
	return nil
}

func (t *tx) requireService(ctx context.Context, id uuid.UUID) error {
	exists, err := t.exists(ctx, t.sql.serviceExists, id)
	if err == nil && !exists {
		return notFound(store.EntityService, id)
	}
	return err
}

// checkBindings refuses what the columns cannot hold, before the database does:
// that would undo the transaction.
func checkBindings(serviceID uuid.UUID, put []binding.Binding) error {
	if err := store.CheckPutBindings(serviceID, put); err != nil {
		return err
	}
	for i := range put {
		b := &put[i]
		for _, t := range []struct {
			field string
			at    time.Time
		}{
			{"created_at", b.CreatedAt},
			{"updated_at", b.UpdatedAt},
			{"last_seen_at", b.LastSeenAt},
			{"valid_from", b.ValidFrom},
			{"valid_to", b.ValidTo},
		} {
			if err := checkTime(t.field, t.at); err != nil {
				return err.Under(fmt.Sprintf("bindings[%d]", i))
			}
		}
	}
	return nil
}

// columnsOf returns bindings as the statement takes them: an array for each
// column, the IDs first.
func columnsOf(bindings []binding.Binding) []any {
	n := len(bindings)
	var (
		ids, networks, ports, interfaces, ipAddresses, lineages = uuids(n), uuids(n), uuids(n), uuids(n), uuids(n), uuids(n)
		created, updated, from, to                              = times(n), times(n), times(n), times(n)
		kinds, families                                         = make([]string, n), make([]pgtype.Text, n)
		seen                                                    = newSeenValues(n)
	)
	for i := range bindings {
		b := &bindings[i]
		ids[i], networks[i], lineages[i] = required(b.ID), id(b.NetworkID), id(b.LineageID)
		kinds[i], families[i] = kindOf(b.Target), familyOf(b.Target.Scope())
		ports[i], interfaces[i], ipAddresses[i] = maybe(b.Target.PortID()), maybe(b.Target.InterfaceID()), maybe(b.Target.IPAddressID())
		created[i], updated[i] = instant(b.CreatedAt), instant(b.UpdatedAt)
		from[i], to[i] = instant(b.ValidFrom), instant(b.ValidTo)
		seen.put(i, b.Sightings, scan{})
	}
	return append([]any{
		ids, networks, kinds, ports, interfaces, ipAddresses, families, created, updated, from, to, lineages,
	}, seen.columns()...)
}

func uuids(n int) []pgtype.UUID        { return make([]pgtype.UUID, n) }
func times(n int) []pgtype.Timestamptz { return make([]pgtype.Timestamptz, n) }

// kindOf returns the kind of a valid target as the database has it.
func kindOf(t binding.Target) string {
	switch t.Kind() {
	case binding.KindInterface:
		return kindInterface
	case binding.KindIPAddress:
		return kindIPAddress
	default:
		return kindPort
	}
}

// familyOf returns the family of a scope that is all of one, and else NULL.
func familyOf(s binding.Scope) pgtype.Text {
	switch s.Kind() {
	case binding.ScopeAllIPv4:
		return pgtype.Text{String: familyIPv4, Valid: true}
	case binding.ScopeAllIPv6:
		return pgtype.Text{String: familyIPv6, Valid: true}
	default:
		return pgtype.Text{}
	}
}
