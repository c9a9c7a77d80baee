package input

import (
	"fmt"
	"math/rand/v2"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
)

// An Input is a set of one service, and its host.
type Input struct {
	Host      host.Host
	Inventory *host.Inventory // of Host
	Bindings  []binding.Binding
}

// A Kind is a way to make inputs of any size.
type Kind struct {
	Name string
	IDs  IDs
	mix  mix
}

// mix says what shares of a set are other than listeners that all stay.
type mix struct {
	duplicates, superseded, conflicting, apart float64
}

// Valid reports whether the rules accept the kind.
func (k Kind) Valid() bool { return k.mix.conflicting == 0 }

// Drops reports whether the rules drop bindings of it.
func (k Kind) Drops() bool { return k.mix.duplicates+k.mix.superseded > 0 }

// Smallest is the smallest set that can be of the kind: it takes two bindings for
// a duplicate, a conflict, or for two to be apart.
func (k Kind) Smallest() int {
	if k.mix == (mix{}) {
		return 1
	}
	return 4
}

// The kinds with random IDs.
var (
	Clean     = Kind{Name: "clean"}
	Drops     = Kind{Name: "drops", mix: mix{duplicates: 0.2, superseded: 0.1}}
	Conflicts = Kind{Name: "conflicts", mix: mix{conflicting: 0.1}}
	Apart     = Kind{Name: "apart", mix: mix{apart: 0.25}} // listeners, and presences where none of them listens
)

// Hostile returns the clean kind with each way to make IDs that collide, in the
// host and in the set.
func Hostile() []Kind {
	var kinds []Kind
	for _, ids := range []IDs{Sequential, FewBits, ZeroHigh, SameLow, Folded} {
		kinds = append(kinds, Kind{Name: "hostile-" + ids.String(), IDs: ids})
	}
	return kinds
}

// Kinds returns all kinds.
func Kinds() []Kind { return append([]Kind{Clean, Drops, Conflicts, Apart}, Hostile()...) }

// The host of every input: interfaces, each of which carries as many addresses.
const (
	interfaces = 4
	carried    = 16
)

// Make returns the input of n bindings, n being Smallest at least.
func (k Kind) Make(n int) Input {
	share := func(part float64) int {
		if part == 0 {
			return 0
		}
		return max(1, int(part*float64(n)))
	}
	duplicates, superseded := share(k.mix.duplicates), share(k.mix.superseded)
	conflicting, apart := share(k.mix.conflicting), share(k.mix.apart)
	listeners := n - duplicates - superseded - conflicting - apart

	// Presences are unlike each other, so the host has more addresses for them,
	// which no interface carries.
	h := hosttest.Sized(interfaces, interfaces*carried, (listeners+carried-1)/carried)
	addresses := h.IPAddresses
	for i := range apart {
		a := host.IPAddress{ID: uuid.UUID{0xfe, byte(i >> 16), byte(i >> 8), byte(i)}, Address: h.IPAddresses[0].Address}
		h.IPAddresses = append(h.IPAddresses, a)
	}
	ids := k.IDs.generator()
	renumber(&h, ids)

	in := Input{Host: h, Bindings: make([]binding.Binding, 0, n)}
	add := func(to binding.Target) {
		in.Bindings = append(in.Bindings, binding.Binding{ID: ids(), Target: to})
	}
	// On each port one listener is on an interface, and up to 15 are on addresses
	// that the other interfaces carry.
	var onInterface []int
	for i := range listeners {
		port, nic := h.Ports[i/carried].ID, i/carried%interfaces
		if i%carried == 0 {
			onInterface = append(onInterface, i)
			add(binding.Port(port, binding.OnInterface(h.Interfaces[nic].ID)))
			continue
		}
		another := (nic + 1 + i%carried%(interfaces-1)) % interfaces
		address := i%carried/(interfaces-1)*interfaces + another
		add(binding.Port(port, binding.OnIPAddress(h.IPAddresses[address].ID)))
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range duplicates {
		add(in.Bindings[random.IntN(listeners)].Target)
	}
	for range superseded {
		wide := onInterface[random.IntN(len(onInterface))]
		nic := wide / carried % interfaces
		address := addresses[random.IntN(carried)*interfaces+nic]
		add(in.Bindings[wide].Target.WithScope(binding.OnIPAddress(address.ID)))
	}
	for range conflicting {
		add(binding.IPAddress(addresses[random.IntN(len(addresses))].ID))
	}
	for i := range apart {
		add(binding.IPAddress(h.IPAddresses[len(addresses)+i].ID))
	}
	random.Shuffle(n, func(i, j int) { in.Bindings[i], in.Bindings[j] = in.Bindings[j], in.Bindings[i] })

	inv, err := host.NewInventory(h)
	if err != nil {
		panic(fmt.Sprintf("input: a host that cannot be: %v", err))
	}
	in.Inventory = inv
	return in
}

// renumber gives the children of a host other IDs.
func renumber(h *host.Host, ids func() uuid.UUID) {
	carriers := make(map[uuid.UUID]uuid.UUID)
	for i := range h.Interfaces {
		id := ids()
		carriers[h.Interfaces[i].ID] = id
		h.Interfaces[i].ID = id
	}
	for i := range h.IPAddresses {
		h.IPAddresses[i].ID, h.IPAddresses[i].InterfaceID = ids(), carriers[h.IPAddresses[i].InterfaceID]
	}
	for i := range h.Ports {
		h.Ports[i].ID = ids()
	}
}
