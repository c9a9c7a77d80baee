package model_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/stress/internal/model"
	"github.com/bindset/bindset/validate"
)

// outcomes are what the operations on a group of one host must come to, or of two,
// for a test with them to mean anything.
var outcomes = map[int][]string{
	1: {
		"CreateBinding ", "CreateBinding exists", "CreateBinding conflict", "CreateBinding not_found", "CreateBinding cross_host",
		"UpdateBinding ", "UpdateBinding conflict", "UpdateService ", "UpdateService stale", "UpdateService exists",
		"TransferListener ", "TransferListener invalid", "TransferListener conflict",
		"CreateService ", "CreateService not_found", "DeleteService ", "PutHost ", "PutHost conflict", "PutHost in_use",
		"CreateHost ", "CreateHost exists", "DeleteHost ", "DeleteHost in_use", "DeleteHost not_found",
		"InTx ", "InTx conflict", "InTx exists", "dry run ", "dry run conflict",
	},
	2: {
		"MoveService ", "MoveService cross_host", "MoveService not_found", "MoveService lost",
		"CreateBinding cross_host", "TransferListener cross_host", "CreateHost exists", "CreateHost ",
	},
}

func TestOneAfterTheOtherOperationsDoWhatTheModelSays(t *testing.T) {
	for name, rules := range map[string]*validate.Validator{
		"default": validate.New(), "exclusive ports": validate.New(validate.WithExclusivePorts()),
	} {
		for hosts, expected := range outcomes {
			t.Run(fmt.Sprint(name, " hosts ", hosts), func(t *testing.T) {
				met := follow(t, rules, hosts)
				t.Log(met)
				for _, outcome := range expected {
					require.Positive(t, met[outcome], "the operations are too tame: %s", outcome)
				}
				require.Equal(t, rules.ReadsClaims(), met["CreateBinding port_claimed"] > 0)
				require.Equal(t, rules.ReadsClaims() && hosts == 2, met["MoveService port_claimed"] > 0)
			})
		}
	}
}

// follow compares a Manager with the model, and returns how often operations came
// to what.
func follow(t *testing.T, rules *validate.Validator, hosts int) map[string]int {
	t.Helper()
	const group = 7
	manager := bindset.NewManager(memstore.New(), bindset.WithValidator(rules))
	require.NoError(t, model.Create(t.Context(), manager, group, hosts))
	m, state := model.New(rules), model.Start(hosts)
	met := map[string]int{}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 8000 {
		op := model.Random(rng, group, hosts, &state)
		got, err := model.Run(t.Context(), manager, op)
		require.NoError(t, err)
		want, next := m.Apply(state, op)
		require.Equal(t, want, got, "%v in %v", op, state)
		require.NoError(t, m.Check(next))
		met[string(op.Kind)+" "+string(got.Code)]++
		if op.DryRun {
			met["dry run "+string(got.Code)]++
		}
		switch {
		case got.Refused:
			met[string(op.Kind)+" refused"]++
		case got.Skipped > 0:
			met[string(op.Kind)+" skipped"]++
		case op.Kind == model.Observe && slices.ContainsFunc(next.Bindings[model.Bindings:], stored):
			met["Observe found"]++
		case op.Kind == model.MoveService && got.Code == "" && count(next) < count(state):
			met["MoveService lost"]++
		}
		state = next
	}
	seen, err := model.Stored(t.Context(), manager, group)
	require.NoError(t, err)
	require.Equal(t, state, seen)
	return met
}

func stored(b model.Binding) bool { return b.Target > 0 }

func count(s model.State) (n int) {
	for _, b := range s.Bindings {
		if stored(b) {
			n++
		}
	}
	return n
}
