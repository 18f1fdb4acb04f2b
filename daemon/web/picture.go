package web

import (
	"errors"
	"net/http"
)

// ErrLater says that something is still being made, and may be asked for again in some seconds.
var ErrLater = errors.New("it is not ready yet; try again in a moment")

// picture serves the picture of a post's photo.
func (s *Server) picture(w http.ResponseWriter, r *http.Request) error {
	id, err := postID(r)
	size := r.PathValue("size")
	if err != nil || (size != "small" && size != "large") {
		return s.notFound(w, r)
	}
	jpeg, err := s.Backend.Picture(r.Context(), id, size == "large")
	return showPicture(w, r, jpeg, err)
}

// showPicture sends a JPEG, or says why there is none: no person reads it. Its address changes with the photo, so
// that browsers may keep it.
func showPicture(w http.ResponseWriter, r *http.Request, jpeg []byte, err error) error {
	switch {
	case errors.Is(err, ErrLater):
		w.Header().Set("Retry-After", "3")
		w.WriteHeader(http.StatusServiceUnavailable)
		return nil
	case errors.Is(err, ErrNotFound):
		w.WriteHeader(http.StatusNotFound)
		return nil
	case err != nil:
		return err
	}
	w.Header().Set("Content-Type", "image/jpeg")
	if r.URL.Query().Get("v") != "" {
		w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
	}
	_, _ = w.Write(jpeg) //nolint:gosec // a picture that we made, as one: nosniff
	return nil
}
