package main

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Who has changed the config, on a share of the NAS say, needs neither a terminal nor a restart.
func TestTheConfigIsReadAgainByAButton(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	d := s.start()
	_, page := s.answers(http.StatusOK, s.get(d.page+"/folders"))
	wantText(t, "the folders", page, s.config, "Read it again")

	s.edit("folders:", "folder:")
	_, page = s.answers(http.StatusConflict, s.get(d.page+"/reload", url.Values{}))
	wantText(t, "the page", page, filepath.Base(s.config)+":", "unknown key", "folders")
	_, page = s.answers(http.StatusOK, s.get(d.page+"/folders")) // as before
	wantText(t, "the folders", page, s.folder)

	more := filepath.Join(s.root, "more")
	if err := os.Mkdir(more, 0o700); err != nil {
		t.Fatal(err)
	}
	s.edit("folder:", "folders:\n  - path: "+more)
	next, _ := s.answers(http.StatusSeeOther, s.get(d.page+"/reload", url.Values{}))
	s.eventually(10*time.Millisecond, "the page shows the new folder", func() bool {
		_, _, page := s.visit(s.get(d.page + next))
		return strings.Contains(page, more) && strings.Contains(page, "The settings were read again.")
	})
	s.writeTo(filepath.Join(more, "fog.jpg"), photoOf(t, 1))
	s.writeTo(filepath.Join(more, "fog.yaml"), rightNow("Fog"))
	s.awaitTitles("Fog")
}
