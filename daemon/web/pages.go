package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

//go:embed assets
var assets embed.FS

// page is what every template gets.
type page struct {
	Title    string
	Wide     bool   // a list, not a text
	Status   string // the line at the top right
	Well     bool   // its dot is green
	Password bool   // there is a way to sign out
	Body     any
}

// messageBody is a page that says one thing.
type messageBody struct {
	Text    string
	Account string
}

func parseTemplates() (*template.Template, error) {
	return template.New("").Funcs(template.FuncMap{
		"when":    when,
		"in":      inWords,
		"stateIn": stateWords,
	}).ParseFS(assets, "assets/*.html")
}

// render writes a whole page or, if the template fails, nothing.
func (s *Server) render(w http.ResponseWriter, status int, name string, p page) error {
	p.Password = s.door != nil && p.Status != ""
	var buffer bytes.Buffer
	if err := s.templates.ExecuteTemplate(&buffer, name, p); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(buffer.Bytes()) // the browser went away
	return nil
}

// asset serves an embedded file.
func asset(name, contentType string) handler {
	return func(w http.ResponseWriter, _ *http.Request) error {
		data, err := assets.ReadFile("assets/" + name)
		if err != nil {
			return fmt.Errorf("read asset: %w", err)
		}
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(data) // the browser went away
		return nil
	}
}

func (s *Server) notFound(http.ResponseWriter, *http.Request) error {
	return &refusal{http.StatusNotFound, "there is no such page here"}
}

func (s *Server) privacy(w http.ResponseWriter, _ *http.Request) error {
	return s.render(w, http.StatusOK, "privacy", page{Title: "Privacy"})
}

// healthz is 503 only when the loop or the store fail: an account that is not connected is no reason to restart.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if err := s.Backend.Healthy(); err != nil {
		s.log().Warn("Not healthy", "error", err)
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("not well: see the log\n"))
		return nil
	}
	_, _ = w.Write([]byte("ok\n"))
	return nil
}

// sentence makes an error's text one that can stand alone.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	text = string(unicode.ToUpper(first)) + text[size:]
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}

// when is an instant as people say it. Its zone is left out where it is the view's own, which stands there once.
func when(t time.Time, viewZone string) string {
	layout := "Mon 2 Jan 2006, 15:04"
	if t.Location().String() != viewZone {
		layout += " MST"
	}
	return t.Format(layout)
}

// inWords is how long it is until t: "in 2 h 10 min".
func inWords(t, now time.Time) string {
	left := t.Sub(now).Round(time.Minute)
	days, hours, minutes := int(left.Hours())/24, int(left.Hours())%24, int(left.Minutes())%60
	switch {
	case left < time.Minute:
		return "any moment"
	case days > 0:
		return fmt.Sprintf("in %d d %d h", days, hours)
	case hours > 0:
		return fmt.Sprintf("in %d h %d min", hours, minutes)
	}
	return fmt.Sprintf("in %d min", minutes)
}
