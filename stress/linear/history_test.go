package linear_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/stress/internal/model"
	"github.com/bindset/bindset/validate"
)

var (
	histories = flag.Int("histories", 0, "how many histories to record on each store; 0 for a number that suits it")
	seed      = flag.Uint64("seed", 0, "what the operations are drawn from; 0 for a new one")
)

const (
	clients    = 4
	hosts      = 2  // in a history: two groups of one, or one of two
	operations = 15 // of each client

	// patience is how long porcupine may take. Histories are so short that it
	// needs a thousandth of that.
	patience = time.Minute
)

// A recorder makes histories with one Manager, each on hosts of its own.
type recorder struct {
	manager *bindset.Manager
	model   *model.Model
	size    int // of a group: services move between the hosts of one
	groups  int // how many there are
}

func newRecorder(store store.Store, rules *validate.Validator, size int) *recorder {
	return &recorder{
		manager: bindset.NewManager(store, bindset.WithValidator(rules)), model: model.New(rules), size: size,
	}
}

// record has clients use new hosts at once, and returns what they did.
func (r *recorder) record(t *testing.T, rng *rand.Rand) []porcupine.Operation {
	t.Helper()
	first := r.groups
	for range hosts / r.size {
		require.NoError(t, model.Create(t.Context(), r.manager, r.groups, r.size))
		r.groups++
	}
	var clock atomic.Int64
	var done [clients][]porcupine.Operation
	var errs [clients]error
	start := make(chan struct{})
	var group sync.WaitGroup
	for client := range clients {
		source := rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64()))
		group.Go(func() {
			<-start
			done[client], errs[client] = r.use(t.Context(), source, client, first, &clock)
		})
	}
	close(start)
	group.Wait()
	var history []porcupine.Operation
	for client := range clients {
		require.NoError(t, errs[client])
		history = append(history, done[client]...)
	}
	return history
}

// use does what one client does.
func (r *recorder) use(
	ctx context.Context, rng *rand.Rand, client, first int, clock *atomic.Int64,
) (done []porcupine.Operation, err error) {
	var seen [hosts]model.State
	for range operations {
		n := rng.IntN(hosts / r.size)
		op := model.Random(rng, first+n, r.size, &seen[n])
		call := clock.Add(1)
		runtime.Gosched()
		result, err := model.Run(ctx, r.manager, op)
		if err != nil {
			return done, err
		}
		done = append(done, porcupine.Operation{
			ClientId: client, Input: op, Call: call, Output: result, Return: clock.Add(1),
		})
		seen[n].Note(result)
	}
	return done, nil
}

// check looks for an order of the operations in a history that explains it.
func (r *recorder) check(history []porcupine.Operation) (porcupine.CheckResult, porcupine.LinearizationInfo) {
	return porcupine.CheckOperationsVerbose(r.sequential(), history, patience)
}

// sequential is the model as porcupine wants it.
func (r *recorder) sequential() porcupine.Model {
	return porcupine.Model{
		Partition: byGroup,
		Init:      func() any { return model.Start(r.size) },
		Step: func(state, input, output any) (bool, any) {
			want, next := r.model.Apply(state.(model.State), input.(model.Op))
			return want == output.(model.Result), next
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprintf("%v -> %v", input, output) },
		DescribeState:     func(state any) string { return fmt.Sprintf("%+v", state) },
	}
}

func byGroup(history []porcupine.Operation) [][]porcupine.Operation {
	partitions := make(map[int][]porcupine.Operation)
	for _, op := range history {
		group := op.Input.(model.Op).Group
		partitions[group] = append(partitions[group], op)
	}
	var all [][]porcupine.Operation
	for _, partition := range partitions {
		all = append(all, partition)
	}
	return all
}

// overlapping counts the operations during which another one on the same group of
// hosts ran.
func overlapping(history []porcupine.Operation) (count int) {
	for _, partition := range byGroup(history) {
		for i, a := range partition {
			for j, b := range partition {
				if i != j && a.Call < b.Return && b.Call < a.Return {
					count++
					break
				}
			}
		}
	}
	return count
}

// requireLinearizable records histories and requires of each that there is an
// order that explains it.
func (r *recorder) requireLinearizable(t *testing.T, count int) {
	t.Helper()
	rng, from := source()
	total, concurrent := 0, 0
	for range count {
		history := r.record(t, rng)
		verdict, info := r.check(history)
		if verdict != porcupine.Ok {
			t.Fatalf("%s; -seed %d; %s\n%s", verdict, from, r.draw(info), inWords(history))
		}
		total += len(history)
		concurrent += overlapping(history)
	}
	require.Positive(t, concurrent, "no operation ran during another one")
	t.Logf("%d histories of %d operations on %d hosts are linearizable; %d of %d operations overlapped another one on their group of %d",
		count, clients*operations, hosts, concurrent, total, r.size)
}

func source() (rng *rand.Rand, from uint64) {
	from = *seed
	if from == 0 {
		from = rand.Uint64()
	}
	return rand.New(rand.NewPCG(from, 0)), from
}

// draw writes a picture of what porcupine tried, and says where.
func (r *recorder) draw(info porcupine.LinearizationInfo) string {
	file, err := os.CreateTemp("", "bindset-history-*.html")
	if err == nil {
		defer file.Close()
		err = porcupine.Visualize(r.sequential(), info, file)
	}
	if err != nil {
		return "no picture of it: " + err.Error()
	}
	return "a picture of it is in " + file.Name()
}

func inWords(history []porcupine.Operation) string {
	var text strings.Builder
	for _, op := range history {
		fmt.Fprintf(&text, "client %d, %d to %d: %v -> %v\n", op.ClientId, op.Call, op.Return, op.Input, op.Output)
	}
	return text.String()
}
