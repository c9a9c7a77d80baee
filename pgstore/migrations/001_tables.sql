-- Everything that the rules or a query read has a column of its own. Raw JSON is
-- kept as text: what comes out is what went in, byte for byte, which the json
-- types of some engines do not promise.

CREATE TABLE {{.schema}}.hosts (
	id           uuid   PRIMARY KEY,
	network_id   uuid   NOT NULL,
	name         text   NOT NULL,
	revision     bigint NOT NULL CHECK (revision >= 0),
	inventory_id uuid   NOT NULL -- another one after every change of the host and of what is on it
);

CREATE INDEX hosts_by_network ON {{.schema}}.hosts (network_id, id);

-- The IDs of interfaces, IP addresses and ports are unique on their host only.

CREATE TABLE {{.schema}}.interfaces (
	host_id     uuid    NOT NULL REFERENCES {{.schema}}.hosts (id) ON DELETE CASCADE,
	id          uuid    NOT NULL,
	ordinal     integer NOT NULL CHECK (ordinal >= 0), -- the place in the host's list
	name        text    NOT NULL,
	description text    NOT NULL,
	mac         text    NOT NULL,
	position    integer NOT NULL,
	address     inet,                        -- one of its own
	zone        text    NOT NULL DEFAULT '', -- of the address, '' for none
	subnet_id   uuid,
	PRIMARY KEY (host_id, id),
	CONSTRAINT zone_of_an_ipv6_address CHECK (zone = '' OR (address IS NOT NULL AND family(address) = 6)),
	CONSTRAINT subnet_of_an_address CHECK (subnet_id IS NULL OR address IS NOT NULL)
);

CREATE TABLE {{.schema}}.ip_addresses (
	host_id      uuid    NOT NULL REFERENCES {{.schema}}.hosts (id) ON DELETE CASCADE,
	id           uuid    NOT NULL,
	ordinal      integer NOT NULL CHECK (ordinal >= 0), -- the place in the host's list
	address      inet    NOT NULL,
	zone         text    NOT NULL DEFAULT '', -- of the address, '' for none
	subnet_id    uuid,
	name         text    NOT NULL,
	mac          text    NOT NULL,
	position     integer NOT NULL,
	interface_id uuid, -- the interface that carries it, where known
	PRIMARY KEY (host_id, id),
	FOREIGN KEY (host_id, interface_id) REFERENCES {{.schema}}.interfaces (host_id, id),
	CONSTRAINT zone_of_an_ipv6_address CHECK (zone = '' OR family(address) = 6)
);

CREATE TABLE {{.schema}}.ports (
	host_id  uuid    NOT NULL REFERENCES {{.schema}}.hosts (id) ON DELETE CASCADE,
	id       uuid    NOT NULL,
	ordinal  integer NOT NULL CHECK (ordinal >= 0), -- the place in the host's list
	number   integer NOT NULL CHECK (number BETWEEN 1 AND 65535),
	protocol text    NOT NULL CHECK (protocol IN ('tcp', 'udp', 'sctp')),
	PRIMARY KEY (host_id, id),
	UNIQUE (host_id, number, protocol)
);

CREATE TABLE {{.schema}}.services (
	id             uuid    PRIMARY KEY,
	host_id        uuid    NOT NULL REFERENCES {{.schema}}.hosts (id),
	network_id     uuid,
	name           text    NOT NULL,
	definition     text    NOT NULL,
	source_type    text    NOT NULL,
	source_rest    text    CHECK (source_rest IS NULL OR source_rest::json IS NOT NULL),
	position       integer NOT NULL,
	tags           text[]  NOT NULL,
	virtualization text    CHECK (virtualization IS NULL OR virtualization::json IS NOT NULL),
	revision       bigint  NOT NULL CHECK (revision >= 0),
	created_at     timestamptz,
	updated_at     timestamptz,
	UNIQUE (id, host_id) -- what bindings refer to
);

CREATE INDEX services_by_host ON {{.schema}}.services (host_id, position, id);

-- What a binding names on its host has no foreign key: the rules say what it may
-- name, and they let a host lose what a cascade is about to remove bindings from.

CREATE TABLE {{.schema}}.bindings (
	id                 uuid PRIMARY KEY,
	service_id         uuid NOT NULL,
	host_id            uuid NOT NULL, -- that of the service
	network_id         uuid,
	kind               text NOT NULL CHECK (kind IN ('interface', 'ip_address', 'port')),
	port_id            uuid,
	interface_id       uuid,
	ip_address_id      uuid,
	created_at         timestamptz,
	updated_at         timestamptz,
	last_seen_at       timestamptz,
	first_discovery_id uuid,
	last_discovery_id  uuid,
	valid_from         timestamptz,
	valid_to           timestamptz,
	lineage_id         uuid,
	FOREIGN KEY (service_id, host_id) REFERENCES {{.schema}}.services (id, host_id) ON UPDATE CASCADE ON DELETE CASCADE,
	CONSTRAINT a_listener_has_a_port CHECK (kind <> 'port' OR port_id IS NOT NULL),
	CONSTRAINT a_presence_has_no_port CHECK (kind = 'port' OR port_id IS NULL),
	CONSTRAINT at_most_one_place CHECK (interface_id IS NULL OR ip_address_id IS NULL),
	CONSTRAINT presence_at_an_interface CHECK (kind <> 'interface' OR interface_id IS NOT NULL),
	CONSTRAINT presence_at_an_ip_address CHECK (kind <> 'ip_address' OR ip_address_id IS NOT NULL)
);

CREATE INDEX bindings_by_service ON {{.schema}}.bindings (service_id, id);

CREATE INDEX bindings_by_port ON {{.schema}}.bindings (host_id, port_id, id) WHERE port_id IS NOT NULL;
