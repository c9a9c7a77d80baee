package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/bindset/bindset/service"
)

// An api is the HTTP API of a Manager.
type api struct {
	manager *service.Manager
	log     *slog.Logger
}

// A call does what a request asks for.
type call func(*http.Request) (reply, error)

// newAPI returns the handler of the whole API. Clients must have the key, unless
// it is "".
func newAPI(manager *service.Manager, key string, log *slog.Logger) http.Handler {
	a := &api{manager: manager, log: log}
	mux := http.NewServeMux()
	methods := make(map[string][]string) // by path
	for _, r := range []struct {
		method, path string
		call         call
	}{
		{"POST", "/api/v1/hosts", a.createHost},
		{"GET", "/api/v1/hosts", a.listHosts},
		{"POST", "/api/v1/hosts/discovery", a.observe},
		{"GET", "/api/v1/hosts/{id}", a.getHost},
		{"PUT", "/api/v1/hosts/{id}", a.putHost},
		{"DELETE", "/api/v1/hosts/{id}", a.deleteHost},

		{"POST", "/api/v1/services", a.createService},
		{"GET", "/api/v1/services", a.listServices},
		{"POST", "/api/v1/services/bulk-delete", a.deleteServices},
		{"GET", "/api/v1/services/{id}", a.getService},
		{"PUT", "/api/v1/services/{id}", a.putService},
		{"DELETE", "/api/v1/services/{id}", a.deleteService},

		{"POST", "/api/v1/bindings", a.createBinding},
		{"GET", "/api/v1/bindings", a.listBindings},
		{"POST", "/api/v1/bindings/bulk-delete", a.deleteBindings},
		{"GET", "/api/v1/bindings/{id}", a.getBinding},
		{"PUT", "/api/v1/bindings/{id}", a.putBinding},
		{"DELETE", "/api/v1/bindings/{id}", a.deleteBinding},
	} {
		mux.Handle(r.method+" "+r.path, a.answer(checked(r.call)))
		methods[r.path] = append(methods[r.path], r.method)
	}
	for path, allowed := range methods {
		if !strings.HasSuffix(path, "/discovery") && !strings.HasSuffix(path, "/bulk-delete") {
			mux.Handle(path, a.notAllowed(allowed))
		}
	}
	mux.Handle("/", a.answer(func(r *http.Request) (reply, error) {
		return reply{}, refusal{service.ErrNotFound, "there is nothing at " + r.URL.Path}
	}))

	all := http.NewServeMux()
	all.Handle("GET /healthz", a.answer(func(*http.Request) (reply, error) { return reply{}, nil }))
	all.Handle("/healthz", a.notAllowed([]string{"GET"}))
	all.Handle("/", a.authorized(key, mux))
	return all
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

// notAllowed refuses requests with other methods than those of a path.
func (a *api) notAllowed(allowed []string) http.Handler {
	if slices.Contains(allowed, "GET") {
		allowed = append(allowed, "HEAD")
	}
	slices.Sort(allowed)
	allow := strings.Join(allowed, ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", allow)
		a.refuse(w, r, refusal{errMethodNotAllowed, r.Method + " is not allowed here; use " + allow})
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
