package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// Writer writes sidecars for photos that have none.
type Writer interface {
	// Bare gives the photos that have none, by folder and name; more: there are others.
	Bare(ctx context.Context) (photos []Photo, more bool, err error)
	// Unwritten is what is known of one of them, with what it says about itself. Errors: ErrNotFound, *NotPossible.
	Unwritten(ctx context.Context, p Photo) (Detail, error)
	// WriteNew writes its sidecar. Errors: ErrNotFound, Wrong, *NotPossible.
	WriteNew(ctx context.Context, p Photo, f Fields) error
	// PhotoPicture gives its picture as a JPEG. Errors: ErrNotFound, ErrLater.
	PhotoPicture(ctx context.Context, p Photo, large bool) ([]byte, error)
}

// Photo is a file in a folder.
type Photo struct {
	Folder string // absolute
	Path   string // in it
}

// URL is where its sidecar is written.
func (p Photo) URL() string { return address("/new", p.query()) }

// Picture is the address of its small picture.
func (p Photo) Picture() string { return p.picture("small") }

func (p Photo) picture(size string) string { return address("/thumbs/new/"+size, p.query()) }

func (p Photo) query() url.Values { return url.Values{"folder": {p.Folder}, "path": {p.Path}} }

// bareBody is the page of the photos without a sidecar.
type bareBody struct {
	Photos []Photo
	More   bool
}

// bare shows the photos without a sidecar.
func (s *Server) bare(w http.ResponseWriter, r *http.Request) error {
	o, err := s.overview(r.Context())
	if err != nil {
		return err
	}
	var body bareBody
	if body.Photos, body.More, err = s.Backend.Bare(r.Context()); err != nil {
		return fmt.Errorf("look for photos: %w", err)
	}
	p := page{Title: "Waiting photos", Here: "plan", Wide: true, Body: body}
	p.stand(o)
	p.Number = "" // the folders are read for it
	return s.render(w, r, http.StatusOK, "bare", p)
}

func photoIn(r *http.Request) (Photo, error) {
	if err := r.ParseForm(); err != nil {
		return Photo{}, parse(r)
	}
	return Photo{r.URL.Query().Get("folder"), r.URL.Query().Get("path")}, nil
}

// unwritten shows a photo without a sidecar, with a form for it.
func (s *Server) unwritten(w http.ResponseWriter, r *http.Request) error {
	photo, err := photoIn(r)
	if err != nil {
		return err
	}
	d, err := s.Backend.Unwritten(r.Context(), photo)
	if err != nil {
		return err
	}
	return s.showUnwritten(w, r, http.StatusOK, photo, postBody{Detail: d, After: d.Fields})
}

func (s *Server) showUnwritten(w http.ResponseWriter, r *http.Request, status int, photo Photo, body postBody) error {
	o, err := s.overview(r.Context())
	if err != nil {
		return err
	}
	body.Here, body.Back = photo.URL(), "/waiting"
	p := page{Title: body.Name(), Here: "plan", Wide: true, Body: body}
	p.stand(o)
	p.Number = ""
	return s.render(w, r, status, "new", p)
}

// writeNew writes the sidecar that the form says.
func (s *Server) writeNew(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	photo, err := photoIn(r)
	if err != nil {
		return err
	}
	f, err := fieldsOf(r.PostForm, "")
	if err != nil {
		return err
	}
	err = s.Backend.WriteNew(r.Context(), photo, f)
	wrong, isWrong := errors.AsType[Wrong](err)
	switch {
	case err == nil:
		return seeOther(w, r, "/waiting?said=written")
	case !isWrong:
		return err
	}
	d, err := s.Backend.Unwritten(r.Context(), photo)
	if err != nil {
		return err
	}
	return s.showUnwritten(w, r, http.StatusUnprocessableEntity, photo, postBody{Detail: d, After: f, Wrong: wrong})
}

// photoPicture serves the picture of a photo without a post.
func (s *Server) photoPicture(w http.ResponseWriter, r *http.Request) error {
	photo, err := photoIn(r)
	size := r.PathValue("size")
	if err != nil || (size != "small" && size != "large") {
		return s.notFound(w, r)
	}
	jpeg, err := s.Backend.PhotoPicture(r.Context(), photo, size == "large")
	return showPicture(w, r, jpeg, err)
}
