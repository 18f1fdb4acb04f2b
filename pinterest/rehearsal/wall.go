package rehearsal

import (
	"embed"
	"html/template"
	"net/http"
	"slices"
	"strings"
)

//go:embed assets
var assets embed.FS

// templates are parsed from what is compiled in: they are right or no test passes.
var templates = template.Must(template.ParseFS(assets, "assets/*.html"))

// secure sets the headers of pages: nothing but our own style and images, and no frame around them.
func secure(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'")
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
	pins = pins[:min(len(pins), keepImages)]
	_ = templates.ExecuteTemplate(w, "wall.html", pins) // whoever asked may have left
}

// wallFile serves the style and the small copies of the images.
func (s *Server) wallFile(w http.ResponseWriter, r *http.Request) {
	secure(w)
	file := r.PathValue("file")
	if file == "style.css" {
		http.ServeFileFS(w, r, assets, "assets/style.css")
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
