//go:build unix

package crash_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/stress/internal/model"
)

var kills = flag.Int("kills", 5, "how often each durable store is killed")

// patience is how long something may take that must come to an end.
const patience = time.Minute

// A child is this program, run once more.
type child struct {
	*exec.Cmd
	reports chan report // closed when the child has ended
	errors  bytes.Buffer
}

func start(t *testing.T, o order) *child {
	t.Helper()
	o.Seed = rand.Uint64()
	text, err := json.Marshal(o)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	c := &child{Cmd: exec.CommandContext(ctx, os.Args[0]), reports: make(chan report, 1000)}
	c.Env = append(os.Environ(), orderVariable+"="+string(text))
	c.Stderr = &c.errors
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	go c.listen(out)
	return c
}

// listen reads the child's reports. What a line says that the child did not finish
// it has not done.
func (c *child) listen(out io.Reader) {
	defer close(c.reports)
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var r report
		if json.Unmarshal(line, &r) != nil {
			r = report{}
		}
		c.reports <- r
	}
}

// crash has a child work on a store, calls end at a random moment, and enters all
// that the child reported. Some children come to no work before that.
func (l *ledger) crash(t *testing.T, o order, end func(c *child) error) {
	t.Helper()
	c := start(t, o)
	moment := rand.N(300 * time.Millisecond)
	if rand.IntN(5) > 0 {
		require.NoError(t, l.enter(c.next(t)))
	}
	for after, waiting := time.After(moment), true; waiting; {
		select {
		case r, ok := <-c.reports:
			c.requireAlive(t, ok)
			require.Empty(t, r.Error, "nothing has ended yet")
			require.NoError(t, l.enter(r))
		case <-after:
			waiting = false
		}
	}
	ended := make(chan error, 1)
	go func() { ended <- end(c) }()
	for r := range c.reports { // those before the end, and what it does to the child
		require.NoError(t, l.enter(r))
	}
	require.NoError(t, <-ended)
	_ = c.Wait() // it was killed
	require.Empty(t, c.errors.String(), "what the child has to say beside reports")
}

func (c *child) next(t *testing.T) report {
	t.Helper()
	r, ok := <-c.reports
	c.requireAlive(t, ok)
	return r
}

func (c *child) requireAlive(t *testing.T, alive bool) {
	t.Helper()
	if !alive {
		t.Fatalf("the child ended by itself: %v\n%s", c.Wait(), c.errors.String())
	}
}

// create stores the hosts that children work on.
func create(t *testing.T, store store.Store) {
	t.Helper()
	manager := bindset.NewManager(store, bindset.WithValidator(rules))
	for n := range hosts {
		require.NoError(t, model.Create(t.Context(), manager, n, 1))
	}
}

// compareAll compares what is stored of all hosts with the ledger.
func (l *ledger) compareAll(t *testing.T, store store.Store) {
	t.Helper()
	manager := bindset.NewManager(store, bindset.WithValidator(rules))
	for n := range hosts {
		stored, err := model.Stored(t.Context(), manager, n)
		require.NoError(t, err)
		require.NoError(t, l.compare(n, stored))
	}
}
