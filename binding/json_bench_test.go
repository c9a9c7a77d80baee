package binding_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
)

// plainBinding is what a binding is read into and written from by encoding/json
// alone.
type plainBinding struct {
	ID               uuid.UUID  `json:"id"`
	ServiceID        uuid.UUID  `json:"service_id"`
	NetworkID        uuid.UUID  `json:"network_id"`
	SiteID           *uuid.UUID `json:"site_id,omitempty"`
	Type             string     `json:"type"`
	PortID           *uuid.UUID `json:"port_id,omitempty"`
	InterfaceID      *uuid.UUID `json:"interface_id,omitempty"`
	IPAddressID      *uuid.UUID `json:"ip_address_id,omitempty"`
	Family           string     `json:"ip_family,omitempty"`
	CreatedAt        time.Time  `json:"created_at,omitzero"`
	UpdatedAt        time.Time  `json:"updated_at,omitzero"`
	LastSeenAt       time.Time  `json:"last_seen_at,omitzero"`
	FirstDiscoveryID uuid.UUID  `json:"first_discovery_id,omitzero"`
	LastDiscoveryID  uuid.UUID  `json:"last_discovery_id,omitzero"`
	ValidFrom        time.Time  `json:"valid_from,omitzero"`
	ValidTo          time.Time  `json:"valid_to,omitzero"`
	LineageID        uuid.UUID  `json:"lineage_id,omitzero"`
}

var errPlain = errors.New("invalid")

// check makes the checks that reading a binding makes.
func (p *plainBinding) check() error {
	switch {
	case p.Type != "Interface" && p.Type != "IPAddress" && p.Type != "Port",
		p.InterfaceID != nil && p.IPAddressID != nil,
		(p.Type == "Port") != (p.PortID != nil),
		p.Type == "Interface" && p.InterfaceID == nil,
		p.Type == "IPAddress" && p.IPAddressID == nil,
		p.Family != "" && (p.Type != "Port" || p.InterfaceID != nil || p.IPAddressID != nil),
		p.Family != "" && p.Family != "IPv4" && p.Family != "IPv6",
		p.SiteID != nil && *p.SiteID != p.NetworkID:
		return errPlain
	}
	for _, id := range []*uuid.UUID{p.PortID, p.InterfaceID, p.IPAddressID} {
		if id != nil && *id == uuid.Nil {
			return errPlain
		}
	}
	for _, at := range []*time.Time{&p.CreatedAt, &p.UpdatedAt, &p.LastSeenAt, &p.ValidFrom, &p.ValidTo} {
		*at = binding.Time(*at)
	}
	return nil
}

func readPlain(data []byte) (p plainBinding, err error) {
	if !utf8.Valid(data) {
		return p, errPlain
	}
	if err = json.Unmarshal(data, &p); err == nil {
		err = p.check()
	}
	return p, err
}

// seenBinding is a binding as scanners leave it.
func seenBinding() binding.Binding {
	ids := bindingtest.IDs(0x15, 8)
	at := time.Date(2026, 1, 15, 10, 30, 0, 123456000, time.UTC)
	return binding.Binding{
		Target: binding.Port(ids[0], binding.OnIPAddress(ids[1])), ID: ids[2], ServiceID: ids[3], NetworkID: ids[4],
		CreatedAt: at, UpdatedAt: at,
		Sightings: binding.Sightings{LastSeenAt: at, FirstDiscoveryID: ids[5], LastDiscoveryID: ids[6]},
	}
}

func BenchmarkBindingJSON(b *testing.B) {
	seen := seenBinding()
	data, err := json.Marshal(seen)
	require.NoError(b, err)
	plain, err := readPlain(data)
	require.NoError(b, err)
	again, err := json.Marshal(plain)
	require.NoError(b, err)
	require.JSONEq(b, string(data), string(again))

	b.Run("decode/bindset", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var v binding.Binding
			if err := binding.DecodeJSON(data, &v); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decode/plain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := readPlain(data); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encode/bindset", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := json.Marshal(seen); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encode/bindset alone", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := seen.MarshalJSON(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encode/plain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := json.Marshal(plain); err != nil {
				b.Fatal(err)
			}
		}
	})
}
