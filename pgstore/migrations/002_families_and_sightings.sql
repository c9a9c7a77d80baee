-- A listener at every address of one family: no place, and the family.

ALTER TABLE {{.schema}}.bindings ADD COLUMN ip_family text;

ALTER TABLE {{.schema}}.bindings ADD CONSTRAINT a_family_is_of_a_listener_at_no_place CHECK (
	ip_family IS NULL OR (ip_family IN ('ipv4', 'ipv6') AND kind = 'port' AND interface_id IS NULL AND ip_address_id IS NULL));

-- What a port is called.

ALTER TABLE {{.schema}}.ports ADD COLUMN type text NOT NULL DEFAULT '';

-- Hosts are found by the addresses and MACs on them, in a network.

ALTER TABLE {{.schema}}.interfaces ADD COLUMN network_id uuid;

ALTER TABLE {{.schema}}.ip_addresses ADD COLUMN network_id uuid;

UPDATE {{.schema}}.interfaces AS i SET network_id = h.network_id FROM {{.schema}}.hosts AS h WHERE h.id = i.host_id;

UPDATE {{.schema}}.ip_addresses AS a SET network_id = h.network_id FROM {{.schema}}.hosts AS h WHERE h.id = a.host_id;

-- MACs are in one form.

UPDATE {{.schema}}.interfaces SET mac = lower(translate(mac, '-', ':')) WHERE mac ~ '^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2})+$';

UPDATE {{.schema}}.ip_addresses SET mac = lower(translate(mac, '-', ':')) WHERE mac ~ '^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2})+$';

ALTER TABLE {{.schema}}.interfaces ALTER COLUMN network_id SET NOT NULL;

ALTER TABLE {{.schema}}.ip_addresses ALTER COLUMN network_id SET NOT NULL;

CREATE INDEX interfaces_by_address ON {{.schema}}.interfaces (network_id, address) WHERE address IS NOT NULL;

CREATE INDEX interfaces_by_mac ON {{.schema}}.interfaces (network_id, mac) WHERE mac <> '';

CREATE INDEX ip_addresses_by_address ON {{.schema}}.ip_addresses (network_id, address);

CREATE INDEX ip_addresses_by_mac ON {{.schema}}.ip_addresses (network_id, mac) WHERE mac <> '';

-- When things were last seen. The row of a host has the time and the ID of its
-- latest scan. What that scan saw says so, and has no time and ID of its own, so
-- that a scan that sees what the one before it saw writes one row.

ALTER TABLE {{.schema}}.hosts ADD COLUMN scanned_at timestamptz;

ALTER TABLE {{.schema}}.hosts ADD COLUMN scan_id uuid;

ALTER TABLE {{.schema}}.hosts ADD COLUMN first_discovery_id uuid;

ALTER TABLE {{.schema}}.hosts ADD COLUMN in_latest_scan boolean NOT NULL DEFAULT false;

ALTER TABLE {{.schema}}.hosts ADD COLUMN last_seen_at timestamptz;

ALTER TABLE {{.schema}}.hosts ADD COLUMN last_discovery_id uuid;

ALTER TABLE {{.schema}}.interfaces ADD COLUMN first_discovery_id uuid;

ALTER TABLE {{.schema}}.interfaces ADD COLUMN in_latest_scan boolean NOT NULL DEFAULT false;

ALTER TABLE {{.schema}}.interfaces ADD COLUMN last_seen_at timestamptz;

ALTER TABLE {{.schema}}.interfaces ADD COLUMN last_discovery_id uuid;

ALTER TABLE {{.schema}}.ip_addresses ADD COLUMN first_discovery_id uuid;

ALTER TABLE {{.schema}}.ip_addresses ADD COLUMN in_latest_scan boolean NOT NULL DEFAULT false;

ALTER TABLE {{.schema}}.ip_addresses ADD COLUMN last_seen_at timestamptz;

ALTER TABLE {{.schema}}.ip_addresses ADD COLUMN last_discovery_id uuid;

ALTER TABLE {{.schema}}.ports ADD COLUMN first_discovery_id uuid;

ALTER TABLE {{.schema}}.ports ADD COLUMN in_latest_scan boolean NOT NULL DEFAULT false;

ALTER TABLE {{.schema}}.ports ADD COLUMN last_seen_at timestamptz;

ALTER TABLE {{.schema}}.ports ADD COLUMN last_discovery_id uuid;

ALTER TABLE {{.schema}}.services ADD COLUMN first_discovery_id uuid;

ALTER TABLE {{.schema}}.services ADD COLUMN in_latest_scan boolean NOT NULL DEFAULT false;

ALTER TABLE {{.schema}}.services ADD COLUMN last_seen_at timestamptz;

ALTER TABLE {{.schema}}.services ADD COLUMN last_discovery_id uuid;

ALTER TABLE {{.schema}}.bindings ADD COLUMN in_latest_scan boolean NOT NULL DEFAULT false;

ALTER TABLE {{.schema}}.hosts ADD CONSTRAINT seen_once CHECK (
	NOT in_latest_scan OR (last_seen_at IS NULL AND last_discovery_id IS NULL));

ALTER TABLE {{.schema}}.interfaces ADD CONSTRAINT seen_once CHECK (
	NOT in_latest_scan OR (last_seen_at IS NULL AND last_discovery_id IS NULL));

ALTER TABLE {{.schema}}.ip_addresses ADD CONSTRAINT seen_once CHECK (
	NOT in_latest_scan OR (last_seen_at IS NULL AND last_discovery_id IS NULL));

ALTER TABLE {{.schema}}.ports ADD CONSTRAINT seen_once CHECK (
	NOT in_latest_scan OR (last_seen_at IS NULL AND last_discovery_id IS NULL));

ALTER TABLE {{.schema}}.services ADD CONSTRAINT seen_once CHECK (
	NOT in_latest_scan OR (last_seen_at IS NULL AND last_discovery_id IS NULL));

ALTER TABLE {{.schema}}.bindings ADD CONSTRAINT seen_once CHECK (
	NOT in_latest_scan OR (last_seen_at IS NULL AND last_discovery_id IS NULL));

-- A scan writes the row of a host anew. It stays on its page, and the indexes as
-- they are, where there is room.

ALTER TABLE {{.schema}}.hosts SET (fillfactor = 70);

-- Where rows are to be moved to another server while they change, their table
-- must have a key.

ALTER TABLE {{.schema}}.schema_version ADD CONSTRAINT schema_version_pkey PRIMARY KEY (version);
