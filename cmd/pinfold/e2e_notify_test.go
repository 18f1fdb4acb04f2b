package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// hook is a webhook that collects what it is sent.
func hook(t *testing.T) (address string, messages chan string) {
	t.Helper()
	messages = make(chan string, 100)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		messages <- string(text)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/s3cr3t-hook", messages
}

func TestWhatNeedsSomebodyIsToldInOneMessage(t *testing.T) {
	t.Parallel()
	address, messages := hook(t)
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	nobody := strings.TrimPrefix(dead.URL, "http://")
	s := connectedSite(t, withConfig(
		fmt.Sprintf("notify: {urls: [%q, %q]}", address, "ntfy://erna:s3cr3t-word@"+nobody+"/s3cr3t-topic?scheme=http"),
	))
	s.pinterest.Fault(create, rehearsal.Refuse(http.StatusBadRequest, 1, "s3cr3t words of Pinterest's"))
	s.start()
	s.pair("fog", 1, rightNow("fog"))
	s.pair("lake", 2, "titel: Lake\nboard: Landscapes\npublish_at: now\n")
	s.await("fog.jpg", post.Failed)
	s.pair("moor", 3, rightNow("moor"))
	s.await("moor.jpg", post.Posted) // while one address is dead
	got := <-messages
	for _, want := range []string{"failed: pins/fog.jpg, board Fog", `invalid: pins/lake.jpg`, `lake.yaml:1:1: unknown key "titel"; did you mean title?`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	s.eventually(0, "the dead address is told of", func() bool { return strings.Contains(s.log(), "notify.urls[2] (ntfy)") })
	if all := got + s.log(); strings.Contains(all, "s3cr3t") {
		t.Errorf("a secret or Pinterest's words are in the message or the log:\n%s", all)
	}
	if len(messages) > 0 {
		t.Errorf("a second message: %s", <-messages)
	}
	if said := s.want(1, "notify", "test"); !strings.Contains(said.stdout, "notify.urls[1] (generic): sent\nnotify.urls[2] (ntfy): not sent: ") ||
		strings.Contains(said.stdout+said.stderr, "s3cr3t") {
		t.Errorf("notify test says %s%s", said.stdout, said.stderr)
	}
}
