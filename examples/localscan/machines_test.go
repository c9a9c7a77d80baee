package main

import (
	"context"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/examples/internal/scan"
	"github.com/bindset/bindset/host"
)

// machineWith reads the sockets of a machine from a file, one on a line as ss shows
// them: "udp 0.0.0.0%eth0:67 dnsmasq/505", with the processes that hold them. "*" is
// [::] for both address families.
func machineWith(t *testing.T, file string) scan.Machine {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	require.NoError(t, err)
	m := scan.Machine{ID: file, Name: strings.TrimSuffix(file, filepath.Ext(file)), Processes: map[int]scan.Process{}}
	for _, prefixes := range [][]string{
		{"lo", "127.0.0.1/8", "::1/128"},
		{"eth0", "10.42.0.1/24", "10.60.0.1/24", "10.65.0.1/22"},
		{"virbr0", "192.168.122.1/24", "fe80::2/64"},
		{"vboxnet0", "192.168.56.1/24"},
	} {
		f := scan.Interface{Name: prefixes[0], Up: true, Loopback: prefixes[0] == "lo"}
		for _, prefix := range prefixes[1:] {
			f.Addresses = append(f.Addresses, netip.MustParsePrefix(prefix))
		}
		m.Interfaces = append(m.Interfaces, f)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		fields := strings.Fields(line)
		m.Sockets = append(m.Sockets, parseSocket(t, fields[0], fields[1]))
		s := &m.Sockets[len(m.Sockets)-1]
		for _, holder := range fields[2:] {
			name, number, _ := strings.Cut(holder, "/")
			pid, err := strconv.Atoi(number)
			require.NoError(t, err)
			m.Processes[pid] = scan.Process{PID: pid, Parent: 1, Name: name}
			s.PIDs = append(s.PIDs, pid)
		}
	}
	return m
}

func parseSocket(t *testing.T, protocol, local string) scan.Socket {
	t.Helper()
	s := scan.Socket{Protocol: map[string]host.Protocol{"tcp": host.TCP, "udp": host.UDP}[protocol]}
	place, port, _ := strings.Cut(local, "]:")
	if port == "" {
		place, port, _ = strings.Cut(local, ":")
	}
	place, s.Interface, _ = strings.Cut(strings.Trim(place, "[]"), "%")
	s.V6Only = place == "::"
	a := netip.IPv6Unspecified()
	if place != "*" {
		a = netip.MustParseAddr(place)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	require.NoError(t, err)
	s.Local = netip.AddrPortFrom(a, uint16(n))
	require.Equal(t, local+"/"+protocol, s.String())
	return s
}

func TestWhatListensIsNeverClaimed(t *testing.T) {
	for _, file := range []string{"desktop", "containers", "router"} {
		t.Run(file, func(t *testing.T) {
			read := func(context.Context) (scan.Machine, error) { return machineWith(t, file+".sockets"), nil }
			out, _ := ran(t, 0, read)
			golden(t, file+".txt", out)
			require.NotContains(t, out, "claimed by")
			out, _ = ran(t, 0, read, "-json")
			var r report
			require.NoError(t, json.Unmarshal([]byte(out), &r))
			require.Empty(t, r.Refused)
			for _, b := range r.Bindings {
				require.Contains(t, []string{kept, duplicate, superseded}, b.Outcome, "%s %s", b.Service, b.Seen)
			}
		})
	}
}
