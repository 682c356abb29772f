package report

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/bootstrap"
	"stage0/source"
)

// A browser shows pages, and notes what they ask for.
type browser struct {
	ctx  context.Context
	dir  string
	mu   sync.Mutex
	asks []string // addresses
}

// openBrowser starts Debian's chromium. Without it the test is skipped, unless
// STAGE0_BROWSER is "require".
func openBrowser(t *testing.T) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("STAGE0_BROWSER") == "require" {
			t.Fatal(err)
		}
		t.Skip("there is no chromium")
	}
	b := &browser{dir: t.TempDir()}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(filepath.Join(b.dir, "profile")),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))...)
	t.Cleanup(stop)
	ctx, stopTab := chromedp.NewContext(ctx)
	t.Cleanup(stopTab)
	b.ctx = ctx
	err = chromedp.Listen(ctx, func(event any) {
		if e, ok := event.(*network.EventRequestWillBeSent); ok {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.asks = append(b.asks, e.Request.URL)
		}
	})
	if err == nil {
		_, err = chromedp.Call(ctx, network.Enable, network.EnableParams{})
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *browser) do(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, time.Minute)
	defer stop()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// run runs an action in the browser, and returns its value.
func run[T any](t *testing.T, b *browser, action chromedp.Action[T]) T {
	t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, time.Minute)
	defer stop()
	v, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// value evaluates an expression in the page.
func value[T any](t *testing.T, b *browser, expression string) T {
	t.Helper()
	return run(t, b, chromedp.Evaluate[T](expression))
}

// script evaluates an expression without a value.
func (b *browser) script(t *testing.T, expression string) {
	t.Helper()
	value[bool](t, b, "("+expression+", true)")
}

// media sets what the page is shown on, and how.
func (b *browser) media(t *testing.T, media, scheme string) {
	t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: media, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	if err != nil {
		t.Fatal(err)
	}
}

// keep writes a picture, if STAGE0_SCREENSHOTS names a directory for it.
func (b *browser) keep(t *testing.T, name string, picture []byte) {
	t.Helper()
	dir := os.Getenv("STAGE0_SCREENSHOTS")
	if dir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name), picture, 0o666); err != nil {
		t.Fatal(err)
	}
}

// shoot keeps a picture of what is shown.
func (b *browser) shoot(t *testing.T, name string) {
	t.Helper()
	b.keep(t, name+".png", run(t, b, chromedp.CaptureScreenshot()))
}

// show opens the page of runs in a window of that size.
func (b *browser) show(t *testing.T, runs []*bootstrap.Run, width, height int64) {
	t.Helper()
	var html bytes.Buffer
	if err := (&Report{Runs: runs, Seeds: []Seed{goodSeed, refutedSeed, undecidedSeed}}).HTML(&html); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(b.dir, "page.html")
	if err := os.WriteFile(file, html.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	b.do(t, chromedp.EmulateViewport(width, height), chromedp.Navigate("file://"+file))
}

func TestBrowser(t *testing.T) {
	b := openBrowser(t)
	runs := []*bootstrap.Run{replaySample(t)}

	t.Run("wide", func(t *testing.T) {
		b.show(t, runs, 1280, 1000)
		b.fits(t)
		b.shoot(t, "light")
		b.script(t, `document.querySelector("#x86").scrollIntoView()`)
		b.shoot(t, "light-ladder")
		b.media(t, "", "dark")
		b.shoot(t, "dark-ladder")
		b.script(t, `scrollTo(0, 0)`)
		b.shoot(t, "dark")
		b.media(t, "", "light")
	})

	// A phone's screen is never left to the side, whatever is opened.
	t.Run("phone", func(t *testing.T) {
		b.show(t, runs, 360, 740)
		b.fits(t)
		b.shoot(t, "phone")
		b.script(t, `document.querySelectorAll("#main > section:last-child details").forEach(d => d.open = true)`)
		b.fits(t)
		b.script(t, `document.querySelector("#first").scrollIntoView()`)
		b.shoot(t, "phone-listing")
		b.script(t, `document.querySelector("#riscv64").scrollIntoView()`)
		b.shoot(t, "phone-ladder")
		b.script(t, `document.querySelector("#riscv64-2").scrollIntoView()`)
		b.shoot(t, "phone-step")
	})

	t.Run("keyboard", func(t *testing.T) {
		b.show(t, runs, 1280, 1000)
		b.do(t, chromedp.KeyEvent(kb.Tab))
		if got := value[string](t, b, `document.activeElement.textContent`); got != "Skip to the verdict" {
			t.Errorf("the first that can be reached is %q", got)
		}
		b.do(t, chromedp.KeyEvent(kb.Enter))
		if got := value[string](t, b, `document.activeElement.id`); got != "main" {
			t.Errorf("it skips to %q", got)
		}
		open := `document.querySelectorAll("details[open]").length`
		if n := value[int](t, b, open); n != 0 {
			t.Errorf("%d steps are open at first", n)
		}
		for range 200 {
			b.do(t, chromedp.KeyEvent(kb.Tab))
			if value[bool](t, b, `document.activeElement.matches(".step > summary")`) {
				break
			}
		}
		if got := value[string](t, b, `getComputedStyle(document.activeElement).outlineStyle`); got != "solid" {
			t.Errorf("where the keyboard is, is not seen: its outline is %s", got)
		}
		b.do(t, chromedp.KeyEvent(kb.Enter))
		if n := value[int](t, b, open); n != 1 {
			t.Errorf("%d steps are open after the key", n)
		}
		b.shoot(t, "keyboard")
	})

	// A link to a step opens it, without a script.
	t.Run("links", func(t *testing.T) {
		b.show(t, runs, 1280, 1000)
		b.script(t, `document.querySelector("svg.graph a").dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true}))`)
		if n := value[int](t, b, `document.querySelectorAll(".step[open]").length`); n != 1 {
			t.Errorf("%d steps are open after a link was followed", n)
		}
		if got := value[string](t, b, `[...document.querySelectorAll("a[href]")].map(a => a.getAttribute("href")).filter(h => !h.startsWith("#") || !document.getElementById(h.slice(1))).join(" ")`); got != "" {
			t.Errorf("links lead nowhere: %s", got)
		}
		if got := value[string](t, b, `(() => { const ids = [...document.querySelectorAll("[id]")].map(e => e.id); return ids.filter((id, i) => ids.indexOf(id) < i).join(" "); })()`); got != "" {
			t.Errorf("two places have the same name: %s", got)
		}
	})

	// Paper has what is closed on the screen.
	t.Run("paper", func(t *testing.T) {
		b.show(t, runs, 1280, 1000)
		seen := `document.getElementById("x86-2").checkVisibility()`
		if value[bool](t, b, seen) {
			t.Error("a step is open on the screen")
		}
		b.media(t, "print", "light")
		if !value[bool](t, b, seen) {
			t.Error("a step is closed on paper")
		}
		b.media(t, "", "light")
		pdf := run(t, b, chromedp.PrintToPDF())
		assert.True(t, bytes.HasPrefix(pdf, []byte("%PDF-")))
		require.GreaterOrEqual(t, len(pdf), 100_000)
		b.keep(t, "paper.pdf", pdf)
	})

	// What is not confirmed has a colour of its own, in the light and in the dark.
	t.Run("unsure", func(t *testing.T) {
		for _, width := range []int64{1280, 390} {
			b.show(t, []*bootstrap.Run{unsure(t)}, width, 1000)
			b.fits(t)
			for _, scheme := range []string{"light", "dark"} {
				b.media(t, "", scheme)
				b.shoot(t, fmt.Sprintf("unsure-%s-%d", scheme, width))
				color := `getComputedStyle(document.querySelector(".verdict%s")).borderLeftColor`
				if got, good := value[string](t, b, fmt.Sprintf(color, ".unsure")), value[string](t, b, `getComputedStyle(document.querySelector("td.good a")).color`); got == good {
					t.Errorf("%s: what is unsure has the colour of what is good, %s", scheme, good)
				}
			}
			b.media(t, "", "light")
			b.script(t, `document.querySelector("#matrix").scrollIntoView()`)
			b.shoot(t, fmt.Sprintf("unsure-phases-%d", width))
			b.script(t, `document.querySelector("#x86-phase-0, #x86").scrollIntoView()`)
			b.shoot(t, fmt.Sprintf("unsure-steps-%d", width))
		}
	})

	// A hostile tree's names and messages are text.
	t.Run("hostile", func(t *testing.T) {
		b.show(t, []*bootstrap.Run{hostile()}, 360, 740)
		b.fits(t)
		if n := value[int](t, b, `document.querySelectorAll("script, img, iframe, object, link, base, form, [onerror], [onload]").length`); n != 0 {
			t.Errorf("%d elements are injected", n)
		}
		if got := value[string](t, b, `String(window.injected)`); got != "undefined" {
			t.Error("a script ran")
		}
		b.shoot(t, "hostile")
	})

	b.mu.Lock()
	defer b.mu.Unlock()
	for _, ask := range b.asks {
		if !strings.HasPrefix(ask, "file://"+b.dir+"/page.html") {
			t.Errorf("the page asks for %s", ask)
		}
	}
}

// fits reports what is wider than the window.
func (b *browser) fits(t *testing.T) {
	t.Helper()
	if n := value[int](t, b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); n > 0 {
		t.Errorf("the page is %d pixels wider than the window", n)
	}
}

// unsure returns a run of a tree that is not a release, in which the ladder of x86
// makes what nobody says anything of.
func unsure(t *testing.T) *bootstrap.Run {
	run := replaySample(t, "x86", "amd64")
	l := run.Ledgers[0]
	l.Release = ""
	for i := range l.Artefacts[10:] {
		l.Artefacts[10+i].Witnesses = nil
	}
	different := []bootstrap.Foreign{{Path: "M2-Planet/cc_core.c", Reason: "not as in the release", Have: one, Want: two}, {Path: "x86/gone.hex0", Reason: "missing"}}
	run.Revision = bootstrap.Revision{Nearest: "Release_1.9.1", Different: different, Components: []bootstrap.Component{
		{Path: ".", Releases: bootstrap.Releases()[5:], Files: 3},
		{Path: "M2-Mesoplanet", Releases: bootstrap.Releases()[1:3], Files: 8},
		{Path: "M2-Planet", Different: 1, Files: 9},
		{Path: "mescc-tools-extra", Releases: bootstrap.Releases(), Files: 14},
		{Path: "x86", Different: 1, Files: 14},
	}}
	return run
}

// hostile returns a run whose every text would do harm if it were not escaped.
func hostile() *bootstrap.Run {
	run := bad()
	l := run.Ledgers[0]
	evil := `"'><script>injected=1</script><img src=x onerror=injected=1></style>` + "`\u202e\x1b[2J" + strings.Repeat("long", 50)
	run.Revision.Nearest = evil
	run.Revision.Components[1].Path, run.Revision.Components[1].Releases = evil, []string{evil, evil}
	run.Revision.Different = []bootstrap.Foreign{{Path: evil, Reason: evil, Have: one, Want: two}}
	run.Engine = bootstrap.EngineGo
	for i, s := range l.Steps {
		s.Args, s.Dir, s.Program, s.Reason, s.Messages = []string{evil, evil}, evil, evil, evil, evil
		s.At.Name = evil
		s.File.Path = evil
		s.Origins = []bootstrap.Origin{{At: source.Position{Name: evil, Line: 1}, From: source.Position{Name: evil, Line: 2}}}
		s.Outputs = append(s.Outputs, bootstrap.File{Path: evil + ".hex0", Digest: one, Perm: 0o700, From: i})
		s.Inputs = append(s.Inputs, bootstrap.File{Path: evil + ".hex0", Digest: two, From: -1})
	}
	l.Texts = map[string][]byte{evil + ".hex0": []byte("31 C0 # " + evil + "\n# :" + evil + "\n")}
	l.Artefacts[1].Path = evil
	l.Artefacts[1].Witnesses = []bootstrap.Witness{{Name: evil, Digest: two}}
	l.Foreign[0].Path, l.Foreign[0].Reason = evil, evil
	return run
}
