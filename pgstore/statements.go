package pgstore

import (
	"strings"

	"github.com/jackc/pgx/v5"
)

// statements are the SQL of a store, in the part of SQL that PostgreSQL and
// CockroachDB share, by the parser of the latter. Lists come in as arrays, so that
// the number of statements does not depend on the length of a list.
type statements struct {
	host, hosts                     string
	interfaces, addresses, ports    string
	putHost, deleteHost             string
	putInterfaces, deleteInterfaces string
	putAddresses, deleteAddresses   string
	putPorts, deletePorts           string
	service, servicesOnHost         string
	bindings, bindingsOnHost        string
	lastPosition, owners, listeners string
	updateService, putService       string
	deleteService                   string
	putBindings, deleteBindings     string
	hostExists, serviceExists       string
	version, createVersion          string
	firstVersion, putVersion        string
}

// Columns, in the order in which rows are read.
const (
	hostColumns    = `id, network_id, name, revision, inventory_id`
	serviceColumns = `id, host_id, network_id, name, definition, source_type, source_rest, position, tags, virtualization,
		revision, created_at, updated_at`
	bindingColumns = `b.id, b.service_id, b.network_id, b.kind, b.port_id, b.interface_id, b.ip_address_id, b.ip_family,
		b.created_at, b.updated_at, b.last_seen_at, b.first_discovery_id, b.last_discovery_id, b.valid_from, b.valid_to,
		b.lineage_id`
)

// statementsIn returns the statements for a schema. The texts here have bindset
// in its place.
func statementsIn(schema string) statements {
	in := strings.NewReplacer("bindset.", pgx.Identifier{schema}.Sanitize()+".").Replace
	return statements{
		host:  in(`SELECT ` + hostColumns + ` FROM bindset.hosts WHERE id = $1`),
		hosts: in(`SELECT ` + hostColumns + ` FROM bindset.hosts WHERE network_id = $1 AND id > $2 ORDER BY id LIMIT $3`),
		interfaces: in(`
			SELECT host_id, id, name, description, mac, position, address, zone, subnet_id
			FROM bindset.interfaces WHERE host_id = ANY($1::uuid[]) ORDER BY host_id, ordinal`),
		addresses: in(`
			SELECT host_id, id, address, zone, subnet_id, name, mac, position, interface_id
			FROM bindset.ip_addresses WHERE host_id = ANY($1::uuid[]) ORDER BY host_id, ordinal`),
		ports: in(`
			SELECT host_id, id, number, protocol
			FROM bindset.ports WHERE host_id = ANY($1::uuid[]) ORDER BY host_id, ordinal`),

		putHost: in(`
			INSERT INTO bindset.hosts (` + hostColumns + `) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (id) DO UPDATE SET network_id = excluded.network_id, name = excluded.name,
				revision = excluded.revision, inventory_id = excluded.inventory_id`),
		putInterfaces: in(`
			INSERT INTO bindset.interfaces (host_id, id, ordinal, name, description, mac, position, address, zone, subnet_id)
			SELECT $1::uuid, u.* FROM unnest($2::uuid[], $3::int4[], $4::text[], $5::text[], $6::text[], $7::int4[],
				$8::inet[], $9::text[], $10::uuid[]) AS u
			ON CONFLICT (host_id, id) DO UPDATE SET ordinal = excluded.ordinal, name = excluded.name,
				description = excluded.description, mac = excluded.mac, position = excluded.position,
				address = excluded.address, zone = excluded.zone, subnet_id = excluded.subnet_id`),
		putAddresses: in(`
			INSERT INTO bindset.ip_addresses (host_id, id, ordinal, address, zone, subnet_id, name, mac, position, interface_id)
			SELECT $1::uuid, u.* FROM unnest($2::uuid[], $3::int4[], $4::inet[], $5::text[], $6::uuid[], $7::text[],
				$8::text[], $9::int4[], $10::uuid[]) AS u
			ON CONFLICT (host_id, id) DO UPDATE SET ordinal = excluded.ordinal, address = excluded.address,
				zone = excluded.zone, subnet_id = excluded.subnet_id, name = excluded.name, mac = excluded.mac,
				position = excluded.position, interface_id = excluded.interface_id`),
		putPorts: in(`
			INSERT INTO bindset.ports (host_id, id, ordinal, number, protocol)
			SELECT $1::uuid, u.* FROM unnest($2::uuid[], $3::int4[], $4::int4[], $5::text[]) AS u`),
		deleteHost: in(`
			DELETE FROM bindset.hosts
			WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM bindset.services AS s WHERE s.host_id = $1)`),
		deleteInterfaces: in(`DELETE FROM bindset.interfaces WHERE host_id = $1 AND id = ANY($2::uuid[])`),
		deleteAddresses:  in(`DELETE FROM bindset.ip_addresses WHERE host_id = $1 AND id = ANY($2::uuid[])`),
		deletePorts:      in(`DELETE FROM bindset.ports WHERE host_id = $1 AND id = ANY($2::uuid[])`),

		service: in(`SELECT ` + serviceColumns + ` FROM bindset.services WHERE id = $1`),
		servicesOnHost: in(`
			SELECT ` + serviceColumns + ` FROM bindset.services WHERE host_id = $1 ORDER BY position, id`),
		bindings: in(`SELECT ` + bindingColumns + ` FROM bindset.bindings AS b WHERE b.service_id = $1 ORDER BY b.id`),
		bindingsOnHost: in(`
			SELECT ` + bindingColumns + `
			FROM bindset.services AS s JOIN bindset.bindings AS b ON b.service_id = s.id
			WHERE s.host_id = $1 ORDER BY b.id`),
		lastPosition: in(`
			SELECT position FROM bindset.services WHERE host_id = $1 ORDER BY position DESC LIMIT 1`),
		owners: in(`SELECT id, service_id FROM bindset.bindings WHERE id = ANY($1::uuid[])`),
		listeners: in(`
			SELECT ` + bindingColumns + `, s.name
			FROM bindset.bindings AS b JOIN bindset.services AS s ON s.id = b.service_id
			WHERE b.host_id = $1 AND b.port_id = ANY($2::uuid[]) AND b.port_id IS NOT NULL
			ORDER BY b.id`),

		updateService: in(`
			UPDATE bindset.services SET network_id = $3::uuid, name = $4::text, definition = $5::text, source_type = $6::text,
				source_rest = $7::text, position = $8::int4, tags = $9::text[], virtualization = $10::text,
				revision = $11::bigint, created_at = $12::timestamptz, updated_at = $13::timestamptz
			WHERE id = $1 AND host_id = $2`),
		putService: in(`
			INSERT INTO bindset.services (` + serviceColumns + `)
			SELECT $1::uuid, h.id, $3::uuid, $4::text, $5::text, $6::text, $7::text, $8::int4, $9::text[], $10::text,
				$11::bigint, $12::timestamptz, $13::timestamptz
			FROM bindset.hosts AS h
			WHERE h.id = $2 AND NOT EXISTS (SELECT 1 FROM bindset.services AS s WHERE s.id = $1 AND s.host_id = $2)
			ON CONFLICT (id) DO UPDATE SET host_id = excluded.host_id, network_id = excluded.network_id,
				name = excluded.name, definition = excluded.definition, source_type = excluded.source_type,
				source_rest = excluded.source_rest, position = excluded.position, tags = excluded.tags,
				virtualization = excluded.virtualization, revision = excluded.revision,
				created_at = excluded.created_at, updated_at = excluded.updated_at`),
		deleteService: in(`DELETE FROM bindset.services WHERE id = $1`),

		putBindings: in(`
			INSERT INTO bindset.bindings (id, service_id, host_id, network_id, kind, port_id, interface_id, ip_address_id,
				ip_family, created_at, updated_at, last_seen_at, first_discovery_id, last_discovery_id, valid_from, valid_to,
				lineage_id)
			SELECT u.id, s.id, s.host_id, u.network_id, u.kind, u.port_id, u.interface_id, u.ip_address_id,
				u.ip_family, u.created_at, u.updated_at, u.last_seen_at, u.first_discovery_id, u.last_discovery_id, u.valid_from,
				u.valid_to, u.lineage_id
			FROM bindset.services AS s, unnest($2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::uuid[],
				$8::text[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::uuid[], $13::uuid[],
				$14::timestamptz[], $15::timestamptz[], $16::uuid[]) AS u (id, network_id, kind, port_id, interface_id,
				ip_address_id, ip_family, created_at, updated_at, last_seen_at, first_discovery_id, last_discovery_id,
				valid_from, valid_to, lineage_id)
			WHERE s.id = $1
			ON CONFLICT (id) DO UPDATE SET network_id = excluded.network_id, kind = excluded.kind,
				port_id = excluded.port_id, interface_id = excluded.interface_id, ip_address_id = excluded.ip_address_id,
				ip_family = excluded.ip_family, created_at = excluded.created_at, updated_at = excluded.updated_at,
				last_seen_at = excluded.last_seen_at, first_discovery_id = excluded.first_discovery_id,
				last_discovery_id = excluded.last_discovery_id, valid_from = excluded.valid_from,
				valid_to = excluded.valid_to, lineage_id = excluded.lineage_id
			WHERE bindings.service_id = excluded.service_id`),
		deleteBindings: in(`DELETE FROM bindset.bindings WHERE service_id = $1 AND id = ANY($2::uuid[])`),
		hostExists:     in(`SELECT EXISTS (SELECT 1 FROM bindset.hosts WHERE id = $1)`),
		serviceExists:  in(`SELECT EXISTS (SELECT 1 FROM bindset.services WHERE id = $1)`),

		version:       in(`SELECT version FROM bindset.schema_version`),
		createVersion: in(`CREATE TABLE IF NOT EXISTS bindset.schema_version (version int4 NOT NULL)`),
		firstVersion:  in(`INSERT INTO bindset.schema_version (version) VALUES (0)`),
		putVersion:    in(`UPDATE bindset.schema_version SET version = $1`),
	}
}
