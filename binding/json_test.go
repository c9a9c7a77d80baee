package binding_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
)

func TestEveryWayToWriteATargetIsRead(t *testing.T) {
	const iface, address, port = `"interface_id":"` + textA + `"`, `"ip_address_id":"` + textA + `"`, `"port_id":"` + textB + `"`
	all := binding.Port(idB, binding.AllInterfaces())
	for text, want := range map[string]binding.Target{
		`{"type":"Interface",` + iface + `}`:                                           binding.Interface(idA),
		`{"type":"Interface",` + iface + `,"ip_address_id":null,"port_id":null}`:       binding.Interface(idA),
		`{"type":"IPAddress",` + address + `}`:                                         binding.IPAddress(idA),
		`{"type":"IPAddress",` + address + `,"interface_id":null}`:                     binding.IPAddress(idA),
		`{"type":"Port",` + port + `,` + iface + `}`:                                   binding.Port(idB, binding.OnInterface(idA)),
		`{"type":"Port",` + port + `,` + iface + `,"ip_address_id":null}`:              binding.Port(idB, binding.OnInterface(idA)),
		`{"type":"Port",` + port + `,` + address + `}`:                                 binding.Port(idB, binding.OnIPAddress(idA)),
		`{"type":"Port",` + port + `}`:                                                 all,
		`{"type":"Port",` + port + `,"interface_id":null}`:                             all,
		`{"type":"Port",` + port + `,"ip_family":null}`:                                all,
		`{"type":"Port",` + port + `,"interface_id":null,"ip_family":"IPv4"}`:          binding.Port(idB, binding.AllIPv4()),
		`{"type":"Port",` + port + `,"ip_family":"IPv6"}`:                              binding.Port(idB, binding.AllIPv6()),
		`{"type":"Port",` + port + `,"ip_address_id":null}`:                            all,
		`{"type":"Port",` + port + `,"interface_id":null,"ip_address_id":null,"x":{}}`: all,
	} {
		var target binding.Target
		require.NoError(t, binding.DecodeJSON([]byte(text), &target), text)
		require.Equal(t, want, target, text)
		var b binding.Binding
		require.NoError(t, json.Unmarshal([]byte(text), &b), text)
		require.Equal(t, binding.Binding{Target: want}, b, "what is missing is zero")
	}
}

func TestEveryWrongFieldOfABindingIsNamed(t *testing.T) {
	const iface, address, port = `"interface_id":"` + textA + `"`, `"ip_address_id":"` + textA + `"`, `"port_id":"` + textB + `"`
	for _, test := range []struct {
		text      string
		path      string
		malformed bool
	}{
		{`{}`, "type", true},
		{`{"type":null,` + iface + `}`, "type", true},
		{`{"type":5,` + iface + `}`, "type", true},
		{`{"type":"",` + iface + `}`, "type", false},
		{`{"type":"interface",` + iface + `}`, "type", false},
		{`{"type":"IpAddress",` + address + `}`, "type", false},
		{`{"type":"Gateway",` + port + `}`, "type", false},
		{`{"Type":"Interface",` + iface + `}`, "type", true},
		{`{"type":"Port",` + port + `,` + iface + `,` + address + `}`, "ip_address_id", false},
		{`{"type":"Interface",` + iface + `,` + address + `}`, "ip_address_id", false},
		{`{"type":"IPAddress",` + iface + `,` + address + `}`, "ip_address_id", false},
		{`{"type":"Interface",` + iface + `,` + port + `}`, "port_id", false},
		{`{"type":"IPAddress",` + address + `,` + port + `}`, "port_id", false},
		{`{"type":"Port",` + port + `,` + iface + `,"ip_family":"IPv4"}`, "ip_family", false},
		{`{"type":"Port",` + port + `,` + address + `,"ip_family":"IPv6"}`, "ip_family", false},
		{`{"type":"Port",` + port + `,"ip_family":"ipv4"}`, "ip_family", false},
		{`{"type":"Port",` + port + `,"ip_family":""}`, "ip_family", false},
		{`{"type":"Port",` + port + `,"ip_family":4}`, "ip_family", true},
		{`{"type":"Interface","ip_family":"IPv4"}`, "ip_family", false},
		{`{"type":"IPAddress",` + address + `,"ip_family":"IPv4"}`, "ip_family", false},
		{`{"type":"Interface"}`, "interface_id", true},
		{`{"type":"Interface","interface_id":null}`, "interface_id", true},
		{`{"type":"Interface",` + address + `}`, "interface_id", true},
		{`{"type":"IPAddress"}`, "ip_address_id", true},
		{`{"type":"IPAddress",` + iface + `}`, "ip_address_id", true},
		{`{"type":"Port"}`, "port_id", true},
		{`{"type":"Port","port_id":null,` + iface + `}`, "port_id", true},
		{`{"type":"Interface","interface_id":"` + nilID + `"}`, "interface_id", false},
		{`{"type":"IPAddress","ip_address_id":"` + nilID + `"}`, "ip_address_id", false},
		{`{"type":"Port","port_id":"` + nilID + `"}`, "port_id", false},
		{`{"type":"Port",` + port + `,"interface_id":"` + nilID + `"}`, "interface_id", false},
		{`{"type":"Port",` + port + `,"ip_address_id":"` + nilID + `"}`, "ip_address_id", false},
		{`{"type":"Port","port_id":"443/tcp"}`, "port_id", true},
		{`{"type":"Port","port_id":7}`, "port_id", true},
		{`{"type":"Port",` + port + `,"interface_id":[]}`, "interface_id", true},
		{`{"type":"Port",` + port + `,"id":"x"}`, "id", true},
		{`{"type":"Port",` + port + `,"service_id":false}`, "service_id", true},
		{`{"type":"Port",` + port + `,"network_id":{}}`, "network_id", true},
		{`{"type":"Port",` + port + `,"site_id":"x"}`, "site_id", true},
		{`{"type":"Port",` + port + `,"network_id":"` + textA + `","site_id":"` + textB + `"}`, "site_id", false},
		{`{"type":"Port",` + port + `,"created_at":"yesterday"}`, "created_at", true},
		{`{"type":"Port",` + port + `,"updated_at":1767225600}`, "updated_at", true},
		{`{"type":"Port",` + port + `,"last_seen_at":"9999-12-31T23:59:59-01:00"}`, "last_seen_at", false},
		{`{"type":"Port",` + port + `,"valid_from":"0000-01-01T00:00:00+01:00"}`, "valid_from", false},
		{`{"type":"Port",` + port + `,"valid_to":""}`, "valid_to", true},
		{`{"type":"Port",` + port + `,"first_discovery_id":""}`, "first_discovery_id", true},
		{`{"type":"Port",` + port + `,"last_discovery_id":0}`, "last_discovery_id", true},
		{`{"type":"Port",` + port + `,"lineage_id":"{` + textA + `}"}`, "lineage_id", true},
		{`{"type":"Port",` + port + `,"type":"Port"}`, "type", true},
		{`[]`, "", true},
		{`null`, "", true},
		{`"port:` + textA + `@all"`, "", true},
		{`{"type":"Port",` + port, "", true},
		{`{"type":"Port",` + port + `}{}`, "", true},
		{"{\"type\":\"Port\"," + port + ",\"x\":\"\xff\"}", "", true},
	} {
		was := binding.Binding{ID: idA}
		b := was
		bindingtest.RequireFieldError(t, binding.DecodeJSON([]byte(test.text), &b), test.path, test.malformed)
		require.Equal(t, was, b, "an error changes nothing")
		bindingtest.RequireFieldError(t, b.UnmarshalJSON([]byte(test.text)), test.path, test.malformed)
		target := binding.Interface(idA)
		if err := binding.DecodeJSON([]byte(test.text), &target); err != nil {
			bindingtest.RequireFieldError(t, err, test.path, test.malformed)
			require.Equal(t, binding.Interface(idA), target, "an error changes nothing")
		}
	}
}

func TestABindingIsWrittenWithTheFieldsOfItsTargetAndWhatIsSet(t *testing.T) {
	const base = `{"id":"` + textA + `","service_id":"` + nilID + `","network_id":"` + textB + `",`
	at := time.Date(2026, 1, 15, 11, 30, 0, 123_456_789, time.FixedZone("", 3600))
	for _, test := range []struct {
		b    binding.Binding
		want string
	}{
		{binding.Binding{Target: binding.Interface(idB)}, `"type":"Interface","interface_id":"` + textB + `"}`},
		{binding.Binding{Target: binding.IPAddress(idB)}, `"type":"IPAddress","ip_address_id":"` + textB + `"}`},
		{binding.Binding{Target: binding.Port(idA, binding.AllIPv6())}, `"type":"Port","port_id":"` + textA + `","interface_id":null,"ip_family":"IPv6"}`},
		{
			binding.Binding{Target: binding.Port(idA, binding.AllInterfaces())},
			`"type":"Port","port_id":"` + textA + `","interface_id":null}`,
		},
		{
			binding.Binding{Target: binding.Port(idA, binding.OnInterface(idB))},
			`"type":"Port","port_id":"` + textA + `","interface_id":"` + textB + `"}`,
		},
		{
			binding.Binding{Target: binding.Port(idA, binding.OnIPAddress(idB)), CreatedAt: at, Sightings: binding.Sightings{LastSeenAt: at}, LineageID: idA},
			`"type":"Port","port_id":"` + textA + `","ip_address_id":"` + textB + `","created_at":"2026-01-15T10:30:00.123456Z",` +
				`"last_seen_at":"2026-01-15T10:30:00.123456Z","lineage_id":"` + textA + `"}`,
		},
	} {
		test.b.ID, test.b.NetworkID = idA, idB
		written, err := json.Marshal(test.b)
		require.NoError(t, err)
		require.Equal(t, base+test.want, string(written))
	}
}

func TestTimesThatJSONCannotHoldAreNotWritten(t *testing.T) {
	late := time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -3600))
	for path, b := range map[string]binding.Binding{
		"created_at":   {CreatedAt: late},
		"updated_at":   {UpdatedAt: late.AddDate(1e6, 0, 0)},
		"last_seen_at": {Sightings: binding.Sightings{LastSeenAt: late.AddDate(-20000, 0, 0)}},
		"valid_from":   {ValidFrom: time.Unix(1<<62, 0)},
		"valid_to":     {ValidTo: time.Date(0, 1, 1, 0, 0, 0, 0, time.FixedZone("", 1))},
	} {
		b.Target = binding.Interface(idA)
		_, err := json.Marshal(b)
		bindingtest.RequireFieldError(t, err, path, false)
	}
}

func TestTheZeroTargetIsNullAndNoBindingCanBeWrittenWithIt(t *testing.T) {
	written, err := json.Marshal(binding.Target{})
	require.NoError(t, err)
	require.Equal(t, "null", string(written))
	target := binding.Interface(idA)
	require.NoError(t, json.Unmarshal(written, &target))
	require.Zero(t, target)

	_, err = json.Marshal(binding.Binding{})
	bindingtest.RequireFieldError(t, err, "type", false)
}

func TestTheBodiesOfTheReferenceAreRead(t *testing.T) {
	const old = `{"created_at":"2026-02-10T02:29:34.873082Z","id":"95f9056c-7bdf-43fe-92f2-3a352bd31797","interface_id":"550e8400-e29b-41d4-a716-446655440005",` +
		`"network_id":"550e8400-e29b-41d4-a716-446655440002","port_id":"550e8400-e29b-41d4-a716-446655440006","service_id":"550e8400-e29b-41d4-a716-446655440007",` +
		`"type":"Port","updated_at":"2026-02-10T02:29:34.873082Z"}`
	const recent = `{"created_at":"2026-06-29T15:15:28.325774Z","first_discovery_id":null,"id":"36e21825-a52b-4351-9429-716eb5bf230c",` +
		`"ip_address_id":"550e8400-e29b-41d4-a716-446655440005","last_discovery_id":null,"last_seen_at":"2026-06-29T15:15:28.325774Z","lineage_id":null,` +
		`"network_id":"550e8400-e29b-41d4-a716-446655440002","port_id":"550e8400-e29b-41d4-a716-446655440006","service_id":"550e8400-e29b-41d4-a716-446655440007",` +
		`"type":"Port","updated_at":"2026-06-29T15:15:28.325774Z","valid_from":"2026-06-29T15:15:28.325774Z","valid_to":null}`
	want := binding.Binding{
		Target:    binding.Port(idB, binding.OnInterface(idA)),
		ID:        uuid.MustParse("95f9056c-7bdf-43fe-92f2-3a352bd31797"),
		ServiceID: uuid.MustParse("550e8400-e29b-41d4-a716-446655440007"),
		NetworkID: uuid.MustParse("550e8400-e29b-41d4-a716-446655440002"),
		CreatedAt: time.Date(2026, 2, 10, 2, 29, 34, 873082000, time.UTC),
		UpdatedAt: time.Date(2026, 2, 10, 2, 29, 34, 873082000, time.UTC),
	}
	var b binding.Binding
	require.NoError(t, binding.DecodeJSON([]byte(old), &b))
	require.Equal(t, want, b)

	at := time.Date(2026, 6, 29, 15, 15, 28, 325774000, time.UTC)
	want.Target = binding.Port(idB, binding.OnIPAddress(idA))
	want.ID = uuid.MustParse("36e21825-a52b-4351-9429-716eb5bf230c")
	want.CreatedAt, want.UpdatedAt, want.LastSeenAt, want.ValidFrom = at, at, at, at
	require.NoError(t, binding.DecodeJSON([]byte(recent), &b))
	require.Equal(t, want, b)
}

func TestJSONSurvivesForEveryBinding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := bindingtest.Binding(bindingtest.Target()).Draw(t, "binding")
		b.ID = bindingtest.OptionalID().Draw(t, "optional ID")
		b.ServiceID = bindingtest.OptionalID().Draw(t, "optional service ID")
		b.NetworkID = bindingtest.OptionalID().Draw(t, "optional network ID")
		bindingtest.RequireJSONSurvives(t, b)
		bindingtest.RequireJSONSurvives(t, b.Target)
	})
}

func TestDecodeJSONReadsAnyValueWithTypedErrors(t *testing.T) {
	var texts []string
	require.NoError(t, binding.DecodeJSON([]byte(` ["a"] `), &texts))
	require.Equal(t, []string{"a"}, texts)
	bindingtest.RequireFieldError(t, binding.DecodeJSON([]byte(`["a",5]`), &texts), "", true)
	bindingtest.RequireFieldError(t, binding.DecodeJSON([]byte(`["a"] 5`), &texts), "", true)
	bindingtest.RequireFieldError(t, binding.DecodeJSON([]byte("[\"\xff\"]"), &texts), "", true)
	var ids []uuid.UUID
	bindingtest.RequireFieldError(t, binding.DecodeJSON([]byte(`["x"]`), &ids), "", true)
	var object struct{ Inner struct{ N int } }
	bindingtest.RequireFieldError(t, binding.DecodeJSON([]byte(`{"Inner":{"N":"x"}}`), &object), "Inner.N", true)

	var misuse *json.InvalidUnmarshalError
	require.ErrorAs(t, binding.DecodeJSON([]byte(`{}`), object), &misuse)
}

// hostile are texts of several megabytes, each meant to hurt a careless reader.
func hostile() map[string]string {
	const size = 10 << 20
	return map[string]string{
		"open lists":       strings.Repeat("[", size),
		"open objects":     strings.Repeat(`{"x":`, size/5),
		"nested lists":     strings.Repeat("[", size/2) + strings.Repeat("]", size/2),
		"blanks":           strings.Repeat(" ", size),
		"a long text":      `{"type":"` + strings.Repeat("x", size) + `"}`,
		"a long escape":    `{"type":"` + strings.Repeat(`\u00e9`, size/6) + `"}`,
		"a long number":    `{"type":` + strings.Repeat("9", size) + `}`,
		"a long name":      `{"` + strings.Repeat(`\\`, size/2) + `":1}`,
		"many fields":      `{"x":0` + strings.Repeat(`,"x":0`, size/6) + `}`,
		"an unknown field": `{"x":[0` + strings.Repeat(`,0`, size/2) + `]}`,
		"no end":           `{"type":"` + strings.Repeat(`\"`, size/2),
	}
}

func TestStrictRefusesFieldsThatAreNotKnown(t *testing.T) {
	written, err := json.Marshal(seenBinding())
	require.NoError(t, err)
	var b binding.Binding
	require.NoError(t, binding.DecodeJSON(written, &b, binding.Strict))
	require.Equal(t, seenBinding(), b)

	misspelt := bytes.Replace(written, []byte(`"last_seen_at"`), []byte(`"last_sen_at"`), 1)
	was := b
	err = binding.DecodeJSON(misspelt, &b, binding.Strict)
	bindingtest.RequireFieldError(t, err, "last_sen_at", false)
	require.ErrorContains(t, err, "last_seen_at")
	require.Equal(t, was, b)
	require.NoError(t, binding.DecodeJSON(misspelt, &b))

	for _, kind := range []string{
		`{"type":"Interface","interface_id":"` + textA + `","x":1}`, `{"type":"Port","port_id":"` + textB + `","x":1}`,
	} {
		var target binding.Target
		bindingtest.RequireFieldError(t, binding.DecodeJSON([]byte(kind), &target, binding.Strict), "x", false)
	}
	require.ErrorContains(t, binding.DecodeJSON([]byte(`{}`), &struct{}{}, binding.Strict), "not for *struct {}")
}

func TestHostileTextIsRefusedWithAShortError(t *testing.T) {
	for name, text := range hostile() {
		var b binding.Binding
		err := b.UnmarshalJSON([]byte(text))
		var field *binding.FieldError
		require.ErrorAs(t, err, &field, name)
		require.Less(t, len(err.Error()), 400, name)
	}
}

func FuzzBindingJSON(f *testing.F) {
	for _, seed := range []string{
		`null`, `{}`, `{"type":"Interface","interface_id":"` + textA + `"}`,
		`{"type":"IPAddress","ip_address_id":"` + textA + `","site_id":"` + textB + `"}`,
		`{"type":"Port","port_id":"` + textA + `","interface_id":null,"created_at":"2026-01-15T10:30:00.1234567+01:00"}`,
		`{"type":"Port","port_id":"` + textA + `","ip_address_id":"` + textB + `","lineage_id":"` + textB + `"}`,
		`{"type":"Port","port_id":"` + textA + `","valid_to":"0001-01-01T00:00:00.0000009Z"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		bindingtest.RequireLawfulJSON[binding.Binding](t, data)
		bindingtest.RequireLawfulJSON[binding.Target](t, data)
		var b binding.Binding
		if binding.DecodeJSON(data, &b) == nil {
			require.True(t, b.Target.IsValid())
			require.True(t, b == b.WithTimes())
		}
	})
}
