package main

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"maps"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/store"
)

// An api is the HTTP API of a Manager.
type api struct {
	manager *bindset.Manager
	log     *slog.Logger
}

// A call does what a request asks for.
type call func(*http.Request) (reply, error)

// newAPI returns the handler of the whole API. Clients must have the key, unless
// it is "".
func newAPI(manager *bindset.Manager, key string, log *slog.Logger) http.Handler {
	a := &api{manager: manager, log: log}
	mux := http.NewServeMux()
	for pattern, calls := range map[string]map[string]call{
		"/api/v1/hosts":             {"POST": writes(a.createHost), "GET": query(a.listHosts, "network_id", "limit", "after")},
		"/api/v1/hosts/{id}":        {"GET": query(a.getHost), "PUT": writes(a.putHost), "DELETE": writes(a.deleteHost)},
		"/api/v1/hosts/{id}/expire": {"POST": writes(a.expire)},
		"/api/v1/hosts/{id}/merge":  {"POST": writes(a.mergeHosts)},
		"/api/v1/hosts/discovery":   {"POST": writes(a.observe, "identify")},

		"/api/v1/services":             {"POST": writes(a.createService), "GET": query(a.listServices, "host_id")},
		"/api/v1/services/{id}":        {"GET": query(a.getService), "PUT": writes(a.putService), "DELETE": writes(a.deleteService)},
		"/api/v1/services/{id}/move":   {"POST": writes(a.moveService)},
		"/api/v1/services/bulk-delete": {"POST": writes(a.deleteServices)},

		"/api/v1/bindings":               {"POST": writes(a.createBinding), "GET": query(a.listBindings, "service_id")},
		"/api/v1/bindings/{id}":          {"GET": query(a.getBinding), "PUT": writes(a.putBinding), "DELETE": writes(a.deleteBinding)},
		"/api/v1/bindings/{id}/transfer": {"POST": writes(a.transferBinding)},
		"/api/v1/bindings/bulk-delete":   {"POST": writes(a.deleteBindings)},
	} {
		mux.Handle(pattern, a.byMethod(calls))
	}
	mux.Handle("/", a.answer(nothingHere))

	health, authorized := a.byMethod(map[string]call{"GET": query(healthy)}), a.authorized(key, a.exactly(mux))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" {
			health.ServeHTTP(w, r)
			return
		}
		authorized.ServeHTTP(w, r)
	})
}

// exactly answers paths such as //api that a mux would redirect: there is nothing
// at them.
func (a *api) exactly(mux http.Handler) http.Handler {
	nothing := a.answer(nothingHere)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path.Clean(r.URL.Path) != r.URL.Path {
			nothing.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// inTx runs use cases, and reads what the answer says of them, in one transaction;
// nothing of it is stored where the query asks for a dry run.
func (a *api) inTx(r *http.Request, do func(ctx context.Context, m *bindset.Manager) (reply, error)) (answer reply, err error) {
	_, err = a.manager.InTx(r.Context(), func(ctx context.Context, m *bindset.Manager) (err error) {
		answer, err = do(ctx, m)
		return err
	}, writeOptions(r)...)
	return answer, err
}

func healthy(*http.Request) (reply, error) { return reply{}, nil }

func nothingHere(r *http.Request) (reply, error) {
	return reply{}, refusal{store.ErrNotFound, "there is nothing at " + r.URL.Path}
}

// byMethod answers requests with the call that a path has for their method. HEAD
// is GET, of which the server sends no body.
func (a *api) byMethod(calls map[string]call) http.Handler {
	if get, ok := calls["GET"]; ok {
		calls["HEAD"] = get
	}
	allow := strings.Join(slices.Sorted(maps.Keys(calls)), ", ")
	handlers := make(map[string]http.Handler)
	for method, call := range calls {
		handlers[method] = a.answer(checked(call))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler, ok := handlers[r.Method]
		if !ok {
			w.Header().Set("Allow", allow)
			a.refuse(w, r, refusal{errMethodNotAllowed, r.Method + " is not allowed here; use " + allow})
			return
		}
		handler.ServeHTTP(w, r)
	})
}

// answer answers requests with what a call replies.
func (a *api) answer(call call) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		reply, err := call(r)
		if err != nil {
			a.refuse(w, r, err)
			return
		}
		a.reply(w, r, reply)
	})
}

// authorized lets requests with the key through. Comparing digests takes the same
// time whatever is wrong with the key, and however long it is.
func (a *api) authorized(key string, next http.Handler) http.Handler {
	if key == "" {
		return next
	}
	want := sha256.Sum256([]byte(key))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		got := sha256.Sum256([]byte(given))
		if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			a.refuse(w, r, refusal{errUnauthorized, "send the API key of this server as Authorization: Bearer KEY"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// checked refuses bodies that are said to be something else than JSON.
func checked(next call) call {
	return func(r *http.Request) (reply, error) {
		if given := r.Header.Get("Content-Type"); given != "" && !isJSON(given) {
			return reply{}, refusal{errUnsupportedMediaType, "the body is said to be " + given + "; send Content-Type: application/json"}
		}
		return next(r)
	}
}

func isJSON(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == "application/json" || strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json"))
}
