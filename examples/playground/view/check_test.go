package view

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/cmd/bindcheck/hostfile"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/validate"
)

const web = `host: web-1
interfaces:
  eth0: [192.0.2.5]
services:
  nginx:
    bindings:
      - 443/tcp on eth0
      - 443/tcp on all
      - 443/tcp on all
      - at eth0
  sshd:
    bindings: [443/tcp on 192.0.2.5]
`

func TestCheckSaysWhatBecameOfEachBinding(t *testing.T) {
	p := Check(web, false)
	require.Equal(t, Refused, p.Verdict)
	require.Equal(t, "Refused: 1 violation in nginx. Of the rest, 1 binding kept.", p.Summary)
	require.Equal(t, []Service{
		{
			Name: "nginx", At: Position{5, 3}, Refused: true,
			Bindings: []Binding{
				{
					Text: "443/tcp on eth0 (192.0.2.5)", At: Position{7, 9}, State: Superseded, Rule: "V4",
					Why: "443/tcp on all interfaces covers it.", Because: &Position{8, 9},
				},
				{Text: "443/tcp on all interfaces", At: Position{8, 9}, State: Unbroken},
				{
					Text: "443/tcp on all interfaces", At: Position{9, 9}, State: Duplicate, Rule: "V3",
					Why: "The service has it once already.", Because: &Position{8, 9},
				},
				{
					Text: "presence at eth0 (192.0.2.5)", At: Position{10, 9}, State: Broken, Rule: "V5",
					Why: "presence at eth0 (192.0.2.5) conflicts with 443/tcp on all interfaces of the same service; " +
						"a service that listens at a place is present there already: remove one of the two.",
					Because: &Position{8, 9},
				},
			},
		},
		{
			Name: "sshd", At: Position{11, 3},
			Bindings: []Binding{{Text: "443/tcp on 192.0.2.5 (eth0)", At: Position{12, 16}, State: Kept}},
		},
	}, p.Services)
}

func TestCheckJudgesExclusivePortsWhereTheyAreOn(t *testing.T) {
	got := Check(web, true).Services[1].Bindings[0]
	require.Equal(t, Broken, got.State)
	require.Equal(t, "V6", got.Rule)
	require.Equal(t, &Position{8, 9}, got.Because, "the listener of nginx")
}

func TestCheckPlacesProblems(t *testing.T) {
	p := Check("host: web-1\nservices: {a: {bindings: [at eth0, 1/tcp on eth1]}}\n", false)
	require.Equal(t, Unreadable, p.Verdict)
	require.Equal(t, "This cannot be read: 2 problems.", p.Summary)
	require.Len(t, p.Problems, 2)
	require.Equal(t, Position{2, 27}, p.Problems[0].At)
	require.Contains(t, p.Problems[0].Message, "eth0")
	require.Nil(t, p.Picture)
}

func TestRewrittenBindingsSaySo(t *testing.T) {
	port, place := uuid.UUID{1}, uuid.UUID{2}
	inv, err := host.NewInventory(host.Host{
		Interfaces: []host.Interface{{ID: place, Name: "eth0", Address: netip.MustParseAddr("192.0.2.5")}},
		Ports:      []host.Port{{ID: port, Number: 443, Protocol: host.TCP}},
	})
	require.NoError(t, err)
	set := []binding.Binding{{Target: binding.Port(port, binding.OnIPAddress(place))}}
	nowhere := func(string) Position { return Position{} }
	p := judge(validate.New(), inv, []service.Service{{Name: "nginx", Bindings: set}}, nowhere).page()
	require.Equal(t, Binding{
		Text: "443/tcp on eth0 (192.0.2.5)", State: Kept, Rewritten: true, Why: "Its interface was named as an IP address.",
	}, p.Services[0].Bindings[0])
	require.Len(t, p.Picture.Chips, 1)
}

func TestWhatIsWrongWithAWholeSetIsSaid(t *testing.T) {
	file, err := hostfile.Parse([]byte(web))
	require.NoError(t, err)
	nowhere := func(string) Position { return Position{} }
	p := judge(validate.New(validate.WithMaxBindings(1)), file.Inventory, file.Services, nowhere).page()
	require.True(t, p.Services[0].Refused)
	require.Len(t, p.Services[0].Problems, 1)
	require.Contains(t, p.Services[0].Problems[0], "V1: the set would have 4 bindings, 1 are allowed")
}

func TestListsAreBounded(t *testing.T) {
	t.Run("problems", func(t *testing.T) {
		p := Check("ports:\n"+strings.Repeat("- none\n", 1000), false)
		require.Len(t, p.Problems, maxListed)
		require.Equal(t, "... and 700 more problems.", p.Unlisted)
	})
	t.Run("bindings, the notable ones first", func(t *testing.T) {
		var text strings.Builder
		text.WriteString("services:\n  a:\n    bindings:\n")
		for i := range 1000 {
			fmt.Fprintf(&text, "    - %d/tcp on all\n", i+1)
		}
		text.WriteString("    - 1000/tcp on all\n")
		p := Check(text.String(), false)
		require.Len(t, p.Services[0].Bindings, maxListed)
		require.Equal(t, Duplicate, p.Services[0].Bindings[maxListed-1].State)
		require.Equal(t, "... and 701 more bindings.", p.Unlisted)
		require.Equal(t, "Valid: 1000 bindings kept, 1 dropped.", p.Summary)
	})
	t.Run("services", func(t *testing.T) {
		var text strings.Builder
		text.WriteString("services:\n")
		for i := range 1000 {
			fmt.Fprintf(&text, "  s%d:\n", i)
		}
		p := Check(text.String(), false)
		require.Len(t, p.Services, maxListed)
		require.Equal(t, "... and 700 more services.", p.Unlisted)
	})
	t.Run("names", func(t *testing.T) {
		p := Check("services: {"+strings.Repeat("x", 90)+": }", false)
		require.Equal(t, strings.Repeat("x", maxName)+"…", p.Services[0].Name)
	})
}

func TestSamplesShowWhatTheyPromise(t *testing.T) {
	states := make(map[State]bool)
	verdicts := make(map[Verdict]bool)
	for _, s := range Samples() {
		p := Check(s.Text, s.ExclusivePorts)
		verdicts[p.Verdict] = true
		for _, of := range p.Services {
			for _, b := range of.Bindings {
				states[b.State] = true
			}
		}
		if s.ExclusivePorts {
			require.Equal(t, Refused, p.Verdict)
			require.Equal(t, Valid, Check(s.Text, false).Verdict, "the rule is what it shows")
		}
	}
	require.Len(t, states, 5)
	require.Len(t, verdicts, 3)
}
