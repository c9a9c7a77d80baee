package binding_test

import (
	"encoding"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
)

const (
	textA = "550e8400-e29b-41d4-a716-446655440005"
	textB = "550e8400-e29b-41d4-a716-446655440006"
	nilID = "00000000-0000-0000-0000-000000000000"
)

var idA, idB = uuid.MustParse(textA), uuid.MustParse(textB)

func TestTargetsAndScopesHaveOneTextEach(t *testing.T) {
	for text, target := range map[string]binding.Target{
		"interface:" + textA:                     binding.Interface(idA),
		"ip_address:" + textA:                    binding.IPAddress(idA),
		"port:" + textA + "@all":                 binding.Port(idA, binding.AllInterfaces()),
		"port:" + textA + "@all_ipv4":            binding.Port(idA, binding.AllIPv4()),
		"port:" + textA + "@all_ipv6":            binding.Port(idA, binding.AllIPv6()),
		"port:" + textA + "@interface:" + textB:  binding.Port(idA, binding.OnInterface(idB)),
		"port:" + textA + "@ip_address:" + textB: binding.Port(idA, binding.OnIPAddress(idB)),
		"":                                       {},
	} {
		written, err := target.MarshalText()
		require.NoError(t, err)
		require.Equal(t, text, string(written))
		read := binding.Interface(idB)
		require.NoError(t, read.UnmarshalText(written))
		require.Equal(t, target, read)
		if text == "" {
			require.Equal(t, "invalid", target.String())
			continue
		}
		require.Equal(t, text, target.String())
		parsed, err := binding.ParseTarget(text)
		require.NoError(t, err)
		require.Equal(t, target, parsed)
	}
	for text, scope := range map[string]binding.Scope{
		"all":                 binding.AllInterfaces(),
		"all_ipv4":            binding.AllIPv4(),
		"all_ipv6":            binding.AllIPv6(),
		"interface:" + textA:  binding.OnInterface(idA),
		"ip_address:" + textA: binding.OnIPAddress(idA),
		"":                    {},
	} {
		written, err := scope.MarshalText()
		require.NoError(t, err)
		require.Equal(t, text, string(written))
		read := binding.AllInterfaces()
		require.NoError(t, read.UnmarshalText(written))
		require.Equal(t, scope, read)
	}
}

func TestTextThatIsNoTargetIsAFieldError(t *testing.T) {
	for _, text := range []string{
		"all", "port", "port:", "port:" + textA, "port:" + textA + "@", "port:" + textA + "@nowhere", "port:@all", "all_ipv4", "port:" + textA + "@all_ipv5", "port:" + textA + "@all_ipv4:" + textB,
		"port:" + textA + "@all@all", "port:" + textA + "@all ", "Interface:" + textA, "interface", "interface:", "interface",
		"interface:" + strings.ToUpper(textA) + "x", "interface:{" + textA + "}", "interface:urn:uuid:" + textA,
		"ip_address:" + strings.ReplaceAll(textA, "-", ""), "interface:" + textA + "\n", " interface:" + textA,
		"port:" + textA + "@port:" + textB, "interface:\xff", strings.Repeat("interface:", 1<<16),
	} {
		requireRefused(t, text, true)
	}
	for _, text := range []string{"interface:" + nilID, "port:" + nilID + "@all", "port:" + textA + "@ip_address:" + nilID} {
		requireRefused(t, text, false)
	}
	_, err := binding.ParseTarget("")
	require.ErrorIs(t, err, binding.ErrMalformed)
	_, err = binding.ParseScope("")
	require.ErrorIs(t, err, binding.ErrMalformed)
}

func requireRefused(t *testing.T, text string, malformed bool) {
	t.Helper()
	was := binding.IPAddress(idB)
	target := was
	err := target.UnmarshalText([]byte(text))
	var field *binding.FieldError
	require.ErrorAs(t, err, &field, "%.60q", text)
	require.ErrorIs(t, err, binding.ErrInvalid)
	require.Equal(t, malformed, field.Malformed, "%v", err)
	require.Less(t, len(err.Error()), 300)
	require.Equal(t, was, target, "an error changes nothing")
}

// A halfTarget names a place or a port that is nil, or no place at all.
var halfTargets = map[string]binding.Target{
	"interface_id":   binding.Interface(uuid.Nil),
	"ip_address_id":  binding.IPAddress(uuid.Nil),
	"port_id":        binding.Port(uuid.Nil, binding.AllInterfaces()),
	"interface_id ":  binding.Port(idA, binding.OnInterface(uuid.Nil)),
	"interface_id  ": binding.Port(idA, binding.Scope{}),
	"port_id ":       binding.Port(uuid.Nil, binding.Scope{}),
}

func TestInvalidTargetsAreNotWritten(t *testing.T) {
	for field, target := range halfTargets {
		_, inText := target.MarshalText()
		_, inJSON := target.MarshalJSON()
		_, inBinding := binding.Binding{Target: target}.MarshalJSON()
		for _, err := range []error{inText, inJSON, inBinding} {
			bindingtest.RequireFieldError(t, err, strings.TrimSpace(field), false)
		}
		require.NotPanics(t, func() { _ = target.String() })
	}
	for scope, problem := range map[binding.Scope]string{
		binding.OnInterface(uuid.Nil): "interface_id: is the nil UUID; give the ID of the interface",
		binding.OnIPAddress(uuid.Nil): "ip_address_id: is the nil UUID; give the ID of the IP address",
	} {
		_, err := scope.MarshalText()
		require.EqualError(t, err, problem)
	}
	_, err := binding.Port(idA, binding.Scope{}).MarshalText()
	require.ErrorContains(t, err, "interface_id: is missing, for the scope is zero")
}

func TestTextSurvivesForEveryTargetAndScope(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		target := bindingtest.Target().Draw(t, "target")
		requireTextSurvives(t, target, &binding.Target{})
		requireTextSurvives(t, target.Scope(), &binding.Scope{})
	})
}

func requireTextSurvives[T encoding.TextMarshaler, P interface {
	*T
	encoding.TextUnmarshaler
}](t require.TestingT, v T, into P,
) {
	text, err := v.MarshalText()
	require.NoError(t, err)
	require.NoError(t, into.UnmarshalText(text))
	require.Equal(t, v, *into)
}

// FuzzTargetText: what is a target's text is the text of no other, but for the
// case of the digits.
func FuzzTargetText(f *testing.F) {
	for _, seed := range []string{
		"", "all", "interface:" + textA, "ip_address:" + strings.ToUpper(textA), "port:" + textA + "@all",
		"port:" + textA + "@interface:" + textB, "port:" + textA + "@ip_address:" + nilID, "port:" + textA + "@port:" + textB,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var target binding.Target
		if err := target.UnmarshalText([]byte(text)); err != nil {
			var field *binding.FieldError
			require.ErrorAs(t, err, &field)
			require.Zero(t, target)
			return
		}
		require.Equal(t, text == "", target == binding.Target{})
		require.Equal(t, text != "", target.IsValid())
		written, err := target.MarshalText()
		require.NoError(t, err)
		require.Equal(t, strings.ToLower(text), string(written))
		requireTextSurvives(t, target, &binding.Target{})
	})
}
