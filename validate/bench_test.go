package validate_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/validate"
)

// mix is what a benchmark's set is made of.
type mix struct {
	name                   string
	duplicates, superseded float64 // shares of the set
}

var (
	clean = mix{name: "clean"}
	dirty = mix{name: "dirty", duplicates: 0.2, superseded: 0.1}
)

// benchInput returns the same input at every call: n listeners of one service in
// random order, on a host with ports enough. It is valid, and of its mix.
func benchInput(n int, m mix) validate.Input {
	random := rand.New(rand.NewChaCha8([32]byte{}))
	duplicates, superseded := int(m.duplicates*float64(n)), int(m.superseded*float64(n))
	fresh := n - duplicates - superseded
	h := hosttest.Sized(4, 64, max(1, (fresh+15)/16))
	inv, err := host.NewInventory(h)
	if err != nil {
		panic(err)
	}
	in := validate.Input{Inventory: inv, Service: validate.ServiceInfo{NetworkID: h.NetworkID, Name: "bench"}}
	add := func(to binding.Target) {
		id := uuid.UUID{}
		for i := range id {
			id[i] = byte(random.Uint32())
		}
		in.Bindings = append(in.Bindings, binding.Binding{ID: id, Target: to})
	}
	// A port listens on one interface, which carries 16 addresses, and on 15
	// addresses that the others carry.
	var onInterface []binding.Target
	for i := range fresh {
		port, interfaceAt := h.Ports[i/16].ID, i/16%4
		if i%16 == 0 {
			to := binding.Port(port, binding.OnInterface(h.Interfaces[interfaceAt].ID))
			onInterface = append(onInterface, to)
			add(to)
			continue
		}
		address := i % 16 / 3 * 4 // of 5 groups of 4, one carried by each interface
		other := (interfaceAt + 1 + i%16%3) % 4
		add(binding.Port(port, binding.OnIPAddress(h.IPAddresses[address+other].ID)))
	}
	for range duplicates {
		add(in.Bindings[random.IntN(fresh)].Target)
	}
	for range superseded {
		wide := onInterface[random.IntN(len(onInterface))]
		interfaceID, _ := wide.InterfaceID()
		carried := inv.Carried(interfaceID)
		add(wide.WithScope(binding.OnIPAddress(carried[random.IntN(len(carried))].ID)))
	}
	random.Shuffle(len(in.Bindings), func(i, j int) { in.Bindings[i], in.Bindings[j] = in.Bindings[j], in.Bindings[i] })
	return in
}

func TestBenchmarksMeasureWhatTheySay(t *testing.T) {
	for _, n := range []int{1, 4, 16, 64, 1024} {
		in := benchInput(n, clean)
		require.Len(t, in.Bindings, n)
		res, err := validate.New().Set(in.Inventory, in.Bindings)
		require.NoError(t, err)
		require.Len(t, res.Bindings, n)

		in = benchInput(n, dirty)
		require.Len(t, in.Bindings, n)
		res, err = validate.New().Set(in.Inventory, in.Bindings)
		require.NoError(t, err)
		reasons := map[validate.Reason]int{}
		for _, d := range res.Dropped {
			reasons[d.Reason]++
		}
		require.Equal(t, int(0.2*float64(n))+int(0.1*float64(n)), len(res.Dropped))
		require.GreaterOrEqual(t, reasons[validate.Superseded], int(0.1*float64(n)))
		require.GreaterOrEqual(t, reasons[validate.Duplicate], int(0.15*float64(n)))
	}
}

// Set with a Result that is used again, as a server would.
func BenchmarkSet(b *testing.B) {
	for _, m := range []mix{clean, dirty} {
		for _, n := range []int{1, 4, 16, 64, 1024, 100_000} {
			in := benchInput(n, m)
			b.Run(fmt.Sprintf("%s/%d", m.name, n), func(b *testing.B) {
				v := validate.New()
				var res validate.Result
				b.ReportAllocs()
				for b.Loop() {
					if err := v.SetInto(&res, in); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/binding")
			})
		}
	}
}

// Set with violations, all of which it explains.
func BenchmarkSetRefused(b *testing.B) {
	for _, n := range []int{4, 64, 1024, 100_000} {
		in := benchInput(n, clean)
		addresses := in.Inventory.Host().IPAddresses
		for i := 0; i < n; i += 2 {
			in.Bindings[i].Target = binding.IPAddress(addresses[i%len(addresses)].ID)
		}
		in.Bindings[1].Target = in.Bindings[1].Target.WithScope(binding.AllInterfaces())
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			v := validate.New()
			var res validate.Result
			b.ReportAllocs()
			for b.Loop() {
				if err := v.SetInto(&res, in); err == nil {
					b.Fatal("accepted")
				}
			}
		})
	}
}

func BenchmarkSetExclusivePorts(b *testing.B) {
	for _, n := range []int{4, 64, 1024} {
		in := benchInput(n, clean)
		in.Claims = validate.NewClaims(in.Inventory)
		in.Claims.Add(validate.ServiceInfo{ID: bindingtest.IDs(1, 1)[0], Name: "other"}, in.Bindings)
		in.Stored = in.Bindings
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			v := validate.New(validate.WithExclusivePorts())
			var res validate.Result
			b.ReportAllocs()
			for b.Loop() {
				if err := v.SetInto(&res, in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAdd(b *testing.B) {
	for _, n := range []int{4, 16, 100_000} {
		in := benchInput(n+1, clean)
		last := in.Bindings[n]
		in.Bindings = in.Bindings[:n:n]
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			v := validate.New()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Add(in, last); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Merge of a scan that saw what there is.
func BenchmarkMerge(b *testing.B) {
	for _, n := range []int{4, 64, 1024, 100_000} {
		in := benchInput(n, clean)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			v := validate.New()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Merge(in, in.Bindings); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestMergeOfFewAllocatesAHandful(t *testing.T) {
	in := benchInput(8, clean)
	observed := in.Bindings[4:]
	in.Bindings = in.Bindings[:4:4]
	v := validate.New()
	for _, observed := range [][]binding.Binding{in.Bindings, observed} {
		require.LessOrEqual(t, testing.AllocsPerRun(50, func() {
			if _, err := v.Merge(in, observed); err != nil {
				t.Fatal(err)
			}
		}), 9.0) // 7, and 8 with the race detector
	}
}

// A clean set is checked in place; the large ones need memory once, in the
// Result.
func TestSetOfUpTo16AllocatesNothing(t *testing.T) {
	v := validate.New()
	for n := range 17 {
		in := benchInput(n, clean)
		require.Zero(t, testing.AllocsPerRun(50, func() {
			if _, err := v.Set(in.Inventory, in.Bindings); err != nil {
				t.Fatal(err)
			}
		}), "%d bindings", n)
	}
}

// Once for what is kept, and once for what is dropped.
func TestASmallSetWithDropsAllocatesTwice(t *testing.T) {
	most := 2.0
	if raceDetector {
		most = 8 // the race detector allocates, too
	}
	v := validate.New()
	for n := 2; n <= 16; n++ {
		in := benchInput(n, clean)
		for dropped := 1; dropped < n; dropped++ {
			in.Bindings[dropped].Target = in.Bindings[0].Target
			require.LessOrEqual(t, testing.AllocsPerRun(50, func() {
				if res, err := v.Set(in.Inventory, in.Bindings); err != nil || len(res.Dropped) != dropped {
					t.Fatal(dropped, len(res.Dropped), err)
				}
			}), most, "%d of %d bindings dropped", dropped, n)
		}
	}
}

func TestSetIntoAUsedResultAllocatesNothing(t *testing.T) {
	v := validate.New()
	for _, m := range []mix{clean, dirty} {
		for _, n := range []int{16, 64, 1024, 100_000} {
			in := benchInput(n, m)
			var res validate.Result
			require.Zero(t, testing.AllocsPerRun(3, func() {
				if err := v.SetInto(&res, in); err != nil {
					t.Fatal(err)
				}
			}), "%d bindings, %s", n, m.name)
		}
	}
}

// What a large set takes besides itself is less than its own size, whatever the
// host.
func TestALargeSetTakesLittleMemoryBesidesItself(t *testing.T) {
	h := hosttest.Sized(4, 64, 60_000)
	inv, err := host.NewInventory(h)
	require.NoError(t, err)
	const n = 4096
	ids := bindingtest.IDs(0xb1, n)
	for _, step := range []int{1, 10} { // between ports: a bitmap, and a table
		in := validate.Input{Inventory: inv}
		for i := range n {
			to := binding.Port(h.Ports[i*step].ID, binding.OnIPAddress(h.IPAddresses[i%64].ID))
			in.Bindings = append(in.Bindings, binding.Binding{Target: to, ID: ids[i]})
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		require.NoError(t, validate.New().SetInto(new(validate.Result), in))
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(256*n), "a binding has 256 bytes")
	}
}
