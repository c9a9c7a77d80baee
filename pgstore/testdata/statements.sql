BEGIN ISOLATION LEVEL SERIALIZABLE;

CREATE SCHEMA bindset;

CREATE TABLE IF NOT EXISTS bindset.schema_version (version int4 NOT NULL);

DELETE FROM bindset.bindings WHERE service_id = $1 AND id = ANY($2::uuid[]);

DELETE FROM bindset.hosts
WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM bindset.services AS s WHERE s.host_id = $1);

DELETE FROM bindset.interfaces WHERE host_id = $1 AND id = ANY($2::uuid[]);

DELETE FROM bindset.ip_addresses WHERE host_id = $1 AND id = ANY($2::uuid[]);

DELETE FROM bindset.ports WHERE host_id = $1 AND id = ANY($2::uuid[]);

DELETE FROM bindset.services WHERE id = $1;

INSERT INTO bindset.bindings (id, service_id, host_id, network_id, kind, port_id, interface_id, ip_address_id, ip_family, created_at, updated_at, valid_from, valid_to,
lineage_id, first_discovery_id, in_latest_scan, last_seen_at, last_discovery_id)
SELECT u.id, s.service_id, s.host_id, network_id, kind, port_id, interface_id, ip_address_id, ip_family, created_at, updated_at, valid_from, valid_to,
lineage_id, first_discovery_id, in_latest_scan, last_seen_at, last_discovery_id
FROM (SELECT id, host_id FROM bindset.services WHERE id = $1) AS s (service_id, host_id),
unnest($2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::uuid[], $8::text[], $9::timestamptz[],
$10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::uuid[], $14::uuid[], $15::bool[],
$16::timestamptz[], $17::uuid[]) AS u (id, network_id, kind, port_id, interface_id, ip_address_id, ip_family, created_at, updated_at, valid_from, valid_to,
lineage_id, first_discovery_id, in_latest_scan, last_seen_at, last_discovery_id)
ON CONFLICT (id) DO UPDATE SET network_id = excluded.network_id, kind = excluded.kind, port_id = excluded.port_id, interface_id = excluded.interface_id, ip_address_id = excluded.ip_address_id, ip_family = excluded.ip_family, created_at = excluded.created_at, updated_at = excluded.updated_at, valid_from = excluded.valid_from, valid_to = excluded.valid_to, lineage_id = excluded.lineage_id, first_discovery_id = excluded.first_discovery_id, in_latest_scan = excluded.in_latest_scan, last_seen_at = excluded.last_seen_at, last_discovery_id = excluded.last_discovery_id
WHERE bindings.service_id = excluded.service_id;

INSERT INTO bindset.hosts (id, network_id, name, revision, inventory_id, first_discovery_id, in_latest_scan, last_seen_at, last_discovery_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (id) DO UPDATE SET network_id = excluded.network_id, name = excluded.name, revision = excluded.revision, inventory_id = excluded.inventory_id, first_discovery_id = excluded.first_discovery_id, in_latest_scan = excluded.in_latest_scan, last_seen_at = excluded.last_seen_at, last_discovery_id = excluded.last_discovery_id;

INSERT INTO bindset.interfaces (host_id, network_id, id, ordinal, name, description, mac, position, address, zone, subnet_id, first_discovery_id, in_latest_scan, last_seen_at, last_discovery_id)
SELECT $1::uuid, $2::uuid, u.* FROM unnest($3::uuid[], $4::int4[], $5::text[], $6::text[], $7::text[], $8::int4[],
$9::inet[], $10::text[], $11::uuid[], $12::uuid[], $13::bool[], $14::timestamptz[], $15::uuid[]) AS u
ON CONFLICT (host_id, id) DO UPDATE SET ordinal = excluded.ordinal, name = excluded.name, description = excluded.description, mac = excluded.mac, position = excluded.position, address = excluded.address, zone = excluded.zone, subnet_id = excluded.subnet_id, first_discovery_id = excluded.first_discovery_id, in_latest_scan = excluded.in_latest_scan, last_seen_at = excluded.last_seen_at, last_discovery_id = excluded.last_discovery_id;

INSERT INTO bindset.ip_addresses (host_id, network_id, id, ordinal, address, zone, subnet_id, name, mac, position, interface_id, first_discovery_id, in_latest_scan, last_seen_at, last_discovery_id)
SELECT $1::uuid, $2::uuid, u.* FROM unnest($3::uuid[], $4::int4[], $5::inet[], $6::text[], $7::uuid[], $8::text[],
$9::text[], $10::int4[], $11::uuid[], $12::uuid[], $13::bool[], $14::timestamptz[], $15::uuid[]) AS u
ON CONFLICT (host_id, id) DO UPDATE SET ordinal = excluded.ordinal, address = excluded.address, zone = excluded.zone, subnet_id = excluded.subnet_id, name = excluded.name, mac = excluded.mac, position = excluded.position, interface_id = excluded.interface_id, first_discovery_id = excluded.first_discovery_id, in_latest_scan = excluded.in_latest_scan, last_seen_at = excluded.last_seen_at, last_discovery_id = excluded.last_discovery_id;

INSERT INTO bindset.ports (host_id, id, ordinal, number, protocol, type, first_discovery_id, in_latest_scan, last_seen_at, last_discovery_id)
SELECT $1::uuid, u.* FROM unnest($2::uuid[], $3::int4[], $4::int4[], $5::text[], $6::text[], $7::uuid[], $8::bool[],
$9::timestamptz[], $10::uuid[]) AS u;

INSERT INTO bindset.schema_version (version) VALUES (0);

INSERT INTO bindset.services (id, host_id, network_id, name, definition, source_type, source_rest, position, tags, virtualization, revision,
created_at, updated_at, first_discovery_id, in_latest_scan, last_seen_at, last_discovery_id)
SELECT $1::uuid, h.id, $3::uuid, $4::text, $5::text, $6::text, $7::text, $8::int4, $9::text[], $10::text, $11::bigint,
$12::timestamptz, $13::timestamptz, $14::uuid, $15::bool, $16::timestamptz, $17::uuid
FROM bindset.hosts AS h
WHERE h.id = $2 AND NOT EXISTS (SELECT 1 FROM bindset.services AS s WHERE s.id = $1 AND s.host_id = $2)
ON CONFLICT (id) DO UPDATE SET host_id = excluded.host_id, network_id = excluded.network_id, name = excluded.name, definition = excluded.definition, source_type = excluded.source_type, source_rest = excluded.source_rest, position = excluded.position, tags = excluded.tags, virtualization = excluded.virtualization, revision = excluded.revision, created_at = excluded.created_at, updated_at = excluded.updated_at, first_discovery_id = excluded.first_discovery_id, in_latest_scan = excluded.in_latest_scan, last_seen_at = excluded.last_seen_at, last_discovery_id = excluded.last_discovery_id;

RELEASE SAVEPOINT bindset;

ROLLBACK TO SAVEPOINT bindset;

SAVEPOINT bindset;

SELECT 0, t.id, t.in_latest_scan, t.first_discovery_id, t.last_seen_at, t.last_discovery_id FROM bindset.hosts AS t WHERE t.id = $1
AND t.in_latest_scan <> (t.id IN (SELECT unnest($2::uuid[])))
UNION ALL SELECT 1, t.id, t.in_latest_scan, t.first_discovery_id, t.last_seen_at, t.last_discovery_id FROM bindset.interfaces AS t WHERE t.host_id = $1
AND t.in_latest_scan <> (t.id IN (SELECT unnest($2::uuid[])))
UNION ALL SELECT 2, t.id, t.in_latest_scan, t.first_discovery_id, t.last_seen_at, t.last_discovery_id FROM bindset.ip_addresses AS t WHERE t.host_id = $1
AND t.in_latest_scan <> (t.id IN (SELECT unnest($2::uuid[])))
UNION ALL SELECT 3, t.id, t.in_latest_scan, t.first_discovery_id, t.last_seen_at, t.last_discovery_id FROM bindset.ports AS t WHERE t.host_id = $1
AND t.in_latest_scan <> (t.id IN (SELECT unnest($2::uuid[])))
UNION ALL SELECT 4, t.id, t.in_latest_scan, t.first_discovery_id, t.last_seen_at, t.last_discovery_id FROM bindset.services AS t WHERE t.host_id = $1
AND t.in_latest_scan <> (t.id IN (SELECT unnest($2::uuid[])))
UNION ALL SELECT 5, t.id, t.in_latest_scan, t.first_discovery_id, t.last_seen_at, t.last_discovery_id FROM bindset.services AS s JOIN bindset.bindings AS t ON t.service_id = s.id WHERE s.host_id = $1
AND t.in_latest_scan <> (t.id IN (SELECT unnest($2::uuid[])));

SELECT EXISTS (SELECT 1 FROM bindset.hosts WHERE id = $1);

SELECT EXISTS (SELECT 1 FROM bindset.services WHERE id = $1);

SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1);

SELECT b.id, b.service_id, b.network_id, b.kind, b.port_id, b.interface_id, b.ip_address_id, b.ip_family,
b.created_at, b.updated_at, b.valid_from, b.valid_to, b.lineage_id, b.first_discovery_id,
CASE WHEN b.in_latest_scan THEN h.scanned_at ELSE b.last_seen_at END,
CASE WHEN b.in_latest_scan THEN h.scan_id ELSE b.last_discovery_id END
FROM bindset.services AS s JOIN bindset.hosts AS h ON h.id = s.host_id JOIN bindset.bindings AS b ON b.service_id = s.id
WHERE s.host_id = $1 ORDER BY b.id;

SELECT b.id, b.service_id, b.network_id, b.kind, b.port_id, b.interface_id, b.ip_address_id, b.ip_family,
b.created_at, b.updated_at, b.valid_from, b.valid_to, b.lineage_id, b.first_discovery_id,
CASE WHEN b.in_latest_scan THEN h.scanned_at ELSE b.last_seen_at END,
CASE WHEN b.in_latest_scan THEN h.scan_id ELSE b.last_discovery_id END
FROM bindset.services AS s JOIN bindset.hosts AS h ON h.id = s.host_id JOIN bindset.bindings AS b ON b.service_id = s.id
WHERE s.id = ANY($1::uuid[]) ORDER BY b.id;

SELECT b.id, b.service_id, b.network_id, b.kind, b.port_id, b.interface_id, b.ip_address_id, b.ip_family,
b.created_at, b.updated_at, b.valid_from, b.valid_to, b.lineage_id, b.first_discovery_id,
CASE WHEN b.in_latest_scan THEN h.scanned_at ELSE b.last_seen_at END,
CASE WHEN b.in_latest_scan THEN h.scan_id ELSE b.last_discovery_id END, s.name
FROM bindset.bindings AS b JOIN bindset.services AS s ON s.id = b.service_id JOIN bindset.hosts AS h ON h.id = s.host_id
WHERE b.host_id = $1 AND b.port_id = ANY($2::uuid[]) AND b.port_id IS NOT NULL
ORDER BY b.id;

SELECT h.id, h.network_id, h.name, h.revision, h.inventory_id, h.scanned_at, h.scan_id, h.first_discovery_id,
CASE WHEN h.in_latest_scan THEN h.scanned_at ELSE h.last_seen_at END,
CASE WHEN h.in_latest_scan THEN h.scan_id ELSE h.last_discovery_id END FROM bindset.hosts AS h WHERE h.id = $1;

SELECT h.id, h.network_id, h.name, h.revision, h.inventory_id, h.scanned_at, h.scan_id, h.first_discovery_id,
CASE WHEN h.in_latest_scan THEN h.scanned_at ELSE h.last_seen_at END,
CASE WHEN h.in_latest_scan THEN h.scan_id ELSE h.last_discovery_id END FROM bindset.hosts AS h WHERE h.id > $1 ORDER BY h.id LIMIT $2;

SELECT h.id, h.network_id, h.name, h.revision, h.inventory_id, h.scanned_at, h.scan_id, h.first_discovery_id,
CASE WHEN h.in_latest_scan THEN h.scanned_at ELSE h.last_seen_at END,
CASE WHEN h.in_latest_scan THEN h.scan_id ELSE h.last_discovery_id END FROM bindset.hosts AS h WHERE h.id IN (
SELECT i.host_id FROM bindset.interfaces AS i
WHERE i.network_id = $1 AND i.address = ANY($2::inet[]) AND i.address IS NOT NULL
UNION ALL SELECT i.host_id FROM bindset.interfaces AS i
WHERE i.network_id = $1 AND i.mac = ANY($3::text[]) AND i.mac <> ''
UNION ALL SELECT a.host_id FROM bindset.ip_addresses AS a
WHERE a.network_id = $1 AND a.address = ANY($2::inet[])
UNION ALL SELECT a.host_id FROM bindset.ip_addresses AS a
WHERE a.network_id = $1 AND a.mac = ANY($3::text[]) AND a.mac <> '')
ORDER BY h.id;

SELECT h.id, h.network_id, h.name, h.revision, h.inventory_id, h.scanned_at, h.scan_id, h.first_discovery_id,
CASE WHEN h.in_latest_scan THEN h.scanned_at ELSE h.last_seen_at END,
CASE WHEN h.in_latest_scan THEN h.scan_id ELSE h.last_discovery_id END FROM bindset.hosts AS h WHERE h.network_id = $1 AND h.id > $2 ORDER BY h.id LIMIT $3;

SELECT id, service_id FROM bindset.bindings WHERE id = ANY($1::uuid[]);

SELECT pg_advisory_lock($1);

SELECT position FROM bindset.services WHERE host_id = $1 ORDER BY position DESC LIMIT 1;

SELECT s.id, s.host_id, s.network_id, s.name, s.definition, s.source_type, s.source_rest, s.position, s.tags,
s.virtualization, s.revision, s.created_at, s.updated_at, s.first_discovery_id,
CASE WHEN s.in_latest_scan THEN h.scanned_at ELSE s.last_seen_at END,
CASE WHEN s.in_latest_scan THEN h.scan_id ELSE s.last_discovery_id END
FROM bindset.services AS s JOIN bindset.hosts AS h ON h.id = s.host_id
WHERE s.host_id = $1 ORDER BY s.position, s.id;

SELECT s.id, s.host_id, s.network_id, s.name, s.definition, s.source_type, s.source_rest, s.position, s.tags,
s.virtualization, s.revision, s.created_at, s.updated_at, s.first_discovery_id,
CASE WHEN s.in_latest_scan THEN h.scanned_at ELSE s.last_seen_at END,
CASE WHEN s.in_latest_scan THEN h.scan_id ELSE s.last_discovery_id END
FROM bindset.services AS s JOIN bindset.hosts AS h ON h.id = s.host_id
WHERE s.id = ANY($1::uuid[]) ORDER BY s.id;

SELECT t.host_id, t.id, t.address, t.zone, t.subnet_id, t.name, t.mac, t.position, t.interface_id, t.first_discovery_id,
CASE WHEN t.in_latest_scan THEN h.scanned_at ELSE t.last_seen_at END,
CASE WHEN t.in_latest_scan THEN h.scan_id ELSE t.last_discovery_id END
FROM bindset.hosts AS h JOIN bindset.ip_addresses AS t ON t.host_id = h.id
WHERE h.id = ANY($1::uuid[]) AND h.inventory_id <> $2 ORDER BY t.host_id, t.ordinal;

SELECT t.host_id, t.id, t.name, t.description, t.mac, t.position, t.address, t.zone, t.subnet_id, t.first_discovery_id,
CASE WHEN t.in_latest_scan THEN h.scanned_at ELSE t.last_seen_at END,
CASE WHEN t.in_latest_scan THEN h.scan_id ELSE t.last_discovery_id END
FROM bindset.hosts AS h JOIN bindset.interfaces AS t ON t.host_id = h.id
WHERE h.id = ANY($1::uuid[]) AND h.inventory_id <> $2 ORDER BY t.host_id, t.ordinal;

SELECT t.host_id, t.id, t.number, t.protocol, t.type, t.first_discovery_id,
CASE WHEN t.in_latest_scan THEN h.scanned_at ELSE t.last_seen_at END,
CASE WHEN t.in_latest_scan THEN h.scan_id ELSE t.last_discovery_id END
FROM bindset.hosts AS h JOIN bindset.ports AS t ON t.host_id = h.id
WHERE h.id = ANY($1::uuid[]) AND h.inventory_id <> $2 ORDER BY t.host_id, t.ordinal;

SELECT t.id, t.first_discovery_id,
CASE WHEN t.in_latest_scan THEN h.scanned_at ELSE t.last_seen_at END,
CASE WHEN t.in_latest_scan THEN h.scan_id ELSE t.last_discovery_id END FROM bindset.hosts AS h JOIN bindset.interfaces AS t ON t.host_id = h.id
WHERE h.id = $1 AND h.inventory_id = $2
AND NOT (t.in_latest_scan AND t.first_discovery_id IS NOT DISTINCT FROM h.first_discovery_id) UNION ALL SELECT t.id, t.first_discovery_id,
CASE WHEN t.in_latest_scan THEN h.scanned_at ELSE t.last_seen_at END,
CASE WHEN t.in_latest_scan THEN h.scan_id ELSE t.last_discovery_id END FROM bindset.hosts AS h JOIN bindset.ip_addresses AS t ON t.host_id = h.id
WHERE h.id = $1 AND h.inventory_id = $2
AND NOT (t.in_latest_scan AND t.first_discovery_id IS NOT DISTINCT FROM h.first_discovery_id) UNION ALL SELECT t.id, t.first_discovery_id,
CASE WHEN t.in_latest_scan THEN h.scanned_at ELSE t.last_seen_at END,
CASE WHEN t.in_latest_scan THEN h.scan_id ELSE t.last_discovery_id END FROM bindset.hosts AS h JOIN bindset.ports AS t ON t.host_id = h.id
WHERE h.id = $1 AND h.inventory_id = $2
AND NOT (t.in_latest_scan AND t.first_discovery_id IS NOT DISTINCT FROM h.first_discovery_id);

SELECT version FROM bindset.schema_version;

SET LOCAL enable_seqscan = off;

SET LOCAL plan_cache_mode = force_generic_plan;

SHOW transaction_isolation;

UPDATE bindset.bindings AS b SET in_latest_scan = false, last_seen_at = h.scanned_at, last_discovery_id = h.scan_id
FROM bindset.hosts AS h
WHERE b.service_id = $1 AND b.host_id <> $2 AND b.in_latest_scan AND h.id = b.host_id;

UPDATE bindset.bindings SET in_latest_scan = $2::bool, last_seen_at = $3,
last_discovery_id = CASE WHEN $2::bool THEN NULL ELSE coalesce($4, last_discovery_id) END
WHERE host_id = $1 AND id = ANY($5::uuid[]);

UPDATE bindset.hosts SET in_latest_scan = $2::bool, last_seen_at = $3,
last_discovery_id = CASE WHEN $2::bool THEN NULL ELSE coalesce($4, last_discovery_id) END
WHERE id = $1 AND id = ANY($5::uuid[]);

UPDATE bindset.hosts SET scanned_at = $2, scan_id = $3 WHERE id = $1;

UPDATE bindset.interfaces SET in_latest_scan = $2::bool, last_seen_at = $3,
last_discovery_id = CASE WHEN $2::bool THEN NULL ELSE coalesce($4, last_discovery_id) END
WHERE host_id = $1 AND id = ANY($5::uuid[]);

UPDATE bindset.interfaces SET network_id = $2 WHERE host_id = $1;

UPDATE bindset.ip_addresses SET in_latest_scan = $2::bool, last_seen_at = $3,
last_discovery_id = CASE WHEN $2::bool THEN NULL ELSE coalesce($4, last_discovery_id) END
WHERE host_id = $1 AND id = ANY($5::uuid[]);

UPDATE bindset.ip_addresses SET network_id = $2 WHERE host_id = $1;

UPDATE bindset.ports SET in_latest_scan = $2::bool, last_seen_at = $3,
last_discovery_id = CASE WHEN $2::bool THEN NULL ELSE coalesce($4, last_discovery_id) END
WHERE host_id = $1 AND id = ANY($5::uuid[]);

UPDATE bindset.schema_version SET version = $1;

UPDATE bindset.services SET (network_id, name, definition, source_type, source_rest, position, tags, virtualization, revision,
created_at, updated_at, first_discovery_id, in_latest_scan, last_seen_at, last_discovery_id) = ($3::uuid, $4::text, $5::text, $6::text, $7::text, $8::int4,
$9::text[], $10::text, $11::bigint, $12::timestamptz, $13::timestamptz, $14::uuid, $15::bool,
$16::timestamptz, $17::uuid)
WHERE id = $1 AND host_id = $2;

UPDATE bindset.services SET in_latest_scan = $2::bool, last_seen_at = $3,
last_discovery_id = CASE WHEN $2::bool THEN NULL ELSE coalesce($4, last_discovery_id) END
WHERE host_id = $1 AND id = ANY($5::uuid[]);

WITH RECURSIVE networks (id) AS (
(SELECT h.network_id FROM bindset.hosts AS h WHERE h.network_id > $1 ORDER BY h.network_id LIMIT 1)
UNION ALL
SELECT (SELECT h.network_id FROM bindset.hosts AS h WHERE h.network_id > n.id ORDER BY h.network_id LIMIT 1)
FROM networks AS n WHERE n.id IS NOT NULL)
SELECT id FROM networks WHERE id IS NOT NULL LIMIT $2;

begin isolation level serializable;

begin;

commit;

release savepoint sp_2;

rollback to savepoint sp_1;

rollback;

savepoint sp_1;

savepoint sp_2;
