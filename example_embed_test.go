package bindset_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"

	"github.com/google/uuid"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// A discovery daemon throws what it saw at Observe, whatever the IDs in it, and
// reads in the Change what was new and what was not taken.
func Example_daemon() {
	ctx := context.Background()
	m := bindset.NewManager(memstore.New())
	machine := uuid.New() // hosts are known by their IDs: keep this one
	network := uuid.New()

	scan := func() service.Discovery { // every ID but the machine's is new each time
		eth0 := host.Interface{ID: uuid.New(), Name: "eth0", Address: netip.MustParseAddr("10.0.0.5")}
		https := host.Port{ID: uuid.New(), Number: 443, Protocol: host.TCP}
		return service.Discovery{
			Host: host.Host{ID: machine, NetworkID: network, Interfaces: []host.Interface{eth0}, Ports: []host.Port{https}},
			Services: []service.Service{{Name: "nginx", Bindings: []binding.Binding{
				{Target: binding.Port(https.ID, binding.OnInterface(eth0.ID))},
				{Target: binding.Interface(eth0.ID)}, // it cannot be both
			}}},
		}
	}
	for range 2 {
		change, err := m.Observe(ctx, scan())
		if err != nil {
			fmt.Println(err) // the store failed, or the scan was malformed: try again later
			continue
		}
		fmt.Printf("%d bindings added, %d skipped\n", len(change.Added), len(change.Skipped))
		for _, s := range change.Skipped {
			fmt.Println(" ", s.Violation.Path, s.Violation.Code)
		}
	}

	// Output:
	// 1 bindings added, 1 skipped
	//   services[0].bindings[1] conflict
	// 0 bindings added, 1 skipped
	//   services[0].bindings[1] conflict
}

// A service puts a use case behind each of its calls, and one table between the
// codes of errors and the statuses of its protocol.
func Example_service() {
	statuses := map[binding.Code]int{
		binding.ErrMalformed: http.StatusBadRequest,
		validate.ErrInvalid:  http.StatusBadRequest,
		validate.ErrConflict: http.StatusConflict,
		store.ErrNotFound:    http.StatusNotFound,
	}
	m := bindset.NewManager(memstore.New())
	createBinding := func(w http.ResponseWriter, r *http.Request) {
		var b binding.Binding
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err == nil {
			err = binding.DecodeJSON(body, &b)
		}
		if err == nil {
			b, _, err = m.CreateBinding(r.Context(), b)
		}
		if err != nil {
			status, known := statuses[bindset.CodeOf(err)]
			if !known {
				status, err = http.StatusInternalServerError, errors.New("internal error")
			}
			http.Error(w, err.Error(), status)
			return
		}
		json.NewEncoder(w).Encode(b)
	}

	// What a client gets.
	eth0 := host.Interface{ID: uuid.New(), Name: "eth0"}
	web := host.Host{ID: uuid.New(), NetworkID: uuid.New(), Interfaces: []host.Interface{eth0}}
	onHost, _, err := m.CreateHost(context.Background(), web, []service.Draft{{Name: "router"}})
	services := onHost.Services
	if err != nil {
		panic(err)
	}
	for _, body := range []string{
		fmt.Sprintf(`{"type":"Interface","service_id":"%s","interface_id":"%s"}`, services[0].ID, eth0.ID),
		fmt.Sprintf(`{"type":"Interface","service_id":"%s"}`, services[0].ID),
		`{"type":`,
	} {
		w := httptest.NewRecorder()
		createBinding(w, httptest.NewRequest(http.MethodPost, "/bindings", strings.NewReader(body)))
		fmt.Println(w.Code)
		if w.Code != http.StatusOK {
			fmt.Print("\t", w.Body)
		}
	}

	// Output:
	// 200
	// 400
	// 	interface_id: is missing
	// 400
	// 	not valid JSON at line 1, byte 8: unexpected end of JSON input
}
