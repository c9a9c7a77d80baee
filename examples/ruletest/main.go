// Ruletest shows a rule of one's own: no listener below port 1024 for services
// tagged "public". The rule is in rule.go, its property test in rule_test.go; each
// is ten lines long. The program puts one set of a public service through it:
//
//	go run ./examples/ruletest
package main

import (
	"fmt"
	"os"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/validate"
)

func main() {
	http := host.Port{ID: uuid.New(), Number: 80, Protocol: host.TCP}
	alternative := host.Port{ID: uuid.New(), Number: 8080, Protocol: host.TCP}
	inv, err := host.NewInventory(host.Host{Name: "web-1", Ports: []host.Port{http, alternative}})
	if err != nil {
		fmt.Fprintln(os.Stderr, "ruletest:", err)
		os.Exit(1)
	}
	in := validate.Input{Inventory: inv, Service: validate.ServiceInfo{Name: "shop", Tags: []string{"public"}}}

	res, err := rules.Merge(in, []binding.Binding{
		{Target: binding.Port(http.ID, binding.AllInterfaces())},
		{Target: binding.Port(alternative.ID, binding.AllInterfaces())},
	})
	if err := validate.Report(os.Stdout, inv, res, err); err != nil {
		fmt.Fprintln(os.Stderr, "ruletest:", err)
		os.Exit(1)
	}
}
