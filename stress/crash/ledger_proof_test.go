//go:build unix

package crash_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/stress/internal/model"
)

// after returns a ledger of a host on which n operations were acknowledged, and
// the states before and after the last change.
func after(t *testing.T, n int) (l *ledger, before, stored model.State) {
	t.Helper()
	l = newLedger()
	stored = model.Start(1)
	rng := rand.New(rand.NewPCG(uint64(n), 0))
	for range n {
		op := model.Random(rng, 0, 1, &stored)
		require.NoError(t, l.enter(report{Begin: &op}))
		result, next := sequential.Apply(stored, op)
		require.NoError(t, l.enter(report{End: &result}))
		if next != stored {
			before, stored = stored, next
		}
	}
	require.Positive(t, l.changes)
	return l, before, stored
}

func TestTheLedgerAcceptsWhatWasAcknowledged(t *testing.T) {
	l, _, stored := after(t, 100)
	require.NoError(t, l.compare(0, stored))
	require.Positive(t, l.changes)
}

func TestTheLedgerMissesAnAcknowledgedChange(t *testing.T) {
	for n := 50; n < 100; n++ {
		l, before, _ := after(t, n)
		require.Error(t, l.compare(0, before))
	}
}

func TestTheLedgerAcceptsTheLastChangeWholeOrNotAtAll(t *testing.T) {
	split := model.Op{Kind: model.UpdateService, Version: 9}
	for n := 50; n < 100; n++ {
		l, _, stored := after(t, n)
		_, next := sequential.Apply(stored, split)
		if next == stored {
			continue
		}
		require.NoError(t, l.enter(report{Begin: &split}))
		require.NoError(t, l.compare(0, stored))
		require.Equal(t, 1, l.lost)

		require.NoError(t, l.enter(report{Begin: &split}))
		require.NoError(t, l.compare(0, next))
		require.Equal(t, 1, l.kept)
		require.Error(t, l.compare(0, stored), "it was there and is gone")

		l, _, stored = after(t, n)
		require.NoError(t, l.enter(report{Begin: &split}))
		half := next
		half.Services[0].Revision = stored.Services[0].Revision
		require.Error(t, l.compare(0, half))
	}
}

func TestTheLedgerTakesAnErrorForNothingWritten(t *testing.T) {
	l, _, stored := after(t, 100)
	change := model.Op{Kind: model.PutHost, Shape: (stored.Hosts[0].Shape + 1) % 3, Lossy: true}
	_, next := sequential.Apply(stored, change)
	require.NotEqual(t, stored, next)
	require.NoError(t, l.enter(report{Begin: &change}))
	require.NoError(t, l.enter(report{Error: "no answer", Doubt: true}))
	require.NoError(t, l.compare(0, next))

	l, _, stored = after(t, 100)
	require.NoError(t, l.enter(report{Begin: &change}))
	require.NoError(t, l.enter(report{Error: "refused"}))
	require.Error(t, l.compare(0, next))
	require.NoError(t, l.compare(0, stored))
}

func TestTheLedgerRefusesAnotherResult(t *testing.T) {
	l, _, stored := after(t, 100)
	op := model.Op{Kind: model.Look}
	require.NoError(t, l.enter(report{Begin: &op}))
	stored.Hosts[0].Revision++
	require.Error(t, l.enter(report{End: &model.Result{Saw: stored}}))
}

func TestTheLedgerRefusesAnInvalidSet(t *testing.T) {
	l := newLedger()
	bad := model.Start(1)
	bad.Bindings[0].Target, bad.Bindings[1].Target = 1, model.PortEverywhere
	l.accounts[0].stored = bad
	require.Error(t, l.compare(0, bad), "a presence and a listener that conflict")
}
