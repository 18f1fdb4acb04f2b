//go:build browser

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The browser tests drive Debian's Chromium, as a photographer would: they open pages, press, type, drag, and look.
// `bash .ci/run browser` installs what they need.

var (
	screens = flag.String("screens", "", "write screenshots into this directory")
	axeFile = flag.String("axe", os.Getenv("PINFOLD_AXE"), "axe.min.js of axe-core")
)

// chromium is one browser for all tests; each test has a window of its own, without the others' cookies.
var chromium = sync.OnceValues(func() (context.Context, error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.ExecPath("/usr/bin/chromium"), chromedp.Flag("force-color-profile", "srgb"),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("font-render-hinting", "none"))
	ctx, _ := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ = chromedp.NewContext(ctx)
	return ctx, chromedp.Do(ctx)
})

// window is a browser's window in a test.
type window struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	problems []string // what the console says, and requests to elsewhere
	own      string   // the address of the page that is tested
}

func openWindow(t *testing.T, own string) *window {
	t.Helper()
	browser, err := chromium()
	if err != nil {
		t.Fatalf("chromium does not start: %v", err)
	}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	ctx, stop := context.WithTimeout(ctx, 4*patience) // each wait is bounded by itself
	w := &window{t: t, ctx: ctx, own: own}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(w.problems)
			w.save(filepath.Join(os.TempDir(), "pinfold-browser-"+strings.ReplaceAll(t.Name(), "/", "-")+".png"))
		}
		stop()
		cancel()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Listen(ctx, w.hear); err != nil {
		t.Fatal(err)
	}
	w.size(1280, 1000)
	return w
}

// hear takes note of what must not happen on any page.
func (w *window) hear(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		w.problems = append(w.problems, "exception: "+e.ExceptionDetails.Text)
	case *log.EventEntryAdded: // but not that an answer was a refusal: tests bring those about
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
			w.problems = append(w.problems, "console: "+e.Entry.Text)
		}
	case *network.EventRequestWillBeSent:
		if url := e.Request.URL; w.own != "" && !strings.HasPrefix(url, w.own) && !strings.HasPrefix(url, "data:") {
			w.problems = append(w.problems, "request to "+url)
		}
	}
}

// do takes steps.
func (w *window) do(steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	if err := chromedp.Do(w.ctx, steps...); err != nil {
		w.t.Fatal(err)
	}
}

// size makes the window as large as a screen.
func (w *window) size(width, height int64) {
	w.t.Helper()
	w.do(chromedp.EmulateViewport(width, height))
}

// dark lets the page be dark, or light.
func (w *window) dark(on bool) {
	w.t.Helper()
	value := "light"
	if on {
		value = "dark"
	}
	w.prefers("prefers-color-scheme", value)
}

// prefers says what the person at the window has asked their system for, and nothing else.
func (w *window) prefers(what, value string) {
	w.t.Helper()
	w.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: what, Value: value}},
		})
		return err
	}))
}

func (w *window) open(address string) {
	w.t.Helper()
	w.do(chromedp.Navigate(address))
}

// eval runs a script and gives its value.
func eval[T any](w *window, script string) T {
	w.t.Helper()
	value, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		w.t.Fatalf("%s: %v", script, err)
	}
	return value
}

// eventually waits until a script is true. While a page is left for another it may fail.
func (w *window) eventually(what, script string) {
	w.t.Helper()
	for deadline := time.Now().Add(patience / 2); ; time.Sleep(20 * time.Millisecond) {
		holds, err := chromedp.Run(w.ctx, chromedp.Evaluate[bool](script, chromedp.EvalAwaitPromise))
		if err == nil && holds {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("waited in vain: %s (%v)\n%s", what, err, eval[string](w, "document.body?.innerText ?? \"\""))
		}
	}
}

// shows waits until the page says something.
func (w *window) shows(texts ...string) {
	w.t.Helper()
	for _, text := range texts {
		quoted, _ := json.Marshal(text)
		w.eventually("the page says "+text, fmt.Sprintf("!!document.body?.innerText.includes(%s)", quoted))
	}
}

// press clicks on the first visible button or link with a label.
func (w *window) press(label string) {
	w.t.Helper()
	quoted, _ := json.Marshal(label)
	const find = `(() => {
		const all = [...document.querySelectorAll("button, a, summary, label.button")];
		const found = all.find(e => (e.textContent.trim() === %[1]s || e.getAttribute("aria-label") === %[1]s) && e.checkVisibility());
		found?.scrollIntoView({block: "center", behavior: "instant"});
		const r = found?.getBoundingClientRect();
		return r ? [r.x + r.width / 2, r.y + r.height / 2] : [];
	})()`
	script := fmt.Sprintf(find, quoted)
	deadline := time.Now().Add(patience / 2)
	for {
		// A place, not an element: the page may bring that up to date meanwhile. While it is left for another, there is none.
		at, err := chromedp.Run(w.ctx, chromedp.Evaluate[[]float64](script))
		if err == nil && len(at) > 0 {
			w.do(chromedp.MouseClickXY(at[0], at[1]))
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("there is no %s to press: %v", label, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// fill types a text into a field, in place of what it holds.
func (w *window) fill(selector, text string) {
	w.t.Helper()
	quoted, _ := json.Marshal(selector)
	w.eventually("there is a field "+selector, fmt.Sprintf(`!!document.querySelector(%s)?.checkVisibility()`, quoted))
	eval[bool](w, fmt.Sprintf(`(e => { e.focus(); e.select(); return true })(document.querySelector(%s))`, quoted))
	w.do(chromedp.KeyEvent(cmp.Or(text, kb.Backspace)))
}

// accessible fails on everything that axe-core finds on the page as it is now.
func (w *window) accessible(what string) {
	w.t.Helper()
	axe, err := os.ReadFile(*axeFile)
	if err != nil {
		w.t.Fatalf("axe-core is needed: give its axe.min.js by -axe or $PINFOLD_AXE, as `bash .ci/run browser` does: %v", err)
	}
	eval[bool](w, string(axe)+";true")
	for _, found := range eval[[]string](w, `axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations.flatMap(
		v => v.nodes.map(n => v.id + ": " + v.help + ": " + n.html + " " + n.failureSummary)))`) {
		w.t.Errorf("%s: %s", what, found)
	}
}

// tidy fails on what must not happen on any page: exceptions, and requests to elsewhere.
func (w *window) tidy() {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, problem := range w.problems {
		w.t.Error(problem)
	}
}

// fits fails if the page is wider than the window, or a sentence with code in it falls apart into columns.
func (w *window) fits(what string) {
	w.t.Helper()
	if wide := eval[int](w, "document.documentElement.scrollWidth - innerWidth"); wide > 0 {
		w.t.Errorf("%s is %d px wider than the window", what, wide)
	}
	for _, text := range eval[[]string](w, `[...document.querySelectorAll("p")].filter((p) => p.querySelector(":scope > code") && getComputedStyle(p).display === "flex").map((p) => p.innerText)`) {
		w.t.Errorf("%s shows in columns: %s", what, text)
	}
}

// save writes a picture of the whole page.
func (w *window) save(path string) {
	const png = 100
	data, err := chromedp.Run(w.ctx, chromedp.FullScreenshot(png))
	if err == nil {
		err = os.WriteFile(path, data, 0o600)
	}
	if err != nil {
		w.t.Logf("no screenshot: %v", err)
	}
}

// view keeps a picture of what fits into the window.
func (w *window) view(name string) {
	w.t.Helper()
	if *screens == "" {
		return
	}
	w.eventually("all pictures are there", `[...document.images].every(i => i.complete)`)
	data, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(*screens, name+".png"), data, 0o600)
	}
	if err != nil {
		w.t.Error(err)
	}
}

// cookie is the value of one of the page's cookies.
func (w *window) cookie(name string) string {
	w.t.Helper()
	value := ""
	w.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		got, err := chromedp.Call(ctx, network.GetCookies, network.GetCookiesParams{})
		for _, c := range got.Cookies {
			if c.Name == name {
				value = c.Value
			}
		}
		return err
	}))
	return value
}

// withoutScripts lets pages run none.
func (w *window) withoutScripts() {
	w.t.Helper()
	w.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
}
