-- A listener at every address of one family: no place, and the family.

ALTER TABLE {{.schema}}.bindings ADD COLUMN ip_family text;

ALTER TABLE {{.schema}}.bindings ADD CONSTRAINT a_family_is_of_a_listener_at_no_place CHECK (
	ip_family IS NULL OR (ip_family IN ('ipv4', 'ipv6') AND kind = 'port' AND interface_id IS NULL AND ip_address_id IS NULL));

-- Where rows are to be moved to another server while they change, their table
-- must have a key.

ALTER TABLE {{.schema}}.schema_version ADD CONSTRAINT schema_version_pkey PRIMARY KEY (version);
