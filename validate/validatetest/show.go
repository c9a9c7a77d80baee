package validatetest

import (
	"fmt"
	"strings"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/internal/label"
	"github.com/bindset/bindset/validate"
)

// What rapid logs of a failing example it prints as Go: these types then speak in
// names. A shown set is one that was drawn for a host.
type shown struct {
	inv *host.Inventory
	set []binding.Binding
}

// GoString lists the targets.
func (s shown) GoString() string { return "a set of" + targetLines(s.inv, s.set) }

// GoString says what the Validator is put before.
func (s *subject) GoString() string {
	inv, in := s.in.Inventory, &s.in
	var text strings.Builder
	fmt.Fprintf(&text, "on host %q", label.Of(inv.Name()))
	for f := range inv.Interfaces() {
		fmt.Fprintf(&text, "\n\t%s", inv.DescribeScope(binding.OnInterface(f.ID)))
	}
	for a := range inv.IPAddresses() {
		fmt.Fprintf(&text, "\n\t%s", inv.DescribeScope(binding.OnIPAddress(a.ID)))
	}
	for p := range inv.Ports() {
		fmt.Fprintf(&text, "\n\t%s", p)
	}
	fmt.Fprintf(&text, "\nservice %q, definition %q, tags %q", label.Of(in.Service.Name), label.Of(in.Service.Definition), in.Service.Tags)
	if in.Service.NetworkID != inv.NetworkID() {
		fmt.Fprintf(&text, ", network %s", in.Service.NetworkID)
	}
	fmt.Fprintf(&text, " with%s\nwhich has stored%s", targetLines(inv, in.Bindings), targetLines(inv, in.Stored))
	if in.Claims == nil {
		return text.String()
	}
	text.WriteString("\nwhile others claim")
	for c := range in.Claims.All() {
		fmt.Fprintf(&text, "\n\t%s for %q", inv.Describe(c.Binding.Target), label.Of(c.ServiceName))
	}
	return text.String()
}

func targetLines(inv *host.Inventory, set []binding.Binding) string {
	if len(set) == 0 {
		return " nothing"
	}
	var text strings.Builder
	for i := range set {
		fmt.Fprintf(&text, "\n\t%d: %s", i, inv.Describe(set[i].Target))
	}
	return text.String()
}

// rewriteDescriber says what V0 did.
func rewriteDescriber(inv *host.Inventory) func(validate.Rewrite) string {
	describe := describer(inv)
	return func(r validate.Rewrite) string {
		return fmt.Sprintf("binding %d: %s for %s", r.Index, describe(r.To), r.From)
	}
}
