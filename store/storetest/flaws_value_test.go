package storetest

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// valueFlaws are those of stores that return something else than they were
// given, or not all of it.
var valueFlaws = []flaw{
	{"loses a binding's lineage", []string{
		"RoundTrip/a binding with every field and the target Interface interface",
		"RoundTrip/whatever is generated",
		"Machine/the store does what the model does",
	}, changingBindings(func(b *binding.Binding) { b.LineageID = uuid.Nil })},
	{"keeps milliseconds", []string{
		"RoundTrip/times of every year",
		"RoundTrip/whatever is generated",
	}, changingBindings(func(b *binding.Binding) { b.ValidTo = b.ValidTo.Truncate(time.Millisecond) })},
	{"takes the year 1970 for no time", []string{
		"RoundTrip/times of every year",
	}, changingBindings(func(b *binding.Binding) {
		if b.CreatedAt.Unix() == 0 {
			b.CreatedAt = time.Time{}
		}
	})},
	{"gives bindings without a network that of their service", []string{
		"RoundTrip/a binding with no field but its IDs and target",
	}, changingBindings(func(b *binding.Binding) {
		if b.NetworkID == uuid.Nil {
			b.NetworkID = uuid.UUID{1}
		}
	})},
	{"takes a listener on an address for one on an interface", []string{
		"RoundTrip/a binding with every field and the target Port ip_address",
	}, changingBindings(func(b *binding.Binding) {
		if id, ok := b.Target.IPAddressID(); ok && b.Target.IsListener() {
			b.Target = b.Target.WithScope(binding.OnInterface(id))
		}
	})},
	{"returns times in its own zone", []string{
		"RoundTrip/times become as binding.Time makes them",
	}, changingServices(func(s *service.Service) { s.UpdatedAt = s.UpdatedAt.In(time.FixedZone("east", 3600)) })},
	{"reformats raw JSON", []string{
		"RoundTrip/raw JSON byte for byte",
	}, changingServices(func(s *service.Service) {
		var compact bytes.Buffer
		if json.Compact(&compact, s.Virtualization) == nil {
			s.Virtualization = compact.Bytes()
		}
	})},
	{"takes the JSON null for none", []string{
		"RoundTrip/raw JSON byte for byte",
	}, changingServices(func(s *service.Service) {
		if string(s.Source.Rest) == "null" {
			s.Source.Rest = nil
		}
	})},
	{"returns an empty slice for none", []string{
		"RoundTrip/empty slices become nil",
		"RoundTrip/a service with no field but its IDs",
	}, changingServices(func(s *service.Service) {
		if s.Tags == nil {
			s.Tags = []string{}
		}
	})},
	{"keeps 32 bits of a revision", []string{
		"RoundTrip/the least and the greatest numbers",
	}, changingServices(func(s *service.Service) { s.Revision = uint64(uint32(s.Revision)) })},
	{"loses tags that are there twice", []string{
		"RoundTrip/a service with every field",
	}, changingServices(func(s *service.Service) {
		if len(s.Tags) > 1 && s.Tags[0] == s.Tags[1] {
			s.Tags = s.Tags[1:]
		}
	})},
	{"loses the zone of an address", []string{
		"RoundTrip/a host with every field",
	}, changingHosts(func(h *host.Host) {
		for i, a := range h.IPAddresses {
			h.IPAddresses[i].Address = a.Address.WithZone("")
		}
	})},
	{"orders ports by number", []string{
		"RoundTrip/a host with every field",
	}, changingHosts(func(h *host.Host) {
		if len(h.Ports) > 1 && h.Ports[0].Number > h.Ports[1].Number {
			h.Ports[0], h.Ports[1] = h.Ports[1], h.Ports[0]
		}
	})},
	{"keeps the name that a host was put with first", []string{
		"RoundTrip/what is put again replaces every field",
	}, hook(func(h *hooked) {
		h.putHost = func(ctx context.Context, v host.Host) error {
			if was, err := h.Writer.Host(ctx, v.ID); err == nil {
				v.Name = was.Name
			}
			return h.Writer.PutHost(ctx, v)
		}
	})},
	{"reads a thousand bindings at most", []string{
		"Size/a service has ten thousand bindings",
	}, changingServices(func(s *service.Service) { s.Bindings = s.Bindings[:min(1000, len(s.Bindings))] })},
	{"looks up a thousand ports at most", []string{
		"Size/a host has a thousand services on five thousand ports",
	}, hook(func(h *hooked) {
		h.listeners = func(ctx context.Context, hostID uuid.UUID, portIDs []uuid.UUID) ([]validate.Claim, error) {
			return h.Writer.Listeners(ctx, hostID, portIDs[:min(1000, len(portIDs))]...)
		}
	})},
	{"returns a hundred hosts at most", []string{
		"Size/one transaction writes to a hundred hosts",
	}, hook(func(h *hooked) {
		h.hosts = func(ctx context.Context, networkID, after uuid.UUID, limit int) ([]host.Host, error) {
			if limit < 1 || limit > 100 {
				limit = 100
			}
			return h.Writer.Hosts(ctx, networkID, after, limit)
		}
	})},
}

// The following return how to open a memstore that changes what it returns.

func changingBindings(change func(b *binding.Binding)) func() store.Store {
	return changingServices(func(s *service.Service) {
		for i := range s.Bindings {
			change(&s.Bindings[i])
		}
	})
}

func changingServices(change func(s *service.Service)) func() store.Store {
	return hook(func(h *hooked) {
		h.service = func(ctx context.Context, id uuid.UUID) (service.Service, error) {
			s, err := h.Writer.Service(ctx, id)
			change(&s)
			return s, err
		}
	})
}

func changingHosts(change func(h *host.Host)) func() store.Store {
	return hook(func(h *hooked) {
		h.host = func(ctx context.Context, id uuid.UUID) (host.Host, error) {
			found, err := h.Writer.Host(ctx, id)
			change(&found)
			return found, err
		}
	})
}
