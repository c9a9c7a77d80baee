// Package opa has the rules in Rego, for the Open Policy Agent embedded as a
// library: the policy is compiled once for a host, and asked for every set. What
// it is asked includes to turn bindings into its terms, and its answer back.
package opa

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

//go:embed policy.rego
var policy string

// A Policy is the rules, prepared for a host.
type Policy struct{ query rego.PreparedEvalQuery }

// NewPolicy prepares the rules for a host.
func NewPolicy(h host.Host) (*Policy, error) {
	ports, carrier := map[string]any{"": true}, map[string]any{}
	interfaces, addresses := map[string]any{}, map[string]any{} // what a reference by this kind of place means
	for i := range h.Ports {
		ports[h.Ports[i].ID.String()] = true
	}
	for i := range h.Interfaces {
		id := h.Interfaces[i].ID.String()
		interfaces[id] = "interface"
		if h.Interfaces[i].HasAddress() {
			addresses[id] = "interface"
		}
	}
	for i := range h.IPAddresses {
		id := h.IPAddresses[i].ID.String()
		interfaces[id], addresses[id] = "address", "address"
		carrier[id] = text(h.IPAddresses[i].InterfaceID)
	}
	kinds := map[string]any{"interface": interfaces, "address": addresses, "all": map[string]any{"": "all"}}
	data := map[string]any{"host": map[string]any{"ports": ports, "kinds": kinds, "carrier": carrier}}
	query, err := rego.New(
		rego.Query("result = data.bindset.result"),
		rego.Module("policy.rego", policy),
		rego.Store(inmem.NewFromObjectWithOpts(data, inmem.OptReturnASTValuesOnRead(true))),
	).PrepareForEval(context.Background())
	if err != nil {
		return nil, fmt.Errorf("opa: preparing the policy: %w", err)
	}
	return &Policy{query}, nil
}

func text(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}

// The names of the fields of a binding in the input.
var (
	fieldID    = ast.InternedTerm("id")
	fieldPort  = ast.InternedTerm("port")
	fieldScope = ast.InternedTerm("scope")
	fieldPlace = ast.InternedTerm("place")
)

// term returns a binding in the terms of the policy.
func term(b *binding.Binding) *ast.Term {
	port, place, kind, scope := b.Target.Words()
	name, portText := "none", text(port.UUID())
	switch {
	case kind == binding.KindPort && portText == "":
		portText = "none"
	case scope == binding.ScopeAll && kind == binding.KindPort:
		name = "all"
	case scope == binding.ScopeInterface:
		name = "interface"
	case scope == binding.ScopeIPAddress:
		name = "address"
	}
	return ast.ObjectTerm(
		[2]*ast.Term{fieldID, ast.StringTerm(text(b.ID))},
		[2]*ast.Term{fieldPort, ast.StringTerm(portText)},
		[2]*ast.Term{fieldScope, ast.InternedTerm(name)},
		[2]*ast.Term{fieldPlace, ast.StringTerm(text(place.UUID()))},
	)
}

// Set returns the bindings that stay, and whether the set is valid.
func (p *Policy) Set(set []binding.Binding) ([]binding.Binding, bool, error) {
	terms := make([]*ast.Term, len(set))
	for i := range set {
		terms[i] = term(&set[i])
	}
	results, err := p.query.Eval(context.Background(), rego.EvalParsedInput(ast.NewArray(terms...)))
	if err != nil {
		return nil, false, fmt.Errorf("opa: asking the policy: %w", err)
	}
	result := results[0].Bindings["result"].(map[string]any)
	if !result["valid"].(bool) {
		return nil, false, nil
	}
	set, err = rewrite(set, result["rewritten"].([]any))
	if err != nil {
		return nil, false, err
	}
	positions := result["kept"].([]any)
	kept := make([]binding.Binding, len(positions))
	for k := range positions {
		i, err := index(positions[k])
		if err != nil {
			return nil, false, err
		}
		kept[k] = set[i]
	}
	return kept, true, nil
}

// rewrite gives the bindings of a copy the kinds of place that the policy found.
func rewrite(set []binding.Binding, kinds []any) ([]binding.Binding, error) {
	if len(kinds) == 0 {
		return set, nil
	}
	set = slices.Clone(set)
	for _, pair := range kinds {
		i, err := index(pair.([]any)[0])
		if err != nil {
			return nil, err
		}
		_, place, _, _ := set[i].Target.Words()
		scope := binding.OnInterface(place.UUID())
		if pair.([]any)[1] == "address" {
			scope = binding.OnIPAddress(place.UUID())
		}
		set[i].Target = set[i].Target.WithScope(scope)
	}
	return set, nil
}

func index(number any) (int64, error) {
	i, err := number.(json.Number).Int64()
	if err != nil {
		return 0, fmt.Errorf("opa: an index: %w", err)
	}
	return i, nil
}
