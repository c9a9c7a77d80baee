package pgstore_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/pgstore/pgtest"
)

// Others may write to the tables: what no store writes the database refuses.
func TestTheTablesRefuseWhatCannotBe(t *testing.T) {
	schema := pgtest.Schema(t)
	populate(t, openIn(t, schema))
	conn := connect(t)
	const check, foreignKey, unique, notNull, json = "23514", "23503", "23505", "23502", "22P02"
	for _, test := range []struct{ name, sql, code string }{
		{"a listener without a port", "UPDATE bindset.bindings SET port_id = NULL", check},
		{"a presence with a port", "UPDATE bindset.bindings SET kind = 'interface', interface_id = id", check},
		{"a presence at no interface", "UPDATE bindset.bindings SET kind = 'interface', port_id = NULL", check},
		{"a presence at no IP address", "UPDATE bindset.bindings SET kind = 'ip_address', port_id = NULL, interface_id = id", check},
		{"a binding at two places", "UPDATE bindset.bindings SET interface_id = id, ip_address_id = id", check},
		{"a binding of another kind", "UPDATE bindset.bindings SET kind = 'socket'", check},
		{"a binding of another family", "UPDATE bindset.bindings SET ip_family = 'ipx'", check},
		{"a family at an interface", "UPDATE bindset.bindings SET ip_family = 'ipv4', interface_id = id", check},
		{"a family at an IP address", "UPDATE bindset.bindings SET ip_family = 'ipv6', ip_address_id = id", check},
		{"a presence of a family", "UPDATE bindset.bindings SET ip_family = 'ipv4', kind = 'interface', port_id = NULL, interface_id = id", check},
		{"a binding of no service", "UPDATE bindset.bindings SET service_id = id", foreignKey},
		{"a binding on another host than its service", "UPDATE bindset.bindings SET host_id = id", foreignKey},
		{"a service of no host", "UPDATE bindset.services SET host_id = id", foreignKey},
		{"a service without a name", "UPDATE bindset.services SET name = NULL", notNull},
		{"a virtualization that is no JSON", "UPDATE bindset.services SET virtualization = '{'", json},
		{"a source that is no JSON", "UPDATE bindset.services SET source_rest = '{'", json},
		{"a revision below zero", "UPDATE bindset.services SET revision = -1", check},
		{"a host that goes before its services", "DELETE FROM bindset.hosts", foreignKey},
		{"an interface that goes before its addresses", "DELETE FROM bindset.interfaces", foreignKey},
		{"an address on no interface", "UPDATE bindset.ip_addresses SET interface_id = id", foreignKey},
		{"an IPv4 address with a zone", "UPDATE bindset.ip_addresses SET zone = 'eth0'", check},
		{"a zone of no address", "UPDATE bindset.interfaces SET zone = 'eth0'", check},
		{"a subnet of no address", "UPDATE bindset.interfaces SET subnet_id = id", check},
		{"port 0", "UPDATE bindset.ports SET number = 0", check},
		{"port 65536", "UPDATE bindset.ports SET number = 65536", check},
		{"a port of another protocol", "UPDATE bindset.ports SET protocol = 'icmp'", check},
		{"a port that a host has twice", "UPDATE bindset.ports SET number = 1, protocol = 'tcp'", unique},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := conn.Exec(context.Background(), inSchema(schema, test.sql))
			var refused *pgconn.PgError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, test.code, refused.Code, refused)
		})
	}
}
