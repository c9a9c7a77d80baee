package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
)

// errSuperseded ends the tries to report a scan when there is a newer one.
var errSuperseded = errors.New("there is a newer scan")

// A reporter takes scans in. Then it removes what was last seen before a time,
// unless that is zero. An error that backoff.Permanent made is one that the same
// scan would meet again; any other may pass.
type reporter interface {
	report(ctx context.Context, d service.Discovery, expireBefore time.Time) (outcome, error)
}

// outcome is what came of a report.
type outcome struct {
	services, bindings              int // stored on the host now
	added, dropped, displaced, gone int
	skipped                         []string // why bindings were not taken
	faults                          []string // what was mended or left out
	expired                         []string // what no scan has seen for long
}

// count counts what is stored on the host.
func (o *outcome) count(services []service.Service) {
	o.services, o.bindings = len(services), 0
	for i := range services {
		o.bindings += len(services[i].Bindings)
	}
}

// add adds what came of a later part of a report.
func (o *outcome) add(later outcome) {
	o.services, o.bindings = later.services, later.bindings
	o.added, o.dropped = o.added+later.added, o.dropped+later.dropped
	o.displaced, o.gone = o.displaced+later.displaced, o.gone+later.gone
	o.skipped, o.faults = append(o.skipped, later.skipped...), append(o.faults, later.faults...)
}

func (o *outcome) addFault(f service.Fault) {
	o.faults = append(o.faults, f.Path+": "+f.Problem)
}

// gone says in names what an Expire removed: bindings, and whatever else the host
// does not have any more.
func gone(before, after service.HostWithServices, removed []binding.Binding) ([]string, error) {
	inv, err := host.NewInventory(before.Host)
	if err != nil {
		return nil, err
	}
	names := map[uuid.UUID]string{}
	for _, s := range before.Services {
		names[s.ID] = s.Name
	}
	var lines []string
	for _, b := range removed {
		lines = append(lines, fmt.Sprintf("%s: %s", names[b.ServiceID], inv.Describe(b.Target)))
	}
	for _, s := range missing(before.Services, after.Services, func(s service.Service) uuid.UUID { return s.ID }) {
		lines = append(lines, "service "+s.Name)
	}
	for _, f := range missing(before.Host.Interfaces, after.Host.Interfaces, func(f host.Interface) uuid.UUID { return f.ID }) {
		lines = append(lines, "interface "+f.Name)
	}
	for _, a := range missing(before.Host.IPAddresses, after.Host.IPAddresses, func(a host.IPAddress) uuid.UUID { return a.ID }) {
		lines = append(lines, "IP address "+a.Address.String())
	}
	for _, p := range missing(before.Host.Ports, after.Host.Ports, func(p host.Port) uuid.UUID { return p.ID }) {
		lines = append(lines, "port "+p.String())
	}
	return lines, nil
}

// missing returns what was there before and is not there after.
func missing[T any](before, after []T, id func(T) uuid.UUID) []T {
	left := map[uuid.UUID]bool{}
	for _, child := range after {
		left[id(child)] = true
	}
	return slices.DeleteFunc(slices.Clone(before), func(child T) bool { return left[id(child)] })
}
