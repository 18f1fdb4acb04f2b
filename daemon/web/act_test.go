package web_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/divitio/pinfold/daemon/web"
)

func TestEveryFixIsDoneAndSaid(t *testing.T) {
	for path, tt := range map[string]struct {
		form url.Values
		done string
		said string
	}{
		"/posts/7/retry":    {nil, "retry 7", "It is tried again now."},
		"/posts/7/confirm":  {nil, "confirm 7", "Noted: it is on Pinterest."},
		"/posts/7/now":      {nil, "now 7", "It is posted as soon as it can be."},
		"/posts/7/repost":   {nil, "repost 7", "It is posted again as soon as it can be."},
		"/pause":            {nil, "pause", "Paused: nothing is posted until you resume."},
		"/resume":           {url.Values{"account": {"studio"}}, "resume studio", "Resumed."},
		"/folders/accept":   {url.Values{"folder": {"/pins"}}, "accept /pins", "what is missing is withdrawn"},
		"/folders/takeover": {url.Values{"folder": {"/pins"}}, "takeover /pins", "This installation posts from the folder now."},
	} {
		s := newSite(t)
		form := url.Values{"back": {"/list?q=fog&said=old"}}
		for name, values := range tt.form {
			form[name] = values
		}
		got := s.post(t, path, form)
		where := got.Header().Get("Location")
		if got.Code != http.StatusSeeOther || !strings.HasPrefix(where, "/list?q=fog&said=") || strings.Contains(where, "old") {
			t.Errorf("%s answers %d and leads to %s", path, got.Code, where)
		}
		if !slices.Equal(s.backend.done, []string{tt.done}) {
			t.Errorf("%s did %q", path, s.backend.done)
		}
		want(t, s.get(t, where), http.StatusOK, tt.said)
		if strings.Contains(s.get(t, "/?said=%3Cscript%3E").Body.String(), "script>alert") {
			t.Error("words come from the address")
		}
	}
}

func TestWhatCannotBeDoneSaysWhy(t *testing.T) {
	s := newSite(t)
	for err, status := range map[error]int{
		&web.NotPossible{Message: "fog.jpg is posted"}: http.StatusConflict,
		web.ErrNotFound:         http.StatusNotFound,
		errors.New("disk full"): http.StatusInternalServerError,
	} {
		s.backend.refuses = err
		for _, path := range []string{"/posts/7/retry", "/pause", "/resume", "/folders/accept", "/folders/takeover"} {
			got := s.post(t, path, nil)
			want(t, got, status, "To the plan")
			if !strings.Contains(strings.ToLower(got.Body.String()), strings.ToLower(err.Error())) {
				t.Errorf("%s does not say %q:\n%s", path, err, got.Body)
			}
		}
	}
	s.backend.refuses, s.backend.done = nil, nil
	for _, path := range []string{"/posts/x/retry", "/posts/7/burn", "/posts//retry", "/posts/99999999999999999999/retry"} {
		if got := s.post(t, path, nil); got.Code != http.StatusNotFound && got.Code != http.StatusTemporaryRedirect && got.Code != http.StatusMovedPermanently {
			t.Errorf("%s answers %d", path, got.Code)
		}
	}
	if len(s.backend.done) > 0 {
		t.Errorf("did %q", s.backend.done)
	}
	for _, back := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "javascript:alert(1)"} {
		if where := s.post(t, "/pause", url.Values{"back": {back}}).Header().Get("Location"); where != "/?said=paused" {
			t.Errorf("back to %s leads to %s", back, where)
		}
	}
}

func TestPicturesAreServedToBeKept(t *testing.T) {
	s := newSite(t)
	s.backend.picture = []byte("\xff\xd8\xff jpeg")
	got := s.get(t, "/thumbs/7/small?v=abc")
	want(t, got, http.StatusOK, "jpeg")
	if h := got.Header(); h.Get("Content-Type") != "image/jpeg" || !strings.HasPrefix(h.Get("Cache-Control"), "private, max-age") || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers %v", h)
	}
	s.get(t, "/thumbs/7/large")
	if !slices.Equal(s.backend.done, []string{"picture 7 false", "picture 7 true"}) {
		t.Errorf("asked for %q", s.backend.done)
	}
	s.backend.done = nil
	for _, path := range []string{
		"/thumbs/..%2f..%2fetc%2fpasswd/small", "/thumbs/7/..%2fsecret", "/thumbs/../../etc/passwd", "/thumbs/7/huge", "/thumbs/x/small",
	} {
		if got := s.get(t, path); got.Code == http.StatusOK {
			t.Errorf("%s is served: %s", path, got.Body)
		}
	}
	if len(s.backend.done) > 0 {
		t.Errorf("asked for %q", s.backend.done)
	}
	s.backend.refuses = web.ErrLater
	if got := s.get(t, "/thumbs/7/small?v=abc"); got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") == "" ||
		strings.Contains(got.Header().Get("Cache-Control"), "max-age") {
		t.Errorf("one that is still made answers %d %v", got.Code, got.Header())
	}
	s.backend.refuses = web.ErrNotFound
	want(t, s.get(t, "/thumbs/7/small"), http.StatusNotFound)
}
