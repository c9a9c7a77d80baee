package service_test

import (
	"fmt"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/service"
)

// A scanner's payload becomes a host and its services; a mistake in it is named
// by its place.
func ExampleDiscovery_UnmarshalJSON() {
	payload := []byte(`{
	  "host": {"id": "550e8400-e29b-41d4-a716-446655440003", "site_id": "550e8400-e29b-41d4-a716-446655440002", "name": "web-1"},
	  "interfaces": [],
	  "ip_addresses": [{"id": "550e8400-e29b-41d4-a716-446655440005", "ip_address": "192.0.2.7"}],
	  "ports": [{"id": "550e8400-e29b-41d4-a716-446655440006", "number": 443, "protocol": "Tcp", "type": "Https"}],
	  "services": [{"name": "nginx", "bindings": [
	    {"type": "Port", "port_id": "550e8400-e29b-41d4-a716-446655440006", "ip_address_id": "550e8400-e29b-41d4-a716-446655440005"}
	  ]}]
	}`)
	var d service.Discovery
	err := binding.DecodeJSON(payload, &d)
	fmt.Println(d.Host.Name, d.Host.Ports[0], d.Services[0].Name, err)

	// One bad value costs that value.
	bad := []byte(`{"host": {"name": "web-1"}, "services": [{"name": "nginx", "bindings": [{"type": "Port"}]}]}`)
	err = binding.DecodeJSON(bad, &d)
	fmt.Println(d.Services[0].Name, d.Faults, err)
	fmt.Println(binding.DecodeJSON(bad, &d, binding.Strict))
	// Output:
	// web-1 443/tcp nginx <nil>
	// nginx [{services[0].bindings[0].port_id is missing false}] <nil>
	// services[0].bindings[0].port_id: is missing
}
