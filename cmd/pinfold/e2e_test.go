package main

// The end-to-end tests start the built binary as a child process. It watches a real folder and talks real HTTP
// to the rehearsal, which runs in the test's process and is told how to behave. Files are split by theme.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// patience bounds every wait; a test that needs it all has failed.
const patience = slow * 45 * time.Second

// site is one installation of pinfold, with a Pinterest of its own.
type site struct {
	t         *testing.T
	root      string
	folder    string // the watched folder
	state     string
	keys      string
	config    string
	env       []string // NAME=value, for its processes
	pinterest *rehearsal.Server
	tape      *tape
	server    *httptest.Server
	daemons   []*daemonProcess
	dying     string          // the crash point at which its processes die; "" for none
	clock     time.Duration   // by how much the clock of its processes is wrong
	access    string          // the access token that it was given by vouch
	adapt     func(*exec.Cmd) // changes how its processes are started; may be nil
	slowest   *atomic.Int64   // nanoseconds that a command or a start took at most
}

// setting changes a site before it is made.
type setting func(*settings)

type settings struct {
	rehearsal rehearsal.Options
	folder    []string // lines of the folder's config
	top       []string // lines of the config
	settle    string
	gone      string // gone_after
	confirm   string // pinterest.confirm_after
	schedule  string
}

func withRehearsal(change func(*rehearsal.Options)) setting {
	return func(s *settings) { change(&s.rehearsal) }
}

func withFolder(lines ...string) setting {
	return func(s *settings) { s.folder = append(s.folder, lines...) }
}

func withConfig(lines ...string) setting {
	return func(s *settings) { s.top = append(s.top, lines...) }
}
func withConfirm(waits string) setting   { return func(s *settings) { s.confirm = waits } }
func withGone(after string) setting      { return func(s *settings) { s.gone = after } }
func withSettle(wait string) setting     { return func(s *settings) { s.settle = wait } }
func withSchedule(values string) setting { return func(s *settings) { s.schedule = values } }
func withoutAutoApprove(s *settings)     { s.rehearsal.AutoApprove = false }

// newSite makes folder, config and Pinterest. All pauses are short.
func newSite(t *testing.T, change ...setting) *site {
	t.Helper()
	made := settings{
		rehearsal: rehearsal.Options{AutoApprove: true},
		settle:    "200ms",
		gone:      "700ms",
		confirm:   "[200ms, 500ms, 1s]",
		schedule:  "{min_gap: 0s, catch_up_gap: 0s}",
	}
	for _, c := range change {
		c(&made)
	}
	root := t.TempDir()
	s := &site{
		t: t, root: root, folder: filepath.Join(root, "pins"), state: filepath.Join(root, "state"),
		keys: filepath.Join(root, "state-keys"), config: filepath.Join(root, "config.yaml"), slowest: new(atomic.Int64),
	}
	for _, dir := range []string{s.folder, s.home(), s.temp()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	s.pinterest = rehearsal.New(made.rehearsal)
	s.tape = &tape{next: s.pinterest}
	s.server = httptest.NewServer(s.tape)
	t.Cleanup(func() {
		s.pinterest.Close()
		s.server.CloseClientConnections()
		s.server.Close()
	})
	s.writeConfig(made)
	return s
}

func (s *site) writeConfig(made settings) {
	lines := []string{
		"folders:", "  - path: " + s.folder, "    settle: " + made.settle, "    publish_grace: 300ms", "    gone_after: " + made.gone, "    sync_grace: 0s",
	}
	for _, line := range made.folder {
		lines = append(lines, "    "+line)
	}
	lines = append(lines, "timezone: Europe/Oslo", "schedule: "+made.schedule, "pinterest:",
		"  api_url: "+s.server.URL, "  authorize_url: "+s.server.URL+"/oauth/", "  confirm_after: "+made.confirm,
		`web: {listen: "127.0.0.1:0"}`, "state_dir: "+s.state)
	s.writeTo(s.config, strings.Join(append(lines, made.top...), "\n")+"\n")
}

// edit replaces a text in the config.
func (s *site) edit(old, changed string) {
	s.t.Helper()
	text, err := os.ReadFile(s.config)
	if err != nil {
		s.t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		s.t.Fatalf("the config does not hold %q:\n%s", old, text)
	}
	s.writeTo(s.config, strings.ReplaceAll(string(text), old, changed))
}

func (s *site) home() string { return filepath.Join(s.root, "home") }
func (s *site) temp() string { return filepath.Join(s.root, "tmp") }

// writeTo writes a file anywhere.
func (s *site) writeTo(path, text string) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// write writes a file into the folder.
func (s *site) write(name, text string) {
	s.t.Helper()
	s.writeTo(filepath.Join(s.folder, filepath.FromSlash(name)), text)
}

// pair puts a photo and its sidecar into the folder. name is without an ending.
func (s *site) pair(name string, seed int, sidecar string) {
	s.t.Helper()
	s.write(name+".jpg", photoOf(s.t, seed))
	s.write(name+".yaml", sidecar)
}

func (s *site) remove(name string) {
	s.t.Helper()
	if err := os.Remove(filepath.Join(s.folder, filepath.FromSlash(name))); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) rename(from, to string) {
	s.t.Helper()
	if err := os.Rename(filepath.Join(s.folder, from), filepath.Join(s.folder, to)); err != nil {
		s.t.Fatal(err)
	}
}

// photoOf draws a JPEG; each seed is another photo.
func photoOf(t *testing.T, seed int) string {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 128, 128))
	for i := range img.Pix {
		x, y := i%128/32, i/128/32
		if seed>>(y*4+x)&1 == 1 {
			img.Pix[i] = 200
		}
	}
	var data bytes.Buffer
	if err := jpeg.Encode(&data, toRGB(img), nil); err != nil {
		t.Fatal(err)
	}
	return data.String()
}

// toRGB gives a photo the three colours that cameras write.
func toRGB(gray *image.Gray) image.Image {
	img := image.NewRGBA(gray.Rect)
	for y := range gray.Rect.Dy() {
		for x := range gray.Rect.Dx() {
			v := gray.GrayAt(x, y).Y
			img.Set(x, y, color.RGBA{v, v / 2, 255 - v, 255})
		}
	}
	return img
}

// ahead is a time from now for which all is ready before, on a machine that has as much else to do as this one had so far.
func (s *site) ahead(d time.Duration) time.Time {
	return time.Now().Add(slow*d + 8*time.Duration(s.slowest.Load()))
}

// took notes how long something took that has begun then.
func (s *site) took(began time.Time) {
	d := time.Since(began).Nanoseconds()
	for known := s.slowest.Load(); d > known && !s.slowest.CompareAndSwap(known, d); known = s.slowest.Load() {
	}
}

// at is an instant from now as a publish_at, to the millisecond.
func at(d time.Duration) string { return stamp(time.Now().Add(d)) }

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// listed is a post as `list --json` shows it; a field that is not here is an error.
type listed struct {
	ID        int64      `json:"id"`
	Folder    string     `json:"folder"`
	Path      string     `json:"path"`
	Board     string     `json:"board"`
	Section   string     `json:"section"`
	Account   string     `json:"account"`
	State     post.State `json:"state"`
	PublishAt *time.Time `json:"publish_at"`
	PlannedAt *time.Time `json:"planned_at"`
	PostedAt  *time.Time `json:"posted_at"`
	Title     string     `json:"title"`
	Attempts  int        `json:"attempts"`
	Problem   string     `json:"problem"`
}

// posts lists all posts, or those that the flags choose.
func (s *site) posts(flags ...string) []listed {
	s.t.Helper()
	got := s.run(append([]string{"list", "--json"}, flags...)...)
	if got.code != 0 {
		s.t.Fatalf("list exits with %d: %s", got.code, got.stderr)
	}
	var posts []listed
	decoder := json.NewDecoder(strings.NewReader(got.stdout))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&posts); err != nil {
		s.t.Fatalf("list --json: %v\n%s", err, got.stdout)
	}
	return posts
}

// post is the newest post of a path, the zero one if there is none.
func (s *site) post(path string) listed {
	s.t.Helper()
	var newest listed
	for _, p := range s.posts() {
		if p.Path == path && p.ID > newest.ID {
			newest = p
		}
	}
	return newest
}

// eventually waits until a condition holds. Asking often is for what costs nothing: what commands show is asked for
// when something was written since, or after a while.
func (s *site) eventually(every time.Duration, what string, holds func() bool) {
	s.t.Helper()
	const (
		costly = 100 * time.Millisecond
		glance = 5 * time.Millisecond
		while  = time.Second
	)
	deadline := time.Now().Add(patience)
	for before := s.written(); !holds(); before = s.written() {
		if time.Now().After(deadline) {
			s.t.Fatalf("waited in vain: %s\nposts: %s\nlog:\n%s", what, s.run("list").stdout, s.log())
		}
		if every < costly {
			time.Sleep(every)
			continue
		}
		time.Sleep(costly / 2) // one thing that is written is seldom the last
		for asked := time.Now(); s.written() == before && time.Since(asked) < while; {
			time.Sleep(glance)
		}
	}
}

// written tells when what the commands show was written.
func (s *site) written() (stamps [4]time.Time) {
	for i, path := range []string{s.storeFile(), s.storeFile() + "-wal", s.state, s.keys} {
		if info, err := os.Stat(path); err == nil {
			stamps[i] = info.ModTime()
		}
	}
	return stamps
}

// await waits until a post is in a state, and gives it.
func (s *site) await(path string, state post.State) listed {
	s.t.Helper()
	return s.awaitPost(path+" is "+string(state), path, func(p listed) bool { return p.State == state })
}

// awaitPost waits for a post to fit.
func (s *site) awaitPost(what, path string, fits func(listed) bool) (p listed) {
	s.t.Helper()
	s.eventually(200*time.Millisecond, what, func() bool {
		p = s.post(path)
		return p.ID != 0 && fits(p)
	})
	return p
}

// awaitPins waits for so many pins and fails if there are more.
func (s *site) awaitPins(n int) []rehearsal.Pin {
	s.t.Helper()
	s.eventually(10*time.Millisecond, fmt.Sprintf("%d pins", n), func() bool { return len(s.pinterest.Pins()) >= n })
	pins := s.pinterest.Pins()
	if len(pins) != n {
		s.t.Fatalf("there are %d pins, want %d: %v", len(pins), n, titles(pins))
	}
	return pins
}

func titles(pins []rehearsal.Pin) []string {
	var all []string
	for _, p := range pins {
		all = append(all, p.Title)
	}
	slices.Sort(all)
	return all
}

// awaitTitles waits until exactly the pins with these titles are there.
func (s *site) awaitTitles(want ...string) {
	s.t.Helper()
	slices.Sort(want)
	s.awaitPins(len(want))
	if got := titles(s.pinterest.Pins()); !slices.Equal(got, want) {
		s.t.Fatalf("pins %q, want %q", got, want)
	}
}

// settled puts a post for now into the folder and waits for its pin: by then the daemon has seen all that was
// there before. It returns how many pins there are.
func (s *site) settled(seed int) int {
	s.t.Helper()
	title := fmt.Sprintf("Sentinel %d", seed)
	s.pair(fmt.Sprintf("sentinel-%d", seed), seed, "title: "+title+"\nboard: Portraits\npublish_at: now\n")
	s.eventually(10*time.Millisecond, title, func() bool { return slices.Contains(titles(s.pinterest.Pins()), title) })
	return len(s.pinterest.Pins())
}

// tape keeps every answer of Pinterest's, to search for it where it must not be.
type tape struct {
	mu      sync.Mutex
	next    http.Handler
	answers []string
	held    string // method and path of a request that waits
	release <-chan struct{}
}

// hold lets requests of a kind wait until release is closed.
func (t *tape) hold(request string, release <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.held, t.release = request, release
}

// handler is what answers now.
func (t *tape) handler() http.Handler {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.next
}

// answerBy lets another handler answer from now on.
func (t *tape) answerBy(next http.HandlerFunc) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.next = next
}

func (t *tape) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	t.mu.Lock()
	held, release, next := t.held == r.Method+" "+r.URL.Path, t.release, t.next
	t.mu.Unlock()
	if held {
		<-release
	}
	heard := &heard{ResponseWriter: w}
	next.ServeHTTP(heard, r)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.answers = append(t.answers, heard.body.String())
}

// all gives the bodies of all answers so far.
func (t *tape) all() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.answers)
}

type heard struct {
	http.ResponseWriter
	body bytes.Buffer
}

func (h *heard) Write(p []byte) (int, error) {
	h.body.Write(p)
	return h.ResponseWriter.Write(p)
}

// Unwrap lets a fault take the connection over.
func (h *heard) Unwrap() http.ResponseWriter { return h.ResponseWriter }
