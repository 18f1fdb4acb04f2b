package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// statusJSON is `status --json`; a field that is not here is an error.
type statusJSON struct {
	Version     string `json:"version"`
	Running     bool   `json:"running"`
	Environment string `json:"environment"`
	Accounts    []struct {
		Name      string `json:"name"`
		Connected bool   `json:"connected"`
		Paused    bool   `json:"paused"`
		Problem   string `json:"problem"`
	} `json:"accounts"`
	Folders  []folderState `json:"folders"`
	Next     *listed       `json:"next"`
	Problems []string      `json:"problems"`
}

// folderState is a folder as `status --json` shows it.
type folderState struct {
	Path    string             `json:"path"`
	Watch   string             `json:"watch"`
	Why     string             `json:"why"`
	State   string             `json:"state"`
	Problem string             `json:"problem"`
	Counts  map[post.State]int `json:"counts"`
}

// status asks how things stand, whatever the exit code.
func (s *site) status() (status statusJSON) {
	s.t.Helper()
	got := s.run("status", "--json")
	decoder := json.NewDecoder(strings.NewReader(got.stdout))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&status); err != nil {
		s.t.Fatalf("status --json exits with %d: %v\n%s%s", got.code, err, got.stdout, got.stderr)
	}
	return status
}

// wantKeys fails unless an object has exactly these keys.
func wantKeys(t *testing.T, what string, object any, keys ...string) map[string]any {
	t.Helper()
	m, ok := object.(map[string]any)
	if !ok {
		t.Fatalf("%s is no object: %v", what, object)
	}
	slices.Sort(keys)
	if got := slices.Sorted(maps.Keys(m)); !slices.Equal(got, keys) {
		t.Errorf("%s has the keys %q, want %q", what, got, keys)
	}
	return m
}

func TestTheShapeOfJSON(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	var status map[string]any
	s.eventually(200*time.Millisecond, "the folder is watched", func() bool { return s.status().Folders[0].State == "watching" })
	if err := json.Unmarshal([]byte(s.want(0, "status", "--json").stdout), &status); err != nil {
		t.Fatal(err)
	}
	if list := s.want(0, "list", "--json").stdout; strings.TrimSpace(list) != "[]" {
		t.Errorf("an empty list is %s", list)
	}
	wantKeys(t, "status", status, "version", "running", "environment", "accounts", "folders", "next", "problems")
	if status["next"] != nil || status["running"] != true || status["environment"] != s.server.URL || len(status["problems"].([]any)) != 0 {
		t.Errorf("status %v", status)
	}

	s.pair("fog", 1, "title: Fog\nboard: Fog\nsection: Dawn\npublish_at: 2036-12-01 18:30\n")
	s.pair("frost", 2, rightNow("frost"))
	s.pair("draft", 3, "draft: true\n")
	s.await("fog.jpg", post.Scheduled)
	s.await("frost.jpg", post.Posted)
	s.await("draft.jpg", post.Draft)
	var list []map[string]any
	if err := json.Unmarshal([]byte(s.want(0, "list", "--json").stdout), &list); err != nil || len(list) != 3 {
		t.Fatalf("%v: %v", err, list)
	}
	for _, p := range list {
		wantKeys(t, "a post", p, "id", "folder", "path", "board", "section", "account", "state", "publish_at", "planned_at", "posted_at",
			"title", "attempts", "problem")
		id, isNumber := p["id"].(float64)
		if !isNumber || id < 1 || p["folder"] != s.folder || p["account"] != "main" || p["problem"] != "" {
			t.Errorf("post %v", p)
		}
		switch p["path"] {
		case "fog.jpg":
			if p["publish_at"] != "2036-12-01T18:30:00+01:00" || p["planned_at"] != p["publish_at"] || p["posted_at"] != nil || p["section"] != "Dawn" ||
				p["title"] != "Fog" || p["attempts"] != 0.0 || p["state"] != "scheduled" {
				t.Errorf("fog is %v", p)
			}
		case "frost.jpg":
			if _, err := time.Parse(time.RFC3339, p["posted_at"].(string)); err != nil || p["planned_at"] != nil || p["attempts"] != 1.0 {
				t.Errorf("frost is %v, %v", p, err)
			}
		case "draft.jpg":
			if p["publish_at"] != nil || p["planned_at"] != nil || p["posted_at"] != nil || p["board"] != "" || p["state"] != "draft" {
				t.Errorf("draft is %v", p)
			}
		}
	}
	s.wantStatusShape()
}

// wantStatusShape looks at what is inside of a status with posts.
func (s *site) wantStatusShape() {
	s.t.Helper()
	var status map[string]any
	if err := json.Unmarshal([]byte(s.want(0, "status", "--json").stdout), &status); err != nil {
		s.t.Fatal(err)
	}
	account := wantKeys(s.t, "an account", status["accounts"].([]any)[0], "name", "connected", "paused", "problem")
	if account["name"] != "main" || account["connected"] != true || account["paused"] != false || account["problem"] != "" {
		s.t.Errorf("account %v", account)
	}
	folder := wantKeys(s.t, "a folder", status["folders"].([]any)[0], "path", "watch", "why", "state", "problem", "counts")
	if folder["path"] != s.folder || folder["state"] != "watching" || folder["watch"] == "" || folder["why"] == "" {
		s.t.Errorf("folder %v", folder)
	}
	counts := folder["counts"].(map[string]any)
	if counts["scheduled"] != 1.0 || counts["posted"] != 1.0 || counts["draft"] != 1.0 {
		s.t.Errorf("counts %v", counts)
	}
	if next, ok := status["next"].(map[string]any); !ok || next["path"] != "fog.jpg" {
		s.t.Errorf("next is %v", status["next"])
	}
}

func TestStatusExitsWithWhatIsWorst(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.start()
	s.want(4, "status")
	s.pair("wrong", 1, "titel: x\n")
	s.await("wrong.jpg", post.Invalid)
	s.want(4, "status") // not connected is worse
	d.terminate()
	s.connect("--client-id", "1480000", "--client-secret-file", s.secretFile("rehearsal-app-secret"))
	status := s.status()
	if status.Running || !slices.ContainsFunc(status.Problems, func(p string) bool { return strings.Contains(p, "wrong.yaml:1:1") }) {
		t.Errorf("status %+v", status)
	}
	wantText(t, "status", s.want(3, "status").stdout, "not running", "wrong.yaml:1:1", "1 invalid", "account main: connected")
	s.want(0, "list")
	wantText(t, "list", s.want(0, "list").stdout, "invalid", "wrong.jpg", "wrong.yaml:1:1")
	s.remove("wrong.jpg")
	s.remove("wrong.yaml")
	s.start()
	s.await("wrong.jpg", post.Withdrawn)
	s.want(0, "status")
}

func TestCommandsWorkBeforeTheFirstRun(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if list := s.want(0, "list", "--json"); strings.TrimSpace(list.stdout) != "[]" {
		t.Errorf("list is %s", list.stdout)
	}
	s.want(0, "list")
	s.want(4, "boards")
	s.want(4, "status")
	s.want(0, "disconnect")
	s.want(0, "check")
	s.want(1, "health")
}

func TestASecondDaemonOnOneStateDirectoryIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.start()
	second := s.run("run")
	if second.code != 5 {
		t.Errorf("exits with %d: %s", second.code, second.stderr)
	}
	wantText(t, "its error", second.stderr, s.state, "--state-dir")
	s.want(0, "health") // the first has not noticed
	d.kill()
	s.start() // a lock does not outlive its holder
}

func TestWithoutAnyConfigCommandsSayWhichToWrite(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	got := s.runBare("list")
	if got.code != 2 {
		t.Fatalf("exits with %d: %s", got.code, got.stderr)
	}
	file := regexp.MustCompile(`write (\S+config\.yaml)`).FindStringSubmatch(got.stderr)
	_, minimal, found := strings.Cut(got.stderr, "\n\n")
	if file == nil || !found || !strings.HasPrefix(file[1], s.home()) {
		t.Fatalf("it says\n%s", got.stderr)
	}
	s.writeTo(file[1], minimal)
	checked := s.runBare("config", "check")
	if checked.code != 0 {
		t.Errorf("what it printed is wrong: %s", checked.stderr)
	}
	wantText(t, "config check", checked.stdout, file[1], filepath.Join(s.home(), ".local", "state", "pinfold"))
	if got := s.runBare("run", "--config", filepath.Join(s.root, "nothing.yaml")); got.code == 0 || strings.Contains(got.stderr, "minimal") {
		t.Errorf("a config that is named and not there: %d, %s", got.code, got.stderr)
	}
}

func TestAnUnusableConfigOrStateIsRefusedAtStart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.want(2, "run", "--state-dir", s.folder) // in the watched folder
	s.want(2, "run", "--state-dir", filepath.Join(s.folder, "state"))
	s.edit("127.0.0.1:0", "0.0.0.0:0")
	got := s.want(2, "run")
	wantText(t, "its error", got.stderr, "password")
	s.edit("0.0.0.0:0", s.server.Listener.Addr().String()) // somebody else listens there
	got = s.want(1, "run")
	wantText(t, "its error", got.stderr, "in use", "web: {listen:")
	s.edit("settle:", "setle:")
	got = s.want(2, "run")
	wantText(t, "its error", got.stderr, s.config+":3:5: ", "settle")
}

func TestADamagedStoreIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	junk := strings.Repeat("this is no database\n", 500)
	path := filepath.Join(s.state, "pinfold.db")
	s.writeTo(path, junk)
	got := s.want(1, "run")
	wantText(t, "its error", got.stderr, path)
	if data, err := os.ReadFile(path); err != nil || string(data) != junk {
		t.Errorf("the file was changed: %v", err)
	}
	s.want(1, "status")
}

func TestCheckLooksBoardsUpLiveIfAsked(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.pair("fog", 1, "title: fog\nboard: Fogg\npublish_at: now\n")
	s.pair("frost", 2, rightNow("frost"))
	s.want(0, "check")
	if got := s.want(3, "check", "--boards").stdout; strings.Count(got, ".yaml:") != 1 {
		t.Errorf("check --boards says %q", got)
	} else {
		wantText(t, "check --boards", got, "fog.yaml:2:", "Fogg", "pinfold boards")
	}
	s.want(0, "disconnect")
	s.want(4, "check", "--boards")
}

func TestAWallClockNeedsAZoneThatSomebodyChose(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.edit("timezone: Europe/Oslo\n", "")
	s.env = []string{"TZ="}
	s.pair("wall", 1, "title: wall\nboard: Fog\npublish_at: 2036-12-01 18:30\n")
	s.pair("exact", 2, "title: exact\nboard: Fog\npublish_at: 2036-12-01T18:30:00+01:00\n")
	wantText(t, "check", s.want(3, "check").stdout, "wall.yaml:3:13: ", "timezone")
	d := s.start()
	s.await("exact.jpg", post.Scheduled)
	wantText(t, "problem", s.await("wall.jpg", post.Invalid).Problem, "wall.yaml:3:13: ", "set timezone")
	d.terminate()

	s.env = []string{"TZ=Asia/Tokyo"} // chosen now, and kept
	d = s.start()
	tokyo := time.Date(2036, 12, 1, 9, 30, 0, 0, time.UTC)
	s.awaitPost("it is planned", "wall.jpg", func(p listed) bool { return p.PublishAt != nil && p.PublishAt.Equal(tokyo) })
	d.terminate()
	s.env = []string{"TZ=Europe/Oslo"}
	d = s.start()
	s.eventually(20*time.Millisecond, "the change is told", func() bool { return strings.Contains(d.stderr.String(), "time zone") })
	if p := s.post("wall.jpg"); p.PublishAt == nil || !p.PublishAt.Equal(tokyo) {
		t.Errorf("planned for %v", p.PublishAt)
	}
}

func TestAStopWhileItStartsIsNoFailure(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.pair("fog", 1, inAMonth("fog"))
	for i := range 40 {
		d := s.launch("run", "--config", s.config)
		select {
		case <-time.After(time.Duration(i) * time.Millisecond):
		case <-d.ended:
			t.Fatalf("it ended by itself:\n%s", d.stderr.String())
		}
		if code := d.stop(syscall.SIGTERM); code != 0 && code != -1 { // -1: it did not listen to signals yet
			t.Errorf("stopped after %d ms it exits with %d:\n%s", i, code, d.stderr.String())
		}
	}
}
