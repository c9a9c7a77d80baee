package service_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/service"
)

// The plain structs are what encoding/json alone reads a payload into.
type (
	plainDiscovery struct {
		Host        plainHost        `json:"host"`
		Interfaces  []plainInterface `json:"interfaces"`
		IPAddresses []plainAddress   `json:"ip_addresses"`
		Ports       []plainPort      `json:"ports"`
		Services    []plainService   `json:"services"`
	}
	plainHost struct {
		ID        uuid.UUID `json:"id"`
		NetworkID uuid.UUID `json:"network_id"`
		Name      string    `json:"name"`
	}
	plainInterface struct {
		ID          uuid.UUID  `json:"id"`
		HostID      uuid.UUID  `json:"host_id"`
		NetworkID   uuid.UUID  `json:"network_id"`
		Name        *string    `json:"if_name"`
		Description *string    `json:"if_descr"`
		MAC         *string    `json:"mac_address"`
		IPAddressID *uuid.UUID `json:"ip_address_id"`
		Position    int32      `json:"position"`
	}
	plainAddress struct {
		ID          uuid.UUID  `json:"id"`
		HostID      uuid.UUID  `json:"host_id"`
		NetworkID   uuid.UUID  `json:"network_id"`
		Address     netip.Addr `json:"ip_address"`
		SubnetID    *uuid.UUID `json:"subnet_id"`
		Name        *string    `json:"name"`
		MAC         *string    `json:"mac_address"`
		Position    int32      `json:"position"`
		InterfaceID *uuid.UUID `json:"interface_id"`
	}
	plainPort struct {
		ID        uuid.UUID     `json:"id"`
		HostID    uuid.UUID     `json:"host_id"`
		NetworkID uuid.UUID     `json:"network_id"`
		Number    uint16        `json:"number"`
		Protocol  host.Protocol `json:"protocol"`
		Type      string        `json:"type"`
	}
	plainService struct {
		ID             uuid.UUID       `json:"id"`
		HostID         uuid.UUID       `json:"host_id"`
		NetworkID      uuid.UUID       `json:"network_id"`
		Name           string          `json:"name"`
		Definition     string          `json:"service_definition"`
		Source         json.RawMessage `json:"source"`
		Position       int32           `json:"position"`
		Tags           []string        `json:"tags"`
		Virtualization json.RawMessage `json:"virtualization"`
		Bindings       []plainBinding  `json:"bindings"`
	}
	plainBinding struct {
		ID          uuid.UUID  `json:"id"`
		ServiceID   uuid.UUID  `json:"service_id"`
		NetworkID   uuid.UUID  `json:"network_id"`
		Type        string     `json:"type"`
		PortID      *uuid.UUID `json:"port_id,omitempty"`
		InterfaceID *uuid.UUID `json:"interface_id,omitempty"`
		IPAddressID *uuid.UUID `json:"ip_address_id,omitempty"`
		CreatedAt   time.Time  `json:"created_at,omitzero"`
		UpdatedAt   time.Time  `json:"updated_at,omitzero"`
	}
)

var errPlain = errors.New("invalid")

// readPlain reads a payload and makes the checks that reading a Discovery makes,
// as far as they cost anything.
func readPlain(data []byte) (d plainDiscovery, err error) {
	if !utf8.Valid(data) {
		return d, errPlain
	}
	if err := json.Unmarshal(data, &d); err != nil {
		return d, err
	}
	carriers := make(map[uuid.UUID]bool)
	for _, f := range d.Interfaces {
		carriers[f.ID] = true
	}
	for _, a := range d.IPAddresses {
		if a.InterfaceID != nil && !carriers[*a.InterfaceID] || a.ID == uuid.Nil {
			return d, errPlain
		}
	}
	for _, p := range d.Ports {
		if p.ID == uuid.Nil || p.Number == 0 {
			return d, errPlain
		}
	}
	for _, s := range d.Services {
		for _, b := range s.Bindings {
			if b.Type != "Port" || b.PortID == nil || *b.PortID == uuid.Nil || b.InterfaceID != nil && b.IPAddressID != nil {
				return d, errPlain
			}
		}
	}
	return d, nil
}

// BenchmarkDiscoveryJSON reads and writes payloads of a host with as many ports
// as its one service has listeners, beside what encoding/json does with them alone.
func BenchmarkDiscoveryJSON(b *testing.B) {
	at := time.Date(2026, 1, 15, 10, 30, 0, 123456000, time.UTC)
	for _, n := range []int{1, 100, 10_000} {
		h := hosttest.Sized(1, 1, n)
		s := service.Service{Name: "web", Definition: "nginx", Source: service.Source{Type: "Discovery"}}
		for i, p := range h.Ports {
			s.Bindings = append(s.Bindings, binding.Binding{
				Target:    binding.Port(p.ID, binding.OnIPAddress(h.IPAddresses[0].ID)),
				ID:        bindingtest.IDs(uint32(i), 1)[0],
				ServiceID: h.ID, NetworkID: h.NetworkID,
				CreatedAt: at, UpdatedAt: at,
			})
		}
		d := service.Discovery{Host: h, Services: []service.Service{s}}
		data, err := json.Marshal(d)
		require.NoError(b, err)
		plain, err := readPlain(data)
		require.NoError(b, err)

		for name, do := range map[string]func() error{
			"read/bindset":  func() error { var got service.Discovery; return binding.DecodeJSON(data, &got) },
			"read/plain":    func() error { _, err := readPlain(data); return err },
			"write/bindset": func() error { _, err := d.MarshalJSON(); return err },
			"write/through": func() error { _, err := json.Marshal(d); return err },
			"write/plain":   func() error { _, err := json.Marshal(plain); return err },
		} {
			b.Run(fmt.Sprintf("%s/N=%d", name, n), func(b *testing.B) {
				b.SetBytes(int64(len(data)))
				b.ReportAllocs()
				for b.Loop() {
					if err := do(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
