package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// canaries stands before Pinterest and makes what it answers unique: each object gets a field more, each message a
// word more, each answer headers more. It remembers every text and every header value that went out.
type canaries struct {
	next http.Handler

	mu   sync.Mutex
	born int
	seen map[string]bool
}

func (c *canaries) word(kind string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.born++
	word := fmt.Sprintf("canary-%s-%d", kind, c.born*7919)
	c.seen[word] = true
	return word
}

func (c *canaries) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := &heldAnswer{ResponseWriter: w, status: http.StatusOK}
	c.next.ServeHTTP(a, r)
	if a.taken {
		return
	}
	body := a.body.Bytes()
	var value any
	if json.Unmarshal(body, &value) == nil {
		body, _ = json.Marshal(c.mark("", value)) // was JSON just now
	} else {
		c.mark("", string(body))
	}
	for _, name := range []string{"X-Request-Id", "X-Pinterest-Rid", "Etag", "Server", "Warning"} {
		w.Header().Set(name, c.word(strings.ToLower(name)))
	}
	w.Header().Add("Set-Cookie", "_session="+c.word("cookie"))
	c.mu.Lock()
	for _, values := range w.Header() {
		for _, value := range values {
			c.seen[value] = true
		}
	}
	c.mu.Unlock()
	w.WriteHeader(a.status)
	_, _ = w.Write(body)
}

// mark adds canaries to an answer and remembers its texts.
func (c *canaries) mark(key string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			v[k] = c.mark(k, inner)
		}
		v["about_"+key] = c.word("field")
	case []any:
		for i, inner := range v {
			v[i] = c.mark(key, inner)
		}
	case string:
		if key == "message" || key == "business_name" || key == "media_type" {
			v += " " + c.word(key)
		}
		if bare, ok := strings.CutSuffix(v, "Z"); ok && key == "created_at" {
			v = bare + ".000777Z" // finer than times of ours, which may be in the same second
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.seen[v] = true
		return v
	}
	return v
}

// ownWords are what Pinterest answers of the user's own, and words of the protocol that say nothing about anybody.
var ownWords = []string{
	"Landscapes", "Norway", "PUBLIC", "BUSINESS", "REGULAR", "bearer", "authorization_code", "refresh_token",
	"application/json", "text/html; charset=utf-8",
	"boards:read,boards:write,pins:read,pins:write,user_accounts:read",
}

// words are all that must be found nowhere. titles are the user's own, too.
func (c *canaries) words(titles ...string) (words []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for word := range c.seen {
		if len(word) >= 4 && !slices.Contains(ownWords, word) && !slices.Contains(titles, word) {
			words = append(words, word)
		}
	}
	return words
}

// heldAnswer is an answer that can still be changed, unless a fault has taken the connection.
type heldAnswer struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
	taken  bool
}

func (a *heldAnswer) WriteHeader(status int)      { a.status = status }
func (a *heldAnswer) Write(p []byte) (int, error) { return a.body.Write(p) }

func (a *heldAnswer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	a.taken = true
	return http.NewResponseController(a.ResponseWriter).Hijack()
}

// forms are the ways in which words might be written. All canaries begin alike: they are one word.
func forms(words []string) (all []string) {
	words = slices.DeleteFunc(words, func(word string) bool { return strings.Contains(word, "canary") })
	for _, word := range append(words, "canary") {
		all = append(all, word, url.QueryEscape(word), base64.RawStdEncoding.EncodeToString([]byte(word)), hex.EncodeToString([]byte(word)))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// aviary is a site whose Pinterest sings.
type aviary struct {
	*site
	*canaries
	d      *daemonProcess
	titles []string // the user's own words
}

// wantSilence fails if anything that Pinterest said, or a secret, is in a file or in the log.
func (a *aviary) wantSilence(when string) {
	a.t.Helper()
	words := append(a.words(a.titles...), append(a.secrets(), rehearsal.DefaultAppSecret)...)
	files := a.contents(a.root)
	files["the log"] = []byte(a.log())
	if len(words) < 400 || len(files) < 8 {
		a.t.Errorf("%s: %d words in %d files: that proves nothing", when, len(words), len(files))
	}
	words = forms(words)
	for file, data := range files {
		for _, word := range words {
			if bytes.Contains(data, []byte(word)) || strings.Contains(strings.TrimPrefix(file, a.root), word) {
				a.t.Errorf("%s: %s holds %q", when, file, word)
			}
		}
	}
}

// post puts a post for now into the folder; its words are the user's.
func (a *aviary) post(name string) {
	a.t.Helper()
	description, link := "About "+name, "https://example.com/"+name
	a.titles = append(a.titles, name, description, link, "Alt "+name)
	a.pair(name, len(a.titles), fmt.Sprintf("title: %s\ndescription: %s\nlink: %s\nalt_text: Alt %[1]s\nboard: Landscapes\nsection: Norway\npublish_at: now\n",
		name, description, link))
}

func newAviary(t *testing.T) *aviary {
	t.Helper()
	boards := []rehearsal.Board{
		{Name: "Landscapes", ID: "913700000001", Sections: []rehearsal.Section{{Name: "Norway", ID: "913700000002"}, {Name: "Canary Section", ID: "913700000003"}}},
		{Name: "Canary Board", ID: "913700000004"},
		{Name: "Canary Guests", ID: "913700000005", Owner: "canary-friend"},
	}
	s := newSite(t, withoutAutoApprove, withConfig("log: {level: debug}"), withRehearsal(func(o *rehearsal.Options) {
		o.Username, o.Boards, o.ClockSkew = "canary-username", rehearsal.Fixed(boards...), -36*time.Hour // no time of ours is one of its
	}))
	s.edit("listen:", "metrics: true, listen:")
	a := &aviary{site: s, canaries: &canaries{next: s.pinterest, seen: map[string]bool{}}}
	s.tape.answerBy(a.canaries.ServeHTTP)
	s.pinterest.Add(rehearsal.Pin{
		BoardID: "913700000001", SectionID: "913700000002", Title: "canary-by-hand", Description: "canary-words", Link: "https://canary.example/pin",
	})
	return a
}

// A whole life: connecting on the page, posting, every kind of refusal, look-ups, pauses, renewals, a crash in the
// middle of an upload, commands and pages that show things live, disconnecting.
func TestNothingThatPinterestAnswersIsKept(t *testing.T) {
	t.Parallel()
	a := newAviary(t)
	a.d = a.start()
	a.land()
	a.refusals()
	a.wantSilence("after refusals")
	a.live()
	a.handOut()
	a.wantSilence("in what is handed out")
	a.crash()
	a.wantSilence("after a crash")
	a.d = a.start()
	a.await("dumped.jpg", post.Posted)
	if err := os.CopyFS(filepath.Join(a.root, "copy"), os.DirFS(a.state)); err != nil {
		t.Fatal(err)
	}
	a.pinterest.Fault(renewal, rehearsal.BadGrant())
	a.pinterest.ExpireAccess()
	a.post("never")
	a.eventually(200*time.Millisecond, "it is disconnected", func() bool { return !a.status().Accounts[0].Connected })
	a.wantSilence("refused a renewal")
	a.land()
	a.await("never.jpg", post.Posted)
	a.want(0, "disconnect")
	a.d.kill()
	a.start().terminate()
	a.wantSilence("in the end")

	met := strings.Join(a.words(), "\n")
	for _, want := range []string{
		"canary-username", "canary-friend", "canary-by-hand", "canary-words", "<h1>canary-page", "913700000001", "913700000003", "Canary Board", "canary-cookie",
		"canary-field", "canary-x-request-id", "spam on our service. canary-message", "invalid_grant", "https://canary.example/pin",
		"https://canary.example/moved", a.pinterest.Pins()[1].ID, a.pinterest.Pins()[1].CreatedAt.UTC().Format("2006-01-02T15:04:05"),
	} {
		if !strings.Contains(strings.ToLower(met), strings.ToLower(want)) {
			t.Errorf("the life of this test has not met %s", want)
		}
	}
}

// land connects on the page, as a browser does. The code is Pinterest's answer, too.
func (a *aviary) land() {
	a.t.Helper()
	landed, err := url.Parse(a.setUp(a.d.page))
	if err != nil {
		a.t.Fatal(err)
	}
	a.mu.Lock()
	a.seen[landed.Query().Get("code")] = true
	a.mu.Unlock()
	next, _ := a.answers(http.StatusSeeOther, a.get(a.d.page+"/callback?"+landed.RawQuery))
	_, page := a.answers(http.StatusOK, a.get(a.d.page+next))
	wantText(a.t, "the page", page, "canary-username", "Canary Board")
}

// refusals goes through all that Pinterest may say to a pin and to a look-up.
func (a *aviary) refusals() {
	a.t.Helper()
	a.pinterest.Fault(create,
		rehearsal.Invalid("link"), rehearsal.NoBoard(), rehearsal.TooLarge(), rehearsal.TooLarge(), // these end three posts
		rehearsal.Trouble(http.StatusInternalServerError).At(rehearsal.AfterCommit),
		rehearsal.Redirect(http.StatusPermanentRedirect, "https://canary.example/moved").At(rehearsal.AfterCommit),
		rehearsal.Write(http.StatusBadGateway, "text/html", "<h1>canary-page</h1>").At(rehearsal.AfterCommit),
		rehearsal.Busy("Retry-After", "1"), rehearsal.Expired(), rehearsal.Spam(), rehearsal.Trial(),
		rehearsal.MissingScope("pins:write"), rehearsal.ForbiddenScope("pins:write"),
	)
	const posts = 8
	for i := range posts {
		a.post(fmt.Sprint("post-", i))
	}
	a.eventually(200*time.Millisecond, "all faults are over", func() bool {
		if a.status().Accounts[0].Paused {
			a.want(0, "resume")
		}
		failed, posted := len(a.posts("--state", "failed")), len(a.posts("--state", "posted"))
		return failed == 3 && posted == posts-3
	})
}

// live asks for what is shown and kept nowhere. What a command says of it is for the person's eyes.
func (a *aviary) live() {
	a.t.Helper()
	wantText(a.t, "boards", a.want(0, "boards").stdout, "Canary Board", "Canary Section")
	a.pinterest.Fault("GET /v5/user_account", rehearsal.Refuse(http.StatusForbidden, 7, "Not today."))
	wantText(a.t, "boards refused", a.want(1, "boards").stderr, "Not today. canary-message")
	a.want(0, "retry", "--state", "failed")
	a.eventually(200*time.Millisecond, "all are posted", func() bool { return len(a.posts("--state", "posted")) == 8 })
	a.pair("nowhere", 99, "title: nowhere\nboard: Nowhere\npublish_at: now\n")
	a.want(3, "check", "--boards")
	for _, path := range []string{"/", "/setup", "/setup?show=live"} {
		response, err := browser().Do(a.get(a.d.page + path))
		if err != nil {
			a.t.Fatal(err)
		}
		_ = response.Body.Close()
		if got := response.Header.Get("Cache-Control"); got != "no-store" {
			a.t.Errorf("%s may be kept by a browser: Cache-Control: %s", path, got)
		}
	}
}

// feedAddress is that of the calendar's feed on the page of the plan.
var feedAddress = regexp.MustCompile(`/calendar\.ics\?[^"]+`)

// handOut keeps, in a directory that is searched with all else, what pinfold writes for others to keep or to show: a backup,
// what the doctor says and his bundle, and each page and feed but those that show something live.
func (a *aviary) handOut() {
	a.t.Helper()
	dir := filepath.Join(a.root, "handed out")
	keep := func(name, text string) { a.t.Helper(); a.writeTo(filepath.Join(dir, name), text) }
	keep("status", a.run("status").stdout+a.run("status", "--json").stdout)
	keep("list", a.want(0, "list").stdout+a.want(0, "list", "--json").stdout)
	a.want(0, "backup", filepath.Join(dir, "backup.db"))
	bundle := filepath.Join(dir, "bundle.zip")
	said := a.run("doctor", "--bundle", bundle, "--yes")
	keep("doctor", said.stdout+said.stderr)
	z, err := zip.OpenReader(bundle)
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	if err := os.CopyFS(filepath.Join(dir, "bundle"), z); err != nil {
		a.t.Fatal(err)
	}
	id := a.site.post("post-0.jpg").ID
	picture := fmt.Sprintf("/thumbs/%d/small", id)
	a.eventually(20*time.Millisecond, "the picture is made", func() bool {
		status, _, _ := a.visit(a.get(a.d.page + picture))
		return status == http.StatusOK
	})
	_, plan := a.answers(http.StatusOK, a.get(a.d.page+"/"))
	feed := feedAddress.FindString(html.UnescapeString(plan))
	for i, path := range []string{
		"/", "/list", "/folders", "/doctor", "/metrics", feed, "/healthz", "/privacy", fmt.Sprintf("/posts/%d", id), picture,
	} {
		_, page := a.answers(http.StatusOK, a.get(a.d.page+path))
		keep(fmt.Sprint("page ", i), page)
	}
}

// crash lets the program die with all its goroutines' stacks written out while an upload hangs.
func (a *aviary) crash() {
	a.t.Helper()
	a.pinterest.Fault(create, rehearsal.Hang())
	requests := a.pinterest.Count(create)
	a.post("dumped")
	a.eventually(10*time.Millisecond, "the upload hangs", func() bool { return a.pinterest.Count(create) > requests })
	a.wantSilence("while an upload hangs")
	if code := a.d.stop(syscall.SIGQUIT); code == 0 {
		a.t.Error("it does not die of SIGQUIT")
	}
	wantText(a.t, "the dump", a.d.stderr.String(), "SIGQUIT: quit", "goroutine 1 ", "CreatePin")
}
