package main

import (
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
		"/api/v1/hosts":           {"POST": a.createHost, "GET": a.listHosts},
		"/api/v1/hosts/{id}":      {"GET": a.getHost, "PUT": a.putHost, "DELETE": a.deleteHost},
		"/api/v1/hosts/discovery": {"POST": a.observe},

		"/api/v1/services":             {"POST": a.createService, "GET": a.listServices},
		"/api/v1/services/{id}":        {"GET": a.getService, "PUT": a.putService, "DELETE": a.deleteService},
		"/api/v1/services/bulk-delete": {"POST": a.deleteServices},

		"/api/v1/bindings":             {"POST": a.createBinding, "GET": a.listBindings},
		"/api/v1/bindings/{id}":        {"GET": a.getBinding, "PUT": a.putBinding, "DELETE": a.deleteBinding},
		"/api/v1/bindings/bulk-delete": {"POST": a.deleteBindings},
	} {
		mux.Handle(pattern, a.byMethod(calls))
	}
	mux.Handle("/", a.answer(nothingHere))

	health, authorized := a.byMethod(map[string]call{"GET": healthy}), a.authorized(key, a.exactly(mux))
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
