package rehearsal

import (
	"embed"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"
)

//go:embed assets
var assets embed.FS

// templates are parsed from what is compiled in: they are right or no test passes.
var templates = template.Must(template.ParseFS(assets, "assets/*.html"))

// secure sets the headers of pages: nothing but our own files, and no frame around them.
func secure(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; connect-src 'self'; img-src 'self'; script-src 'self'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}

// wall serves the page that shows all pins, newest first.
func (s *Server) wall(w http.ResponseWriter, _ *http.Request) {
	secure(w)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	pins := s.Pins()
	slices.Reverse(pins)
	view := wallView{pins[:min(len(pins), keepImages)], time.Now()}
	_ = templates.ExecuteTemplate(w, "wall.html", view) // whoever asked may have left
}

// wallView is what the page shows.
type wallView struct {
	Pins []Pin     // newest first
	now  time.Time // in the zone of this machine, as the terminal shows times
}

// Zone names the zone of the page's times.
func (v wallView) Zone() string { return v.now.Format("MST") }

// When is the time of day, with the date if that is not today's.
func (v wallView) When(at time.Time) string {
	at = at.In(v.now.Location())
	if at.Format(time.DateOnly) == v.now.Format(time.DateOnly) {
		return at.Format("15:04:05")
	}
	return at.Format("Mon 2 Jan 2006, 15:04:05")
}

// wallFile serves the style, the script and the small copies of the images.
func (s *Server) wallFile(w http.ResponseWriter, r *http.Request) {
	secure(w)
	file := r.PathValue("file")
	if file == "style.css" || file == "wall.js" {
		http.ServeFileFS(w, r, assets, "assets/"+file)
		return
	}
	id, isImage := strings.CutSuffix(file, ".jpg")
	for _, pin := range s.Pins() {
		if isImage && pin.ID == id && pin.small != nil {
			w.Header().Set("Content-Type", "image/jpeg")
			w.Header().Set("Cache-Control", "max-age=86400, immutable")
			_, _ = w.Write(pin.small)
			return
		}
	}
	http.NotFound(w, r)
}

// HasImage reports whether the wall still has the pin's image.
func (p Pin) HasImage() bool { return p.small != nil }
