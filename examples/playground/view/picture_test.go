package view

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAPictureShowsThePlacesOfAHost(t *testing.T) {
	p := Check(web, false).Picture
	var labels []string
	for _, b := range p.Boxes {
		labels = append(labels, b.Kind+" "+b.Label)
	}
	require.Equal(t, []string{"host web-1", "all all interfaces", "interface eth0", "address 192.0.2.5"}, labels)
	require.Len(t, p.Columns, 2)
	require.Len(t, p.Chips, 5)
	require.Len(t, p.Lines, 1)
	require.Equal(t, "V5", p.Lines[0].Rule)
	require.Empty(t, p.Omitted)
	require.Equal(t, "Host web-1: 1 interface, 1 IP address, 2 services. "+
		"Struck out as superseded: 1 binding. Red lines between what clashes: 1.", p.Description)
}

func TestClashesAreJoinedAcrossColumns(t *testing.T) {
	p := Check(web, true).Picture
	require.Len(t, p.Lines, 2)
	require.Equal(t, "V6", p.Lines[1].Rule)
	require.NotEqual(t, p.Lines[0].Path, p.Lines[1].Path)
}

// requireLaidOut fails where chips or columns lie upon each other, or anything lies
// outside of what is around it.
func requireLaidOut(t *testing.T, p *Picture) {
	t.Helper()
	outer := p.Boxes[0]
	require.Equal(t, "host", outer.Kind)
	for _, b := range p.Boxes[1:] {
		require.True(t, b.X > outer.X && b.X+b.Width < outer.X+outer.Width, "%+v", b)
		require.True(t, b.Y > outer.Y && b.Y+b.Height < outer.Y+outer.Height, "%+v", b)
	}
	for i, c := range p.Columns[:max(len(p.Columns)-1, 0)] {
		require.Less(t, c.X+c.Width, p.Columns[i+1].X)
	}
	for i, a := range p.Chips {
		require.Less(t, a.X+a.Width, outer.X+outer.Width)
		in := 0
		for _, b := range p.Boxes[1:] {
			if a.Y > b.Y && a.Y+chipHeight < b.Y+b.Height {
				in++
			}
		}
		require.Contains(t, []int{1, 2}, in, "in its place, and in the interface around that")
		for _, b := range p.Chips[:i] {
			apart := a.X+a.Width < b.X || b.X+b.Width < a.X || a.Y+chipHeight < b.Y || b.Y+chipHeight < a.Y
			require.True(t, apart, "%+v and %+v", a, b)
		}
	}
}

func TestNothingLiesUponAnother(t *testing.T) {
	for _, s := range Samples() {
		if p := Check(s.Text, s.ExclusivePorts).Picture; p != nil {
			requireLaidOut(t, p)
		}
	}
	requireLaidOut(t, Check(crowded(), false).Picture)
	requireLaidOut(t, Check("host: 日本語の長い名前のホスト\ninterfaces: {日本語: [192.0.2.1]}\nservices: {日本語日本語: {bindings: [at 日本語]}}", false).Picture)
	requireLaidOut(t, Check("host: bare", false).Picture)
}

// crowded returns a host with more of everything than a picture shows.
func crowded() string {
	var b strings.Builder
	b.WriteString("host: crowd\ninterfaces:\n")
	for i := range 100 {
		fmt.Fprintf(&b, "  eth%d: [10.0.%d.1, 10.0.%d.2]\n", i, i, i)
	}
	b.WriteString("services:\n")
	for s := range 30 {
		fmt.Fprintf(&b, "  s%d:\n    bindings:\n", s)
		for port := range 10 {
			fmt.Fprintf(&b, "    - %d/tcp on eth%d\n    - %d/tcp on 10.0.%d.2\n", 100+port, s, 200+port, 3*s)
		}
	}
	return b.String()
}

func TestPicturesAreBounded(t *testing.T) {
	p := Check(crowded(), false).Picture
	require.LessOrEqual(t, len(p.Boxes), 1+maxRows)
	require.Len(t, p.Columns, maxColumns)
	require.LessOrEqual(t, len(p.Chips), maxRows*maxColumns*maxStack)
	require.NotEmpty(t, p.Chips, "places in use come before others")
	require.Contains(t, p.Omitted, fmt.Sprintf("and %d bindings", 30*20-len(p.Chips)))
}

func TestClashesThatAreLeftOutHaveNoLine(t *testing.T) {
	var b strings.Builder
	b.WriteString("interfaces: {eth0: }\nservices:\n")
	for s := range 30 {
		fmt.Fprintf(&b, "  s%d: {bindings: [at eth0, %d/tcp on all]}\n", s, s+1)
	}
	require.Len(t, Check(b.String(), false).Picture.Lines, maxColumns)
}
