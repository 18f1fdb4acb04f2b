package daemon

import (
	"bytes"
	"strings"
	"testing"

	"github.com/divitio/pinfold/daemon/logging"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
)

func TestTheLogSaysWhatNeedsAPersonAndNothingTwice(t *testing.T) {
	t.Parallel()
	wrong := &post.Problem{ID: "unknown-key", Message: `unknown key "titel"`, File: "fog.yaml", Line: 1}
	for move, want := range map[store.Move]string{
		{From: "", Post: post.Post{State: post.Invalid, Photo: "fog.jpg", Problem: wrong}}: `level=WARN msg="A post needs you" post=0 path=fog.jpg state=invalid problem="fog.yaml:1:1: unknown key`,
		{From: post.Scheduled, Post: post.Post{State: post.Missed}}:                        "level=WARN",
		{From: post.Scheduled, Post: post.Post{State: post.Withdrawn}}:                     "level=INFO msg=Withdrawn",
		{From: "", Post: post.Post{State: post.Scheduled}}:                                 "",
		{From: post.Publishing, Post: post.Post{State: post.Posted}}:                       "", // the publisher's to say
		{From: post.Publishing, Post: post.Post{State: post.Failed, Problem: wrong}}:       "",
	} {
		var log bytes.Buffer
		(&Daemon{Log: logging.New(&log, "info", "text")}).logMove(move)
		if got := log.String(); strings.Count(got, "\n") != min(1, len(want)) || !strings.Contains(got, want) {
			t.Errorf("%s to %s: %q, want %q", move.From, move.Post.State, got, want)
		}
	}
}

func TestTheLogSaysWhenAFolderStandsOtherwise(t *testing.T) {
	t.Parallel()
	for states, want := range map[[2]string]string{
		{"", folderWatching}:             "",
		{folderWatching, folderWatching}: "",
		{folderWatching, folderAbsent}:   `level=WARN msg="The folder is absent"`,
		{folderAbsent, folderWatching}:   `level=INFO msg="The folder is there again"`,
		{folderWatching, folderSilent}:   `level=WARN msg="The folder does not answer"`,
		{folderSilent, folderReadOnly}:   `level=INFO msg="The folder answers again"`,
		{"", folderStandby}:              `level=WARN msg="Another installation publishes from the folder"`,
		{folderStandby, folderWatching}:  `level=INFO msg="This installation publishes from the folder now"`,
	} {
		var log bytes.Buffer
		f := &folder{log: logging.New(&log, "info", "text")}
		f.logState(t.Context(), states[0], store.Folder{State: states[1]})
		if got := log.String(); strings.Count(got, "\n") != min(1, len(want)) || !strings.Contains(got, want) {
			t.Errorf("%v: %q, want %q", states, got, want)
		}
	}
}
