package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// A folder is taken out of the config while the outcome of one of its posts is open.
func TestAnOpenOutcomeIsSettledAlthoughItsFolderIsNoLongerWatched(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]rehearsal.Fault{"the pin is there": rehearsal.LosesAnswer(), "it is not": rehearsal.Reset()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := connectedSite(t, withConfirm("[500ms, 1s]"))
			s.pinterest.Fault(create, fault)
			d := s.start()
			s.pair("fog", 1, rightNow("fog"))
			s.eventually(10*time.Millisecond, "it is sent", func() bool { return s.pinterest.Count(create) == 1 })
			d.kill()
			s.edit("path: "+s.folder, "path: "+filepath.Join(s.root, "other"))
			s.start()
			want := post.Posted
			if len(s.pinterest.Pins()) == 0 {
				want = post.Scheduled // it waits for its folder
			}
			if p := s.await("fog.jpg", want); want == post.Scheduled {
				wantText(t, "why it waits", p.Problem, "no longer in the config")
			}
		})
	}
}
