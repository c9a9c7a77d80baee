package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// ran runs bindcheck, which must exit with the code.
func ran(t *testing.T, code int, stdin io.Reader, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	require.Equal(t, code, run(args, stdin, &out, &errs), "%s%s", &out, &errs)
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

func TestEveryShapeAndDialectIsChecked(t *testing.T) {
	for file, code := range map[string]int{
		"discovery-0.14":   allWell,
		"discovery-0.17":   allWell,
		"host":             allWell,
		"service":          hasViolations,
		"service-and-host": hasViolations,
		"exchange":         hasViolations,
		"violations":       hasViolations,
	} {
		t.Run(file, func(t *testing.T) {
			out, errs := ran(t, code, nil, "testdata/"+file+".json")
			golden(t, file+".txt", out)
			require.NotRegexp(t, `(?m) $`, out)
			require.Empty(t, errs)
		})
	}
}

func TestExclusivePortsAreClaimedInTheOrderOfTheFile(t *testing.T) {
	out, _ := ran(t, hasViolations, nil, "-exclusive-ports", "testdata/violations.json")
	golden(t, "violations-exclusive.txt", out)
}

func TestJSONSaysTheSame(t *testing.T) {
	out, _ := ran(t, hasViolations, nil, "-json", "-exclusive-ports", "testdata/discovery-0.17.json", "testdata/violations.json")
	golden(t, "all.out.json", out)
}

func TestTheWorstFileGivesTheExitCode(t *testing.T) {
	ran(t, hasViolations, nil, "testdata/service.json", "testdata/host.json")
	_, errs := ran(t, unreadable, nil, "testdata/service.json", "testdata/gone.json", "testdata/host.json")
	require.Equal(t, "bindcheck: testdata/gone.json: no such file or directory\n", errs)
}

func TestStandardInputIsAFileToo(t *testing.T) {
	in, err := os.Open("testdata/host.json")
	require.NoError(t, err)
	defer in.Close()
	out, _ := ran(t, allWell, in, "-")
	require.True(t, strings.HasPrefix(out, `standard input: host "web-1", 1 service`), out)
}

// on is a host with one port, around services.
func on(services string) string {
	return `{"host": {"id": "a0000000-0000-4000-8000-000000000001"},
		"ports": [{"id": "90000000-0000-4000-8000-000000000001", "number": 80, "protocol": "Tcp"}], "services": ` + services + `}`
}

// listener is a binding on the port, everywhere.
const listener = `{"type": "Port", "port_id": "90000000-0000-4000-8000-000000000001"}`

func TestServicesWithoutIDsClaimPorts(t *testing.T) {
	out, _ := ran(t, hasViolations, strings.NewReader(on(`[{"name": "a", "bindings": [`+listener+`]}, {"name": "b", "bindings": [`+listener+`]}]`)), "-exclusive-ports", "-")
	require.Contains(t, out, "V6 port_claimed  standard input:2:233 services[1].bindings[0]  80/tcp on all interfaces is claimed by service a")
}

func TestWhatIsWrongWithAHostOrServiceIsAViolation(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{
			"a host with a port twice, its lists beside it",
			`{"host": {}, "ports": [` + port(1) + `, ` + port(2) + `]}`,
			"standard input:1:162: ports[1].number: the host has port 80/tcp already; list every port once\n",
		},
		{
			"a host with a port twice, its lists in it",
			`{"request_body": {"host": {"ports": [` + port(1) + `, ` + port(2) + `]}}}`,
			"standard input:1:176: request_body.host.ports[1].number: the host has port 80/tcp already; list every port once\n",
		},
		{
			"a service's name that is too long",
			on(`[{"name": "` + strings.Repeat("é", 101) + `"}]`),
			"V1 invalid  standard input:2:117 services[0].name  the name has 101 characters; 100 are allowed",
		},
		{
			"a service on another host",
			on(`[{"name": "a", "host_id": "a0000000-0000-4000-8000-000000000002"}]`),
			"V2 cross_host  standard input:2:133 services[0].host_id  the service is on host a0000000-0000-4000-8000-000000000002, not on this one",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, _ := ran(t, hasViolations, strings.NewReader(test.text), "-")
			require.Contains(t, out, test.want)
		})
	}
}

func port(n int) string {
	return fmt.Sprintf(`{"id": "90000000-0000-4000-8000-%012d", "number": 80, "protocol": "Tcp"}`, n)
}

func TestWhatCannotBeReadExitsWith2(t *testing.T) {
	whole, err := os.ReadFile("testdata/violations.json")
	require.NoError(t, err)
	for _, test := range []struct{ name, text, want string }{
		{"nothing", "", "not valid JSON"},
		{"half of it", string(whole[:len(whole)/2]), "not valid JSON at line"},
		{"not UTF-8", `{"host": {"name": "` + "\xff" + `"}}`, "not valid UTF-8"},
		{"two values", `{"host": {}} {"host": {}}`, "not valid JSON"},
		{"a list", `[]`, "is no JSON object"},
		{"null", `null`, "is no JSON object"},
		{"another object", `{"name": "me"}`, "is none of a discovery payload, a host with services"},
		{"a field twice", `{"host": {}, "host": {}}`, `has the field "host" twice`},
		{"an exchange without a body", `{"request_body": null}`, "request_body: is no JSON object"},
		{"a service without a host", `{"bindings": []}`, "host: "},
		{"a service and a list of them", `{"service": {}, "services": [], "host": {}}`, "has two of service, services and bindings"},
		{"a set and a list of services", `{"bindings": [], "services": [], "host": {}}`, "has two of service, services and bindings"},
		{"a set and a service", `{"bindings": [], "service": {}, "host": {}}`, "has two of service, services and bindings"},
		{"a service that is null", `{"service": null, "host": {}}`, "service: "},
		{"a host that is null", `{"host": null}`, "host: "},
		{"a wrong type", on(`[{"bindings": {}}]`), "services[0].bindings: "},
		{"a wrong type in a binding", `{"request_body": ` + on(`[{"bindings": [{"type": "Port", "port_id": 1}]}]`) + `}`, "request_body.services[0].bindings[0].port_id: "},
		{"a missing field", `{"service": {"bindings": [{"type": "Port"}]}, "host": {}}`, "service.bindings[0].port_id: "},
		{"a host of the wrong type", `{"host": "web-1"}`, "host: "},
		{"deep nesting", strings.Repeat(`{"request_body":`, 100_000), "not valid JSON"},
		{"deep nesting that is whole", `{"host": ` + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000) + `}`, "host: "},
		{"10 MB of brackets", strings.Repeat("[", 10<<20), "not valid JSON"},
		{"10 MB that break off", `{"host": "` + strings.Repeat("x", 10<<20), "not valid JSON"},
		{"a long text for a host", `{"host": "` + strings.Repeat("x", 1<<20) + `"}`, "host: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, errs := ran(t, unreadable, strings.NewReader(test.text), "-")
			require.Empty(t, out)
			require.Contains(t, errs, test.want)
			require.Less(t, len(errs), 1000, "an error is short whatever the input")
			if len(test.text) >= 1<<20 {
				return // once is slow enough
			}

			out, errs = ran(t, unreadable, strings.NewReader(test.text), "-json", "-")
			require.Empty(t, errs)
			var said jsonResult
			require.NoError(t, json.Unmarshal([]byte(out), &said))
			require.False(t, said.Well)
			require.NotEmpty(t, said.Problems[0].Message)
		})
	}
}

// endless is a file without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, bytes.Repeat([]byte(" "), len(p))), nil }

func TestAFileWithoutEndIsTooLarge(t *testing.T) {
	_, errs := ran(t, unreadable, endless{}, "-")
	require.Equal(t, "bindcheck: standard input: it is larger than 64 MiB; split it into several\n", errs)
}

func TestADirectoryIsNoFile(t *testing.T) {
	_, errs := ran(t, unreadable, nil, "testdata")
	require.Contains(t, errs, "bindcheck: testdata: ")
}

func TestWrongFlagsExitWith2(t *testing.T) {
	for _, args := range [][]string{{"-no-such-flag"}, {}, {"-json"}} {
		out, errs := ran(t, unreadable, nil, args...)
		require.Empty(t, out)
		require.NotEmpty(t, errs)
	}
	_, errs := ran(t, allWell, nil, "-h")
	require.Contains(t, errs, "usage: bindcheck")
}

func TestNamesCannotWriteToTheTerminal(t *testing.T) {
	out, _ := ran(t, allWell, strings.NewReader(on(`[{"name": "\u001b[2J", "bindings": [`+listener+`]}]`)), "-")
	require.NotContains(t, out, "\x1b")
	require.Contains(t, out, `services[0] "\x1b[2J", valid: 1 binding kept`)
}

func FuzzCheck(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	require.NoError(f, err)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var out, errs bytes.Buffer
		code := run([]string{"-exclusive-ports", "-"}, bytes.NewReader(data), &out, &errs)
		require.Contains(t, []int{allWell, hasViolations, unreadable}, code)
		require.Equal(t, code == unreadable, out.Len() == 0)
		require.Equal(t, code == unreadable, errs.Len() > 0)

		out.Reset()
		require.Equal(t, code, run([]string{"-exclusive-ports", "-json", "-"}, bytes.NewReader(data), &out, &errs), "both outputs say the same")
		var said jsonResult
		require.NoError(t, json.Unmarshal(out.Bytes(), &said))
		require.Equal(t, code == allWell, said.Well)
		broken := len(said.Problems) > 0
		for _, s := range said.Services {
			broken = broken || len(s.Violations) > 0
		}
		require.Equal(t, code != allWell, broken)
	})
}
