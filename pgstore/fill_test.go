package pgstore_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/service"
)

const (
	servicesPerHost    = 10
	bindingsPerService = 10
	portsPerHost       = 200
)

// fill puts hosts into a schema, faster than a store can: each has two interfaces
// with two addresses each, ten services, and of its 200 ports every service
// listens on ten.
func fill(t testing.TB, schema string, hosts int) {
	t.Helper()
	fillTables(t, schema, hosts, "network_id, ", "md5('network ' || h % 10)::uuid, ")
}

// fillFirstVersion is fill for tables of the first version, whose interfaces and
// IP addresses do not say their network.
func fillFirstVersion(t testing.TB, schema string, hosts int) {
	t.Helper()
	fillTables(t, schema, hosts, "", "")
}

func fillTables(t testing.TB, schema string, hosts int, column, network string) {
	t.Helper()
	conn := connect(t)
	for _, sql := range []string{
		`INSERT INTO bindset.hosts
			SELECT md5('host ' || h)::uuid, md5('network ' || h % 10)::uuid, 'host ' || h, 1, md5('inventory ' || h)::uuid
			FROM generate_series(0, $hosts - 1) AS h`,
		`INSERT INTO bindset.interfaces (` + column + `host_id, id, ordinal, name, description, mac, position)
			SELECT ` + network + `md5('host ' || h)::uuid, md5('interface ' || h || ' ' || i)::uuid, i, 'eth' || i, '', '', i
			FROM generate_series(0, $hosts - 1) AS h, generate_series(0, 1) AS i`,
		`INSERT INTO bindset.ip_addresses (` + column + `host_id, id, ordinal, address, name, mac, position, interface_id)
			SELECT ` + network + `md5('host ' || h)::uuid, md5('address ' || h || ' ' || a)::uuid, a, '10.0.0.0'::inet + h * 4 + a, '', '', a,
				md5('interface ' || h || ' ' || a % 2)::uuid
			FROM generate_series(0, $hosts - 1) AS h, generate_series(0, 3) AS a`,
		`INSERT INTO bindset.ports (host_id, id, ordinal, number, protocol)
			SELECT md5('host ' || h)::uuid, md5('port ' || h || ' ' || p)::uuid, p, p + 1, 'tcp'
			FROM generate_series(0, $hosts - 1) AS h, generate_series(0, 199) AS p`,
		`INSERT INTO bindset.services (id, host_id, network_id, name, definition, source_type, position, tags, revision, created_at, updated_at)
			SELECT md5('service ' || h || ' ' || s)::uuid, md5('host ' || h)::uuid, md5('network ' || h % 10)::uuid, 'service ' || s,
				'Custom', 'Manual', s, '{}', 1, '2024-01-01Z', '2024-01-02Z'
			FROM generate_series(0, $hosts - 1) AS h, generate_series(0, 9) AS s`,
		`INSERT INTO bindset.bindings (id, service_id, host_id, network_id, kind, port_id, interface_id, created_at, updated_at)
			SELECT md5('binding ' || h || ' ' || s || ' ' || b)::uuid, md5('service ' || h || ' ' || s)::uuid, md5('host ' || h)::uuid,
				md5('network ' || h % 10)::uuid, 'port', md5('port ' || h || ' ' || s * 10 + b)::uuid,
				md5('interface ' || h || ' ' || b % 2)::uuid, '2024-01-03Z', '2024-01-04Z'
			FROM generate_series(0, $hosts - 1) AS h, generate_series(0, 9) AS s, generate_series(0, 9) AS b`,
		`VACUUM ANALYZE bindset.hosts`, `VACUUM ANALYZE bindset.interfaces`, `VACUUM ANALYZE bindset.ip_addresses`,
		`VACUUM ANALYZE bindset.ports`, `VACUUM ANALYZE bindset.services`, `VACUUM ANALYZE bindset.bindings`,
	} {
		sql = strings.ReplaceAll(inSchema(schema, sql), "$hosts", fmt.Sprint(hosts))
		_, err := conn.Exec(context.Background(), sql)
		require.NoError(t, err, sql)
	}
}

// inSchema returns SQL in which bindset stands for a schema with that in its
// place.
func inSchema(schema, sql string) string {
	return strings.ReplaceAll(sql, "bindset.", pgx.Identifier{schema}.Sanitize()+".")
}

// idOf returns the ID that fill gave to something: "host 7", "service 7 3",
// "port 7 12".
func idOf(format string, numbers ...any) uuid.UUID {
	return uuid.UUID(md5.Sum([]byte(fmt.Sprintf(format, numbers...))))
}

// filled returns the services that fill put on a host.
func filled(number int) []service.Service {
	jan := func(day int) time.Time { return time.Date(2024, time.January, day, 0, 0, 0, 0, time.UTC) }
	var services []service.Service
	for i := range servicesPerHost {
		s := service.Service{
			ID: idOf("service %d %d", number, i), HostID: idOf("host %d", number), NetworkID: idOf("network %d", number%10),
			Name: fmt.Sprintf("service %d", i), Definition: "Custom", Source: service.Source{Type: service.SourceManual},
			Position: int32(i), Revision: 1, CreatedAt: jan(1), UpdatedAt: jan(2),
		}
		for j := range bindingsPerService {
			port, iface := idOf("port %d %d", number, i*10+j), idOf("interface %d %d", number, j%2)
			s.Bindings = append(s.Bindings, binding.Binding{
				ID: idOf("binding %d %d %d", number, i, j), ServiceID: s.ID, NetworkID: s.NetworkID, CreatedAt: jan(3), UpdatedAt: jan(4),
				Target: binding.Port(port, binding.OnInterface(iface)),
			})
		}
		slices.SortFunc(s.Bindings, func(a, b binding.Binding) int { return bytes.Compare(a.ID[:], b.ID[:]) })
		services = append(services, s)
	}
	return services
}
