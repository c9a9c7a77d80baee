package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/service"
)

// server reports to a server that speaks the API of examples/httpapi.
type server struct {
	url        string
	apiKey     string
	maxPayload int // in bytes
	client     *http.Client
}

func newServer(base, apiKey string) *server {
	return &server{
		url: strings.TrimRight(base, "/"), apiKey: apiKey, maxPayload: maxPayload, client: &http.Client{},
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
	Data    service.HostWithServices `json:"data"`
	Changes struct {
		Added     []json.RawMessage `json:"added"`
		Dropped   []json.RawMessage `json:"dropped"`
		Displaced []json.RawMessage `json:"displaced"`
		Removed   []binding.Binding `json:"removed"`
		Skipped   []struct {
			Violation struct {
				Message string `json:"message"`
			} `json:"violation"`
		} `json:"skipped"`
		Faults []service.Fault `json:"faults"`
	} `json:"changes"`
	Error string `json:"error"`
}

func (s *server) report(ctx context.Context, d service.Discovery, expireBefore time.Time) (outcome, error) {
	parts, err := payloads(d, s.maxPayload)
	if err != nil {
		return outcome{}, backoff.Permanent(err)
	}
	var all outcome
	var last answer
	for _, part := range parts {
		if last, err = s.post(ctx, "/api/v1/hosts/discovery", part); err != nil {
			return outcome{}, err
		}
		all.add(last.outcome())
	}
	if expireBefore.IsZero() {
		return all, nil
	}
	body, err := json.Marshal(map[string]time.Time{"before": expireBefore})
	if err != nil {
		return outcome{}, err
	}
	after, err := s.post(ctx, "/api/v1/hosts/"+last.Data.Host.ID.String()+"/expire", body)
	if err != nil {
		return outcome{}, err
	}
	all.count(after.Data.Services)
	all.expired, err = gone(last.Data, after.Data, after.Changes.Removed)
	return all, err
}

// outcome returns what came of one payload.
func (a *answer) outcome() outcome {
	came := outcome{
		added: len(a.Changes.Added), dropped: len(a.Changes.Dropped), displaced: len(a.Changes.Displaced), gone: len(a.Changes.Removed),
	}
	came.count(a.Data.Services)
	for _, s := range a.Changes.Skipped {
		came.skipped = append(came.skipped, s.Violation.Message)
	}
	for _, f := range a.Changes.Faults {
		came.addFault(f)
	}
	return came
}

// post sends one request.
func (s *server) post(ctx context.Context, path string, body []byte) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+path, bytes.NewReader(body))
	if err != nil {
		return answer{}, backoff.Permanent(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if s.apiKey != "" {
		request.Header.Set("Authorization", "Bearer "+s.apiKey)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	got, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return answer{}, err
	}
	return meaning(response, got)
}

// meaning says what a server's answer means. That the scan itself is at fault is
// permanent; that the server is, may pass.
func meaning(response *http.Response, body []byte) (answer, error) {
	var a answer
	err := json.Unmarshal(body, &a)
	switch status := response.StatusCode; {
	case status == http.StatusOK && err == nil:
		return a, nil
	case status == http.StatusOK:
		return answer{}, fmt.Errorf("the answer of the server cannot be read: %w", err)
	case status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout:
		return answer{}, fmt.Errorf("the server answers %s", response.Status)
	default:
		return answer{}, backoff.Permanent(fmt.Errorf("the server answers %s: %s", response.Status, a.Error))
	}
}
