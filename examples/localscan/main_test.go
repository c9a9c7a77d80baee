package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/examples/internal/scan"
	"github.com/bindset/bindset/host"
)

var update = flag.Bool("update", false, "write the golden files anew")

// asLocalscan makes the test binary the program itself.
const asLocalscan = "BINDSET_TEST_AS_LOCALSCAN"

func TestMain(m *testing.M) {
	if os.Getenv(asLocalscan) != "" {
		main()
	}
	os.Exit(m.Run())
}

func socket(protocol host.Protocol, local string, pids ...int) scan.Socket {
	return scan.Socket{Protocol: protocol, Local: netip.MustParseAddrPort(local), PIDs: pids}
}

// small is a machine of which the rules have something to say.
func small() scan.Machine {
	prefix := netip.MustParsePrefix
	return scan.Machine{
		ID: "small", Name: "web-1",
		Interfaces: []scan.Interface{
			{Name: "lo", Up: true, Loopback: true, Addresses: []netip.Prefix{prefix("127.0.0.1/8"), prefix("::1/128")}},
			{Name: "eth0", MAC: "02:00:00:00:00:01", Up: true, Addresses: []netip.Prefix{prefix("10.0.0.5/24"), prefix("fe80::1/64")}},
			{Name: "wg0", Up: true, Kind: scan.Tunnel, Addresses: []netip.Prefix{prefix("10.9.0.1/24")}},
		},
		Sockets: []scan.Socket{
			socket(host.TCP, "[::]:22", 700), socket(host.TCP, "[::]:22", 700),
			socket(host.UDP, "[::]:53", 812), socket(host.UDP, "127.0.0.53:53", 812), socket(host.UDP, "[fe80::1]:53", 812),
			socket(host.TCP, "10.0.0.5:80", 900, 901, 902), socket(host.TCP, "10.0.0.5:80", 950),
			{Protocol: host.UDP, Local: netip.MustParseAddrPort("[::]:51820"), Ephemeral: true},
			socket(host.UDP, "224.0.0.251:5353", 990),
		},
		Processes: map[int]scan.Process{
			700: {PID: 700, Parent: 1, Name: "sshd"}, 812: {PID: 812, Parent: 1, Name: "dnsmasq"},
			900: {PID: 900, Parent: 1, Name: "nginx"}, 901: {PID: 901, Parent: 900, Name: "nginx"}, 902: {PID: 902, Parent: 900, Name: "nginx"},
			950: {PID: 950, Parent: 1, Name: "rogue"}, 990: {PID: 990, Parent: 1, Name: "\x1b[2J a process with a name of more than twenty letters"},
		},
		Notes: []string{"the process of 1 listening socket cannot be seen: held by the kernel or in another container"},
	}
}

// reading returns a reader of the machines, one after the other, that then fails.
func reading(machines ...scan.Machine) func(context.Context) (scan.Machine, error) {
	return func(context.Context) (scan.Machine, error) {
		if len(machines) == 0 {
			return scan.Machine{}, errors.New("there is nothing more to read")
		}
		m := machines[0]
		machines = machines[1:]
		return m, nil
	}
}

// ran runs localscan, which must exit with the code.
func ran(t *testing.T, code int, read func(context.Context) (scan.Machine, error), args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	require.Equal(t, code, run(t.Context(), args, read, &out, &errs), "%s", &errs)
	return out.String(), errs.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func TestTheTableIsForPeople(t *testing.T) {
	out, errs := ran(t, 0, reading(small()))
	golden(t, "small.txt", out)
	require.Empty(t, errs)
}

func TestJSONSaysTheSame(t *testing.T) {
	out, _ := ran(t, 0, reading(small()), "-json")
	golden(t, "small.json", out)
}

// fates returns the outcomes and rules in a report, each once.
func fates(t *testing.T, out string) []string {
	t.Helper()
	var r report
	require.NoError(t, json.Unmarshal([]byte(out), &r))
	var all []string
	for _, b := range r.Bindings {
		all = append(all, b.Outcome, b.Rule)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// all are the outcomes and rules there are, and the kept bindings without rule.
var all = []string{
	"", "V0", "V1", "V2", "V3", "V4", "V5", "V6",
	"conflict", "cross_host", "duplicate", "invalid", "kept", "network_mismatch", "superseded",
}

func TestTheDemonstrationMakesEveryRuleFire(t *testing.T) {
	out, _ := ran(t, 0, scan.Read, "-demo", "-json")
	require.Equal(t, all, fates(t, out))
	require.Contains(t, out, "written by hand")

	out, _ = ran(t, 0, scan.Read, "-demo")
	for _, word := range append(all[1:8:8], "duplicate of", "superseded by", "conflict with", "shared with demo web", "cross-host", "network mismatch", "invalid", "rewritten") {
		require.Contains(t, out, word)
	}
}

func TestTheDemonstrationNeedsNoSocketsItCanSee(t *testing.T) {
	blind := scan.Machine{ID: "blind"}
	out, _ := ran(t, 0, reading(blind, blind), "-json")
	require.Equal(t, all, fates(t, out), "where nothing listens the demonstration is shown unasked")
	require.Contains(t, out, "nothing listens on this machine")
	require.Contains(t, out, "6 of 6 sockets of the demonstration")
}

func TestTheDemonstrationIsForThisMachineOnly(t *testing.T) {
	m, err := scan.Read(t.Context())
	require.NoError(t, err)
	show := openDemo(t.Context(), m)
	defer show.Close()
	require.Len(t, show.wanted, 6)
	open, err := scan.Read(t.Context())
	require.NoError(t, err)
	for _, w := range show.wanted {
		require.True(t, w.socket.Local.Addr().IsLoopback() || w.socket.Interface == "lo", "%s", w.socket)
	}
	listening := func(m scan.Machine) (mine int) {
		for _, s := range m.Sockets {
			if slices.Contains(s.PIDs, os.Getpid()) && slices.ContainsFunc(show.wanted, func(w wanted) bool { return w.socket.String() == s.String() }) {
				mine++
			}
		}
		return mine
	}
	require.NotZero(t, listening(open))
	show.Close()
	closed, err := scan.Read(t.Context())
	require.NoError(t, err)
	require.Zero(t, listening(closed))
}

func TestWatchPrintsWhatChanged(t *testing.T) {
	first, second, third := small(), small(), small()
	second.Sockets = append(second.Sockets[1:], socket(host.TCP, "127.0.0.1:631", 700))
	third.Sockets = append(third.Sockets[:2:2], third.Sockets[3:]...)
	third.Notes = []string{"the moon is in the way"}
	silent := third
	silent.Sockets = nil

	out, errs := ran(t, 1, reading(first, first, second, third, silent), "-watch", "1ns")
	require.Contains(t, errs, "there is nothing more to read")
	table, err := os.ReadFile("testdata/small.txt")
	require.NoError(t, err)
	watched, ok := strings.CutPrefix(out, string(table))
	require.True(t, ok, "the first scan is printed whole")
	clock := regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d `)
	golden(t, "changes.txt", clock.ReplaceAllString(watched, "hh:mm:ss "))
}

func TestWatchPrintsOneJSONValueAChange(t *testing.T) {
	second := small()
	second.Sockets = slices.Delete(second.Sockets, 1, 2)
	out, _ := ran(t, 1, reading(small(), second), "-watch", "1ns", "-json")
	d := json.NewDecoder(strings.NewReader(out))
	require.NoError(t, d.Decode(&report{}))
	var got []string
	for d.More() {
		var c change
		require.NoError(t, d.Decode(&c))
		got = append(got, c.Did+" "+c.Row.Service+" "+c.Row.Seen+" "+c.Row.Outcome)
	}
	require.Equal(t, []string{"removed sshd *:22/tcp duplicate"}, got)
}

func TestASignalEndsWatchingWell(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		watching := exec.CommandContext(t.Context(), os.Args[0], "-watch", "1h", "-demo")
		watching.Env = append(os.Environ(), asLocalscan+"=1")
		out, err := watching.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, watching.Start())
		_, err = out.Read(make([]byte, 1)) // from here on it waits for the hour, or soon will
		require.NoError(t, err)
		require.NoError(t, watching.Process.Signal(signal))
		require.NoError(t, watching.Wait(), "%v", signal)
	}
}

func TestWrongFlagsExitWith2(t *testing.T) {
	for _, args := range [][]string{{"-no-such-flag"}, {"-watch", "soon"}, {"-watch", "-1s"}, {"file"}} {
		out, errs := ran(t, 2, reading(small()), args...)
		require.Empty(t, out)
		require.NotEmpty(t, errs)
	}
	_, errs := ran(t, 0, reading(small()), "-h")
	require.Contains(t, errs, "usage: localscan")
}

func TestAMachineThatCannotBeReadExitsWith1(t *testing.T) {
	_, errs := ran(t, 1, reading())
	require.Equal(t, "localscan: there is nothing more to read\n", errs)
}
