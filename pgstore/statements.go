package pgstore

import (
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// statements are the SQL of a store, in the part of SQL that PostgreSQL and
// CockroachDB share, by the parser of the latter. Lists come in as arrays, so that
// the number of statements does not depend on the length of a list.
type statements struct {
	host, hosts, allHosts, hostsWith     string
	networks                             string
	interfaces, addresses, ports, apart  string
	putHost, deleteHost                  string
	putInterfaces, deleteInterfaces      string
	putAddresses, deleteAddresses        string
	putPorts, deletePorts                string
	moveInterfaces, moveAddresses        string
	services, servicesOnHost             string
	bindings, bindingsOnHost             string
	lastPosition, owners, listeners      string
	updateService, leaveScan, putService string
	deleteService                        string
	putBindings, deleteBindings          string
	notAsLatest, putScan                 string
	saw                                  [tables]string
	hostExists, serviceExists            string
	version, createVersion               string
	firstVersion, putVersion             string
}

// Columns of what is written, in the order of the values.
const (
	seenColumns     = `first_discovery_id, in_latest_scan, last_seen_at, last_discovery_id`
	hostValues      = `network_id, name, revision, inventory_id, ` + seenColumns
	interfaceValues = `ordinal, name, description, mac, position, address, zone, subnet_id, ` + seenColumns
	addressValues   = `ordinal, address, zone, subnet_id, name, mac, position, interface_id, ` + seenColumns
	portValues      = `ordinal, number, protocol, type, ` + seenColumns
	serviceValues   = `network_id, name, definition, source_type, source_rest, position, tags, virtualization, revision,
		created_at, updated_at, ` + seenColumns
	bindingValues = `network_id, kind, port_id, interface_id, ip_address_id, ip_family, created_at, updated_at, valid_from, valid_to,
		lineage_id, ` + seenColumns
)

// Columns in the order in which rows are read. A host has the alias h, also where
// it is read for the scan that saw the rows.
var (
	hostColumns = `h.id, h.network_id, h.name, h.revision, h.inventory_id, h.scanned_at, h.scan_id, ` + sightings("h")

	serviceColumns = `s.id, s.host_id, s.network_id, s.name, s.definition, s.source_type, s.source_rest, s.position, s.tags,
		s.virtualization, s.revision, s.created_at, s.updated_at, ` + sightings("s")

	bindingColumns = `b.id, b.service_id, b.network_id, b.kind, b.port_id, b.interface_id, b.ip_address_id, b.ip_family,
		b.created_at, b.updated_at, b.valid_from, b.valid_to, b.lineage_id, ` + sightings("b")
)

// sightings returns the columns with the Sightings of a row on the host h.
func sightings(alias string) string {
	return strings.ReplaceAll(`t.first_discovery_id,
		CASE WHEN t.in_latest_scan THEN h.scanned_at ELSE t.last_seen_at END,
		CASE WHEN t.in_latest_scan THEN h.scan_id ELSE t.last_discovery_id END`, "t.", alias+".")
}

// apart returns the query for the Sightings of what is in a table of a host with a
// given inventory, without what its latest scan saw and the scan found that found
// the host.
func apart(table string) string {
	return `SELECT t.id, ` + sightings("t") + ` FROM bindset.hosts AS h JOIN bindset.` + table + ` AS t ON t.host_id = h.id
		WHERE h.id = $1 AND h.inventory_id = $2
			AND NOT (t.in_latest_scan AND t.first_discovery_id IS NOT DISTINCT FROM h.first_discovery_id)`
}

// overwrite returns what sets columns to the values that are in conflict.
func overwrite(columns string) string {
	names := strings.Fields(strings.ReplaceAll(columns, ",", " "))
	for i, name := range names {
		names[i] = name + " = excluded." + name
	}
	return strings.Join(names, ", ")
}

// saw returns the statement that says when rows of a table were last seen: by the
// latest scan of their host, or at a time of their own. They keep the ID of a scan
// if none is given.
func saw(table, hostID string) string {
	return `UPDATE bindset.` + table + ` SET in_latest_scan = $2::bool, last_seen_at = $3,
			last_discovery_id = CASE WHEN $2::bool THEN NULL ELSE coalesce($4, last_discovery_id) END
		WHERE ` + hostID + ` = $1 AND id = ANY($5::uuid[])`
}

// A table of things that scans see.
type table int

const (
	tableHosts table = iota
	tableInterfaces
	tableIPAddresses
	tablePorts
	tableServices
	tableBindings
	tables // how many there are
)

// onHost says of each table which rows t are of the host $1.
var onHost = [tables]string{
	tableHosts:       `bindset.hosts AS t WHERE t.id = $1`,
	tableInterfaces:  `bindset.interfaces AS t WHERE t.host_id = $1`,
	tableIPAddresses: `bindset.ip_addresses AS t WHERE t.host_id = $1`,
	tablePorts:       `bindset.ports AS t WHERE t.host_id = $1`,
	tableServices:    `bindset.services AS t WHERE t.host_id = $1`,
	tableBindings:    `bindset.services AS s JOIN bindset.bindings AS t ON t.service_id = s.id WHERE s.host_id = $1`,
}

// notAsLatest returns the query for what on a host the latest scan saw and the scan
// of some IDs did not, or the other way round.
func notAsLatest() string {
	var queries [tables]string
	for in, rows := range onHost {
		queries[in] = fmt.Sprintf(`SELECT %d, t.id, t.in_latest_scan, t.first_discovery_id, t.last_seen_at, t.last_discovery_id FROM %s
			AND t.in_latest_scan <> (t.id IN (SELECT unnest($2::uuid[])))`, in, rows)
	}
	return strings.Join(queries[:], "\n\t\t\tUNION ALL ")
}

// statementsIn returns the statements for a schema. The texts here have bindset
// in its place.
func statementsIn(schema string) statements {
	in := strings.NewReplacer("bindset.", pgx.Identifier{schema}.Sanitize()+".").Replace
	return statements{
		host: in(`SELECT ` + hostColumns + ` FROM bindset.hosts AS h WHERE h.id = $1`),
		hosts: in(`
			SELECT ` + hostColumns + ` FROM bindset.hosts AS h WHERE h.network_id = $1 AND h.id > $2 ORDER BY h.id LIMIT $3`),
		allHosts: in(`SELECT ` + hostColumns + ` FROM bindset.hosts AS h WHERE h.id > $1 ORDER BY h.id LIMIT $2`),
		hostsWith: in(`
			SELECT ` + hostColumns + ` FROM bindset.hosts AS h WHERE h.id IN (
				SELECT i.host_id FROM bindset.interfaces AS i
				WHERE i.network_id = $1 AND i.address = ANY($2::inet[]) AND i.address IS NOT NULL
				UNION ALL SELECT i.host_id FROM bindset.interfaces AS i
				WHERE i.network_id = $1 AND i.mac = ANY($3::text[]) AND i.mac <> ''
				UNION ALL SELECT a.host_id FROM bindset.ip_addresses AS a
				WHERE a.network_id = $1 AND a.address = ANY($2::inet[])
				UNION ALL SELECT a.host_id FROM bindset.ip_addresses AS a
				WHERE a.network_id = $1 AND a.mac = ANY($3::text[]) AND a.mac <> '')
			ORDER BY h.id`),
		networks: in(`
			WITH RECURSIVE networks (id) AS (
				(SELECT h.network_id FROM bindset.hosts AS h WHERE h.network_id > $1 ORDER BY h.network_id LIMIT 1)
				UNION ALL
				SELECT (SELECT h.network_id FROM bindset.hosts AS h WHERE h.network_id > n.id ORDER BY h.network_id LIMIT 1)
				FROM networks AS n WHERE n.id IS NOT NULL)
			SELECT id FROM networks WHERE id IS NOT NULL LIMIT $2`),
		interfaces: in(`
			SELECT t.host_id, t.id, t.name, t.description, t.mac, t.position, t.address, t.zone, t.subnet_id, ` + sightings("t") + `
			FROM bindset.hosts AS h JOIN bindset.interfaces AS t ON t.host_id = h.id
			WHERE h.id = ANY($1::uuid[]) AND h.inventory_id <> $2 ORDER BY t.host_id, t.ordinal`),
		addresses: in(`
			SELECT t.host_id, t.id, t.address, t.zone, t.subnet_id, t.name, t.mac, t.position, t.interface_id, ` + sightings("t") + `
			FROM bindset.hosts AS h JOIN bindset.ip_addresses AS t ON t.host_id = h.id
			WHERE h.id = ANY($1::uuid[]) AND h.inventory_id <> $2 ORDER BY t.host_id, t.ordinal`),
		ports: in(`
			SELECT t.host_id, t.id, t.number, t.protocol, t.type, ` + sightings("t") + `
			FROM bindset.hosts AS h JOIN bindset.ports AS t ON t.host_id = h.id
			WHERE h.id = ANY($1::uuid[]) AND h.inventory_id <> $2 ORDER BY t.host_id, t.ordinal`),
		apart: in(apart("interfaces") + ` UNION ALL ` + apart("ip_addresses") + ` UNION ALL ` + apart("ports")),

		putHost: in(`
			INSERT INTO bindset.hosts (id, ` + hostValues + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			ON CONFLICT (id) DO UPDATE SET ` + overwrite(hostValues)),
		putInterfaces: in(`
			INSERT INTO bindset.interfaces (host_id, network_id, id, ` + interfaceValues + `)
			SELECT $1::uuid, $2::uuid, u.* FROM unnest($3::uuid[], $4::int4[], $5::text[], $6::text[], $7::text[], $8::int4[],
				$9::inet[], $10::text[], $11::uuid[], $12::uuid[], $13::bool[], $14::timestamptz[], $15::uuid[]) AS u
			ON CONFLICT (host_id, id) DO UPDATE SET ` + overwrite(interfaceValues)),
		putAddresses: in(`
			INSERT INTO bindset.ip_addresses (host_id, network_id, id, ` + addressValues + `)
			SELECT $1::uuid, $2::uuid, u.* FROM unnest($3::uuid[], $4::int4[], $5::inet[], $6::text[], $7::uuid[], $8::text[],
				$9::text[], $10::int4[], $11::uuid[], $12::uuid[], $13::bool[], $14::timestamptz[], $15::uuid[]) AS u
			ON CONFLICT (host_id, id) DO UPDATE SET ` + overwrite(addressValues)),
		putPorts: in(`
			INSERT INTO bindset.ports (host_id, id, ` + portValues + `)
			SELECT $1::uuid, u.* FROM unnest($2::uuid[], $3::int4[], $4::int4[], $5::text[], $6::text[], $7::uuid[], $8::bool[],
				$9::timestamptz[], $10::uuid[]) AS u`),
		deleteHost: in(`
			DELETE FROM bindset.hosts
			WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM bindset.services AS s WHERE s.host_id = $1)`),
		deleteInterfaces: in(`DELETE FROM bindset.interfaces WHERE host_id = $1 AND id = ANY($2::uuid[])`),
		deleteAddresses:  in(`DELETE FROM bindset.ip_addresses WHERE host_id = $1 AND id = ANY($2::uuid[])`),
		deletePorts:      in(`DELETE FROM bindset.ports WHERE host_id = $1 AND id = ANY($2::uuid[])`),
		moveInterfaces:   in(`UPDATE bindset.interfaces SET network_id = $2 WHERE host_id = $1`),
		moveAddresses:    in(`UPDATE bindset.ip_addresses SET network_id = $2 WHERE host_id = $1`),

		services: in(`
			SELECT ` + serviceColumns + `
			FROM bindset.services AS s JOIN bindset.hosts AS h ON h.id = s.host_id
			WHERE s.id = ANY($1::uuid[]) ORDER BY s.id`),
		servicesOnHost: in(`
			SELECT ` + serviceColumns + `
			FROM bindset.services AS s JOIN bindset.hosts AS h ON h.id = s.host_id
			WHERE s.host_id = $1 ORDER BY s.position, s.id`),
		bindings: in(`
			SELECT ` + bindingColumns + `
			FROM bindset.services AS s JOIN bindset.hosts AS h ON h.id = s.host_id JOIN bindset.bindings AS b ON b.service_id = s.id
			WHERE s.id = ANY($1::uuid[]) ORDER BY b.id`),
		bindingsOnHost: in(`
			SELECT ` + bindingColumns + `
			FROM bindset.services AS s JOIN bindset.hosts AS h ON h.id = s.host_id JOIN bindset.bindings AS b ON b.service_id = s.id
			WHERE s.host_id = $1 ORDER BY b.id`),
		lastPosition: in(`
			SELECT position FROM bindset.services WHERE host_id = $1 ORDER BY position DESC LIMIT 1`),
		owners: in(`SELECT id, service_id FROM bindset.bindings WHERE id = ANY($1::uuid[])`),
		listeners: in(`
			SELECT ` + bindingColumns + `, s.name
			FROM bindset.bindings AS b JOIN bindset.services AS s ON s.id = b.service_id JOIN bindset.hosts AS h ON h.id = s.host_id
			WHERE b.host_id = $1 AND b.port_id = ANY($2::uuid[]) AND b.port_id IS NOT NULL
			ORDER BY b.id`),

		updateService: in(`
			UPDATE bindset.services SET (` + serviceValues + `) = ($3::uuid, $4::text, $5::text, $6::text, $7::text, $8::int4,
				$9::text[], $10::text, $11::bigint, $12::timestamptz, $13::timestamptz, $14::uuid, $15::bool,
				$16::timestamptz, $17::uuid)
			WHERE id = $1 AND host_id = $2`),
		leaveScan: in(`
			UPDATE bindset.bindings AS b SET in_latest_scan = false, last_seen_at = h.scanned_at, last_discovery_id = h.scan_id
			FROM bindset.hosts AS h
			WHERE b.service_id = $1 AND b.host_id <> $2 AND b.in_latest_scan AND h.id = b.host_id`),
		putService: in(`
			INSERT INTO bindset.services (id, host_id, ` + serviceValues + `)
			SELECT $1::uuid, h.id, $3::uuid, $4::text, $5::text, $6::text, $7::text, $8::int4, $9::text[], $10::text, $11::bigint,
				$12::timestamptz, $13::timestamptz, $14::uuid, $15::bool, $16::timestamptz, $17::uuid
			FROM bindset.hosts AS h
			WHERE h.id = $2 AND NOT EXISTS (SELECT 1 FROM bindset.services AS s WHERE s.id = $1 AND s.host_id = $2)
			ON CONFLICT (id) DO UPDATE SET host_id = excluded.host_id, ` + overwrite(serviceValues)),
		deleteService: in(`DELETE FROM bindset.services WHERE id = $1`),

		putBindings: in(`
			INSERT INTO bindset.bindings (id, service_id, host_id, ` + bindingValues + `)
			SELECT u.id, s.service_id, s.host_id, ` + bindingValues + `
			FROM (SELECT id, host_id FROM bindset.services WHERE id = $1) AS s (service_id, host_id),
				unnest($2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::uuid[], $8::text[], $9::timestamptz[],
					$10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::uuid[], $14::uuid[], $15::bool[],
					$16::timestamptz[], $17::uuid[]) AS u (id, ` + bindingValues + `)
			ON CONFLICT (id) DO UPDATE SET ` + overwrite(bindingValues) + `
			WHERE bindings.service_id = excluded.service_id`),
		deleteBindings: in(`DELETE FROM bindset.bindings WHERE service_id = $1 AND id = ANY($2::uuid[])`),

		notAsLatest: in(notAsLatest()),
		putScan:     in(`UPDATE bindset.hosts SET scanned_at = $2, scan_id = $3 WHERE id = $1`),
		saw: [tables]string{
			tableHosts:       in(saw("hosts", "id")),
			tableInterfaces:  in(saw("interfaces", "host_id")),
			tableIPAddresses: in(saw("ip_addresses", "host_id")),
			tablePorts:       in(saw("ports", "host_id")),
			tableServices:    in(saw("services", "host_id")),
			tableBindings:    in(saw("bindings", "host_id")),
		},

		hostExists:    in(`SELECT EXISTS (SELECT 1 FROM bindset.hosts WHERE id = $1)`),
		serviceExists: in(`SELECT EXISTS (SELECT 1 FROM bindset.services WHERE id = $1)`),

		version:       in(`SELECT version FROM bindset.schema_version`),
		createVersion: in(`CREATE TABLE IF NOT EXISTS bindset.schema_version (version int4 NOT NULL)`),
		firstVersion:  in(`INSERT INTO bindset.schema_version (version) VALUES (0)`),
		putVersion:    in(`UPDATE bindset.schema_version SET version = $1`),
	}
}
