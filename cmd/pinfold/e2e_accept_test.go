package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// A folder that loses most of its photos waits, with and without the daemon, until a person says that it is meant.
func TestAHalfGoneFolderIsAbsentUntilItsLossIsAccepted(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	names := []string{"a", "b", "c", "d"}
	for i, name := range names {
		s.pair(name, i+1, inAMonth(name))
	}
	d := s.start()
	for _, name := range names {
		s.await(name+".jpg", post.Scheduled)
	}
	for _, name := range names[1:] {
		s.removeFile(s.folder + "/" + name + ".jpg")
		s.removeFile(s.folder + "/" + name + ".yaml")
	}
	s.eventually(200*time.Millisecond, "it is absent", func() bool { return s.status().Folders[0].State == "absent" })
	if problem := s.status().Folders[0].Problem; !strings.Contains(problem, "pinfold accept "+s.folder) {
		t.Errorf("the problem does not name the fix: %s", problem)
	}
	for _, name := range names {
		if p := s.post(name + ".jpg"); p.State != post.Scheduled {
			t.Errorf("%s is %s", name, p.State)
		}
	}
	s.pair("now", 9, rightNow("now"))
	s.await("now.jpg", post.Scheduled)
	s.wantPins(0, 0)
	wantText(t, "accept", s.want(0, "accept", s.folder).stdout, "3 post(s) withdrawn")
	s.await("b.jpg", post.Withdrawn)
	s.await("now.jpg", post.Posted) // and it goes on
	s.wantPins(1, 1)
	d.terminate()

	if err := os.RemoveAll(s.folder); err != nil {
		t.Fatal(err)
	}
	wantText(t, "accept", s.want(0, "accept", s.folder).stdout, "1 post(s) withdrawn")
	s.await("a.jpg", post.Withdrawn)
	wantText(t, "another folder", s.want(2, "accept", s.root).stderr, "no folder of the config")
}
