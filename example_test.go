package bindset_test

import (
	"log"
	"net/netip"
	"os"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/validate"
)

// The program of the README.
func Example() {
	inv, err := host.NewInventory(host.WithIDs(host.Host{
		Name:        "web-1",
		Interfaces:  []host.Interface{{Name: "eth0"}},
		IPAddresses: []host.IPAddress{{Name: "eth0", Address: netip.MustParseAddr("10.0.0.5")}},
		Ports:       []host.Port{{Number: 443, Protocol: host.TCP}, {Number: 22, Protocol: host.TCP}},
	}))
	if err != nil {
		log.Fatal(err)
	}

	var set []binding.Binding
	for _, text := range []string{"443/tcp on all", "443/tcp on eth0", "22/tcp on eth0", "22/tcp on eth0"} {
		target, err := inv.Parse(text)
		if err != nil {
			log.Fatal(err)
		}
		set = append(set, binding.Binding{Target: target})
	}
	res, err := validate.New().Set(inv, set)
	if err := validate.Report(os.Stdout, inv, res, err); err != nil {
		log.Fatal(err)
	}

	// Output:
	// valid: 2 bindings kept, 2 dropped, 0 absorbed, 0 skipped
	//   kept     443/tcp on all interfaces
	//   kept     22/tcp on eth0 (10.0.0.5)
	//   dropped  443/tcp on eth0 (10.0.0.5)  superseded by 443/tcp on all interfaces
	//   dropped  22/tcp on eth0 (10.0.0.5)   duplicate: the set has it once already
}
