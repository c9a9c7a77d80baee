BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY; SET LOCAL enable_seqscan = off;

BEGIN ISOLATION LEVEL SERIALIZABLE; SET LOCAL enable_seqscan = off;

CREATE SCHEMA bindset;

CREATE TABLE IF NOT EXISTS bindset.schema_version (version int4 NOT NULL);

DELETE FROM bindset.bindings WHERE service_id = $1 AND id = ANY($2::uuid[]);

DELETE FROM bindset.hosts
WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM bindset.services AS s WHERE s.host_id = $1);

DELETE FROM bindset.interfaces WHERE host_id = $1 AND id = ANY($2::uuid[]);

DELETE FROM bindset.ip_addresses WHERE host_id = $1 AND id = ANY($2::uuid[]);

DELETE FROM bindset.ports WHERE host_id = $1 AND id = ANY($2::uuid[]);

DELETE FROM bindset.services WHERE id = $1;

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
WHERE bindings.service_id = excluded.service_id;

INSERT INTO bindset.hosts (id, network_id, name, revision, inventory_id) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE SET network_id = excluded.network_id, name = excluded.name,
revision = excluded.revision, inventory_id = excluded.inventory_id;

INSERT INTO bindset.interfaces (host_id, id, ordinal, name, description, mac, position, address, zone, subnet_id)
SELECT $1::uuid, u.* FROM unnest($2::uuid[], $3::int4[], $4::text[], $5::text[], $6::text[], $7::int4[],
$8::inet[], $9::text[], $10::uuid[]) AS u
ON CONFLICT (host_id, id) DO UPDATE SET ordinal = excluded.ordinal, name = excluded.name,
description = excluded.description, mac = excluded.mac, position = excluded.position,
address = excluded.address, zone = excluded.zone, subnet_id = excluded.subnet_id;

INSERT INTO bindset.ip_addresses (host_id, id, ordinal, address, zone, subnet_id, name, mac, position, interface_id)
SELECT $1::uuid, u.* FROM unnest($2::uuid[], $3::int4[], $4::inet[], $5::text[], $6::uuid[], $7::text[],
$8::text[], $9::int4[], $10::uuid[]) AS u
ON CONFLICT (host_id, id) DO UPDATE SET ordinal = excluded.ordinal, address = excluded.address,
zone = excluded.zone, subnet_id = excluded.subnet_id, name = excluded.name, mac = excluded.mac,
position = excluded.position, interface_id = excluded.interface_id;

INSERT INTO bindset.ports (host_id, id, ordinal, number, protocol)
SELECT $1::uuid, u.* FROM unnest($2::uuid[], $3::int4[], $4::int4[], $5::text[]) AS u;

INSERT INTO bindset.schema_version (version) VALUES (0);

INSERT INTO bindset.services (id, host_id, network_id, name, definition, source_type, source_rest, position, tags, virtualization,
revision, created_at, updated_at)
SELECT $1::uuid, h.id, $3::uuid, $4::text, $5::text, $6::text, $7::text, $8::int4, $9::text[], $10::text,
$11::bigint, $12::timestamptz, $13::timestamptz
FROM bindset.hosts AS h
WHERE h.id = $2 AND NOT EXISTS (SELECT 1 FROM bindset.services AS s WHERE s.id = $1 AND s.host_id = $2)
ON CONFLICT (id) DO UPDATE SET host_id = excluded.host_id, network_id = excluded.network_id,
name = excluded.name, definition = excluded.definition, source_type = excluded.source_type,
source_rest = excluded.source_rest, position = excluded.position, tags = excluded.tags,
virtualization = excluded.virtualization, revision = excluded.revision,
created_at = excluded.created_at, updated_at = excluded.updated_at;

RELEASE SAVEPOINT bindset;

ROLLBACK TO SAVEPOINT bindset;

SAVEPOINT bindset;

SELECT EXISTS (SELECT 1 FROM bindset.hosts WHERE id = $1);

SELECT EXISTS (SELECT 1 FROM bindset.services WHERE id = $1);

SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1);

SELECT b.id, b.service_id, b.network_id, b.kind, b.port_id, b.interface_id, b.ip_address_id, b.ip_family,
b.created_at, b.updated_at, b.last_seen_at, b.first_discovery_id, b.last_discovery_id, b.valid_from, b.valid_to,
b.lineage_id
FROM bindset.services AS s JOIN bindset.bindings AS b ON b.service_id = s.id
WHERE s.host_id = $1 ORDER BY b.id;

SELECT b.id, b.service_id, b.network_id, b.kind, b.port_id, b.interface_id, b.ip_address_id, b.ip_family,
b.created_at, b.updated_at, b.last_seen_at, b.first_discovery_id, b.last_discovery_id, b.valid_from, b.valid_to,
b.lineage_id FROM bindset.bindings AS b WHERE b.service_id = $1 ORDER BY b.id;

SELECT b.id, b.service_id, b.network_id, b.kind, b.port_id, b.interface_id, b.ip_address_id, b.ip_family,
b.created_at, b.updated_at, b.last_seen_at, b.first_discovery_id, b.last_discovery_id, b.valid_from, b.valid_to,
b.lineage_id, s.name
FROM bindset.bindings AS b JOIN bindset.services AS s ON s.id = b.service_id
WHERE b.host_id = $1 AND b.port_id = ANY($2::uuid[]) AND b.port_id IS NOT NULL
ORDER BY b.id;

SELECT host_id, id, address, zone, subnet_id, name, mac, position, interface_id
FROM bindset.ip_addresses WHERE host_id = ANY($1::uuid[]) ORDER BY host_id, ordinal;

SELECT host_id, id, name, description, mac, position, address, zone, subnet_id
FROM bindset.interfaces WHERE host_id = ANY($1::uuid[]) ORDER BY host_id, ordinal;

SELECT host_id, id, number, protocol
FROM bindset.ports WHERE host_id = ANY($1::uuid[]) ORDER BY host_id, ordinal;

SELECT id, host_id, network_id, name, definition, source_type, source_rest, position, tags, virtualization,
revision, created_at, updated_at FROM bindset.services WHERE host_id = $1 ORDER BY position, id;

SELECT id, host_id, network_id, name, definition, source_type, source_rest, position, tags, virtualization,
revision, created_at, updated_at FROM bindset.services WHERE id = $1;

SELECT id, network_id, name, revision, inventory_id FROM bindset.hosts WHERE id = $1;

SELECT id, network_id, name, revision, inventory_id FROM bindset.hosts WHERE network_id = $1 AND id > $2 ORDER BY id LIMIT $3;

SELECT id, service_id FROM bindset.bindings WHERE id = ANY($1::uuid[]);

SELECT pg_advisory_lock($1);

SELECT position FROM bindset.services WHERE host_id = $1 ORDER BY position DESC LIMIT 1;

SELECT version FROM bindset.schema_version;

SHOW transaction_isolation;

UPDATE bindset.schema_version SET version = $1;

UPDATE bindset.services SET network_id = $3::uuid, name = $4::text, definition = $5::text, source_type = $6::text,
source_rest = $7::text, position = $8::int4, tags = $9::text[], virtualization = $10::text,
revision = $11::bigint, created_at = $12::timestamptz, updated_at = $13::timestamptz
WHERE id = $1 AND host_id = $2;

begin isolation level serializable;

begin;

commit;

release savepoint sp_2;

rollback to savepoint sp_1;

rollback;

savepoint sp_1;

savepoint sp_2;
