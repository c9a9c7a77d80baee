package host_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

func TestProtocolsHaveNamesForPeopleAndForTheWire(t *testing.T) {
	for protocol, name := range map[host.Protocol]struct{ people, wire string }{
		host.TCP: {"tcp", "Tcp"}, host.UDP: {"udp", "Udp"}, host.SCTP: {"sctp", "Sctp"},
	} {
		require.True(t, protocol.IsValid())
		require.Equal(t, name.people, protocol.String())
		text, err := protocol.MarshalText()
		require.NoError(t, err)
		require.Equal(t, name.wire, string(text))
		var back host.Protocol
		require.NoError(t, back.UnmarshalText(text))
		require.Equal(t, protocol, back)
		for _, text := range []string{name.people, strings.ToUpper(name.people)} {
			back = 0
			require.NoError(t, back.UnmarshalText([]byte(text)))
			require.Equal(t, protocol, back)
		}
	}
}

func TestOtherProtocolsAreNeitherWrittenNorValid(t *testing.T) {
	for _, protocol := range []host.Protocol{0, host.SCTP + 1, 255} {
		require.False(t, protocol.IsValid())
		require.Equal(t, "invalid", protocol.String())
		_, err := protocol.MarshalText()
		require.ErrorIs(t, err, binding.ErrInvalid)
		_, err = json.Marshal(protocol)
		require.ErrorIs(t, err, binding.ErrInvalid)
	}
}

func TestOtherTextsAreNoProtocolAndLeaveItAsItWas(t *testing.T) {
	for _, text := range []string{"", "Tcp ", "icmp", "\u017fctp", "Ud\u1e57", "\x00", "invalid", strings.Repeat("Tcp", 1<<20)} {
		protocol := host.UDP
		err := protocol.UnmarshalText([]byte(text))
		require.ErrorIs(t, err, binding.ErrInvalid, "%.20q", text)
		require.Less(t, len(err.Error()), 200)
		require.Equal(t, host.UDP, protocol)
	}
}

func TestPortsPrintAsPeopleWriteThem(t *testing.T) {
	require.Equal(t, "443/tcp", host.Port{Number: 443, Protocol: host.TCP}.String())
	require.Equal(t, "65535/sctp", host.Port{Number: 65535, Protocol: host.SCTP}.String())
	require.Equal(t, "0/invalid", host.Port{}.String())
}
