package validate_test

import (
	"encoding/json"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/validate"
)

func TestAViolationIsWrittenWithAllThatItNames(t *testing.T) {
	b := binding.Binding{Target: binding.Interface(uuid.UUID{1}), ID: uuid.UUID{2}}
	other := binding.Binding{Target: binding.Port(uuid.UUID{3}, binding.AllInterfaces()), ID: uuid.UUID{4}}
	wire := func(b binding.Binding) string {
		text, err := json.Marshal(b)
		require.NoError(t, err)
		return string(text)
	}
	cases := map[string]struct {
		violation validate.Violation
		want      string
	}{
		"of the whole set": {
			validate.Violation{Rule: "V2", Code: validate.ErrNetworkMismatch, Index: -1, Path: "network_id", Message: "another network"},
			`{"code":"network_mismatch","rule":"V2","index":-1,"path":"network_id","message":"another network",
				"binding":null,"other":null,"service":null}`,
		},
		"of two bindings": {
			validate.Violation{Rule: "V5", Code: validate.ErrConflict, Index: 3, Path: "bindings[3]", Message: "clash", Binding: b, Other: other},
			`{"code":"conflict","rule":"V5","index":3,"path":"bindings[3]","message":"clash",
				"binding":` + wire(b) + `,"other":` + wire(other) + `,"service":null}`,
		},
		"of a binding that names nothing": {
			validate.Violation{Rule: "V1", Code: validate.ErrInvalid, Message: "names nothing", Binding: binding.Binding{ID: uuid.UUID{2}}},
			`{"code":"invalid","rule":"V1","index":0,"path":"","message":"names nothing","binding":null,"other":null,"service":null}`,
		},
		"of another service's port": {
			validate.Violation{
				Rule: "V6", Code: validate.ErrPortClaimed, Message: "claimed", Binding: other, Other: other,
				Service: validate.ServiceInfo{ID: uuid.UUID{5}, NetworkID: uuid.UUID{6}, Name: "db"},
			},
			`{"code":"port_claimed","rule":"V6","index":0,"path":"","message":"claimed","binding":` + wire(other) + `,"other":` + wire(other) + `,
				"service":{"id":"` + uuid.UUID{5}.String() + `","name":"db"}}`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			text, err := json.Marshal(c.violation)
			require.NoError(t, err)
			require.JSONEq(t, c.want, string(text))

			text, err = json.Marshal(&validate.Error{Violations: []validate.Violation{c.violation}})
			require.NoError(t, err)
			require.JSONEq(t, `{"violations":[`+c.want+`]}`, string(text))
		})
	}
}

func TestAReasonIsWrittenInWords(t *testing.T) {
	text, err := json.Marshal([]validate.Reason{validate.Duplicate, validate.Superseded, 0})
	require.NoError(t, err)
	require.Equal(t, `["duplicate","superseded","invalid"]`, string(text))
}
