package validate_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/validate"
)

func report(t *testing.T, inv *host.Inventory, res validate.Result, err error) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, validate.Report(&out, inv, res, err))
	return out.String()
}

func TestReportSaysWhatBecameOfEveryBinding(t *testing.T) {
	res, err := validate.New().Set(office, setOf(
		listen("443/tcp", "everywhere"), listen("443/tcp", "eth0"), listen("443/tcp", "everywhere"), misnamed(listen("80/tcp", "tun0")), misnamed(listen("80/tcp", "10.0.1.5")),
	))
	require.Equal(t, strings.TrimPrefix(`
valid: 3 bindings kept, 2 dropped, 0 absorbed, 0 skipped
  kept       443/tcp on all interfaces
  kept       80/tcp on tun0 (10.9.0.1)
  kept       80/tcp on 10.0.1.5 (eth1)
  dropped    443/tcp on eth0 (10.0.0.5, 10.0.0.6)  superseded by 443/tcp on all interfaces
  dropped    443/tcp on all interfaces             duplicate: the set has it once already
  rewritten  80/tcp on tun0 (10.9.0.1)             an IP address by its reference, an interface on this host
  rewritten  80/tcp on 10.0.1.5 (eth1)             an interface by its reference, an IP address on this host
`, "\n"), report(t, office, res, err))
}

func TestReportOfAMerge(t *testing.T) {
	in := validate.Input{Inventory: office, Service: web, Bindings: setOf(listen("443/tcp", "eth0"))}
	res, err := validate.New().Merge(in, []binding.Binding{
		{Target: listen("443/tcp", "10.0.0.5")}, {Target: listen("443/tcp", "eth0")}, {Target: present("eth0")}, {Target: binding.Target{}},
	})
	require.Equal(t, strings.TrimPrefix(`
valid: 1 binding kept, 0 dropped, 2 absorbed, 2 skipped
  kept      443/tcp on eth0 (10.0.0.5, 10.0.0.6)
  absorbed  443/tcp on 10.0.0.5 (eth0)             superseded by 443/tcp on eth0 (10.0.0.5, 10.0.0.6)
  absorbed  443/tcp on eth0 (10.0.0.5, 10.0.0.6)   duplicate: the set has it once already
  skipped   presence at eth0 (10.0.0.5, 10.0.0.6)  V5 conflict: presence at eth0 (10.0.0.5, 10.0.0.6) conflicts with 443/tcp on eth0 (10.0.0.5, 10.0.0.6) of the same service; a service that listens at a place is present there already: remove one of the two
  skipped   an empty target                        V1 invalid: the binding has no target; give an interface, an IP address or a port
`, "\n"), report(t, office, res, err))
}

func TestReportOfARefusal(t *testing.T) {
	res, err := validate.New().Set(office, setOf(listen("443/tcp", "everywhere"), present("eth1")))
	require.Equal(t, strings.TrimPrefix(`
refused: 1 violation
  V5 conflict  bindings[1]  presence at eth1 (10.0.1.5) conflicts with 443/tcp on all interfaces of the same service; a service that listens at a place is present there already: remove one of the two
`, "\n"), report(t, office, res, err))
	require.Equal(t, report(t, office, res, err), report(t, office, res, fmt.Errorf("create service: %w", err)), "also inside another error")
}

func TestReportOfAnythingElse(t *testing.T) {
	require.Equal(t, "valid: 0 bindings kept, 0 dropped, 0 absorbed, 0 skipped\n", report(t, office, validate.Result{}, nil))
	require.Equal(t, "refused: out of coffee\n", report(t, office, validate.Result{}, errors.New("out of coffee")))

	res, err := validate.New().Set(office, setOf(present("192.0.2.1")))
	require.Equal(t, strings.TrimPrefix(`
valid: 1 binding kept, 0 dropped, 0 absorbed, 0 skipped
  kept  presence at unknown IP address 0000000f-0000-4000-8000-000000000008
`, "\n"), report(t, nil, res, err), "without an inventory")
}

func TestReportReturnsTheErrorOfTheWriter(t *testing.T) {
	full := errors.New("disk full")
	require.ErrorIs(t, validate.Report(failing{full}, office, validate.Result{}, nil), full)
}

type failing struct{ err error }

func (w failing) Write([]byte) (int, error) { return 0, w.err }
