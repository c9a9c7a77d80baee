package main

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/examples/playground/view"
)

const bridge = `host: web-1
interfaces:
  br0: [10.0.0.1]
services:
  gateway:
    bindings:
      - at br0
`

func TestPage(t *testing.T) {
	browser := newBrowser(t)
	s, err := builtSite()
	require.NoError(t, err)
	server := serverOf(t, s)
	open := func(t *testing.T) *tab {
		p := openTab(t, browser, server)
		p.waitFor("Refused: 1 violation in gateway.")
		return p
	}

	t.Run("shows a conflict while it is typed", func(t *testing.T) {
		p := open(t)
		p.write(bridge)
		p.waitFor("Valid: 1 binding kept")
		require.Zero(t, p.count("svg .clash"))
		p.run(focus("#text"))
		p.do(`document.getElementById("text").setSelectionRange(1e6, 1e6)`)
		p.run(press("      - 53/udp on all"))
		p.waitFor("Refused: 1 violation in gateway.")
		require.Equal(t, 1, p.count("svg .clash"))
		require.Equal(t, 1, p.count("svg .chip.broken"))
		require.Contains(t, p.text("li.broken"), "conflicts with presence at br0 (10.0.0.1)")
		require.Equal(t, "8", p.text("#gutter b"), "the line that offends")
		p.requireQuiet(server)
	})

	t.Run("strikes out what is superseded", func(t *testing.T) {
		p := open(t)
		require.Equal(t, 1, p.count("svg .chip.superseded line"))
		require.Equal(t, 1, p.count("svg .chip.duplicate line"))
		require.Contains(t, p.text("li.superseded"), "443/tcp on all interfaces covers it.")
	})

	t.Run("offers examples", func(t *testing.T) {
		p := open(t)
		for i, sample := range view.Samples() {
			p.choose(i)
			p.waitFor(view.Check(sample.Text, sample.ExclusivePorts).Summary)
			require.Equal(t, sample.Text, p.written())
		}
		p.requireQuiet(server)
	})

	t.Run("switches exclusive ports", func(t *testing.T) {
		p := open(t)
		p.write("interfaces: {eth0: }\nservices:\n  a: {bindings: [80/tcp on all]}\n  b: {bindings: [80/tcp on eth0]}\n")
		p.waitFor("Valid: 2 bindings kept")
		p.run(focus("#exclusive"), press(" "))
		p.waitFor("Refused: 1 violation in b.")
		require.Contains(t, p.text("li.broken"), "V6")
		require.Equal(t, 1, p.count(`svg .clash[data-rule="V6"]`))
	})

	t.Run("gives a link that carries the text", func(t *testing.T) {
		p := open(t)
		text := strings.ReplaceAll(bridge, "web-1", "wéb-日本-🙂")
		p.write(text)
		p.run(focus("#exclusive"), press(" "))
		p.waitFor("Valid: 1 binding kept")
		p.run(click("#share"))
		p.wait(`document.getElementById("shared").textContent.startsWith("The link is")`)
		p.wait(`location.hash.startsWith("#exclusive&text=")`)
		link := eval[string](p, `location.href`)

		other := openTab(t, browser, link)
		other.waitFor("Valid: 1 binding kept")
		require.Equal(t, text, other.written())
		require.True(t, eval[bool](other, `document.getElementById("exclusive").checked`))

		other.run(chromedp.Reload())
		other.waitFor("Valid: 1 binding kept")
		require.Equal(t, text, other.written())
		other.requireQuiet(server)
	})

	t.Run("says that a link is damaged", func(t *testing.T) {
		p := openTab(t, browser, server+"/#text=AAAA")
		p.waitFor("Refused: 1 violation in gateway.")
		require.Contains(t, p.text("#shared"), "The link cannot be read")
	})

	t.Run("moves the cursor to a problem", func(t *testing.T) {
		p := open(t)
		p.write("host: 🙂é\ninterfaces:\n  \"🙂\": [192.0.2.5, 192.0.2.555]\n")
		p.waitFor("This cannot be read: 1 problem.")
		require.Zero(t, p.count("svg"))
		p.run(click("#problems button"))
		require.Equal(t, "192.0.2.555", p.selected())
		require.Equal(t, "3", p.text("#gutter b"))
	})

	t.Run("moves the cursor to a binding of the picture", func(t *testing.T) {
		p := open(t)
		p.run(click("svg .chip.broken"))
		require.Equal(t, "53/udp on 10.0.0.1", p.selected())
	})

	t.Run("is used with the keyboard alone", func(t *testing.T) {
		p := open(t)
		var reached []string
		for range 6 {
			p.run(press(kb.Tab))
			reached = append(reached, p.focused())
		}
		require.Equal(t, []string{"samples", "exclusive", "share", "text", "picture"}, reached[:5])
		require.Equal(t, "BUTTON", reached[5])
		p.run(press(kb.Enter))
		require.Equal(t, "text", p.focused())
	})

	t.Run("has a name for everything that can be used", func(t *testing.T) {
		p := open(t)
		nameless := eval[[]string](p, `[...document.querySelectorAll("button, input, select, textarea, svg, [tabindex]")]
			.filter((e) => !(e.textContent.trim() && e.tagName === "BUTTON") && !e.ariaLabel && !e.labels?.length)
			.map((e) => e.outerHTML)`)
		require.Empty(t, nameless)
		require.Equal(t, "polite", eval[string](p, `document.getElementById("summary").ariaLive`))
		p.wait(`document.querySelector("svg").ariaLabel.includes("Red lines between what clashes: 1.")`)
	})

	t.Run("takes text for text", func(t *testing.T) {
		p := open(t)
		p.write("host: \"<img src=x onerror=window.hit=1>\"\ninterfaces: {\"<svg onload=window.hit=1>\": }\n" +
			"services: {\"<script>window.hit=1</script>\": {bindings: [1/tcp on all, 1/tcp on all]}}\n")
		p.waitFor("Valid: 1 binding kept")
		require.Equal(t, "<script>window.hit=1</script>", p.text("article h3"))
		require.Zero(t, p.count("main script, main img, svg svg"))
		p.write("\"<img src=x onerror=window.hit=1>\": 1\n")
		p.waitFor("This cannot be read")
		require.Contains(t, p.text("#problems"), "<img src=x")
		require.False(t, eval[bool](p, `"hit" in window`))
		p.requireQuiet(server)
	})

	t.Run("survives hostile text", func(t *testing.T) { testHostileText(t, browser, server) })
	t.Run("starts the rules anew after they failed", func(t *testing.T) { testFailingRules(t, browser, s) })
	t.Run("says that there are no rules", func(t *testing.T) { testMissingRules(t, browser, s) })
	t.Run("runs on any server", func(t *testing.T) { testWrittenPage(t, browser, s) })
}

func testHostileText(t *testing.T, browser context.Context, server string) {
	t.Run("10 MB", func(t *testing.T) {
		p := openTab(t, browser, server)
		p.waitFor("Refused: 1 violation in gateway.")
		before := p.written()
		p.paste(strings.Repeat("0123456789\n", 1<<20))
		p.wait(`document.getElementById("shared").textContent.startsWith("That is too long for this page")`)
		require.Equal(t, before, p.written())
		p.paste(bridge)
		p.waitFor("Valid: 1 binding kept")
	})
	t.Run("a link of 10 MB", func(t *testing.T) {
		p := openTab(t, browser, server+"/"+linkTo(t, strings.Repeat("0123456789\n", 1<<20)))
		p.waitFor("Refused: 1 violation in gateway.")
		require.Equal(t, "The link cannot be read: its text is too long.", p.text("#shared"))
	})
	for _, c := range []struct{ name, text string }{
		{"a bomb of aliases", "host: &a [x, x]\ninterfaces: &b [*a, *a]\nservices: [*b, *b]\n"},
		{"deep lists", "host: " + strings.Repeat("[", 1000) + strings.Repeat("]", 1000)},
		{"deep blocks", deepBlocks(600)},
		{"10,000 bindings", "services:\n  a:\n    bindings:\n" + strings.Repeat("    - 1/tcp on all\n", 10_000)},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := openTab(t, browser, server)
			p.waitFor("Refused: 1 violation in gateway.")
			p.paste(c.text)
			p.waitFor(view.Check(c.text, false).Summary)
			require.NotContains(t, p.text("#summary"), "gateway")
			p.paste(bridge)
			p.waitFor("Valid: 1 binding kept")
		})
	}
	t.Run("lists too deep for the browser", func(t *testing.T) {
		p := openTab(t, browser, server)
		p.waitFor("Refused: 1 violation in gateway.")
		p.paste("host: " + strings.Repeat("[", 200_000))
		p.wait(`document.getElementById("summary").dataset.verdict === "unreadable"`)
		p.paste(bridge)
		p.waitFor("Valid: 1 binding kept")
	})
}

// linkTo returns what the page puts behind its address for a text.
func linkTo(t *testing.T, text string) string {
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	require.NoError(t, err)
	_, err = w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return "#text=" + base64.RawURLEncoding.EncodeToString(packed.Bytes())
}

// deepBlocks returns mappings within mappings, each in a line of its own.
func deepBlocks(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

// testFailingRules makes the rules fail as they do where a browser has no more
// memory for them.
func testFailingRules(t *testing.T, browser context.Context, s site) {
	failing := maps.Clone(s)
	failing["rules.js"] = slices.Concat(s["rules.js"], []byte(`
		const answer = self.onmessage;
		self.onmessage = (event) => {
			if (event.data.text === "fail") throw new Error("no more memory");
			answer(event);
		};`))
	p := openTab(t, browser, serverOf(t, failing))
	p.waitFor("Refused: 1 violation in gateway.")
	p.write("fail")
	p.waitFor("The rules gave up on this text: ")
	p.write(bridge)
	p.waitFor("Valid: 1 binding kept")
}

func testMissingRules(t *testing.T, browser context.Context, s site) {
	missing := maps.Clone(s)
	delete(missing, "rules.wasm.gz")
	p := openTab(t, browser, serverOf(t, missing))
	p.waitFor("The rules could not be started: Error: rules.wasm.gz: 404.")
}

func testWrittenPage(t *testing.T, browser context.Context, s site) {
	dir := t.TempDir()
	require.NoError(t, s.write(dir))
	p := openTab(t, browser, serverOf(t, http.FileServer(http.Dir(dir))))
	p.waitFor("Refused: 1 violation in gateway.")
}
