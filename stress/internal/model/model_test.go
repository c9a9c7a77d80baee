package model_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/stress/internal/model"
	"github.com/bindset/bindset/validate"
)

func TestOneAfterTheOtherOperationsDoWhatTheModelSays(t *testing.T) {
	for name, rules := range map[string]*validate.Validator{
		"default": validate.New(), "exclusive ports": validate.New(validate.WithExclusivePorts()),
	} {
		t.Run(name, func(t *testing.T) {
			manager := service.NewManager(memstore.New(), service.WithValidator(rules))
			require.NoError(t, model.Create(t.Context(), manager, 7))
			m, state := model.New(rules), model.Start()
			met := map[string]int{}
			rng := rand.New(rand.NewPCG(1, 2))
			for range 5000 {
				op := model.Random(rng, 7, &state)
				got, err := model.Run(t.Context(), manager, op)
				require.NoError(t, err)
				want, next := m.Apply(state, op)
				require.Equal(t, want, got, "%v in %+v", op, state)
				state = next
				met[string(op.Kind)+" "+string(got.Code)]++
			}
			seen, err := model.Observe(t.Context(), manager, 7)
			require.NoError(t, err)
			require.Equal(t, state, seen)
			t.Log(met)
			for _, outcome := range []string{
				"CreateBinding ", "CreateBinding exists", "CreateBinding conflict", "CreateBinding not_found",
				"UpdateBinding ", "UpdateBinding conflict", "UpdateService ", "UpdateService stale", "UpdateService exists",
				"TransferListener ", "TransferListener invalid", "TransferListener conflict",
				"CreateService ", "DeleteService ", "PutHost ", "PutHost conflict",
			} {
				require.Positive(t, met[outcome], "the operations are too tame: %s", outcome)
			}
			require.Equal(t, rules.ExclusivePorts(), met["CreateBinding port_claimed"] > 0)
		})
	}
}
