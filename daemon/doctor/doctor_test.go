package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/vault"
)

// now is the machine's clock in these tests.
var now = time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)

// sick is a patient whom nothing ails, until a test does something to it.
type sick struct {
	*Patient
	t         *testing.T
	folder    string
	pinterest time.Time // what Pinterest's clock says
}

// healthy makes such a patient.
func healthy(t *testing.T) *sick {
	t.Helper()
	root := t.TempDir()
	s := &sick{t: t, folder: filepath.Join(root, "pins"), pinterest: now}
	dirs := config.Dirs{State: filepath.Join(root, "state"), Keys: filepath.Join(root, "keys")}
	for _, dir := range []string{s.folder, dirs.State, dirs.Keys} {
		s.ok(os.Mkdir(dir, 0o700))
	}
	file := filepath.Join(root, "config.yaml")
	s.ok(os.WriteFile(file, []byte("folders: []\n"), 0o600))
	opened, err := store.Create(t.Context(), dirs.State, config.Production)
	s.ok(err)
	t.Cleanup(func() { _ = opened.Close() })
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", s.pinterest.Format(http.TimeFormat))
		w.WriteHeader(http.StatusNotFound)
	}))
	t.Cleanup(api.Close)
	c := config.Default()
	c.Folders, c.Timezone, c.Web.Listen = []config.Folder{config.DefaultFolder(s.folder)}, "Europe/Oslo", "127.0.0.1:0"
	s.Patient = &Patient{
		Version: "1.0.0", Built: now.Add(-time.Hour), ConfigFile: file, Config: c, Dirs: dirs, Environment: config.Production,
		APIURL: api.URL, Zone: Zone{Chosen: "Europe/Oslo"}, Store: opened, Vault: vault.Look(dirs.State, dirs.Keys),
		Accounts: []account.Status{{Account: "main", Connected: true, Renewable: true, Ends: now.Add(50 * 24 * time.Hour)}},
		Running:  true, Page: api.URL + "/page",
		Machine: Machine{
			Now: func() time.Time { return now }, Getenv: func(string) string { return "" },
			Free:    func(string) (uint64, error) { return 1 << 30, nil },
			Steady:  func() (bool, bool) { return true, true },
			Watches: func() (int, string) { return 1000, "raise it" },
			Lookup:  func(context.Context, string) ([]string, error) { return []string{"127.0.0.1"}, nil },
			HTTP:    pageAnswers(api.Client()),
		},
	}
	s.tell(store.Folder{Path: s.folder, State: "watching"})
	return s
}

// pageAnswers lets the daemon's page say that all is well.
func pageAnswers(client *http.Client) *http.Client {
	next := client.Transport
	return &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(r)
		if err == nil && strings.HasSuffix(r.URL.Path, "/healthz") {
			response.StatusCode = http.StatusOK
		}
		return response, err
	})}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (s *sick) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *sick) update(f func(*store.Tx) error) {
	s.t.Helper()
	s.ok(s.Store.Update(s.t.Context(), f))
}

// tell lets the daemon say how a folder stands.
func (s *sick) tell(f store.Folder) {
	s.t.Helper()
	s.update(func(tx *store.Tx) error { return tx.SaveFolder(f) })
}

// ailment is something wrong, and what the doctor has to find of it.
type ailment struct {
	make   func(*sick)
	id     string
	status Status
	says   string
}

// ailments are all that the doctor finds, each with what makes it so.
func ailments() map[string]ailment {
	return map[string]ailment{
		"no config": {func(s *sick) {
			s.ConfigFault = &config.NoneError{Looked: []string{"/a"}, Write: "/a"}
		}, "config", Problem, "no config yet"},
		"a wrong config": {func(s *sick) {
			_, findings := config.Parse("c.yaml", []byte("folder: x\n"))
			s.ConfigFault = findings.Err()
		}, "config", Problem, `unknown key "folder"`},
		"a closed config": {func(s *sick) { s.ConfigFault = fs.ErrPermission }, "config", Problem, "cannot be read"},
		"another fault":   {func(s *sick) { s.ConfigFault = errors.New("no such file") }, "config", Problem, "no such file"},
		"an open config": {func(s *sick) {
			s.Config.Notify.URLs = []string{"ntfy://secret"}
			s.ok(os.Chmod(s.ConfigFile, 0o644))
		}, "config-open", Note, "every user"},
		"directories in each other": {func(s *sick) { s.DirsFault = errors.New("must lie apart") }, "state", Problem, "must lie apart"},
		"an open state directory":   {func(s *sick) { s.ok(os.Chmod(s.Dirs.State, 0o755)) }, "state", Problem, "open to others"},
		"an open key":               {func(s *sick) { s.ok(os.WriteFile(filepath.Join(s.Dirs.Keys, "x"), nil, 0o644)) }, "state", Problem, "open to others, such as"},
		"a file for a directory": {func(s *sick) {
			s.Dirs.Keys = s.ConfigFile
		}, "state", Problem, "no directory"},
		"no directory yet": {func(s *sick) { s.Dirs.Keys += "-none" }, "state", Note, "at the first start"},
		"a full disk": {func(s *sick) {
			s.Machine.Free = func(string) (uint64, error) { return 3 << 20, nil }
		}, "disk", Problem, "only 3 MB"},
		"no store yet":        {func(s *sick) { s.Store, s.StoreFault = nil, store.ErrNoStore }, "store", Note, "no store yet"},
		"a newer store":       {func(s *sick) { s.Store, s.StoreFault = nil, store.ErrNewer }, "store", Problem, "newer pinfold"},
		"a damaged store":     {func(s *sick) { s.Store, s.StoreFault = nil, &store.DamagedError{Path: "/s", Problem: "is damaged"} }, "store", Problem, "is damaged"},
		"a store that breaks": {func(s *sick) { s.ok(damage(filepath.Join(s.Dirs.State, store.FileName), s.Store)) }, "store", Problem, "damaged"},
		"a store on a bad disk": {func(s *sick) {
			s.Store, s.StoreFault = nil, errors.New("input/output error")
		}, "store", Problem, "input/output error"},
		"not running": {func(s *sick) { s.Running, s.Page = false, "" }, "running", Note, "not running"},
		"no folder":   {func(s *sick) { s.ok(os.Remove(s.folder)) }, "folder", Problem, "not there"},
		"a file for a folder": {func(s *sick) {
			s.ok(errors.Join(os.Remove(s.folder), os.WriteFile(s.folder, nil, 0o600)))
		}, "folder", Problem, "not a directory"},
		"a folder that is polled": {func(s *sick) { s.Config.Folders[0].Watch = config.WatchPoll }, "folder-watch", OK, "looking every 30s"},
		"a full folder": {func(s *sick) {
			s.Machine.Free = func(dir string) (uint64, error) {
				if dir == s.folder {
					return 4096, nil
				}
				return 1 << 30, nil
			}
		}, "folder-room", Problem, "disk is full"},
		"what the daemon sees": {func(s *sick) {
			s.tell(store.Folder{Path: s.folder, State: "absent", Problem: &post.Problem{ID: "sandbox", Message: "hides it", Fix: "[Service]\nBindPaths=/x"}})
		}, "folder-state", Problem, "hides it"},
		"many directories": {func(s *sick) {
			s.Machine.Watches = func() (int, string) { return 3, "raise it" }
			for i := range 5 {
				s.ok(os.Mkdir(filepath.Join(s.folder, strconv.Itoa(i)), 0o700))
			}
		}, "inotify", Note, "more than 3 directories"},
		"a record without its key": {func(s *sick) {
			s.store()
			s.ok(os.RemoveAll(s.Dirs.Keys))
			s.ok(os.Mkdir(s.Dirs.Keys, 0o700))
		}, "vault", Problem, "nothing opens it"},
		"a key without its record": {func(s *sick) {
			s.store()
			records, err := filepath.Glob(filepath.Join(s.Dirs.State, "*.vault"))
			s.ok(err)
			s.ok(os.Remove(records[0]))
		}, "vault", Note, "a key to a connection that is not there"},
		"not connected": {func(s *sick) {
			s.Accounts[0] = account.Status{Account: "main", Problem: &post.Problem{ID: "not-connected", Message: "not connected", Fix: "connect"}}
		}, "account", Problem, "not connected"},
		"a connection that ends": {func(s *sick) { s.Accounts[0].Ends = now.Add(10 * 24 * time.Hour) }, "tokens", Problem, "11 December 2026"},
		"one that has ended":     {func(s *sick) { s.Accounts[0].Ends = now.Add(-time.Hour) }, "tokens", Problem, "ended"},
		"a pasted token": {func(s *sick) {
			s.Accounts[0].Renewable, s.Accounts[0].Ends = false, now.Add(20*24*time.Hour)
		}, "tokens", Note, "cannot be renewed"},
		"trial access":    {func(s *sick) { s.account(store.Account{Paused: store.PauseTrial}) }, "trial", Problem, "trial access"},
		"trial, in order": {func(s *sick) { s.update(func(tx *store.Tx) error { return tx.SetTrial("main", true) }) }, "trial", Note, "trial access"},
		"a pause":         {func(s *sick) { s.account(store.Account{Paused: store.PauseUser}) }, "pause", Note, "you paused"},
		"Pinterest's pause": {func(s *sick) {
			s.account(store.Account{Paused: store.PauseSpam, Until: now.Add(time.Hour), Problem: &post.Problem{Message: "took the pins for spam", Fix: "wait"}})
		}, "pause", Problem, "for spam (until"},
		"posts that need somebody": {func(s *sick) {
			s.update(func(tx *store.Tx) error {
				return tx.Insert(&store.Record{Post: post.Post{Folder: s.folder, Photo: "fog.jpg", State: post.Invalid}, Name: "fog"})
			})
		}, "posts", Problem, "1 post(s) need you"},
		"wrong files, no store yet": {func(s *sick) {
			s.Store, s.StoreFault = nil, store.ErrNoStore
			s.Sidecars = func() (int, error) { return 2, nil }
		}, "posts", Problem, "2 thing(s)"},
		"nobody's zone":     {func(s *sick) { s.Zone = Zone{} }, "timezone", Problem, "nobody chose a time zone"},
		"another zone":      {func(s *sick) { s.Zone = Zone{Stored: "Europe/Oslo", System: "Europe/Paris"} }, "timezone", Note, "now it is Europe/Paris"},
		"a page that fails": {func(s *sick) { s.Page = "http://127.0.0.1:1" }, "page", Problem, "does not answer"},
		"an unwell daemon": {func(s *sick) {
			s.Machine.HTTP = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}
		}, "page", Problem, "not well"},
		"a port in use": {func(s *sick) {
			s.Running, s.Page = false, ""
			l, err := net.Listen("tcp", "127.0.0.1:0")
			s.ok(err)
			s.t.Cleanup(func() { _ = l.Close() })
			s.Config.Web.Listen = l.Addr().String()
		}, "page", Problem, "in use"},
		"no address": {func(s *sick) {
			s.Running, s.Page, s.Config.Web.Listen = false, "", "127.0.0.1:http-nonsense"
		}, "page", Problem, "nothing can listen there"},
		"an open page": {func(s *sick) {
			s.Running, s.Page, s.Config.Web.Listen = false, "", "0.0.0.0:0"
		}, "page", Problem, "no password"},
		"no name service": {func(s *sick) {
			s.Machine.Lookup = func(context.Context, string) ([]string, error) { return nil, errors.New("no such host") }
		}, "network", Problem, "the name cannot be found"},
		"no way": {func(s *sick) { s.APIURL = "http://127.0.0.1:1" }, "network", Problem, "cannot be reached"},
		"another's certificate": {func(s *sick) {
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
			server.StartTLS()
			s.t.Cleanup(server.Close)
			s.APIURL = server.URL
		}, "network", Problem, "certificate"},
		"a clock that is wrong": {func(s *sick) { s.pinterest = now.Add(10 * time.Minute) }, "clock", Problem, "Pinterest's 2026-12-01 09:10"},
		"a clock that went back": {func(s *sick) {
			s.APIURL = ""
			s.update(func(tx *store.Tx) error {
				return tx.SetMeta(store.MetaDate, strconv.FormatInt(now.Add(time.Hour).UnixMilli(), 10))
			})
		}, "clock", Problem, "said 2026-12-01 10:00"},
		"a clock that was never set": {func(s *sick) {
			s.APIURL, s.Machine.Now = "", func() time.Time { return time.Unix(1000, 0) }
		}, "clock", Problem, "before this pinfold was made"},
		"a clock from the future": {func(s *sick) {
			s.APIURL, s.Machine.Now = "", func() time.Time { return now.AddDate(90, 0, 0) }
		}, "clock", Problem, "2116"},
		"nobody keeps the clock": {func(s *sick) { s.Machine.Steady = func() (bool, bool) { return false, true } }, "clock-sync", Note, "no time service"},
	}
}

// account notes how the account stands.
func (s *sick) account(a store.Account) {
	s.t.Helper()
	a.Name = "main"
	s.update(func(tx *store.Tx) error { return tx.SaveAccount(a) })
}

// store seals a connection.
func (s *sick) store() {
	s.t.Helper()
	v, err := vault.Open(s.Dirs.State, s.Dirs.Keys)
	s.ok(err)
	entry, err := v.Lock(s.t.Context(), config.Production, "main")
	s.ok(err)
	defer entry.Unlock()
	_, err = entry.Save(vault.Record{AppID: "1"})
	s.ok(err)
}

// damage breaks a store's file while it is open.
func damage(path string, s *store.Store) error {
	err := s.Update(context.Background(), func(tx *store.Tx) error {
		for n := range 300 {
			r := store.Record{Post: post.Post{Folder: "/f", Photo: strconv.Itoa(n), State: post.Draft}, Name: strconv.Itoa(n)}
			if err := tx.Insert(&r); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, s.Close()); err != nil { // what is in the log goes into the file
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		_, err = f.WriteAt(make([]byte, 8192), info.Size()/2)
	}
	return errors.Join(err, f.Close())
}

func TestAHealthyInstallationHasNothingToSay(t *testing.T) {
	t.Parallel()
	s := healthy(t)
	r := Examine(t.Context(), *s.Patient)
	for _, f := range r.Findings {
		if f.Status != OK {
			t.Errorf("%+v", f)
		}
	}
	if r.Problems != 0 || len(r.Findings) < 14 {
		t.Errorf("%d problems in %d findings", r.Problems, len(r.Findings))
	}
}

func TestEachCheckFindsWhatItIsFor(t *testing.T) {
	t.Parallel()
	for name, a := range ailments() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := healthy(t)
			a.make(s)
			r := Examine(t.Context(), *s.Patient)
			var found *Finding
			for i, f := range r.Findings {
				if f.ID == a.id && f.Status == a.status && strings.Contains(f.Message, a.says) {
					found = &r.Findings[i]
				}
			}
			if found == nil {
				t.Fatalf("no %s %s that says %q in %+v", a.status, a.id, a.says, r.Findings)
			}
			if found.Status == Problem && found.Fix == "" {
				t.Errorf("no fix: %+v", *found)
			}
			if (found.Status == Problem) != (r.Problems > 0) {
				t.Errorf("%d problems", r.Problems)
			}
		})
	}
}

// idInCode finds the ids of findings where they are made.
var idInCode = regexp.MustCompile(`(?:e\.(?:ok|note|problem)|add)\("([a-z-]+)"`)

func TestEveryCheckIsExplainedAndCanFail(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, file := range files {
		code, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range idInCode.FindAllSubmatch(code, -1) {
			ids[string(found[1])] = true
		}
	}
	if len(ids) < 20 {
		t.Fatalf("only %d ids were found; is the pattern still right?", len(ids))
	}
	page, err := os.ReadFile("../../docs/doctor.md")
	if err != nil {
		t.Fatal(err)
	}
	var fails []string
	for _, a := range ailments() {
		fails = append(fails, a.id)
	}
	for id := range ids {
		if !strings.Contains(string(page), "| `"+id+"` |") {
			t.Errorf("docs/doctor.md does not explain %s", id)
		}
		if !slices.Contains(fails, id) && id != "folder-write" { // tried by an ordinary user's process, in cmd/pinfold
			t.Errorf("no test makes %s fail", id)
		}
	}
}

func TestAFolderThatHangsIsToldAndHoldsNothingUp(t *testing.T) {
	t.Parallel()
	s := healthy(t)
	hang := make(chan struct{})
	defer close(hang)
	s.Machine.Free = func(dir string) (uint64, error) {
		if dir == s.folder {
			<-hang
		}
		return 1 << 30, nil
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	r := Examine(ctx, *s.Patient)
	if len(r.Findings) == 0 {
		t.Error("nothing is told")
	}
}
