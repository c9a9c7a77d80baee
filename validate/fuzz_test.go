package validate_test

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/validate"
)

// The fuzz targets read an input from bytes: two say on what host and by what
// rules, two each binding. Whatever the bytes, an operation does what the brute
// force says.

// fuzzed reads an input from bytes; missing ones are zero.
type fuzzed struct {
	data []byte
	scene
	references []binding.Target
	read       byte // how many bindings
}

func newFuzzed(data []byte) *fuzzed {
	f := &fuzzed{data: data}
	shapes, _ := allShapes()
	inv := shapes[int(f.next())%len(shapes)].inventory()
	rules := f.next()
	var opts []validate.Option
	if rules&1 > 0 {
		opts = append(opts, validate.WithExclusivePorts())
	}
	if rules&2 > 0 {
		opts = append(opts, validate.WithMaxBindings(3))
	}
	v := validate.New(opts...)
	f.scene = scene{
		inv: inv, v: v, brute: newBrute(inv.Host(), v.MaxBindings()),
		service: validate.ServiceInfo{ID: uuid.UUID{1}, Name: "web"}, exclusive: rules&1 > 0,
	}
	unknown := bindingtest.IDs(0x404, 1)[0]
	f.references = append(allReferences(),
		binding.Target{}, binding.Interface(uuid.Nil), binding.Port(uuid.Nil, binding.AllInterfaces()), binding.Port(unknown, binding.Scope{}),
		binding.IPAddress(unknown), binding.Port(smallPool.Ports[0], binding.OnInterface(unknown)))
	return f
}

func (f *fuzzed) next() byte {
	if len(f.data) == 0 {
		return 0
	}
	b := f.data[0]
	f.data = f.data[1:]
	return b
}

var seenFirst = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// maxFuzzed bounds the sets: the brute force takes quadratic time.
const maxFuzzed = 40

// bindings reads bindings until the bytes end, or there are n. The first byte of
// each says what it names, the second what its ID is and when it was seen.
func (f *fuzzed) bindings(n int) []binding.Binding {
	var set []binding.Binding
	for len(f.data) > 0 && len(set) < n {
		to, more := f.next(), f.next()
		b := binding.Binding{Target: f.references[int(to)%len(f.references)], ID: uuid.UUID{0: 1, 15: f.read}}
		f.read++
		switch more % 4 {
		case 1:
			b.ID = uuid.Nil
		case 2:
			b.ID = uuid.UUID{0: 2, 15: more >> 6} // perhaps that of another
		}
		if more&16 > 0 {
			b.LastSeenAt = seenFirst.AddDate(0, 0, int(more>>5))
			b.LastDiscoveryID = uuid.UUID{2, more}
		}
		set = append(set, b)
	}
	return set
}

// input reads what stands beside a set, and leaves the set to be read.
func (f *fuzzed) input() validate.Input {
	in := validate.Input{Inventory: f.inv, Service: f.service}
	if !f.exclusive {
		return in
	}
	in.Stored = f.bindings(int(f.next()) % 3)
	in.Claims = validate.NewClaims(f.inv)
	for i, b := range f.bindings(int(f.next()) % 4) {
		owner := validate.ServiceInfo{ID: uuid.UUID{byte(1 + i%2)}, Name: "nginx"} // the service itself, and another one
		in.Claims.Add(owner, []binding.Binding{b})
	}
	return in
}

// valid reads a set and returns what is valid of it.
func (f *fuzzed) valid(t *testing.T, in validate.Input, n int) []binding.Binding {
	in.Claims = nil
	res, err := f.v.Merge(in, f.bindings(n))
	require.NoError(t, err)
	return res.Bindings
}

func FuzzSet(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		f := newFuzzed(data)
		in := f.input()
		in.Bindings = f.bindings(maxFuzzed)
		f.requireSetAgrees(t, in)
	})
}

func FuzzAdd(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		f := newFuzzed(data)
		in := f.input()
		given := f.bindings(1)
		in.Bindings = f.valid(t, in, maxFuzzed)
		in.Stored = append(in.Stored, in.Bindings...)
		for _, b := range given {
			f.requireAddAgrees(t, in, b)
		}
	})
}

func FuzzReplace(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		f := newFuzzed(data)
		in := f.input()
		given := f.bindings(1)
		in.Bindings = f.valid(t, in, maxFuzzed)
		in.Stored = append(in.Stored, in.Bindings...)
		for index := range in.Bindings {
			for _, b := range given {
				f.requireReplaceAgrees(t, in, index, b)
			}
		}
	})
}

func FuzzMerge(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		f := newFuzzed(data)
		in := f.input()
		in.Bindings = f.valid(t, in, int(f.next())%6)
		in.Stored = append(in.Stored, in.Bindings...)
		f.requireMergeAgrees(t, in, f.bindings(maxFuzzed))
	})
}

// What Report writes has a line for everything, and no more, whatever the names.
func FuzzReport(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		f := newFuzzed(data)
		h := f.inv.Host()
		h.Name = name
		for i := range h.Interfaces {
			h.Interfaces[i].Name = name
		}
		inv, err := host.NewInventory(h)
		if err != nil {
			require.ErrorIs(t, err, validate.ErrInvalid)
			return
		}
		in := f.input()
		in.Inventory = inv
		in.Claims = renamed(inv, in.Claims, name)
		in.Bindings = f.valid(t, in, int(f.next())%6)
		given := f.bindings(maxFuzzed)
		merged, err := f.v.Merge(in, given)
		require.NoError(t, err)
		lines := len(merged.Bindings) + len(merged.Dropped) + len(merged.Absorbed) + len(merged.Skipped) + len(merged.Rewritten)
		requireLines(t, 1+lines, inv, merged, nil)

		in.Bindings = given
		var set validate.Result
		err = f.v.SetInto(&set, in)
		lines = len(set.Bindings) + len(set.Dropped) + len(set.Rewritten)
		if err != nil {
			lines = len(err.(*validate.Error).Violations)
		}
		requireLines(t, 1+lines, inv, set, err)
	})
}

func requireLines(t *testing.T, lines int, inv *host.Inventory, res validate.Result, err error) {
	var out bytes.Buffer
	require.NoError(t, validate.Report(&out, inv, res, err))
	text, ended := strings.CutSuffix(out.String(), "\n")
	require.True(t, ended)
	require.Equal(t, lines, 1+strings.Count(text, "\n"))
	for line := range strings.SplitSeq(text, "\n") {
		require.False(t, strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }), "%q", line)
		require.Less(t, len(line), 2000)
		require.Equal(t, strings.TrimRight(line, " "), line)
	}
}
