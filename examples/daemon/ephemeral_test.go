package main

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/examples/internal/scan"
	"github.com/bindset/bindset/host"
)

func TestAnEphemeralSocketCountsOnceItHasBeenThereForAMinute(t *testing.T) {
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	udp := func(port uint16, ephemeral bool) scan.Socket {
		return scan.Socket{Protocol: host.UDP, Local: netip.AddrPortFrom(netip.IPv4Unspecified(), port), Ephemeral: ephemeral}
	}
	stays, wireguard, dns := udp(40000, true), udp(51820, false), udp(53, false)
	var o onProbation
	for _, scanned := range []struct {
		after time.Duration
		seen  []scan.Socket
		want  []scan.Socket
	}{
		{0, []scan.Socket{dns, stays, wireguard, udp(40001, true)}, []scan.Socket{dns, wireguard}},
		{30 * time.Second, []scan.Socket{stays, dns, udp(40002, true)}, []scan.Socket{dns}},
		{time.Minute - 1, []scan.Socket{stays, udp(40001, true)}, nil},
		{time.Minute, []scan.Socket{stays, udp(40001, true), udp(40002, true)}, []scan.Socket{stays}},
		{time.Hour, []scan.Socket{dns}, []scan.Socket{dns}},
		{time.Hour + 1, []scan.Socket{stays}, nil}, // it was away meanwhile
	} {
		require.Equal(t, scanned.want, o.pass(scanned.seen, start.Add(scanned.after)), "%v", scanned.after)
	}
}
