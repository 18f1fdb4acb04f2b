package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// connectedSite is a site whose account is connected, in the terminal.
func connectedSite(t *testing.T, change ...setting) *site {
	t.Helper()
	s := newSite(t, change...)
	got := s.connect("--client-id", rehearsal.DefaultAppID, "--client-secret-file", s.secretFile(rehearsal.DefaultAppSecret))
	if got.code != 0 {
		t.Fatalf("connect exits with %d: %s", got.code, got.stderr)
	}
	if err := os.Remove(filepath.Join(s.root, "app-secret.txt")); err != nil {
		t.Fatal(err)
	}
	return s
}

// theApp is the form that the setup page sends.
func theApp() url.Values {
	return url.Values{"client_id": {rehearsal.DefaultAppID}, "client_secret": {rehearsal.DefaultAppSecret}}
}

// answers fails unless a request is answered with the status; it gives what the answer says and where it leads.
func (s *site) answers(status int, r *http.Request) (location, page string) {
	s.t.Helper()
	got, location, page := s.visit(r)
	if got != status {
		s.t.Fatalf("%s %s answers %d, want %d: %s", r.Method, r.URL, got, status, page)
	}
	return location, page
}

// setUp goes the way of a person through the setup page, up to the address that Pinterest sends the browser to.
func (s *site) setUp(page string) (landed string) {
	s.t.Helper()
	s.answers(http.StatusOK, s.get(page+"/setup"))
	if next, _ := s.answers(http.StatusSeeOther, s.get(page+"/setup/app", theApp())); !strings.HasPrefix(next, "/setup") {
		s.t.Errorf("after the form comes %s", next)
	}
	pinterest, _ := s.answers(http.StatusFound, s.get(page+"/setup/connect"))
	asked, err := url.Parse(pinterest)
	if err != nil {
		s.t.Fatal(err)
	}
	query := asked.Query()
	if !strings.HasPrefix(pinterest, s.server.URL+"/oauth/?") || len(query.Get("state")) < 32 || query.Get("redirect_uri") != "http://localhost:7478/callback" ||
		query.Get("scope") != "boards:read,boards:write,pins:read,pins:write,user_accounts:read" {
		s.t.Errorf("the browser is sent to %s", pinterest)
	}
	_, consent := s.answers(http.StatusOK, s.get(pinterest))
	wantText(s.t, "Pinterest's page", consent, "pins:write")
	landed, _ = s.answers(http.StatusFound, s.get(s.server.URL+"/oauth/", query))
	return landed
}

func TestAnAccountIsConnectedOnThePage(t *testing.T) {
	t.Parallel()
	s := newSite(t, withoutAutoApprove, withRehearsal(func(o *rehearsal.Options) { o.Username = "fjordfoto" }))
	d := s.start()
	s.pair("fog", 1, rightNow("fog"))
	s.want(4, "status")
	landed := s.setUp(d.page)
	callback := d.page + strings.TrimPrefix(landed, "http://localhost:7478")
	next, _ := s.answers(http.StatusSeeOther, s.get(callback))
	_, shown := s.answers(http.StatusOK, s.get(d.page+next))
	wantText(t, "the setup page", shown, "fjordfoto", "Landscapes")
	s.awaitTitles("fog") // it waited for this
	s.want(0, "status")

	_, refused := s.answers(http.StatusBadRequest, s.get(callback))
	wantText(t, "a state used twice", refused, "copy this address into its setup page")
	s.answers(http.StatusBadRequest, s.get(d.page+"/callback?code=abc&state=unknown"))
	s.answers(http.StatusBadRequest, s.get(d.page+"/callback"))

	gone, _ := s.answers(http.StatusSeeOther, s.get(d.page+"/disconnect", url.Values{"account": {"main"}}))
	s.answers(http.StatusOK, s.get(d.page+gone))
	s.want(4, "status")
	s.want(4, "boards")
}

func TestTheLandingAddressCanBePasted(t *testing.T) {
	t.Parallel()
	s := newSite(t, withoutAutoApprove)
	d := s.start()
	landed := s.setUp(d.page)
	s.answers(http.StatusBadRequest, s.get(d.page+"/setup/paste", url.Values{"url": {"https://www.pinterest.com/"}}))
	s.answers(http.StatusSeeOther, s.get(d.page+"/setup/paste", url.Values{"url": {"  " + landed + "\n"}}))
	s.want(0, "status")
	s.answers(http.StatusBadRequest, s.get(d.page+"/setup/paste", url.Values{"url": {landed}}))
}

func TestConnectNeedsAnApp(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.start()
	s.answers(http.StatusConflict, s.get(d.page+"/setup/connect"))
	s.answers(http.StatusBadRequest, s.get(d.page+"/setup/app", url.Values{"client_id": {""}, "client_secret": {""}}))
	s.answers(http.StatusBadRequest, s.get(d.page+"/setup?account=nobody"))
	got := s.connect()
	if got.code == 0 || got.stdout != "" {
		t.Errorf("connect exits with %d: %s", got.code, got.stdout)
	}
}

func TestAWrongSecretIsRefusedInOurWords(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	got := s.connect("--client-id", rehearsal.DefaultAppID, "--client-secret-file", s.secretFile("wrong"))
	if got.code == 0 || strings.Contains(got.stdout+got.stderr, "wrong\n") {
		t.Errorf("exits with %d: %s%s", got.code, got.stdout, got.stderr)
	}
	s.start()
	s.want(4, "status")
}

func TestThePageKeepsStrangersOut(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	d := s.start()
	page, err := url.Parse(d.page)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"account": {"main"}}
	for name, tt := range map[string]struct {
		status int
		change func(*http.Request)
		path   string
		form   []url.Values
	}{
		"a foreign host":            {403, func(r *http.Request) { r.Host = "evil.example:" + page.Port() }, "/", nil},
		"a foreign host, write":     {403, func(r *http.Request) { r.Host = "evil.example" }, "/disconnect", []url.Values{form}},
		"an empty host's trick":     {403, func(r *http.Request) { r.Host = "127.0.0.1.evil.example" }, "/setup", nil},
		"localhost":                 {200, func(r *http.Request) { r.Host = "localhost" }, "/", nil},
		"an address":                {200, func(r *http.Request) { r.Host = "192.168.1.7:7478" }, "/", nil},
		"another origin's write":    {403, func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, "/disconnect", []url.Values{form}},
		"cross-site by its header":  {403, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, "/setup/app", []url.Values{theApp()}},
		"a proxy":                   {403, func(r *http.Request) { r.Header.Set("X-Forwarded-For", "10.0.0.1") }, "/", nil},
		"a proxy of another kind":   {403, func(r *http.Request) { r.Header.Set("Forwarded", "for=10.0.0.1") }, "/healthz", nil},
		"a proxied host":            {403, func(r *http.Request) { r.Header.Set("X-Forwarded-Host", "localhost") }, "/setup", nil},
		"a write by GET":            {404, func(*http.Request) {}, "/disconnect", nil},
		"a page that is not there":  {404, func(*http.Request) {}, "/nothing", nil},
		"a way out of the page":     {404, func(*http.Request) {}, "/..%2f..%2fetc%2fpasswd", nil},
		"health":                    {200, func(*http.Request) {}, "/healthz", nil},
		"privacy":                   {200, func(*http.Request) {}, "/privacy", nil},
		"a body beyond all measure": {413, func(*http.Request) {}, "/setup/app", []url.Values{{"client_id": {strings.Repeat("1", 1<<20)}}}},
	} {
		t.Run(name, func(t *testing.T) {
			r := s.get(d.page+tt.path, tt.form...)
			tt.change(r)
			response, err := browser().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = response.Body.Close() }()
			if response.StatusCode != tt.status {
				t.Errorf("answers %d, want %d", response.StatusCode, tt.status)
			}
			policy := response.Header.Get("Content-Security-Policy")
			if !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe-inline") ||
				response.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("headers %v", response.Header)
			}
		})
	}
	s.want(0, "status") // still connected
}

func TestTheRefusedHostIsNamedWithItsFix(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.start()
	r := s.get(d.page)
	r.Host = "pins.lan"
	_, said := s.answers(http.StatusForbidden, r)
	wantText(t, "the refusal", said, "hosts: [", "pins.lan")
}

func TestAConnectionIsSealedAndPrivate(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	for _, dir := range []string{s.state, s.keys} {
		files := s.filesBelow(dir)
		if len(files) == 0 {
			t.Errorf("%s is empty", dir)
		}
		for _, file := range append(files, dir) {
			info, err := os.Lstat(file)
			if err != nil {
				t.Fatal(err)
			}
			want := os.FileMode(0o600)
			if info.IsDir() {
				want = 0o700
			}
			if info.Mode().Perm() != want {
				t.Errorf("%s is %v, want %v", file, info.Mode().Perm(), want)
			}
		}
	}
	s.searchFor(append(s.secrets(), rehearsal.DefaultAppSecret), s.root)
}

func TestConnectInTheTerminalShowsWhoseAccountItIs(t *testing.T) {
	t.Parallel()
	s := newSite(t, withRehearsal(func(o *rehearsal.Options) { o.Username = "fjordfoto" }))
	secret := s.secretFile(rehearsal.DefaultAppSecret)
	got := s.connect("--client-id", rehearsal.DefaultAppID, "--client-secret-file", secret)
	address, rest, _ := strings.Cut(got.stdout, "\n")
	if got.code != 0 || !strings.HasPrefix(address, s.server.URL+"/oauth/?") || strings.ContainsAny(address, " \t") {
		t.Errorf("exits with %d: %s%s", got.code, got.stdout, got.stderr)
	}
	wantText(t, "connect", rest, "fjordfoto")

	boards := s.want(0, "boards").stdout
	wantText(t, "boards", boards, "Landscapes\n", "Norway", "Fog\n", "Portraits\n")
	wantText(t, "boards --json", s.want(0, "boards", "--json").stdout, `"name": "Landscapes"`, `"sections": [`)

	// Again, by hands that slip first: the flow waits for the right address.
	again := s.paste(func(address string) string {
		return "https://example.com/\n\n" + s.approve(address)
	}, "connect", "--paste", "--config", s.config)
	if again.code != 0 {
		t.Errorf("the second paste is not read: %s", again.stderr)
	}
	denied := s.paste(func(address string) string {
		u, _ := url.Parse(address)
		return "http://localhost:7478/callback?error=access_denied&state=" + u.Query().Get("state")
	}, "connect", "--paste", "--config", s.config)
	if denied.code == 0 {
		t.Error("a refusal counts as a connection")
	}
	s.want(0, "boards") // and took nothing away
}

func TestConnectWithoutPasteNamesTheRunningDaemonsPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.start()
	got := s.want(0, "connect")
	if address := strings.TrimSpace(got.stdout); address != d.page+"/setup?account=main" {
		t.Errorf("prints %q", address)
	}
	on, err := os.ReadFile(filepath.Join(s.state, "web-address"))
	if err != nil || strings.TrimSpace(string(on)) != d.page {
		t.Errorf("web-address is %q, %v, want %s", on, err, d.page)
	}
	s.want(0, "health")
	d.terminate()
	s.want(1, "health")
	if _, err := os.Stat(filepath.Join(s.state, "web-address")); err == nil {
		t.Error("web-address outlives the daemon")
	}
}

func TestConnectServesItsOwnPageWhereNoDaemonRuns(t *testing.T) {
	t.Parallel()
	s := newSite(t, withoutAutoApprove)
	c := s.launch("connect", "--config", s.config)
	var page string
	s.eventually(20*time.Millisecond, "an address is printed", func() bool {
		page, _, _ = strings.Cut(c.stdout.String(), "/setup")
		return strings.Contains(c.stdout.String(), "\n")
	})
	landed := s.setUp(page)
	s.answers(http.StatusSeeOther, s.get(page+strings.TrimPrefix(landed, "http://localhost:7478")))
	if code := c.wait(patience); code != 0 {
		t.Errorf("exits with %d: %s", code, c.stderr.String())
	}
	s.want(0, "boards")
}

func TestAccountsAreConnectedOneByOne(t *testing.T) {
	t.Parallel()
	s := connectedSite(t, withFolder("defaults: {board: Fog}"))
	d := s.start()
	s.pair("fog", 1, "title: main's\npublish_at: now\n")
	s.pair("shop", 2, "title: shop's\naccount: shop\npublish_at: now\n")
	s.awaitTitles("main's")
	s.await("shop.jpg", post.Scheduled)
	s.want(4, "status")
	s.want(4, "boards", "--account", "shop")
	s.want(0, "boards", "--account", "main")
	s.connect("--account", "shop", "--client-id", rehearsal.DefaultAppID, "--client-secret-file", s.secretFile(rehearsal.DefaultAppSecret))
	s.awaitTitles("main's", "shop's")
	s.want(0, "disconnect", "--account", "shop")
	s.want(0, "boards", "--account", "main")
	s.want(4, "status")
	d.terminate()
}

func TestEnvironmentsDoNotMix(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	d := s.start()
	s.pair("fog", 1, rightNow("fog"))
	s.awaitTitles("fog")
	d.terminate()
	other := httptest.NewServer(rehearsal.New(rehearsal.Options{}))
	defer other.Close()
	s.edit(s.server.URL, other.URL)
	if posts := s.posts(); len(posts) != 0 {
		t.Errorf("another Pinterest's posts are listed: %+v", posts)
	}
	s.want(4, "status")
	s.want(4, "boards")
	s.edit(other.URL, s.server.URL)
	s.want(0, "boards")
	if posts := s.posts(); len(posts) != 1 {
		t.Errorf("posts %+v", posts)
	}
}

func TestConnectEndsOnInterrupt(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	stdin, typing, err := os.Pipe() // a terminal at which nobody types
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = stdin.Close(), typing.Close() }()
	c := s.launchWith(stdin, "connect", "--paste", "--config", s.config)
	s.awaitAddress(c, "http://\\S+/oauth/\\S+")
	if code := c.stop(os.Interrupt); code == 0 {
		t.Error("nothing was connected, and it exits with 0")
	}
	s.want(0, "boards") // the connection of before stands
}

func TestADamagedConnectionIsNamed(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]func(*site) string{"the sealed file": func(s *site) string { return s.state }, "its key": func(s *site) string { return s.keys }} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := connectedSite(t)
			for file := range s.contents(dir(s)) {
				s.writeTo(file, "damaged")
			}
			s.pair("fog", 1, rightNow("fog"))
			s.start()
			s.await("fog.jpg", post.Scheduled)
			status := s.want(4, "status").stdout
			wantText(t, "status", status, "connect the account again")
			got := s.connect("--client-id", rehearsal.DefaultAppID, "--client-secret-file", s.secretFile(rehearsal.DefaultAppSecret))
			if got.code != 0 {
				t.Fatalf("connecting again exits with %d: %s", got.code, got.stderr)
			}
			s.awaitTitles("fog")
		})
	}
}
