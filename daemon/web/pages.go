package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"path"

	"github.com/divitio/pinfold/daemon/config"
)

//go:embed assets
var assets embed.FS

// page is what every template gets.
type page struct {
	Title    string
	Here     string // which of the pages at the top it is
	Wide     bool   // a plan or list, not a text
	Status   string // the line at the top right
	Well     bool   // its dot is green
	Password bool   // there is a way to sign out
	Stage    bool   // it is a rehearsal that was begun on the page
	Sandbox  bool   // pins are made in Pinterest's sandbox
	Said     string // what was just done
	Self     string // the page's own address, to come back to
	Feed     string // where a calendar subscribes to the plan; "" elsewhere
	Number   string // of the newest change that it shows; "" where nothing is shown that changes
	Body     any
}

// piece is a part of a page with the address to come back to.
type piece struct {
	It   any
	Self string
}

// copyField is a text with a button that copies it.
type copyField struct{ ID, Label, Text string }

// messageBody is a page that says one thing.
type messageBody struct {
	Text  string
	Setup string // the setup page it is about; "" if it is not about setup
}

func parseTemplates() (*template.Template, error) {
	return template.New("").Funcs(template.FuncMap{
		"asset":     assetURL,
		"capital":   capital,
		"clock":     clock,
		"copied":    func(id, label, text string) copyField { return copyField{id, label, text} },
		"count":     count,
		"dayTime":   dayTime,
		"hint":      hint,
		"in":        inWords,
		"name":      folderName,
		"number":    number,
		"preview":   previewOf,
		"was":       was,
		"on":        func(it any, self string) piece { return piece{it, self} },
		"pauseAll":  func() button { return button{Label: "Pause", URL: "/pause", Sends: true} },
		"resumeAll": func() button { return button{Label: "Resume", URL: "/resume", Sends: true, Main: true} },
		"place":     place,
		"folder":    folderSign,
		"runs":      runs,
		"sign":      signOf,
		"tallies":   tallies,
		"troubles":  troublesIn,
		"sentence":  sentence,
		"stamp":     stamp,
		"stateWord": stateWord,
		"states":    states,
	}).ParseFS(assets, "assets/*.html")
}

// render writes a whole page or, if the template fails, nothing.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, name string, p page) error {
	p.Password = s.door.Load() != nil && p.Status != ""
	p.Stage, p.Sandbox = s.rehearsing(), s.Accounts != nil && s.Accounts.Environment == config.Sandbox
	p.Said, p.Self = saidWords[r.URL.Query().Get("said")], selfOf(r)
	var buffer bytes.Buffer
	if err := s.templates.ExecuteTemplate(&buffer, name, p); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(buffer.Bytes()) // the browser went away
	return nil
}

// asset serves an embedded file. Its address changes with its content, so that browsers may keep it.
func (s *Server) asset(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	kind, known := assetKinds[path.Ext(name)]
	data, err := assets.ReadFile("assets/" + name)
	if !known || err != nil {
		return s.notFound(w, r)
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-cache")
	if r.URL.Query().Get("v") == versions[name] {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	_, _ = w.Write(data) //nolint:gosec // our own file
	return nil
}

// assetKinds are the embedded files that are served as they are, by their ending.
var assetKinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

// versions stand for the content of the embedded files, by name.
var versions = func() map[string]string {
	found := map[string]string{}
	entries, _ := assets.ReadDir("assets") // embedded: it is there
	for _, e := range entries {
		data, _ := assets.ReadFile("assets/" + e.Name())
		sum := sha256.Sum256(data)
		found[e.Name()] = hex.EncodeToString(sum[:6])
	}
	return found
}()

// assetURL is the address of an embedded file.
func assetURL(name string) string { return "/assets/" + name + "?v=" + versions[name] }

// selfOf is the address to come back to after something was done on a page.
func selfOf(r *http.Request) string {
	if r.Method != http.MethodGet {
		return "/"
	}
	query := r.URL.Query()
	query.Del("said")
	return address(r.URL.Path, query)
}

func (s *Server) notFound(http.ResponseWriter, *http.Request) error {
	return &refusal{http.StatusNotFound, "there is no such page here"}
}

func (s *Server) privacy(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, http.StatusOK, "privacy", page{Title: "Privacy", Here: "privacy"})
}

// healthz is 503 only when the loop or the store fail: an account that is not connected is no reason to restart.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if err := s.health(); err != nil {
		s.log().Warn("Not healthy", "error", err)
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("not well: see the log\n"))
		return nil
	}
	_, _ = w.Write([]byte("ok\n"))
	return nil
}

// health is nil while all is well.
func (s *Server) health() error {
	if s.Backend == nil {
		return nil
	}
	return s.Backend.Healthy()
}
