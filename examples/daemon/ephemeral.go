package main

import (
	"time"

	"github.com/bindset/bindset/examples/internal/scan"
)

// probation is how long an ephemeral socket must have been there to count as a
// listener.
const probation = time.Minute

// onProbation are the ephemeral sockets of the last scan, and when a scan first saw
// them. Most such sockets only sent something and are soon gone.
type onProbation map[string]time.Time

// pass returns the sockets of a scan that count as listeners: those that are not
// ephemeral, and those that every scan has seen for a minute at least.
func (o *onProbation) pass(sockets []scan.Socket, now time.Time) (listeners []scan.Socket) {
	since := onProbation{}
	for _, s := range sockets {
		if !s.Ephemeral {
			listeners = append(listeners, s)
			continue
		}
		first, known := (*o)[s.String()]
		if !known {
			first = now
		}
		since[s.String()] = first
		if now.Sub(first) >= probation {
			listeners = append(listeners, s)
		}
	}
	*o = since
	return listeners
}
