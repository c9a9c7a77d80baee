// Package cel has the rules as expressions of the Common Expression Language.
// It can say which sets are valid and which bindings stay. It cannot index a set,
// so it compares every two bindings; it cannot change a binding, so what is the
// wrong kind of reference is set right in Go; and it cannot say why. What is asked
// includes to turn bindings into its values, and its answers back.
package cel

import (
	"fmt"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"
	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

const (
	// What the host has: interfaces says of each whether it has an address of its
	// own, addresses which interface carries it.
	onHost = `set.all(b, (b.port == "" || b.port in ports) && (
		b.scope == "all" ? b.port != "" :
		b.scope != "none" && (b.place in addresses ||
			b.place in interfaces && (b.scope == "interface" || interfaces[b.place]))))`

	// One ID stands for one target.
	unambiguous = `set.all(b, b.id == "" || set.all(c, b.id != c.id || b.port == c.port && b.place == c.place))`

	// c covers b where it is everywhere, or on the interface that carries b's address.
	covers = `(c.place == "" || b.place in addresses && addresses[b.place] == c.place)`

	// A presence and a listener share no place.
	peaceful = `set.all(b, set.all(c, (b.port == "") == (c.port == "") || b.place != c.place && !` + covers + `))`

	valid = onHost + ` && ` + unambiguous + ` && ` + peaceful

	// The bindings with no equal before them, and none that covers them.
	kept = `set.transformList(i, b,
		!set.exists(j, c, b.port == c.port && (j < i && b.place == c.place ||
			b.port != "" && b.place != c.place && ` + covers + `)), i)`
)

// A Program is the rules, prepared for a host.
type Program struct {
	valid, kept cel.Program
	ports       map[string]bool
	interfaces  map[string]bool
	addresses   map[string]string
}

// NewProgram prepares the rules for a host.
func NewProgram(h host.Host) (*Program, error) {
	p := &Program{ports: map[string]bool{}, interfaces: map[string]bool{}, addresses: map[string]string{}}
	for i := range h.Ports {
		p.ports[h.Ports[i].ID.String()] = true
	}
	for i := range h.Interfaces {
		p.interfaces[h.Interfaces[i].ID.String()] = h.Interfaces[i].HasAddress()
	}
	for i := range h.IPAddresses {
		carrier := "none"
		if id := h.IPAddresses[i].InterfaceID; id != uuid.Nil {
			carrier = id.String()
		}
		p.addresses[h.IPAddresses[i].ID.String()] = carrier
	}
	env, err := cel.NewEnv(
		ext.TwoVarComprehensions(),
		cel.Variable("set", cel.ListType(cel.MapType(cel.StringType, cel.StringType))),
		cel.Variable("ports", cel.MapType(cel.StringType, cel.BoolType)),
		cel.Variable("interfaces", cel.MapType(cel.StringType, cel.BoolType)),
		cel.Variable("addresses", cel.MapType(cel.StringType, cel.StringType)),
	)
	if err != nil {
		return nil, fmt.Errorf("cel: the environment: %w", err)
	}
	if p.valid, err = program(env, valid); err != nil {
		return nil, err
	}
	if p.kept, err = program(env, kept); err != nil {
		return nil, err
	}
	return p, nil
}

func program(env *cel.Env, text string) (cel.Program, error) {
	ast, issues := env.Compile(text)
	if issues.Err() != nil {
		return nil, fmt.Errorf("cel: compiling: %w", issues.Err())
	}
	p, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, fmt.Errorf("cel: planning: %w", err)
	}
	return p, nil
}

// Set returns the bindings that stay, and whether the set is valid.
func (p *Program) Set(set []binding.Binding) ([]binding.Binding, bool, error) {
	values := make([]map[string]string, len(set))
	for i := range set {
		values[i] = value(&set[i])
	}
	known := map[string]any{"set": values, "ports": p.ports, "interfaces": p.interfaces, "addresses": p.addresses}
	ok, _, err := p.valid.Eval(known)
	if err != nil {
		return nil, false, fmt.Errorf("cel: asking what is valid: %w", err)
	}
	if ok.Value() != true {
		return nil, false, nil
	}
	list, _, err := p.kept.Eval(known)
	if err != nil {
		return nil, false, fmt.Errorf("cel: asking what stays: %w", err)
	}
	set = p.rewrite(set, values)
	var stay []binding.Binding
	for _, i := range list.Value().([]ref.Val) {
		stay = append(stay, set[i.Value().(int64)])
	}
	return stay, true, nil
}

// value returns a binding as a value of the language.
func value(b *binding.Binding) map[string]string {
	v := map[string]string{"id": text(b.ID), "port": "", "place": "", "scope": "none"}
	if id, ok := b.Target.PortID(); ok {
		v["port"] = id.String()
	}
	switch b.Target.Scope().Kind() {
	case binding.ScopeAll:
		v["scope"] = "all"
	case binding.ScopeInterface:
		id, _ := b.Target.InterfaceID()
		v["scope"], v["place"] = "interface", id.String()
	case binding.ScopeIPAddress:
		id, _ := b.Target.IPAddressID()
		v["scope"], v["place"] = "address", id.String()
	}
	return v
}

func text(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}

// rewrite makes references name the kind of place that they mean, in a copy where
// there are any to rewrite.
func (p *Program) rewrite(set []binding.Binding, values []map[string]string) []binding.Binding {
	copied := false
	for i, v := range values {
		_, isAddress := p.addresses[v["place"]]
		if v["scope"] == "all" || isAddress == (v["scope"] == "address") {
			continue
		}
		if !copied {
			set, copied = slices.Clone(set), true
		}
		_, place, _, _ := set[i].Target.Words()
		scope := binding.OnInterface(place.UUID())
		if isAddress {
			scope = binding.OnIPAddress(place.UUID())
		}
		set[i].Target = set[i].Target.WithScope(scope)
	}
	return set
}
