package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// isOnItsWay is a repost as `list` shows it until it is posted.
func isOnItsWay(p listed) bool { return p.State.ToCome() }

func TestRepostMakesExactlyOneMorePinOfWhatTheFilesHoldNow(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.pair("fog", 1, rightNow("fog"))
	d := s.start()
	s.awaitTitles("fog")
	first := s.await("fog.jpg", post.Posted)
	s.write("fog.yaml", rightNow("mist"))
	s.settled(9) // an edit alone posts nothing
	s.want(1, "repost", "nothing.jpg")
	s.want(2, "repost")
	s.want(2, "repost", "fog.jpg", "--at", "yesterday")
	s.want(2, "repost", "fog.jpg", "--at", at(-time.Hour))

	s.want(0, "pause")
	wantText(t, "repost", s.want(0, "repost", filepath.Join("pins", "fog.jpg")).stdout, "fog.jpg will be posted again")
	wantText(t, "repost", s.want(1, "repost", "fog.jpg").stderr, "on its way")
	s.awaitPost("it is on its way", "fog.jpg", isOnItsWay)
	s.want(0, "resume")
	s.awaitTitles("fog", "mist", "Sentinel 9")
	again := s.await("fog.jpg", post.Posted)
	if again.ID == first.ID || again.Attempts != 1 || again.Title != "mist" {
		t.Errorf("the repost is %+v, the post before %+v", again, first)
	}
	d.terminate()
	s.start()
	s.settled(10)
	s.awaitPins(4)
}

func TestRepostAtATimeIsListedAndRefusedForWhatIsNotPosted(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.pair("fog", 1, rightNow("fog"))
	s.pair("old", 2, "title: old\nboard: Fog\npublish_at: "+at(-48*time.Hour)+"\n")
	s.start()
	s.awaitTitles("fog")
	s.await("fog.jpg", post.Posted)
	s.await("old.jpg", post.Missed)
	wantText(t, "repost", s.want(1, "repost", "old.jpg").stderr, "old.jpg is missed", "pinfold retry")

	s.want(0, "repost", "fog.jpg", "--at", "2035-06-01 18:30")
	due := time.Date(2035, 6, 1, 16, 30, 0, 0, time.UTC) // the site's zone is Oslo's
	p := s.post("fog.jpg")
	if p.State != post.Scheduled || p.PublishAt == nil || !p.PublishAt.Equal(due) || p.PlannedAt == nil || !p.PlannedAt.Equal(due) {
		t.Errorf("listed as %+v", p)
	}
	s.write("fog.yaml", "title: mist\nboard: Fog\npublish_at: "+at(-48*time.Hour)+"\n")
	p = s.awaitPost("the edit is read", "fog.jpg", func(p listed) bool { return p.Title == "mist" })
	if p.State != post.Scheduled || !p.PublishAt.Equal(due) {
		t.Errorf("after an edit: %+v", p)
	}
	s.awaitPins(1)
}

func TestARepostThatDiesOnItsWayIsNeitherLostNorDoubled(t *testing.T) {
	t.Parallel()
	for _, point := range []string{
		"publish/before-intent-commit", "publish/after-intent-commit", "publish/after-intent-line", "publish/before-send", "publish/answered",
	} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, withConfirm("[100ms, 300ms, 600ms]"), withSettle("100ms"))
			s.vouch()
			s.pair("fog", 1, rightNow("fog"))
			d := s.start()
			s.awaitPins(1)
			s.await("fog.jpg", post.Posted)
			d.terminate()
			s.want(0, "repost", "fog.jpg")
			s.dies(point+":1", "run")
			s.start()
			s.awaitTitles("fog", "fog")
			s.await("fog.jpg", post.Posted)
			s.settled(9)
			s.awaitPins(3)
		})
	}
}

func TestAKillWhileARepostIsAnsweredAndAWipedStateDirectoryDoNotPostItAgain(t *testing.T) {
	t.Parallel()
	s := connectedSite(t, withConfirm("[100ms, 300ms, 600ms]"))
	s.pair("fog", 1, rightNow("fog"))
	d := s.start()
	s.awaitPins(1)
	s.await("fog.jpg", post.Posted)
	s.pinterest.Fault(create, rehearsal.LosesAnswer())
	s.want(0, "repost", "fog.jpg")
	s.awaitPins(2)
	d.kill()
	d = s.start()
	s.awaitPost("it is found", "fog.jpg", func(p listed) bool { return p.State == post.Posted && len(s.posts("--state", "posted")) == 2 })
	s.awaitPins(2)
	d.terminate()

	s.lose()
	s.reconnect()
	s.start()
	s.eventually(200*time.Millisecond, "it stands by", func() bool { return s.status().Folders[0].State == "standby" })
	s.want(0, "takeover", s.folder)
	s.await("fog.jpg", post.Posted)
	s.settled(9)
	s.awaitPins(3)
}
