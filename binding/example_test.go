package binding_test

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
)

var (
	web    = uuid.MustParse("550e8400-e29b-41d4-a716-446655440007")
	https  = uuid.MustParse("550e8400-e29b-41d4-a716-446655440006")
	eth0   = uuid.MustParse("550e8400-e29b-41d4-a716-446655440005")
	office = uuid.MustParse("550e8400-e29b-41d4-a716-446655440002")
)

// Targets are values: they compare, and they print and parse.
func Example() {
	everywhere := binding.Port(https, binding.AllInterfaces())
	onEth0 := binding.Port(https, binding.OnInterface(eth0))
	fmt.Println(everywhere == onEth0)
	fmt.Println(everywhere)

	parsed, err := binding.ParseTarget("interface:550e8400-e29b-41d4-a716-446655440005")
	fmt.Println(parsed == binding.Interface(eth0), err)
	// Output:
	// false
	// port:550e8400-e29b-41d4-a716-446655440006@all
	// true <nil>
}

// A binding is written as every version of the API reads it.
func ExampleBinding_MarshalJSON() {
	data, err := json.MarshalIndent(binding.Binding{
		Target:    binding.Port(https, binding.AllInterfaces()),
		ServiceID: web,
		NetworkID: office,
	}, "", "  ")
	fmt.Println(string(data), err)
	// Output:
	// {
	//   "service_id": "550e8400-e29b-41d4-a716-446655440007",
	//   "network_id": "550e8400-e29b-41d4-a716-446655440002",
	//   "type": "Port",
	//   "port_id": "550e8400-e29b-41d4-a716-446655440006",
	//   "interface_id": null
	// } <nil>
}

// DecodeJSON says which field of a text from outside is wrong.
func ExampleDecodeJSON() {
	var b binding.Binding
	fmt.Println(binding.DecodeJSON([]byte(`{"type": "Interface", "ip_address_id": null}`), &b))
	fmt.Println(binding.DecodeJSON([]byte(`{"type": "Port"`), &b))
	// Output:
	// interface_id: is missing
	// not valid JSON at line 1, byte 15: unexpected end of JSON input
}
