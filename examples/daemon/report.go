package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/cenkalti/backoff/v5"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// errSuperseded ends the tries to report a scan when there is a newer one.
var errSuperseded = errors.New("there is a newer scan")

// embedded reports to a Manager of the daemon's own. Its store is opened when
// there is something to report, so that it may be away for a while, as a server
// may.
type embedded struct {
	open       func(context.Context) (store store.Store, closeStore func() error, err error)
	manager    *bindset.Manager // nil while the store is not open
	closeStore func() error
}

func (e *embedded) report(ctx context.Context, d service.Discovery) (outcome, error) {
	if e.manager == nil {
		store, closeStore, err := e.open(ctx)
		if err != nil {
			return outcome{}, err
		}
		e.manager, e.closeStore = bindset.NewManager(store), closeStore
	}
	came, err := e.observe(ctx, d)
	switch code := bindset.CodeOf(err); {
	case code == store.ErrUnknownOutcome:
		// A store may have to be opened again after that. What is observed a second
		// time changes nothing.
		return outcome{}, errors.Join(err, e.close())
	case code != "":
		return outcome{}, backoff.Permanent(err)
	default:
		return came, err
	}
}

func (e *embedded) observe(ctx context.Context, d service.Discovery) (outcome, error) {
	change, err := e.manager.Observe(ctx, d)
	if err != nil {
		return outcome{}, err
	}
	came := outcome{added: len(change.Added), dropped: len(change.Dropped), gone: len(change.Removed)}
	for i := range change.Skipped {
		came.skipped = append(came.skipped, change.Skipped[i].Violation.Message)
	}
	err = e.manager.View(ctx, func(ctx context.Context, r store.Reader) error {
		services, err := r.ServicesOnHost(ctx, d.Host.ID)
		came.count(services)
		return err
	})
	return came, err
}

func (e *embedded) close() error {
	if e.manager == nil {
		return nil
	}
	e.manager = nil
	return e.closeStore()
}

func (o *outcome) count(services []service.Service) {
	o.services, o.bindings = len(services), 0
	for i := range services {
		o.bindings += len(services[i].Bindings)
	}
}

// server reports to a server that speaks the API of examples/httpapi.
type server struct {
	url        string
	apiKey     string
	maxPayload int // in bytes
	client     *http.Client
}

func newServer(base, apiKey string) *server {
	return &server{
		url: strings.TrimRight(base, "/") + "/api/v1/hosts/discovery", apiKey: apiKey, maxPayload: maxPayload, client: &http.Client{},
	}
}

// checkServer refuses what is no URL of a server.
func checkServer(text string) error {
	if text == "" {
		return nil
	}
	if u, err := url.Parse(text); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("-server %q: give a URL such as http://127.0.0.1:8080", text)
	}
	return nil
}

// maxAnswer bounds how much of an answer is read, in bytes.
const maxAnswer = 64 << 20

// answer is what the daemon reads of the server's answers.
type answer struct {
	Data struct {
		Services []service.Service `json:"services"`
	} `json:"data"`
	Changes struct {
		Added   []json.RawMessage `json:"added"`
		Dropped []json.RawMessage `json:"dropped"`
		Removed []json.RawMessage `json:"removed"`
		Skipped []struct {
			Violation struct {
				Message string `json:"message"`
			} `json:"violation"`
		} `json:"skipped"`
	} `json:"changes"`
	Error string `json:"error"`
}

func (s *server) report(ctx context.Context, d service.Discovery) (outcome, error) {
	parts, err := payloads(d, s.maxPayload)
	if err != nil {
		return outcome{}, backoff.Permanent(err)
	}
	var all outcome
	for _, part := range parts {
		came, err := s.send(ctx, part)
		if err != nil {
			return outcome{}, err
		}
		all.add(came)
	}
	return all, nil
}

// add adds what came of a later part of a report.
func (o *outcome) add(later outcome) {
	o.services, o.bindings = later.services, later.bindings
	o.added, o.dropped, o.gone = o.added+later.added, o.dropped+later.dropped, o.gone+later.gone
	o.skipped = append(o.skipped, later.skipped...)
}

// send sends one payload.
func (s *server) send(ctx context.Context, body []byte) (outcome, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return outcome{}, backoff.Permanent(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if s.apiKey != "" {
		request.Header.Set("Authorization", "Bearer "+s.apiKey)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return outcome{}, err
	}
	defer response.Body.Close()
	got, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return outcome{}, err
	}
	return meaning(response, got)
}

// meaning says what a server's answer means. That the scan itself is at fault is
// permanent; that the server is, may pass.
func meaning(response *http.Response, body []byte) (outcome, error) {
	var a answer
	err := json.Unmarshal(body, &a)
	switch status := response.StatusCode; {
	case status == http.StatusOK && err == nil:
		came := outcome{added: len(a.Changes.Added), dropped: len(a.Changes.Dropped), gone: len(a.Changes.Removed)}
		came.count(a.Data.Services)
		for _, s := range a.Changes.Skipped {
			came.skipped = append(came.skipped, s.Violation.Message)
		}
		return came, nil
	case status == http.StatusOK:
		return outcome{}, fmt.Errorf("the answer of the server cannot be read: %w", err)
	case status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout:
		return outcome{}, fmt.Errorf("the server answers %s", response.Status)
	default:
		return outcome{}, backoff.Permanent(fmt.Errorf("the server answers %s: %s", response.Status, a.Error))
	}
}
