package doctor

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/config"
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
			Events:  func(string) (bool, string) { return true, "ext4 tells all changes" },
			Mapped:  func(string) bool { return false },
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
		if !slices.Contains(fails, id) && id != "folder-write" { // TestDoctorNamesTheRightsThatAreMissing, with the real program
			t.Errorf("no test makes %s fail", id)
		}
	}
}

func TestAFolderThatHangsIsToldAndHoldsNothingUp(t *testing.T) {
	t.Parallel()
	s := healthy(t)
	s.Store = nil // it would ask the running daemon, over a disk that no bubble knows
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		s.Machine.Events = func(string) (bool, string) { <-hang; return true, "" }
		e := &examination{Patient: *s.Patient}
		e.folder(t.Context(), s.Config.Folders[0])
		if len(e.report.Findings) != 1 || e.report.Problems != 1 || !strings.Contains(e.report.Findings[0].Message, "does not answer") {
			t.Errorf("it finds %+v", e.report.Findings)
		}
		e.watches(t.Context())
		if len(e.report.Findings) != 1 {
			t.Errorf("its directories are counted: %+v", e.report.Findings)
		}
		close(hang)
	})
}
