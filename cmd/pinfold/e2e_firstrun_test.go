package main

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// asking is the line that says where the page of a first run is.
var asking = regexp.MustCompile(`There is no config yet.* page=(\S+)/setup`)

// firstRun starts pinfold where there is no config, and waits for its setup page.
func (s *site) firstRun(listen string, flags ...string) *daemonProcess {
	s.t.Helper()
	s.config = filepath.Join(s.home(), ".config", "pinfold", "config.yaml")
	s.env = append(s.env, "PINFOLD_LISTEN="+listen, "PINFOLD_CONFIG="+s.config, "STATE_DIRECTORY="+s.state)
	if err := os.MkdirAll(filepath.Dir(s.config), 0o700); err != nil {
		s.t.Fatal(err)
	}
	d := s.launch(append([]string{"run"}, flags...)...)
	s.eventually(10*time.Millisecond, "the setup page is there", func() bool {
		found := asking.FindStringSubmatch(d.stderr.String())
		if found != nil {
			d.page = found[1]
		}
		return found != nil
	})
	return d
}

func TestAFirstRunAsksAndGoesOnAsTheDaemon(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.firstRun("127.0.0.1:0")
	setup := d.page + "/setup"
	_, page := s.answers(http.StatusOK, s.get(setup))
	wantText(t, "the page", page, "Where will you drop your photos?", filepath.Join(s.home(), "Pins"), s.config)
	s.answers(http.StatusOK, s.get(d.page+"/healthz"))
	s.answers(http.StatusNotFound, s.get(d.page+"/list"))
	s.answers(http.StatusNotFound, s.get(d.page+"/disconnect", url.Values{}))
	if got := s.runBare("health"); got.code == 0 {
		t.Error("health knows a port that nobody chose")
	}
	s.writeTo(filepath.Join(s.root, "file"), "")
	for says, form := range map[string]url.Values{
		"Choose the folder":      {"folder": {""}, "timezone": {"Europe/Oslo"}},
		"whole path":             {"folder": {"Pins"}, "timezone": {"Europe/Oslo"}},
		"is not a time zone":     {"folder": {s.folder}, "timezone": {"Oslo"}},
		"Choose the time zone":   {"folder": {s.folder}, "timezone": {""}},
		"no folder":              {"folder": {filepath.Join(s.folder, "a", "b")}, "timezone": {"Europe/Oslo"}},
		"own files lie in it":    {"folder": {s.root}, "timezone": {"Europe/Oslo"}},
		"This is the whole disk": {"folder": {"/"}, "timezone": {"Europe/Oslo"}},
		"is no folder":           {"folder": {filepath.Join(s.root, "file")}, "timezone": {"Europe/Oslo"}},
		"must be on one line":    {"folder": {s.folder + "\nstate_dir: /tmp"}, "timezone": {"Europe/Oslo"}},
	} {
		_, page := s.answers(http.StatusBadRequest, s.get(setup+"/begin", form))
		wantText(t, "the answer", page, says)
	}
	if _, err := os.Stat(s.config); err == nil {
		t.Fatal("a config was written of wrong answers")
	}
	made := filepath.Join(s.root, "New Pins")
	next, _ := s.answers(http.StatusSeeOther, s.get(setup+"/begin", url.Values{"folder": {made}, "timezone": {"Europe/Oslo"}}))
	before := d.page
	s.answers(http.StatusOK, s.get(d.page+next)) // nobody is turned away meanwhile
	s.awaitReady(d)
	_, page = s.answers(http.StatusOK, s.get(d.page+next))
	wantText(t, "what comes next", page, "Make your app at Pinterest")
	if d.page != before {
		t.Errorf("it was at %s and is at %s", before, d.page)
	}
	text := s.read(s.config)
	wantText(t, "the config", text, made, "timezone: Europe/Oslo", "# When posts without a time of their own go out")
	if strings.Contains(text, "\nweb:") {
		t.Errorf("what the environment says is written down:\n%s", text)
	}
	if info, err := os.Stat(s.config); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	s.folder = made
	s.pair("fog", 1, "title: Fog\nboard: Landscapes\npublish_at: 2036-12-01 18:30\n")
	if p := s.await("fog.jpg", post.Scheduled); p.PublishAt == nil || p.PublishAt.UTC().Hour() != 17 {
		t.Errorf("planned for %v", p.PublishAt)
	}
	d.terminate()
	s.answersNothing(before)
}

// answersNothing fails if somebody listens at an address.
func (s *site) answersNothing(page string) {
	s.t.Helper()
	if response, err := browser().Do(s.get(page)); err == nil {
		_ = response.Body.Close()
		s.t.Errorf("%s still answers", page)
	}
}

func TestAFirstRunThatOthersCanReachAsksForTheCode(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.firstRun("0.0.0.0:0")
	code := regexp.MustCompile(`code=([A-Z2-7]{4}-[A-Z2-7]{4})`)
	codes := func() [][]string { return code.FindAllStringSubmatch(d.stderr.String(), -1) }
	answers := url.Values{"folder": {s.folder}, "timezone": {"Europe/Oslo"}, "password": {"correct horse"}, "again": {"correct horse"}}
	_, page := s.answers(http.StatusOK, s.get(d.page+"/setup"))
	wantText(t, "the page", page, "The code from the log")
	if strings.Contains(page, s.home()) || strings.Contains(page, s.config) {
		t.Error("it tells of the disk before the code")
	}
	_, page = s.answers(http.StatusOK, s.get(d.page+"/setup?folder=/"))
	wantText(t, "the picker", page, "The code from the log")
	s.answers(http.StatusUnauthorized, s.get(d.page+"/setup/begin", answers))
	s.answers(http.StatusForbidden, s.get(d.page+"/setup/code", url.Values{"code": {"AAAA-AAAA"}}))

	first := codes()[0][1]
	mine := s.get(d.page+"/setup/code", url.Values{"code": {strings.ToLower(strings.ReplaceAll(first, "-", " "))}})
	cookies := s.cookies(mine)
	s.eventually(10*time.Millisecond, "another code", func() bool { return len(codes()) == 2 })
	s.answers(http.StatusForbidden, s.get(d.page+"/setup/code", url.Values{"code": {first}})) // it is used up
	as := func(path string, form ...url.Values) *http.Request {
		r := s.get(d.page+path, form...)
		for _, c := range cookies {
			r.AddCookie(c)
		}
		return r
	}
	_, page = s.answers(http.StatusOK, as("/setup"))
	wantText(t, "the page", page, "A password for this page")
	for says, change := range map[string]url.Values{
		"shorter than 8":     {"password": {"short"}, "again": {"short"}},
		"not the same":       {"again": {"correct house"}},
		"may not begin with": {"password": {"$2a$10$aaaaaaaaaaaaaaaa"}, "again": {"$2a$10$aaaaaaaaaaaaaaaa"}},
	} {
		form := url.Values{}
		for key, values := range answers {
			form[key] = values
		}
		for key, values := range change {
			form[key] = values
		}
		_, page := s.answers(http.StatusBadRequest, as("/setup/begin", form))
		wantText(t, "the answer", page, says)
		if strings.Contains(page, "correct h") {
			t.Error("the password is in the page")
		}
	}
	before := cookies
	if cookies = s.cookies(as("/setup/begin", answers)); len(cookies) != 1 || cookies[0].Value == before[0].Value {
		t.Errorf("the session of the code goes on: %v", cookies)
	}
	s.awaitReady(d)
	_, page = s.answers(http.StatusOK, as("/setup")) // still signed in, at the daemon
	wantText(t, "what comes next", page, "Make your app at Pinterest")
	cookies = before
	s.answers(http.StatusSeeOther, as("/")) // to the sign-in page
	s.answers(http.StatusSeeOther, s.get(d.page+"/signin", url.Values{"password": {"correct horse"}}))

	// Everybody signs in again with another password, while it runs.
	cookies = s.cookies(s.get(d.page+"/signin", url.Values{"password": {"correct horse"}}))
	s.answers(http.StatusOK, as("/"))
	change := s.command(t.Context(), "web", "password")
	change.Stdin = strings.NewReader("battery staple\n")
	if said, err := change.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	s.eventually(10*time.Millisecond, "the session ends", func() bool {
		status, _, _ := s.visit(as("/"))
		return status == http.StatusSeeOther
	})
	s.answers(http.StatusForbidden, s.get(d.page+"/signin", url.Values{"password": {"correct horse"}}))
	s.answers(http.StatusSeeOther, s.get(d.page+"/signin", url.Values{"password": {"battery staple"}}))
	if strings.Contains(s.log(), "battery") || strings.Contains(s.log(), "correct h") {
		t.Error("a password is in the log")
	}
}

// cookies are those that come with an answer.
func (s *site) cookies(r *http.Request) []*http.Cookie {
	s.t.Helper()
	response, err := browser().Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusSeeOther {
		s.t.Fatalf("%s answers %d", r.URL, response.StatusCode)
	}
	return response.Cookies()
}

func TestAFirstRunStopsWhenAskedTo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.firstRun("127.0.0.1:0")
	d.terminate()
	if strings.Contains(d.stderr.String(), "level=ERROR") {
		t.Error(d.stderr.String())
	}
}
