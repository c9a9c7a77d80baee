package storetest

import (
	"context"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// flawEnv names, in a child process of TestFlawsAreFound, the flaw of the store
// that TestStorePasses tests.
const flawEnv = "STORETEST_FLAW"

func TestStorePasses(t *testing.T) {
	open := func() store.Store { return memstore.New() }
	if name := os.Getenv(flawEnv); name != "" {
		at := slices.IndexFunc(flaws, func(f flaw) bool { return f.name == name })
		require.GreaterOrEqual(t, at, 0, "no such flaw")
		open = flaws[at].open
	}
	Run(t, func(*testing.T) store.Store { return open() })
}

func TestTheModelPasses(t *testing.T) {
	Run(t, func(*testing.T) store.Store { return NewModel() })
}

func TestAStoreThatCommitsByReplayPasses(t *testing.T) {
	Run(t, func(*testing.T) store.Store { return newReplayer(nil) })
}

func TestAStoreThatCallsEverythingTwicePasses(t *testing.T) {
	Run(t, func(*testing.T) store.Store { return twice() })
}

func TestEachMethodOfAReaderHasAReading(t *testing.T) {
	var methods []string
	reader := reflect.TypeFor[store.Reader]()
	for i := range reader.NumMethod() {
		methods = append(methods, reader.Method(i).Name)
	}
	var have []string
	for _, read := range readings {
		have = append(have, read.method)
	}
	require.ElementsMatch(t, methods, have)
}

// TestFlawsAreFound runs, for every flaw, the subtests that name it in a child
// process, on a store that has it: each of them must fail. On memstore they
// pass, by TestStorePasses.
func TestFlawsAreFound(t *testing.T) {
	for _, flaw := range flaws {
		t.Run(flaw.name, func(t *testing.T) {
			t.Parallel()
			for _, subtest := range flaw.fails {
				requireFails(t, flaw.name, strings.ReplaceAll(subtest, " ", "_"))
			}
		})
	}
}

func requireFails(t *testing.T, flaw, subtest string) {
	t.Helper()
	var pattern []string
	for part := range strings.SplitSeq("TestStorePasses/"+subtest, "/") {
		pattern = append(pattern, "^"+regexp.QuoteMeta(part)+"$")
	}
	child := exec.Command(os.Args[0], "-test.v", "-test.run="+strings.Join(pattern, "/"),
		"-test.timeout=5m", "-rapid.nofailfile", "-rapid.shrinktime=1ms")
	child.Env = append(os.Environ(), flawEnv+"="+flaw)
	out, err := child.CombinedOutput()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, "the suite passes:\n%s", out)
	require.Contains(t, string(out), "--- FAIL: TestStorePasses/"+subtest+" (")
}

func TestAMachineTriesEveryMethodAndEveryError(t *testing.T) {
	seen := map[string]int{}
	count := func(method string, err error) error {
		what, _, _ := strings.Cut(kindOf(err), ": ") // without the ID
		seen[method+": "+what]++
		return err
	}
	store := hookStore(memstore.New(), func(h *hooked) {
		h.putHost = func(ctx context.Context, v host.Host) error { return count("PutHost", h.Writer.PutHost(ctx, v)) }
		h.deleteHost = func(ctx context.Context, id uuid.UUID) error {
			return count("DeleteHost", h.Writer.DeleteHost(ctx, id))
		}
		h.putService = func(ctx context.Context, s service.Service) error {
			return count("PutService", h.Writer.PutService(ctx, s))
		}
		h.putBindings = func(ctx context.Context, id uuid.UUID, put []binding.Binding, del []uuid.UUID) error {
			return count("PutBindings", h.Writer.PutBindings(ctx, id, put, del))
		}
		h.deleteService = func(ctx context.Context, id uuid.UUID) error {
			return count("DeleteService", h.Writer.DeleteService(ctx, id))
		}
		h.saw = func(ctx context.Context, hostID uuid.UUID, at time.Time, scan uuid.UUID, ids []uuid.UUID) error {
			return count("Saw", h.Writer.Saw(ctx, hostID, at, scan, ids))
		}
		h.listeners = func(ctx context.Context, hostID uuid.UUID, portIDs []uuid.UUID) ([]validate.Claim, error) {
			claims, err := h.Writer.Listeners(ctx, hostID, portIDs...)
			if len(claims) > 1 {
				seen["several listeners"]++
			}
			return claims, err
		}
	})
	machines := uint32(0)
	rapid.Check(t, func(t *rapid.T) {
		machines++
		t.Repeat(NewMachine(store, machines).Actions())
	})
	for _, what := range []string{
		"PutHost: no error", "PutHost: invalid", "DeleteHost: no error", "DeleteHost: not_found", "DeleteHost: in_use",
		"PutService: no error", "PutService: not_found", "DeleteService: no error", "DeleteService: not_found",
		"PutBindings: no error", "PutBindings: not_found", "PutBindings: exists", "PutBindings: invalid", "several listeners",
		"Saw: no error", "Saw: not_found",
	} {
		require.GreaterOrEqual(t, seen[what], 10, "%s: of %v", what, seen)
	}
}
