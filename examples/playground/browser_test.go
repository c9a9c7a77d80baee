package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// builtSite is the page, compiled once for all tests.
var builtSite = sync.OnceValues(func() (site, error) { return buildSite(context.Background()) })

// serverOf serves until the test ends.
func serverOf(t *testing.T, h http.Handler) string {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// chromium returns the browser of this machine. CI has one: .ci/run sees to it.
func chromium(t *testing.T) string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("there is no Chromium; .ci/run must install it")
	}
	t.Skip("there is no Chromium to run the page in (Debian: apt-get install chromium)")
	return ""
}

// newBrowser starts a browser for the tabs of a test. It reaches this machine only.
func newBrowser(t *testing.T) context.Context {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.WindowSize(1400, 1000), chromedp.WSURLReadTimeout(patience))
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewContext(allocator)
	t.Cleanup(stop)
	require.NoError(t, chromedp.Do(ctx))
	return ctx
}

// patience is how long a browser may take for a step on a busy machine.
const patience = time.Minute

// A tab shows the page, and watches what it asks for and complains of.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu         sync.Mutex
	requests   []string
	complaints []string
}

func openTab(t *testing.T, browser context.Context, url string) *tab {
	ctx, closeTab := chromedp.NewContext(browser)
	ctx, cancel := context.WithTimeout(ctx, patience)
	t.Cleanup(func() { cancel(); closeTab() })
	p := &tab{t: t, ctx: ctx}
	require.NoError(t, chromedp.Listen(ctx, p.watch))
	p.run(chromedp.Navigate(url))
	return p
}

func (p *tab) watch(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	case *runtime.EventExceptionThrown:
		p.complaints = append(p.complaints, e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		p.complaints = append(p.complaints, e.Entry.Text)
	}
}

func (p *tab) run(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	require.NoError(p.t, chromedp.Do(p.ctx, actions...))
}

// wait waits until an expression is true in the page.
func (p *tab) wait(expression string) {
	p.t.Helper()
	_, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](`new Promise((resolve) => {
		const look = () => (`+expression+`) ? resolve(true) : setTimeout(look, 20);
		look();
	})`, chromedp.EvalAwaitPromise))
	if err != nil {
		require.NoError(p.t, err, "%s; the page says: %s", expression, p.text("#summary"))
	}
}

// waitFor waits until the summary, of what is written now, has these words.
func (p *tab) waitFor(summary string) {
	p.t.Helper()
	p.wait(`document.getElementById("summary").ariaBusy === "false" &&
		document.getElementById("summary").textContent.includes(` + quoted(summary) + `)`)
}

func quoted(text string) string {
	q, _ := json.Marshal(text)
	return string(q)
}

// do runs statements in the page.
func (p *tab) do(statements string) {
	p.t.Helper()
	eval[any](p, "{"+statements+"; null}")
}

// eval returns the value of an expression in the page.
func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	require.NoError(p.t, err, expression)
	return value
}

// text returns the text of the first element that a selector finds, "" where there
// is none.
func (p *tab) text(selector string) string {
	p.t.Helper()
	return eval[string](p, `document.querySelector(`+quoted(selector)+`)?.textContent ?? ""`)
}

// count returns how many elements a selector finds.
func (p *tab) count(selector string) int {
	p.t.Helper()
	return eval[int](p, `document.querySelectorAll(`+quoted(selector)+`).length`)
}

// paste replaces what is in the editor from the clipboard, as a person would.
func (p *tab) paste(text string) {
	p.t.Helper()
	_, err := chromedp.Run(p.ctx, chromedp.Evaluate[any](`navigator.clipboard.writeText(`+quoted(text)+`)`,
		chromedp.EvalAwaitPromise, func(e *runtime.EvaluateParams) { yes := true; e.UserGesture = &yes }))
	require.NoError(p.t, err)
	command := func(name string) chromedp.KeyOption {
		return func(key *input.DispatchKeyEventParams) { key.Commands = []string{name} }
	}
	p.run(focus("#text"),
		chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl), command("selectAll")),
		chromedp.KeyEvent("v", chromedp.KeyModifiers(chromedp.ModifierCtrl), command("paste")))
}

// write puts a text into the editor.
func (p *tab) write(text string) {
	p.t.Helper()
	p.do(`const editor = document.getElementById("text");
		editor.value = ` + quoted(text) + `;
		editor.dispatchEvent(new Event("input", {bubbles: true}))`)
}

// written returns what the editor holds.
func (p *tab) written() string {
	p.t.Helper()
	return eval[string](p, `document.getElementById("text").value`)
}

// selected returns what is selected in the editor.
func (p *tab) selected() string {
	p.t.Helper()
	return eval[string](p, `(({ value, selectionStart, selectionEnd }) => value.slice(selectionStart, selectionEnd))(document.getElementById("text"))`)
}

// focused returns the ID of the element with the focus, or its kind.
func (p *tab) focused() string {
	p.t.Helper()
	return eval[string](p, `document.activeElement.id || document.activeElement.tagName`)
}

// choose chooses an example, the first being 0.
func (p *tab) choose(sample int) {
	p.t.Helper()
	p.do(`const samples = document.getElementById("samples");
		samples.selectedIndex = ` + strconv.Itoa(sample+1) + `;
		samples.dispatchEvent(new Event("change", {bubbles: true}))`)
}

func press(keys string) chromedp.Action[chromedp.Void] { return chromedp.KeyEvent(keys) }

func click(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Click(chromedp.CSS(selector))
}

func focus(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Focus(chromedp.CSS(selector))
}

// requireQuiet fails for a request to anywhere but the server, and for an error in
// the page.
func (p *tab) requireQuiet(server string) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	require.NotEmpty(p.t, p.requests)
	for _, url := range p.requests {
		require.True(p.t, strings.HasPrefix(url, server) || strings.HasPrefix(url, "data:"), url)
	}
	require.Empty(p.t, p.complaints)
}
