package hostfile_test

import (
	"fmt"

	"github.com/bindset/bindset/cmd/bindcheck/hostfile"
)

func ExampleParse() {
	f, err := hostfile.Parse([]byte(`
host: web-1
interfaces:
  eth0: [192.0.2.5]
services:
  nginx:
    bindings: [443/tcp on all, 80/tcp on eth0]
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, b := range f.Services[0].Bindings {
		path := fmt.Sprintf("services[0].bindings[%d]", i)
		fmt.Println(f.Position(path), f.Inventory.Describe(b.Target))
	}
	// Output:
	// 7:16 443/tcp on all interfaces
	// 7:32 80/tcp on eth0 (192.0.2.5)
}
