package memstore

import (
	"encoding/binary"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/internal/idmap"
	"github.com/bindset/bindset/service"
)

// The tables are what a store holds. Whatever they point to never changes.
type tables struct {
	hosts     idmap.Map[id, hostRow]
	networks  idmap.Map[inNetwork, struct{}] // the hosts again, by network
	services  idmap.Map[id, serviceRow]
	bindings  idmap.Map[id, *binding.Binding]
	listeners idmap.Map[onPort, *binding.Binding] // the listeners among the bindings, by host and port
}

type hostRow struct {
	inventory *host.Inventory // and the host in it
	services  idmap.Map[atPosition, struct{}]
}

type serviceRow struct {
	service  *service.Service   // its Bindings are nil
	bindings []*binding.Binding // by ID
}

// The keys of the tables order as the IDs in them do, byte by byte.
type (
	id         = [2]uint64
	atPosition = [3]uint64 // Position and service ID
	inNetwork  = [4]uint64 // network and host ID
	onPort     = [6]uint64 // host, port and binding ID
)

func keyOf(u uuid.UUID) id {
	return id{binary.BigEndian.Uint64(u[:8]), binary.BigEndian.Uint64(u[8:])}
}

func positionKey(position int32, serviceID uuid.UUID) atPosition {
	k := keyOf(serviceID)
	return atPosition{uint64(int64(position)) + 1<<63, k[0], k[1]} // negative positions first
}

// position and serviceKey take a key of positionKey apart.
func position(k atPosition) int32 { return int32(k[0] - 1<<63) }
func serviceKey(k atPosition) id  { return id{k[1], k[2]} }

func networkKey(networkID, hostID uuid.UUID) inNetwork {
	n, h := keyOf(networkID), keyOf(hostID)
	return inNetwork{n[0], n[1], h[0], h[1]}
}

// networkOf and hostKey take a key of networkKey apart.
func networkOf(k inNetwork) id { return id{k[0], k[1]} }
func hostKey(k inNetwork) id   { return id{k[2], k[3]} }

func portKey(hostID, portID, bindingID uuid.UUID) onPort {
	h, p, b := keyOf(hostID), keyOf(portID), keyOf(bindingID)
	return onPort{h[0], h[1], p[0], p[1], b[0], b[1]}
}
