package web_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/divitio/pinfold/daemon/web"
)

// Upload reads what comes, and refuses what is no photo.
func (b *backend) Upload(_ context.Context, folder string, next func() (string, io.Reader, error)) ([]web.Uploaded, error) {
	if err := b.does("upload into", folder); err != nil {
		return nil, err
	}
	var files []web.Uploaded
	for {
		name, content, err := next()
		if errors.Is(err, io.EOF) {
			return files, nil
		} else if err != nil {
			return nil, err
		}
		n, err := io.Copy(io.Discard, content)
		if err != nil {
			return nil, err
		}
		b.done = append(b.done, fmt.Sprintf("%s %d", name, n))
		file := web.Uploaded{Name: name, As: name}
		if strings.HasSuffix(name, ".exe") {
			file = web.Uploaded{Name: name, Refused: name + " is no photo"}
		}
		files = append(files, file)
	}
}

// newUpload is a form with files, name by name.
func newUpload(t *testing.T, folder string, files ...string) *http.Request {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	err := form.WriteField("folder", folder)
	for i := 0; i < len(files) && err == nil; i += 2 {
		var part io.Writer
		if part, err = form.CreateFormFile("photos", files[i]); err == nil {
			_, err = io.WriteString(part, files[i+1])
		}
	}
	if err = errors.Join(err, form.Close()); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/upload", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return r
}

func TestFilesThatAreSentReachTheFolder(t *testing.T) {
	s := newSite(t)
	big := strings.Repeat("x", 1<<20) // other forms are not allowed as much
	got := s.do(t, newUpload(t, "/pins", "fog.jpg", big, "a<b>.exe", "MZ"))
	want(t, got, http.StatusOK, "1 file landed in pins", "fog.jpg", "A&lt;b&gt;.exe is no photo.")
	if done := []string{"upload into /pins", "fog.jpg 1048576", "a<b>.exe 2"}; !slices.Equal(s.backend.done, done) {
		t.Errorf("did %q", s.backend.done)
	}
	want(t, s.do(t, newUpload(t, "/pins", "b.exe", "MZ")), http.StatusOK, "Nothing was taken")
	want(t, s.do(t, newUpload(t, "/pins")), http.StatusBadRequest, "choose some")
	want(t, s.post(t, "/upload", nil), http.StatusBadRequest, "choose some")
	s.backend.refuses = &web.NotPossible{Message: "the folder is not there"}
	want(t, s.do(t, newUpload(t, "/pins", "fog.jpg", "x")), http.StatusConflict, "The folder is not there.")
}

func TestAnUploadThatIsCutIsNotTaken(t *testing.T) {
	s := newSite(t)
	r := newUpload(t, "/pins", "fog.jpg", strings.Repeat("x", 1000))
	r.Body = io.NopCloser(io.LimitReader(r.Body, 700))
	want(t, s.do(t, r), http.StatusBadRequest, "none of them was taken")
}

func TestAnUploadIsBounded(t *testing.T) {
	s := newSite(t)
	r := newUpload(t, "/pins", "fog.jpg", "x")
	r.ContentLength = 6 << 30
	want(t, s.do(t, r), http.StatusRequestEntityTooLarge, "send fewer photos")
	r = newUpload(t, strings.Repeat("x", 1<<20), "fog.jpg", "x") // a field is no file
	want(t, s.do(t, r), http.StatusOK)
	if len(s.backend.done[0]) > 10<<10 {
		t.Errorf("a field of %d bytes is read", len(s.backend.done[0]))
	}
}

func TestStrangersUploadNothing(t *testing.T) {
	s := newSite(t)
	r := newUpload(t, "/pins", "fog.jpg", "x")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	want(t, s.do(t, r), http.StatusForbidden)
	locked := newSite(t)
	locked.Password = password(t, "correct horse")
	if got := locked.do(t, newUpload(t, "/pins", "fog.jpg", "x")); got.Code == http.StatusOK {
		t.Errorf("without the password: %d", got.Code)
	}
	if len(s.backend.done)+len(locked.backend.done) > 0 {
		t.Errorf("did %q %q", s.backend.done, locked.backend.done)
	}
}
