package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/examples/internal/scan"
	"github.com/bindset/bindset/service"
)

// daemon scans in one goroutine and reports in another, so that a server that is
// slow or away does not hold up the scans.
type daemon struct {
	read     func(context.Context) (scan.Machine, error)
	report   reporter
	network  uuid.UUID
	hostID   uuid.UUID // nil: the machine says
	interval time.Duration
	expire   time.Duration // what no scan has seen for so long is removed; 0 for never
	retry    func() []backoff.RetryOption
	log      *slog.Logger
}

// retryQuickly returns when a report is tried again: soon at first, then less and
// less often, and at random so that many daemons do not come back at once. It
// goes on until there is a newer scan to report instead, at most an interval.
func retryQuickly(interval time.Duration) func() []backoff.RetryOption {
	return func() []backoff.RetryOption {
		wait := backoff.NewExponentialBackOff() // starts at 0.5 s, grows by half, with jitter
		wait.MaxInterval = min(interval, time.Minute)
		wait.InitialInterval = min(wait.InitialInterval, wait.MaxInterval)
		return []backoff.RetryOption{backoff.WithBackOff(wait), backoff.WithMaxElapsedTime(0)}
	}
}

// run scans and reports until ctx is done. A report under way then is finished,
// for finishTime at most.
func (d *daemon) run(ctx context.Context) {
	newest := make(mailbox, 1)
	var scans sync.WaitGroup
	scans.Go(func() {
		defer close(newest)
		d.scan(ctx, newest)
	})
	for seen := range newest {
		d.deliver(ctx, seen, newest)
	}
	scans.Wait()
}

// mailbox holds the newest scan that is not being reported yet.
type mailbox chan service.Discovery

// put replaces what is there. Only one goroutine puts.
func (m mailbox) put(d service.Discovery) {
	select {
	case <-m:
	default:
	}
	m <- d
}

// scan reads the machine at every interval.
func (d *daemon) scan(ctx context.Context, newest mailbox) {
	tick := time.NewTicker(d.interval)
	defer tick.Stop()
	var ephemeral onProbation
	for {
		m, err := d.read(ctx)
		if err != nil {
			return // that of ctx
		}
		for _, note := range m.Notes {
			d.log.Debug(note)
		}
		now := time.Now()
		m.HostID = d.hostID
		m.Sockets = ephemeral.pass(m.Sockets, now)
		newest.put(seenAt(now, m.Discover(d.network).Discovery))
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// seenAt stamps a scan: when it was, and which it is.
func seenAt(now time.Time, d service.Discovery) service.Discovery {
	d.SeenAt, d.DiscoveryID = binding.Time(now), uuid.Must(uuid.NewV7())
	return d
}

// finishTime is how long a report may go on after the daemon was stopped.
const finishTime = 5 * time.Second

// deliver reports a scan, again and again where that fails, until a newer one is
// there to be reported instead.
func (d *daemon) deliver(ctx context.Context, seen service.Discovery, newest mailbox) {
	var expireBefore time.Time
	if d.expire > 0 {
		expireBefore = seen.SeenAt.Add(-d.expire)
	}
	tries := 0
	came, err := backoff.Retry(ctx, func() (outcome, error) {
		if tries++; tries > 1 && len(newest) > 0 {
			return outcome{}, backoff.Permanent(errSuperseded)
		}
		// Not cut off by a signal: the server may be about to store it.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishTime)
		defer cancel()
		return d.report.report(ctx, seen, expireBefore)
	}, append(d.retry(), backoff.WithNotify(func(err error, wait time.Duration) {
		d.log.Warn("the report failed; trying again", "error", err, "in", wait.Round(time.Millisecond))
	}))...)
	switch {
	case errors.Is(err, errSuperseded):
		d.log.Info("a newer scan is reported instead", "tries", tries-1)
		return
	case err != nil:
		d.log.Error("a scan was not taken", "host", seen.Host.Name, "tries", tries, "error", err)
		return
	}
	d.log.Info("reported", "host", seen.Host.Name, "services", came.services, "bindings", came.bindings,
		"added", came.added, "dropped", came.dropped, "displaced", came.displaced, "removed", came.gone,
		"skipped", len(came.skipped), "faults", len(came.faults), "expired", len(came.expired))
	for _, why := range came.skipped {
		d.log.Warn("skipped", "why", why)
	}
	for _, what := range came.faults {
		d.log.Warn("mended or left out", "what", what)
	}
	for _, what := range came.expired {
		d.log.Info("not seen for long and removed", "what", what)
	}
}
