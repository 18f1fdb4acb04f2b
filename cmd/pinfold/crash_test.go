package main

// Each of these tests lets pinfold die by SIGKILL between two steps, starts it again, and counts the pins.

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/vault"
	"github.com/divitio/pinfold/pinterest"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// crashPoints finds the names of all points in the source, so that none is forgotten.
func crashPoints(t *testing.T) []string {
	t.Helper()
	var (
		points = map[string]bool{}
		call   = regexp.MustCompile(`crash\.(At|During)\(.*?"([^"]+)"\)`)
		every  = regexp.MustCompile(`crash\.(At|During)\(`)
	)
	for _, root := range []string{"../../daemon", "."} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			found := call.FindAllSubmatch(text, -1)
			if all := every.FindAll(text, -1); len(all) != len(found) {
				t.Errorf("%s: the name of a crash point must be a literal", path)
			}
			for _, match := range found {
				name := string(match[2])
				if string(match[1]) == "At" {
					points[name] = true
					continue
				}
				for _, instant := range []string{"/connected", "/head-sent", "/body-sent", "/answer-begins"} {
					points[name+instant] = true
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return slices.Sorted(maps.Keys(points))
}

// play is how points are come by, and what must hold after the death there.
type play struct {
	name   string
	points string // a pattern
	nth    []int  // at which passings; none: at the first
	act    func(s *site, point string)
}

// plays cover all points between them.
var plays = []play{
	{"a post", `publish/(prepared|.*intent.*|before-send|request/.*|answered|.*outcome.*)`, nil, publishing()},
	{"the answer is lost", `publish/(answered|.*outcome.*)`, nil, publishing(fails(create, rehearsal.LosesAnswer()))},
	{"no pin and no answer", `publish/(answered|.*outcome.*)`, nil, publishing(fails(create, rehearsal.Reset()))},
	{"refused for a while", `publish/(answered|.*outcome.*)`, nil, publishing(fails(create, rehearsal.Busy("Retry-After", "1")))},
	{"not sent", `publish/.*held.*`, nil, publishing(fails("GET /v5/boards", rehearsal.Busy("Retry-After", "1")))},
	{"between two sends", `publish/(answered|renewed|.*outcome.*)`, nil, publishing(fails(create, rehearsal.Expired()))},
	{"the second send", `publish/(.*intent.*|before-send|request/.*|answered|.*outcome.*)`, []int{2}, publishing(fails(create, rehearsal.Expired()))},
	{"it is found", `look/(before|after)-(list|commit|line)`, nil, publishing(fails(create, rehearsal.LosesAnswer()))},
	{"it is not there", `look/(before|after)-(list|commit|line)`, []int{1, 2, 3}, publishing(fails(create, rehearsal.Reset()))},
	{"a look-up fails", `look/before-failure-commit`, nil, publishing(fails(create, rehearsal.LosesAnswer()), fails("GET /v5/boards/*/pins", rehearsal.Trouble(500)))},
	{"renewing", `rotate/.*|vault/.*`, nil, renewing},
	{"renewal is refused", `lose/.*`, nil, losing},
	{"connecting", `connect/.*|vault/.*`, nil, connecting},
	{"the app is stored", `vault/.*`, []int{2}, connecting},
	{"the tokens are stored", `vault/(temporary-.*|renamed)`, []int{3}, connecting},
	{"another app", `connect/former-app-destroyed|destroy/.*`, nil, otherApp},
	{"disconnecting", `destroy/.*`, []int{1, 2}, disconnecting},
	{"the first start", `migrate/.*|start/.*|reconcile/.*`, nil, publishing()},
	{"the folder's ledger", `ledger/.*line.*`, []int{1, 2, 3}, publishing()},
	{"the folder is claimed", `ledger/owner-.*`, nil, publishing()},
	{"three directories", `reconcile/.*`, []int{2, 3}, publishing()},
	{"a start after a death in the upload", `start/.*`, nil, starting},
	{"posted files are put away", `move/.*`, []int{1, 2}, puttingAway},
	{"a note is left", `note/.*`, nil, noting},
}

func TestADeathBetweenAnyTwoStepsLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	for _, point := range crashPoints(t) {
		covered := false
		for _, p := range plays {
			if !regexp.MustCompile(`^(` + p.points + `)$`).MatchString(point) {
				continue
			}
			covered = true
			passings := p.nth
			if passings == nil {
				passings = []int{1}
			}
			for _, n := range passings {
				t.Run(fmt.Sprintf("%s/%s/%d", point, p.name, n), func(t *testing.T) {
					t.Parallel()
					s := newSite(t, withConfirm("[100ms, 300ms, 600ms]"), withSettle("100ms"))
					p.act(s, fmt.Sprintf("%s:%d", point, n))
				})
			}
		}
		if !covered {
			t.Errorf("no play comes by %s", point)
		}
	}
}

// fails plans a fault of Pinterest's.
func fails(pattern string, fault rehearsal.Fault) func(*site) {
	return func(s *site) { s.pinterest.Fault(pattern, fault) }
}

// publishing dies while three posts in three directories are published.
func publishing(faults ...func(*site)) func(*site, string) {
	return func(s *site, point string) {
		s.vouch()
		for _, plan := range faults {
			plan(s)
		}
		s.threePosts()
		s.dies(point, "run")
		s.start()
		s.whole(3)
	}
}

// starting dies at a start that finds a post of which nobody knows whether it was sent.
func starting(s *site, point string) {
	s.vouch()
	s.threePosts()
	s.dies("publish/request/body-sent", "run")
	s.dies(point, "run")
	s.start()
	s.whole(3)
}

// puttingAway dies while the files of three posts are put away, two of which have the same name. In the end each
// photo is beside its own sidecar.
func puttingAway(s *site, point string) {
	s.vouch()
	s.edit("    sync_grace", "    after_post: move\n    sync_grace")
	s.threePosts()
	s.pair("elsewhere/one", 5, rightNow("another one"))
	s.dies(point, "run")
	s.start()
	s.whole(4)
	in := postedIn(s.t)
	s.awaitHere(in+"one.jpg", in+"one.yaml", in+"one-2.jpg", in+"one-2.yaml", in+"two.jpg", in+"two.yaml",
		in+"three.jpg", in+"three.yaml", in+"sentinel-100.jpg", in+"sentinel-100.yaml")
	s.eventually(100*time.Millisecond, "where they are is recorded", func() bool {
		return !slices.ContainsFunc(s.posts(), func(p listed) bool { return !strings.HasPrefix(p.Path, in) })
	})
	for _, p := range s.posts() {
		sidecar, err := os.ReadFile(filepath.Join(s.folder, strings.TrimSuffix(p.Path, ".jpg")+".yaml"))
		if err != nil || !strings.Contains(string(sidecar), "title: "+p.Title+"\n") {
			s.t.Errorf("beside %s, %q, is %q (%v)", p.Path, p.Title, sidecar, err)
		}
	}
}

// noting dies while a note is written.
func noting(s *site, point string) {
	s.vouch()
	s.pair("fog", 8, "title: fog\nboard: Fog\npublish_at: soon\n")
	s.dies(point, "run")
	s.start()
	s.awaitNote("fog.jpg.pinfold-error.txt", "fog.yaml, line 3", "soon", "What to do:")
	s.write("fog.yaml", rightNow("fog"))
	s.whole(1)
	s.awaitHere("fog.jpg", "fog.yaml", "sentinel-100.jpg", "sentinel-100.yaml")
}

// inMemoryOnly are the points between Pinterest's taking a refresh token and the new one's being on disk.
var inMemoryOnly = regexp.MustCompile(`^(rotate/request/(body-sent|answer-begins)|rotate/answered|vault/key-ready|vault/temporary-.*):1$`)

// renewing dies while the tokens are renewed. Between Pinterest's answer and the disk the new refresh token is
// nowhere but in memory and the old one is used up: then a person has to connect again, and is told.
func renewing(s *site, point string) {
	s.vouch()
	s.pinterest.ExpireAccess()
	s.threePosts()
	s.dies(point, "run")
	lost := s.unsaved()
	if lost && !inMemoryOnly.MatchString(point) {
		s.t.Error("the new tokens were answered and should be on disk")
	}
	s.start()
	if lost {
		s.eventually(20*time.Millisecond, "the dead tokens are dropped", func() bool { return !s.connected() })
		wantText(s.t, "status", s.want(exitNotConnected, "status").stdout, "connect")
		s.reconnect()
	}
	s.whole(3)
}

// unsaved reports whether the tokens that Pinterest gave out last never came to the disk.
func (s *site) unsaved() bool {
	r, err := s.vault().Load(s.environment(), "main")
	if err != nil {
		s.t.Fatal(err)
	}
	return s.pinterest.Count("POST /v5/oauth/token") > 0 && r.Tokens.Access.Reveal() == s.access
}

// losing dies while tokens that Pinterest has revoked are dropped.
func losing(s *site, point string) {
	s.vouch()
	s.pinterest.Revoke()
	s.threePosts()
	s.dies(point, "run")
	s.start()
	s.eventually(20*time.Millisecond, "the dead tokens are dropped", func() bool { return !s.connected() })
	s.reconnect()
	s.whole(3)
}

// connecting dies while a person connects for the first time.
func connecting(s *site, point string) {
	s.threePosts()
	s.mortally(point, s.join)
	s.reconnect()
	s.start()
	s.whole(3)
}

// otherApp dies while a person replaces the app by another one.
func otherApp(s *site, point string) {
	s.vouch()
	entry, err := s.vault().Lock(s.t.Context(), s.environment(), "main")
	if err == nil {
		var r vault.Record
		if r, err = entry.Load(); err == nil {
			r.AppID = "1"
			_, err = entry.Save(r)
		}
		entry.Unlock()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.threePosts()
	s.mortally(point, s.join)
	s.reconnect()
	s.start()
	s.whole(3)
}

// disconnecting dies while a person disconnects, the daemon running.
func disconnecting(s *site, point string) {
	s.vouch()
	copied := filepath.Join(s.root, "copy")
	if err := os.CopyFS(copied, os.DirFS(s.state)); err != nil {
		s.t.Fatal(err)
	}
	s.start()
	s.dies(point, "disconnect")
	keys, records := s.glob(s.keys, "*.key*"), s.glob(s.state, "*.vault*")
	if len(keys) == 0 {
		s.unusable(s.state)
		s.unusable(copied)
	} else if len(records) == 0 {
		s.t.Error("the record was deleted before its key")
	}
	s.want(0, "disconnect")
	if keys, records = s.glob(s.keys, "*.key*"), s.glob(s.state, "*.vault*"); len(keys)+len(records) > 0 {
		s.t.Errorf("disconnected, there are still %q and %q", keys, records)
	}
	s.unusable(copied)
	s.threePosts()
	s.eventually(200*time.Millisecond, "three posts wait", func() bool { return len(s.posts("--state", "scheduled")) == 3 })
	if n := len(s.pinterest.Pins()); n > 0 {
		s.t.Errorf("%d pins while it is not connected", n)
	}
	s.reconnect()
	s.whole(3)
}

// threePosts puts posts for now into three directories.
func (s *site) threePosts() {
	s.t.Helper()
	for i, name := range []string{"one", "sub/two", "sub/deep/three"} {
		s.pair(name, 1<<i, rightNow(name))
	}
}

// dies runs a command that kills itself at a point.
func (s *site) dies(point string, args ...string) {
	s.t.Helper()
	s.mortally(point, func() result { return s.run(args...) })
}

// mortally runs a command of the program that has crash points, and fails unless it died at this one.
func (s *site) mortally(point string, command func() result) {
	s.t.Helper()
	s.dying = point
	got := command()
	s.dying = ""
	name, _, _ := strings.Cut(point, ":")
	if !strings.Contains(got.stderr, "dies at "+name+"\n") {
		s.t.Fatalf("it did not die at %s but ended with %d:\n%s", point, got.code, got.stderr)
	}
}

// environment is what the vault knows the site's Pinterest by.
func (s *site) environment() string {
	s.t.Helper()
	c, err := config.Load(s.config)
	if err != nil {
		s.t.Fatal(err)
	}
	return c.Environment()
}

func (s *site) vault() *vault.Vault {
	s.t.Helper()
	v, err := vault.Open(s.state, s.keys)
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}

// connected reports whether there are tokens on the disk.
func (s *site) connected() bool {
	s.t.Helper()
	r, err := s.vault().Load(s.environment(), "main")
	return err == nil && r.Connected()
}

// vouch connects the account without a process.
func (s *site) vouch() { s.t.Helper(); s.access = s.vouchFor("main") }

// vouchFor does the same for any account, and gives its access token.
func (s *site) vouchFor(account string) string {
	s.t.Helper()
	entry, err := s.vault().Lock(s.t.Context(), s.environment(), account)
	if err != nil {
		s.t.Fatal(err)
	}
	defer entry.Unlock()
	access, refresh := s.pinterest.Issue(pinterest.Scopes(false)...)
	now := time.Now()
	_, err = entry.Save(vault.Record{
		AppID: rehearsal.DefaultAppID, AppSecret: rehearsal.DefaultAppSecret,
		Tokens: pinterest.Tokens{
			Access: pinterest.Secret(access), Refresh: pinterest.Secret(refresh), Scopes: pinterest.Scopes(false),
			Issued: now, AccessExpires: now.AddDate(0, 0, 30), RefreshExpires: now.AddDate(0, 0, 60),
		},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return access
}

// join connects in the terminal.
func (s *site) join() result {
	s.t.Helper()
	return s.connect("--client-id", rehearsal.DefaultAppID, "--client-secret-file", s.secretFile(rehearsal.DefaultAppSecret))
}

// reconnect is a join that works.
func (s *site) reconnect() {
	s.t.Helper()
	if got := s.join(); got.code != 0 {
		s.t.Fatalf("connect exits with %d: %s", got.code, got.stderr)
	}
}

func (s *site) glob(dir, pattern string) []string {
	s.t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		s.t.Fatal(err)
	}
	return found
}

// unusable fails if a state directory, with the keys that there are, gives any secret away.
func (s *site) unusable(state string) {
	s.t.Helper()
	v, err := vault.Open(state, s.keys)
	if err != nil {
		s.t.Fatal(err)
	}
	if r, err := v.Load(s.environment(), "main"); !errors.Is(err, vault.ErrNotFound) || r.AppSecret != "" || r.Connected() {
		s.t.Errorf("after disconnecting %s can still be opened: %v", state, err)
	}
}

// whole waits until all posts are posted, lets one more go out to show that the tokens are of use, and fails
// unless each post is one pin.
func (s *site) whole(posts int) {
	s.t.Helper()
	s.eventually(10*time.Millisecond, "there is a pin of each", func() bool { return len(s.pinterest.Pins()) >= posts })
	s.settled(100)
	s.eventually(200*time.Millisecond, "all are posted", func() bool {
		return len(s.posts("--state", "posted")) == posts+1
	})
	pins := s.pinterest.Pins()
	made := map[string]int{}
	for _, p := range pins {
		made[p.Title]++
	}
	if len(pins) != posts+1 || len(made) != posts+1 {
		s.t.Errorf("%d posts are %d pins: %v", posts+1, len(pins), made)
	}
	for _, p := range s.posts() {
		if made[p.Title] != 1 {
			s.t.Errorf("%s is %s and there are %d pins of it", p.Path, p.State, made[p.Title])
		}
	}
}
