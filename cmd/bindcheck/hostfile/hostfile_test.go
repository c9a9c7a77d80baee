package hostfile_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/cmd/bindcheck/hostfile"
)

const office = `host: web-1
interfaces:
  eth0: [192.0.2.5, "2001:db8::5"]
  br0:
services:
  nginx:
    tags: [public]
    bindings: [443/tcp on all, 22/tcp on eth0]
  gateway:
    bindings: at br0
  idle:
`

func TestNamesBecomeAHostAndItsServices(t *testing.T) {
	f, err := hostfile.Parse([]byte(office))
	require.NoError(t, err)
	require.Equal(t, "web-1", f.Inventory.Name())
	var said []string
	for _, s := range f.Services {
		line := s.Name + " " + strings.Join(s.Tags, ",")
		for _, b := range s.Bindings {
			line += "; " + f.Inventory.Describe(b.Target)
		}
		said = append(said, line)
	}
	require.Equal(t, []string{
		"nginx public; 443/tcp on all interfaces; 22/tcp on eth0 (192.0.2.5, 2001:db8::5)",
		"gateway ; presence at br0",
		"idle ",
	}, said)

	again, err := hostfile.Parse([]byte(office))
	require.NoError(t, err)
	require.Equal(t, f.Services, again.Services, "IDs are the same every time")
}

func TestEverythingHasItsPosition(t *testing.T) {
	f, err := hostfile.Parse([]byte(office))
	require.NoError(t, err)
	for path, want := range map[string]string{
		"": "1:1", "name": "1:7", "interfaces[1]": "4:3", "ip_addresses[1]": "3:21", "ports[0]": "8:16",
		"services[0]": "6:3", "services[0].tags[0]": "7:12", "services[0].bindings[1]": "8:32",
		"services[1].bindings[0].port_id": "10:15", "services[2].name": "11:3", "services[9]": "1:1",
	} {
		require.Equal(t, want, f.Position(path).String(), path)
	}
}

func TestWhatIsWrongIsSaidWithItsPlace(t *testing.T) {
	on := func(bindings string) string {
		return "host: a\ninterfaces: {eth0: [10.0.0.1], eth1: [10.0.0.1]}\nservices:\n  s:\n    bindings: [" + bindings + "]\n"
	}
	for name, test := range map[string]struct{ text, want string }{
		"nothing":                  {"", "1:1: the file is empty"},
		"a comment only":           {"# host", "1:1: the file is empty"},
		"a text":                   {"web-1", "1:1: is a text; write host, interfaces, ports, services there"},
		"a list":                   {"- host", "1:1: is a list;"},
		"a tab":                    {"host: a\n\tports: []", "2:1: is not YAML: found a tab character"},
		"brackets that stay open":  {"ports: [443/tcp", "is not YAML:"},
		"a misspelt key":           {"hots: web-1", `1:1: "hots" is none of host, interfaces, ports, services; correct or remove it`},
		"a misspelt key below":     {"services:\n  s: {bindigs: []}", `2:7: "bindigs" is none of definition, tags, bindings`},
		"a key twice":              {"host: a\nhost: b", `2:1: "host" stands twice, first at 1:1`},
		"a service twice":          {"services:\n  s:\n  s:", `3:3: "s" stands twice, first at 2:3`},
		"a number for a name":      {"host: 7", `1:7: "7" is a number; write the name of the host in quotes`},
		"a number for a key":       {"interfaces: {7: []}", `1:14: "7" is a number; write a name in quotes`},
		"yes for a name":           {"host: true", `1:7: "true" is true or false to YAML`},
		"a number for a port":      {"ports: [443]", `1:9: "443" is a number; write a port in quotes`},
		"a port that is none":      {"ports: [443/icmp]", `1:9: "443/icmp" is no port; write a number from 1 to 65535`},
		"a port with leading zero": {"ports: [0443/tcp]", `1:9: "0443/tcp" is no port`},
		"an address that is none":  {"interfaces: {eth0: [10.0.0.1/24]}", `1:21: "10.0.0.1/24" is no IP address`},
		"a mapping for addresses":  {"interfaces: {eth0: {a: b}}", "1:20: is a mapping; write the addresses of the interface as a list"},
		"an anchor":                {"ports: &p [443/tcp]", "1:8: anchors and aliases are not read"},
		"an alias":                 {"host: &h a\nports: [*h]", "anchors and aliases are not read"},
		"a binding that is none":   {on("https everywhere"), `5:16: "https everywhere" is no target; write it like "443/tcp on eth0"`},
		"a place that is not":      {on("443/tcp on eth7"), `5:16: "eth7" is no interface or IP address of the host; it has`},
		"a name that fits two":     {on("443/tcp on 10.0.0.1"), `5:16: "10.0.0.1" fits several:`},
		"a presence everywhere":    {on("at all"), "5:16: "},
		"a binding that is a list": {on("[at eth0]"), "5:16: is a list; write a binding there"},
		"a port that is not there": {"ports: [22/tcp]\nservices: {s: {bindings: [80/tcp on all]}}", "2:27: the host has no port 80/tcp"},
		"a name that is too long":  {"services: {" + strings.Repeat("x", 101) + ": }", "1:12: has 101 characters; use 100 at most"},
		"a name with NUL":          {"services: {\"a\\0\": }", "1:12: holds a NUL character"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := hostfile.Parse([]byte(test.text))
			require.Nil(t, f)
			require.ErrorContains(t, err, test.want)
			require.ErrorIs(t, err, binding.ErrMalformed)
			require.Less(t, len(err.Error()), 4000, "an error is short whatever the input")
		})
	}
}

func TestAllProblemsComeAtOnceInOrder(t *testing.T) {
	var text strings.Builder
	text.WriteString("ports: [x]\nservices:\n")
	for i := range 20 {
		fmt.Fprintf(&text, "  s%d: {bindings: [nonsense]}\n", i)
	}
	_, err := hostfile.Parse([]byte(text.String()))
	var problems hostfile.Problems
	require.True(t, errors.As(err, &problems))
	require.Len(t, problems, 21)
	for i := 1; i < len(problems); i++ {
		require.Less(t, problems[i-1].Position.Line, problems[i].Position.Line)
	}
	require.Contains(t, err.Error(), "... and 13 more")
}

func TestHostileFilesAreRefusedInBoundedTime(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'z'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", c-1), 9), ","))
	}
	for name, text := range map[string]string{
		"a bomb of aliases":   bomb,
		"10 MB":               strings.Repeat("# x\n", 10<<18),
		"deep nesting":        strings.Repeat("[", 20_000),
		"deep nesting, whole": "ports: " + strings.Repeat("[", 5_000) + strings.Repeat("]", 5_000),
		"many keys":           strings.Repeat("k: v\n", 100_000),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := hostfile.Parse([]byte(text))
			require.Error(t, err)
			require.Less(t, len(err.Error()), 4000)
		})
	}
}
