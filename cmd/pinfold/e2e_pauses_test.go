package main

import (
	"fmt"
	"html"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// pauseClass is something that keeps an account from posting.
type pauseClass struct {
	name    string // of the account, too
	pattern string // the request that fails: a pin's once, another one until the pause is ended
	fault   func() rehearsal.Fault
	status  string        // the account, in `status`
	says    []string      // the problem and what ends it
	lasts   time.Duration // 0: until a person ends it
	end     func(s *site, name string)
}

// pauseClasses are those that can strike one account alone.
var pauseClasses = []pauseClass{
	{
		"portal", "GET /v5/user_account", rehearsal.HTML,
		"paused",
		[]string{"Pinterest cannot be reached", "network", "tries again by itself"},
		15 * time.Second, (*site).letThrough,
	},
	{
		"seconds", create, func() rehearsal.Fault { return rehearsal.Busy("Retry-After", "3600") },
		"paused",
		[]string{"slow down", "goes on when Pinterest allows it"},
		time.Hour, (*site).resume,
	},
	{
		"date", create, func() rehearsal.Fault { return rehearsal.Busy("Retry-After", httpDate(2*time.Hour)) },
		"paused",
		[]string{"slow down", "goes on when Pinterest allows it"},
		2 * time.Hour, (*site).resume,
	},
	{
		"spam", create, rehearsal.Spam,
		"paused",
		[]string{"spam", "12 hours", "schedule.per_day"},
		12 * time.Hour, (*site).resume,
	},
	{
		"refused", create, rehearsal.Expired, // and then the new token, see pausing
		"not connected", []string{"ended the connection", "onnect"}, 0, (*site).connectAgain,
	},
	{
		"scope", create, func() rehearsal.Fault { return rehearsal.MissingScope("pins:write") },
		"paused",
		[]string{"pins:write", "pinfold connect"},
		0, (*site).connectAgain,
	},
	{
		"trial", create, rehearsal.Trial,
		"paused",
		[]string{"trial access", "standard access", "pinfold resume", "sandbox"},
		0, (*site).resume,
	},
	{ // ends by the clock alone
		"brief", create, func() rehearsal.Fault { return rehearsal.Busy("Retry-After", httpDate(3*time.Second)) },
		"", nil, 0, func(*site, string) {},
	},
}

func httpDate(from time.Duration) string { return time.Now().Add(from).UTC().Format(http.TimeFormat) }

func (s *site) resume(name string) { s.t.Helper(); s.want(0, "resume", name) }

// letThrough ends all faults, and the wait.
func (s *site) letThrough(name string) { s.t.Helper(); s.pinterest.Calm(); s.resume(name) }

func (s *site) connectAgain(name string) {
	s.t.Helper()
	if got := s.connect("--account", name); got.code != 0 {
		s.t.Fatalf("connect --account %s exits with %d: %s", name, got.code, got.stderr)
	}
}

// pausing lets each account meet its own fault.
func (s *site) pausing(classes []pauseClass, owner map[string]string) {
	var mu sync.Mutex
	left := map[string]pauseClass{}
	for _, c := range classes {
		left[c.name] = c
	}
	s.pinterest.Fault(renewal, rehearsal.BadGrant()) // for the one account that has to renew
	s.pinterest.FaultFunc(func(r *http.Request) *rehearsal.Fault {
		mu.Lock()
		defer mu.Unlock()
		c, ok := left[owner[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]]
		if !ok || r.Method+" "+r.URL.Path != c.pattern {
			return nil
		}
		if c.pattern == create {
			delete(left, c.name)
		}
		return new(c.fault())
	})
}

// otherFolder adds a folder of its own for an account.
func (s *site) otherFolder(account string) {
	s.t.Helper()
	s.edit("timezone: Europe/Oslo\n", fmt.Sprintf("  - {path: %s, account: %s, settle: 200ms, publish_grace: 300ms}\ntimezone: Europe/Oslo\n",
		s.folder+"-"+account, account))
}

// pairFor puts a post for now into an account's own folder.
func (s *site) pairFor(account, name string, seed int) {
	s.t.Helper()
	s.pair(filepath.Join("..", filepath.Base(s.folder)+"-"+account, name), seed, rightNow(account+" "+name))
}

func TestWhatPausesAnAccountIsSaidEverywhereAndPausesNoOther(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.env = []string{"TZ=UTC"}
	owner, want := map[string]string{}, []string{"well first"}
	for i, name := range append([]string{"well"}, pauseNames()...) {
		s.otherFolder(name)
		owner[s.vouchFor(name)] = name
		s.pairFor(name, "first", 1<<i)
	}
	s.vouch() // main has a folder without posts
	s.pausing(pauseClasses, owner)
	began := time.Now()
	d := s.start()
	s.eventually(200*time.Millisecond, "all have met their faults", func() bool {
		held := 0
		for _, a := range s.status().Accounts {
			if a.Problem != "" && a.Name != "brief" {
				held++
			}
		}
		return held >= len(pauseClasses)-2 // one of them may be trying again just now
	})
	for i, name := range append([]string{"well"}, pauseNames()...) { // these wait, too, but for one
		s.pairFor(name, "second", 3<<i)
	}
	s.eventually(20*time.Millisecond, "others go on", func() bool { return slices.Contains(titles(s.pinterest.Pins()), "well second") })
	s.eventually(200*time.Millisecond, "all are recorded", func() bool { return len(s.posts()) == 2*(len(pauseClasses)+1) })

	for _, c := range pauseClasses {
		if c.status != "" {
			s.wantSaid(c, d, began)
		}
		c.end(s, c.name)
		want = append(want, c.name+" first", c.name+" second")
	}
	s.awaitTitles(append(want, "well second")...)
	s.eventually(200*time.Millisecond, "all are posted", func() bool { return len(s.posts("--state", "posted")) == 2*(len(pauseClasses)+1) })
	s.want(0, "status")
}

func pauseNames() (names []string) {
	for _, c := range pauseClasses {
		names = append(names, c.name)
	}
	return names
}

// until is an end as people read it.
var until = regexp.MustCompile(`\(until (\d{4}-\d\d-\d\d \d\d:\d\d UTC)\)`)

// seen is what a person can see of all accounts.
type seen struct {
	json              statusJSON
	status, page, log string
	posts             []listed
}

// wantSaid fails unless the pause is explained wherever one might look. Some pauses end by themselves and begin again,
// perhaps while somebody looks: so it is looked at again for a while.
func (s *site) wantSaid(c pauseClass, d *daemonProcess, began time.Time) {
	s.t.Helper()
	var missing complaints
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		_, page := s.answers(http.StatusOK, s.get(d.page+"/"))
		all := seen{s.status(), s.run("status").stdout, html.UnescapeString(page), s.log(), s.postsOf(c.name)}
		if missing = c.check(all, began); len(missing) == 0 {
			return
		}
		time.Sleep(500 * time.Millisecond)
	}
	s.t.Errorf("account %s:\n%s", c.name, strings.Join(missing, "\n"))
}

// postsOf are an account's posts.
func (s *site) postsOf(account string) (own []listed) {
	s.t.Helper()
	for _, p := range s.posts() {
		if p.Account == account {
			own = append(own, p)
		}
	}
	return own
}

// complaints are what is wrong in what is seen.
type complaints []string

func (c *complaints) addf(format string, args ...any) { *c = append(*c, fmt.Sprintf(format, args...)) }

// wantText complains of words that a text does not hold.
func (c *complaints) wantText(what, text string, words ...string) {
	for _, word := range words {
		if !strings.Contains(text, word) {
			c.addf("%s: %q does not hold %q", what, text, word)
		}
	}
}

// check looks for what is not said of the pause.
func (c pauseClass) check(all seen, began time.Time) (missing complaints) {
	missing.wantText("status", all.status, "account "+c.name+": "+c.status+"\n")
	i := slices.IndexFunc(all.json.Problems, func(p string) bool { return strings.Contains(p, "account "+c.name) })
	if i < 0 {
		missing.addf("status --json does not name the account: %q", all.json.Problems)
		return missing
	}
	said := all.json.Problems[i]
	missing.wantText("status --json", said, c.says...)
	problem, _, _ := strings.Cut(said, " (until ")
	missing.wantText("status", all.status, problem)
	section, _, _ := strings.Cut(after(all.page, "<b>Account "+c.name+"</b>"), "</section>")
	command := func(word string) bool { return strings.HasPrefix(word, "pinfold ") } // there it is a button
	missing.wantText("the page", section, slices.DeleteFunc(slices.Clone(c.says), command)...)
	if slices.ContainsFunc(c.says, command) {
		missing.wantText("the page", section, `class="button`)
	}
	logged := ""
	for line := range strings.Lines(all.log) {
		if strings.Contains(line, "account="+c.name+" ") && strings.Contains(line, "level=WARN") {
			logged += line
		}
	}
	missing.wantText("the log", logged, c.says...)
	for what, text := range map[string]string{"status --json": said, "the page": section, "the log": logged} {
		if ends := strings.Contains(text, "until 20") || strings.Contains(text, "until=20"); ends != (c.lasts > 0) {
			missing.addf("it lasts %v, and %s says %q", c.lasts, what, text)
		}
	}
	if end := until.FindStringSubmatch(said); end != nil {
		at, err := time.Parse("2006-01-02 15:04 MST", end[1])
		if err != nil || at.Before(began.Add(c.lasts/2).Truncate(time.Minute)) || at.After(time.Now().Add(max(c.lasts, longestRetry)+2*time.Minute)) {
			missing.addf("it lasts %v, and that is to end at %s", c.lasts, end[1])
		}
	}
	c.checkPosts(&missing, all.posts)
	return missing
}

// longestRetry is the longest wait for a way to Pinterest.
const longestRetry = 15 * time.Minute

// checkPosts looks whether the account's posts wait, say why, and are planned for when it ends.
func (c pauseClass) checkPosts(missing *complaints, posts []listed) {
	for _, p := range posts {
		if p.State != post.Scheduled || (p.PlannedAt != nil) != (c.lasts > 0) {
			missing.addf("%s is %s, planned for %v", p.Path, p.State, p.PlannedAt)
		}
		missing.wantText("list", p.Problem, append([]string{"waits: "}, c.says...)...)
	}
	if len(posts) != 2 {
		missing.addf("%d posts wait", len(posts))
	}
}

// after is what stands behind the first occurrence of a text.
func after(text, start string) string {
	_, rest, _ := strings.Cut(text, start)
	return rest
}

// Nobody can post while there is no way to Pinterest. What keeps it from being reached is the machine's own affair.
func TestNoWayToPinterestCostsNoAttemptAndIsSaid(t *testing.T) {
	t.Parallel()
	for name, block := range map[string]func(s *site) (unblock func()){
		"refused": func(s *site) func() {
			address := s.server.Listener.Addr().String()
			s.server.Listener.Close()
			return func() { s.listenAgain(address) }
		},
		"no such host": func(s *site) func() {
			// Longer than a name may be: no resolver on the network has to be asked.
			s.edit(s.server.URL, "http://"+strings.Repeat("nowhere.", 32)+"invalid")
			return nil
		},
		"TLS": func(s *site) func() {
			stranger := httptest.NewUnstartedServer(s.tape) // nobody vouches for its certificate
			stranger.Config.ErrorLog = log.New(io.Discard, "", 0)
			stranger.StartTLS()
			s.t.Cleanup(stranger.Close)
			s.edit(s.server.URL, stranger.URL)
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			unblock := block(s)
			s.vouch()
			s.pair("fog", 1, rightNow("fog"))
			d := s.start()
			s.eventually(200*time.Millisecond, "it is said everywhere", func() bool { return len(s.unreachable(d)) == 0 })
			if unblock == nil {
				s.wantPins(0, 0)
				return
			}
			unblock()
			s.want(0, "resume")
			s.awaitTitles("fog")
			s.want(0, "status")
		})
	}
}

// unreachable looks for what is not said where Pinterest cannot be reached.
func (s *site) unreachable(d *daemonProcess) (missing complaints) {
	s.t.Helper()
	says := []string{"Pinterest cannot be reached", "network", "by itself"}
	missing.wantText("status", s.run("status").stdout, append(says, "(until ")...)
	missing.wantText("the log", d.stderr.String(), says...)
	_, page := s.answers(http.StatusOK, s.get(d.page+"/"))
	missing.wantText("the page", page, says...)
	p := s.post("fog.jpg")
	missing.wantText("list", p.Problem, says...)
	if p.State != post.Scheduled || p.Attempts != 0 || p.PlannedAt == nil {
		missing.addf("the post is %+v", p)
	}
	return missing
}

// listenAgain lets Pinterest answer again where it did before.
func (s *site) listenAgain(address string) {
	s.t.Helper()
	listener, err := new(net.ListenConfig).Listen(s.t.Context(), "tcp", address)
	if err != nil {
		s.t.Fatal(err)
	}
	server := &http.Server{Handler: s.tape, ReadHeaderTimeout: patience}
	go func() { _ = server.Serve(listener) }()
	s.t.Cleanup(func() { _ = server.Close() })
}
