package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"time"
)

const (
	// chunkWait is how long a piece of an upload may take: a slow line is no reason to end it, silence is.
	chunkWait = time.Minute
	// mostField bounds the fields that come before the files, in bytes.
	mostField = 8 << 10
	// mostUpload bounds one request, in bytes.
	mostUpload = 5 << 30
	uploadPath = "/upload"
)

// errTooMuch refuses an upload that is larger than mostUpload.
var errTooMuch = &refusal{http.StatusRequestEntityTooLarge, "that is too much at once; send fewer photos"}

// Uploader takes files into a folder.
type Uploader interface {
	// Upload takes files until next gives io.EOF. Errors: ErrNotFound, *NotPossible, next's own.
	Upload(ctx context.Context, folder string, next func() (name string, content io.Reader, err error)) ([]Uploaded, error)
}

// Uploaded is what became of a file.
type Uploaded struct {
	Name    string
	As      string // its name in the folder; "" if it was not taken
	Refused string // why it was not taken
}

// uploadBody tells what became of files.
type uploadBody struct {
	Folder string
	Files  []Uploaded
	Taken  int
}

// upload takes photos, as they come in: nothing of them is kept in memory.
func (s *Server) upload(w http.ResponseWriter, r *http.Request) error {
	if r.ContentLength > mostUpload { // before all of it has come
		return errTooMuch
	}
	control := http.NewResponseController(w)
	r.Body = http.MaxBytesReader(w, &patient{r.Body, control}, mostUpload)
	parts, err := r.MultipartReader()
	if err != nil {
		return &refusal{http.StatusBadRequest, "no files came with this; choose some"}
	}
	folder, first, err := fieldsFirst(parts)
	if err != nil {
		return notWhole(err)
	}
	files, err := s.Backend.Upload(r.Context(), folder, func() (string, io.Reader, error) {
		part := first
		if first = nil; part == nil {
			var err error
			if part, err = nextFile(parts); err != nil {
				return "", nil, err
			}
		}
		return part.FileName(), part, nil
	})
	_ = control.SetWriteDeadline(time.Now().Add(chunkWait))
	if err != nil {
		return notWhole(err)
	}
	body := uploadBody{Folder: folder, Files: files}
	for _, f := range files {
		if f.As != "" {
			body.Taken++
		}
	}
	p := page{Title: "Upload", Here: "plan", Body: body}
	o, err := s.overview(r.Context())
	if err != nil {
		return err
	}
	p.stand(o)
	return s.render(w, r, http.StatusOK, "uploaded", p)
}

// fieldsFirst reads the fields before the first file: which folder it is.
func fieldsFirst(parts *multipart.Reader) (folder string, first *multipart.Part, err error) {
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return folder, nil, &refusal{http.StatusBadRequest, "no files came with this; choose some"}
		} else if err != nil {
			return folder, nil, err
		}
		if part.FormName() == "photos" {
			return folder, part, nil
		}
		value, err := io.ReadAll(io.LimitReader(part, mostField))
		if err != nil {
			return folder, nil, err
		}
		if part.FormName() == "folder" {
			folder = string(value)
		}
	}
}

// nextFile is the next file; what else comes is passed over.
func nextFile(parts *multipart.Reader) (*multipart.Part, error) {
	for {
		part, err := parts.NextPart()
		if err != nil || part.FormName() == "photos" {
			return part, err
		}
	}
}

// notWhole words what kept an upload from coming whole.
func notWhole(err error) error {
	_, refused := errors.AsType[*refusal](err)
	_, impossible := errors.AsType[*NotPossible](err)
	_, tooBig := errors.AsType[*http.MaxBytesError](err)
	switch {
	case refused || impossible || errors.Is(err, ErrNotFound):
		return err
	case tooBig:
		return errTooMuch
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, multipart.ErrMessageTooLarge):
		return &refusal{http.StatusBadRequest, "the photos did not come whole, and none of them was taken; send them again"}
	}
	return fmt.Errorf("take photos: %w", err)
}

// patient reads a body for as long as something comes.
type patient struct {
	io.ReadCloser
	control *http.ResponseController
}

func (p *patient) Read(b []byte) (int, error) {
	_ = p.control.SetReadDeadline(time.Now().Add(chunkWait))
	_ = p.control.SetWriteDeadline(time.Now().Add(2 * chunkWait)) // it counts from the request's begin otherwise
	return p.ReadCloser.Read(b)
}
