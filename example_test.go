package bindset_test

import (
	"net/netip"
	"os"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/validate"
)

// The program of the README.
func Example() {
	eth0 := host.Interface{ID: uuid.New(), Name: "eth0", Address: netip.MustParseAddr("10.0.0.5")}
	https := host.Port{ID: uuid.New(), Number: 443, Protocol: host.TCP}
	ssh := host.Port{ID: uuid.New(), Number: 22, Protocol: host.TCP}
	inv, _ := host.NewInventory(host.Host{Interfaces: []host.Interface{eth0}, Ports: []host.Port{https, ssh}})

	set := []binding.Binding{
		{Target: binding.Port(https.ID, binding.AllInterfaces())},
		{Target: binding.Port(https.ID, binding.OnInterface(eth0.ID))}, // superseded
		{Target: binding.Port(ssh.ID, binding.OnInterface(eth0.ID))},
		{Target: binding.Port(ssh.ID, binding.OnInterface(eth0.ID))}, // a duplicate
	}
	res, err := validate.New().Set(inv, set)
	validate.Report(os.Stdout, inv, res, err)

	set = append(set, binding.Binding{Target: binding.Interface(eth0.ID)}) // a conflict
	res, err = validate.New().Set(inv, set)
	validate.Report(os.Stdout, inv, res, err)

	// Output:
	// valid: 2 bindings kept, 2 dropped, 0 absorbed, 0 skipped
	//   kept     443/tcp on all interfaces
	//   kept     22/tcp on eth0 (10.0.0.5)
	//   dropped  443/tcp on eth0 (10.0.0.5)  superseded by 443/tcp on all interfaces
	//   dropped  22/tcp on eth0 (10.0.0.5)   duplicate: the set has it once already
	// refused: 1 violation
	//   V5 conflict  bindings[4]  presence at eth0 (10.0.0.5) conflicts with 443/tcp on all interfaces of the same service; a service that listens at a place is present there already: remove one of the two
}
