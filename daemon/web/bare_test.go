package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/divitio/pinfold/daemon/web"
)

func (b *backend) Bare(context.Context) ([]web.Photo, bool, error) {
	return []web.Photo{{Folder: "/pins", Path: "a/<b>fog & mist.jpg"}}, true, b.err
}

func (b *backend) Unwritten(_ context.Context, p web.Photo) (web.Detail, error) {
	b.detail.Folder, b.detail.Path = p.Folder, p.Path
	return b.detail, b.err
}

func (b *backend) WriteNew(_ context.Context, p web.Photo, f web.Fields) error {
	return b.does(fmt.Sprintf("write %s %s %q on %q", p.Folder, p.Path, f.Title, f.Board))
}

func (b *backend) PhotoPicture(_ context.Context, p web.Photo, large bool) ([]byte, error) {
	return b.picture, b.does("picture", p.Folder, p.Path, large)
}

func TestAPhotoWithoutASidecarGetsOne(t *testing.T) {
	s := newSite(t)
	s.backend.overview = overview(t)
	s.backend.overview.Folders[0].Waiting = 1
	want(t, s.get(t, "/"), http.StatusOK, `1 photo waits for a YAML file. <a href="/waiting">Write it here</a>`)
	const query = "?folder=%2Fpins&path=a%2F%3Cb%3Efog+%26+mist.jpg"
	shown := strings.NewReplacer("&", "&amp;", "+", "&#43;").Replace(query)
	got := s.get(t, "/waiting")
	want(t, got, http.StatusOK, "a/&lt;b&gt;fog &amp; mist.jpg", "There are more.", `href="/new`+shown+`"`)
	if strings.Contains(got.Body.String(), "data-number") {
		t.Error("every change would read the folders again")
	}
	s.backend.detail = web.Detail{Text: web.Text{Path: "a/fog.yaml"}, Fields: web.Fields{Title: "From the photo"}}
	want(t, s.get(t, "/new"+query), http.StatusOK, "This writes <code>pins/a/fog.yaml</code>", `value="From the photo"`, `action="/new`+shown+`"`)
	sent := s.post(t, "/new"+query, url.Values{"title": {"Fog"}, "board": {"Mist"}, "when": {"now"}})
	if sent.Code != http.StatusSeeOther || !strings.HasPrefix(sent.Header().Get("Location"), "/waiting?") {
		t.Errorf("answered %d to %s", sent.Code, sent.Header().Get("Location"))
	}
	if !slices.Contains(s.backend.done, `write /pins a/<b>fog & mist.jpg "Fog" on "Mist"`) {
		t.Errorf("did %q", s.backend.done)
	}
	s.backend.refuses = web.Wrong{{Says: "the board is missing", Fix: "choose one"}}
	want(t, s.post(t, "/new"+query, url.Values{"title": {"Mine"}, "when": {"now"}}), http.StatusUnprocessableEntity, "The board is missing. Choose one.", `value="Mine"`)
	s.backend.refuses = web.ErrNotFound
	want(t, s.get(t, "/thumbs/new/small"+query), http.StatusNotFound)
	want(t, s.get(t, "/thumbs/new/huge"+query), http.StatusNotFound)
	want(t, s.post(t, "/new"+query, url.Values{"when": {"now"}}), http.StatusNotFound)
}
