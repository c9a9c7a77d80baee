package bindingtest

import (
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
)

// A Pool holds the IDs that targets may name. The smaller it is, the more often
// targets drawn from it are equal, cover each other or conflict. The lists may
// overlap; an empty one means that no target names such a thing.
type Pool struct {
	Ports       []uuid.UUID
	Interfaces  []uuid.UUID
	IPAddresses []uuid.UUID
}

// The series of the IDs of a NewPool, see IDs.
const (
	SeriesPort      uint32 = 0xb0
	SeriesInterface uint32 = 0x1f
	SeriesIPAddress uint32 = 0xad
)

// NewPool returns a pool of the first IDs of SeriesPort, SeriesInterface and
// SeriesIPAddress: as many of each as it is told.
func NewPool(ports, interfaces, ipAddresses int) Pool {
	return Pool{
		Ports:       IDs(SeriesPort, ports),
		Interfaces:  IDs(SeriesInterface, interfaces),
		IPAddresses: IDs(SeriesIPAddress, ipAddresses),
	}
}

// Scope generates every valid scope over the pool, those that name no place among
// them.
func (p Pool) Scope() *rapid.Generator[binding.Scope] {
	return rapid.OneOf(append(p.places(), wide())...)
}

// Listener generates listeners on the ports of the pool. It panics where the
// pool has none.
func (p Pool) Listener() *rapid.Generator[binding.Target] {
	return listener(rapid.SampledFrom(p.Ports), p.Scope())
}

// Presence generates presences at the interfaces and IP addresses of the pool.
// It panics where the pool has none.
func (p Pool) Presence() *rapid.Generator[binding.Target] {
	return presence(rapid.OneOf(p.places()...))
}

// Target generates valid targets of every form that the pool has the IDs for.
// It panics where the pool is empty.
func (p Pool) Target() *rapid.Generator[binding.Target] {
	var forms []*rapid.Generator[binding.Target]
	if len(p.Ports) > 0 {
		forms = append(forms, p.Listener())
	}
	if len(p.Interfaces)+len(p.IPAddresses) > 0 {
		forms = append(forms, p.Presence())
	}
	return rapid.OneOf(forms...)
}

func (p Pool) places() []*rapid.Generator[binding.Scope] {
	var places []*rapid.Generator[binding.Scope]
	if len(p.Interfaces) > 0 {
		places = append(places, rapid.Map(rapid.SampledFrom(p.Interfaces), binding.OnInterface))
	}
	if len(p.IPAddresses) > 0 {
		places = append(places, rapid.Map(rapid.SampledFrom(p.IPAddresses), binding.OnIPAddress))
	}
	return places
}
