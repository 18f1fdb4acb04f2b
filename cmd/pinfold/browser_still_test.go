//go:build browser

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/divitio/pinfold/daemon/post"
)

// mostShift is how much a page may shift while somebody looks at it. What others call good is 0.1.
const mostShift = 0.02

// watchShifts lets every page that is opened from now on take note of what shifts in it by itself. Its pictures come in
// after it was drawn for the first time, as over a slow line.
func (w *window) watchShifts() {
	w.t.Helper()
	const script = `globalThis.shifts = [];
		new PerformanceObserver((list) => { for (const e of list.getEntries()) if (!e.hadRecentInput) shifts.push([e.value, ...e.sources.map(
			(s) => (s.node?.id ?? "") + "." + (s.node?.className ?? s.node?.nodeName) + " " + s.previousRect.y + " -> " + s.currentRect.y)].join(" ")) })
			.observe({type: "layout-shift", buffered: true});
		const held = new Map();
		new MutationObserver((changes) => { for (const c of changes) for (const e of c.addedNodes) if (e.nodeName === "IMG" && !held.drawn) {
			held.set(e, e.getAttribute("src"));
			e.removeAttribute("src");
		} }).observe(document, {childList: true, subtree: true});
		new PerformanceObserver(() => requestAnimationFrame(() => { held.drawn = true; held.forEach((src, e) => { e.src = src; }); held.clear(); }))
			.observe({type: "paint", buffered: true});`
	w.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return err
	}))
}

// steady fails if the page has shifted so far.
func (w *window) steady(what string) {
	w.t.Helper()
	// What is drawn now has been told of two frames later.
	shifts := eval[[]string](w, `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(shifts)))))`)
	sum := 0.0
	for _, shift := range shifts {
		value := 0.0
		if _, err := fmt.Sscan(shift, &value); err != nil {
			w.t.Fatal(err)
		}
		sum += value
	}
	if sum > mostShift {
		w.t.Errorf("%s shifts by %.3f:\n%s", what, sum, strings.Join(shifts, "\n"))
	}
}

// pictured waits until all pictures that are in sight have come.
func (w *window) pictured() {
	w.t.Helper()
	w.eventually("its pictures are there", `document.readyState === "complete" && document.images.length > 0 &&
		[...document.images].filter((i) => i.getBoundingClientRect().top < innerHeight).every((i) => i.complete && i.naturalWidth > 0)`)
}

// Nothing jumps away from under a finger: not while pictures and boards come in, and not when a post goes out.
func TestBrowserShowsPagesThatDoNotShift(t *testing.T) {
	s := connectedSite(t)
	d := s.start()
	for i := range 9 {
		s.pair(fmt.Sprint("p", i), i+1, fmt.Sprintf("title: Photo %d\nboard: Landscapes\npublish_at: %s\n", i, at(time.Duration(i+1)*time.Hour)))
	}
	s.pair("costa", 20, "title: Elsewhere\nboard: Costa\npublish_at: "+at(time.Hour)+"\n") // of which Pinterest knows nothing
	s.write("bare.jpg", photoOf(t, 21))
	for i := range 9 {
		s.await(fmt.Sprint("p", i, ".jpg"), post.Scheduled)
	}
	elsewhere := s.await("costa.jpg", post.Scheduled)
	for _, look := range []struct{ width, height int64 }{{390, 844}, {1280, 1000}} {
		w := openWindow(t, d.page)
		w.size(look.width, look.height)
		w.watchShifts()
		for _, path := range []string{"/", "/?week=" + thisWeek(), "/list", "/waiting", "/posts/1", fmt.Sprint("/posts/", elsewhere.ID)} {
			w.open(d.page + path)
			w.pictured()
			if strings.HasPrefix(path, "/posts/") {
				w.eventually("its boards are there", `document.querySelector("#boards-live").options.length > 0`)
			}
			w.steady(fmt.Sprint(path, " at ", look.width))
		}
		for _, path := range []string{"/folders", "/setup", "/doctor", "/privacy"} {
			w.open(d.page + path)
			w.eventually("it stands", `document.readyState === "complete"`)
			w.steady(fmt.Sprint(path, " at ", look.width))
		}
		w.tidy()
	}
	w := openWindow(t, d.page)
	w.watchShifts()
	w.open(d.page)
	w.pictured()
	w.steady("the plan")
	now := s.post("p0.jpg")
	s.answers(303, s.get(d.page+fmt.Sprint("/posts/", now.ID, "/now"), nil))
	s.awaitTitles("Photo 0")
	w.eventually("it is said to be posted", fmt.Sprintf(`document.querySelector("#post-%d")?.innerText.includes("posted") === true`, now.ID))
	w.steady("a plan with a post that goes out")
	w.tidy()
}

// paused is a reader that gives nothing, and that not before its end.
type paused struct{ end <-chan struct{} }

func (p paused) Read([]byte) (int, error) { <-p.end; return 0, io.EOF }

// inPieces gives the address of a site whose pages stop at a text until more is closed, as on a slow line.
func inPieces(t *testing.T, site, text string, more <-chan struct{}) string {
	t.Helper()
	target, err := url.Parse(site)
	if err != nil {
		t.Fatal(err)
	}
	line := httptest.NewServer(&httputil.ReverseProxy{
		FlushInterval: -1, Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: func(r *http.Response) error {
			if r.Request.URL.Path != "/" {
				return nil
			}
			page, err := io.ReadAll(r.Body)
			first, rest, found := strings.Cut(string(page), text)
			if !found {
				t.Errorf("%s is not in the page", text)
			}
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader(first), paused{more}, strings.NewReader(text+rest)))
			return err
		},
	})
	t.Cleanup(func() { line.CloseClientConnections(); line.Close() })
	return line.URL
}

func TestBrowserShowsAPlanThatComesInPieces(t *testing.T) {
	site := serve(t, december(t))
	for _, width := range []int64{390, 1280} {
		for _, text := range []string{`<div class="bar"`, `<aside class="side"`, `<section id="waiting"`} {
			more := make(chan struct{})
			address := inPieces(t, site, text, more)
			w := openWindow(t, address)
			w.size(width, 1000)
			w.watchShifts()
			eval[bool](w, fmt.Sprintf("(location = %q, true)", address))
			w.eventually("the first piece is drawn", `performance.getEntriesByType("paint").length > 0 && !!document.querySelector("#troubles")`)
			close(more)
			w.pictured()
			w.steady(fmt.Sprint("a plan that stops at ", text, " at ", width))
			w.tidy()
		}
	}
}

// thisWeek is the present week as addresses have it.
func thisWeek() string {
	year, week := time.Now().ISOWeek()
	return fmt.Sprintf("%d-W%02d", year, week)
}

// still fails if anything on the page moves by itself, or takes its time to change.
func (w *window) still(what string) {
	w.t.Helper()
	for _, moves := range eval[[]string](w, `[document.documentElement, ...document.body.querySelectorAll("*")].flatMap((e) => ["", "::before", "::after"].flatMap((part) => {
		const s = getComputedStyle(e, part);
		const moves = s.animationName !== "none" || s.transitionDuration.split(",").some((d) => parseFloat(d) > 0) || s.scrollBehavior === "smooth";
		return moves ? [e.nodeName + "." + e.className + part] : [];
	})).concat(document.getAnimations().map((a) => "an animation of " + a.effect?.target?.nodeName))`) {
		w.t.Errorf("%s: %s moves", what, moves)
	}
}
