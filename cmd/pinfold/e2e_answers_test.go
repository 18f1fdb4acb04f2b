package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

const create = "POST /v5/pins"

// wantPins fails unless there are so many pins, made by so many requests.
func (s *site) wantPins(pins, requests int) {
	s.t.Helper()
	if p, r := len(s.pinterest.Pins()), s.pinterest.Count(create); p != pins || r != requests {
		s.t.Errorf("%d pins by %d requests, want %d by %d", p, r, pins, requests)
	}
}

func TestAnAnswerThatIsLostIsLookedUpNotRepeated(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]rehearsal.Fault{
		"connection cut": rehearsal.LosesAnswer(),
		"500":            rehearsal.Trouble(http.StatusInternalServerError).At(rehearsal.AfterCommit),
		"no id":          rehearsal.NoID().At(rehearsal.AfterCommit),
		"cut short":      rehearsal.Cut().At(rehearsal.AfterCommit),
		"redirect":       rehearsal.Redirect(http.StatusPermanentRedirect, "/v5/pins").At(rehearsal.AfterCommit),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := connectedSite(t)
			s.pinterest.Fault(create, fault)
			s.start()
			s.pair("fog", 1, rightNow("fog"))
			s.await("fog.jpg", post.Posted)
			s.wantPins(1, 1)
		})
	}
}

func TestAPinThatAppearsLateIsFound(t *testing.T) {
	t.Parallel()
	s := connectedSite(t, withRehearsal(func(o *rehearsal.Options) { o.ListDelay = 700 * time.Millisecond; o.NoZone = true }))
	s.pinterest.Fault(create, rehearsal.LosesAnswer())
	s.start()
	s.pair("fog", 1, rightNow("fog"))
	s.await("fog.jpg", post.Posted)
	s.wantPins(1, 1)
}

func TestARequestThatMadeNoPinIsRepeatedOnce(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]rehearsal.Fault{
		"500":            rehearsal.Trouble(http.StatusInternalServerError),
		"408":            rehearsal.Trouble(http.StatusRequestTimeout),
		"connection cut": rehearsal.Reset(),
		"sign-in page":   rehearsal.HTML(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := connectedSite(t)
			s.pinterest.Fault(create, fault)
			s.start()
			s.pair("fog", 1, rightNow("fog"))
			s.await("fog.jpg", post.Posted)
			s.wantPins(1, 2)
		})
	}
}

func TestAKillWhileTheUploadHangsMakesOnePin(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault    rehearsal.Fault
		requests int
	}{
		"before the body is read":     {rehearsal.Hang().At(rehearsal.BeforeBody), 2},
		"before the pin is made":      {rehearsal.Hang(), 2},
		"after the pin has been made": {rehearsal.Hang().At(rehearsal.AfterCommit), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := connectedSite(t)
			s.pinterest.Fault(create, tt.fault)
			d := s.start()
			s.pair("fog", 1, rightNow("fog"))
			s.eventually(10*time.Millisecond, "the upload hangs", func() bool {
				return s.pinterest.Count(create) == 1 && len(s.pinterest.Pins()) == 2-tt.requests
			})
			if p := s.post("fog.jpg"); p.State != post.Publishing || p.Attempts != 1 {
				t.Errorf("while it is sent: %+v", p)
			}
			if tt.requests == 2 {
				s.want(1, "retry", "fog.jpg") // not while it is on its way
			}
			d.kill()
			s.start()
			s.await("fog.jpg", post.Posted)
			s.wantPins(1, tt.requests)
		})
	}
}

func TestAPersonSettlesWhatNobodyElseCan(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		sidecar  string
		fault    rehearsal.Fault
		decision string
		pins     int
		requests int
	}{
		"confirm a pin without text":    {"board: Fog\npublish_at: now\n", rehearsal.LosesAnswer(), "confirm", 1, 1},
		"retry a pin without text":      {"board: Fog\npublish_at: now\n", rehearsal.Reset(), "retry", 1, 2},
		"confirm a pin that is there":   {rightNow("fog"), rehearsal.LosesAnswer(), "confirm", 1, 1},
		"retry finds what is there":     {rightNow("fog"), rehearsal.LosesAnswer(), "retry", 1, 1},
		"retry sends what is not there": {rightNow("fog"), rehearsal.Reset(), "retry", 1, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := connectedSite(t, withConfirm("[1h]"))
			s.pinterest.Fault(create, tt.fault)
			d := s.start()
			s.pair("fog", 1, tt.sidecar)
			unconfirmed := s.await("fog.jpg", post.Unconfirmed)
			wantText(t, "problem", unconfirmed.Problem, "may be on Pinterest already")
			d.terminate()
			s.start() // a restart decides nothing
			if n := s.settled(9); n != tt.pins-tt.requests+2 {
				t.Errorf("%d pins after a restart", n)
			}
			s.want(0, tt.decision, "fog.jpg")
			s.await("fog.jpg", post.Posted)
			s.wantPins(tt.pins+1, tt.requests+1) // and the sentinel
			s.eventually(20*time.Millisecond, "the folder remembers both", func() bool { return len(s.remembered()) == 2 })
		})
	}
}

// remembered are the attempts that made a pin, as the folder's ledgers tell.
func (s *site) remembered() map[string]bool {
	s.t.Helper()
	made := map[string]bool{}
	for _, path := range s.glob(filepath.Join(s.folder, ".pinfold"), "posted-*.jsonl") {
		for text := range strings.Lines(s.read(path)) {
			var line struct{ Attempt, Result string }
			if json.Unmarshal([]byte(text), &line) == nil && line.Result == "made" {
				made[line.Attempt] = true
			}
		}
	}
	return made
}

func TestATwinWaitsUntilTheFirstIsSettled(t *testing.T) {
	t.Parallel()
	s := connectedSite(t, withConfirm("[1h]"))
	s.pinterest.Fault(create, rehearsal.LosesAnswer())
	s.start()
	s.pair("fog", 1, rightNow("twins"))
	s.await("fog.jpg", post.Unconfirmed)
	s.pair("mist", 2, rightNow("twins"))
	s.awaitPost("the twin waits, and says why", "mist.jpg", func(p listed) bool { return strings.Contains(p.Problem, "same text") })
	s.wantPins(1, 1)
}

func TestRefusalsAreWordedByUsAndTriedAgainWhenAsked(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.pinterest.Fault(create, rehearsal.Invalid("link"))
	s.start()
	s.pair("fog", 1, rightNow("fog"))
	failed := s.await("fog.jpg", post.Failed)
	wantText(t, "problem", failed.Problem, "fog.yaml", "400", "link", "pinfold retry fog.jpg")
	s.pair("behind", 2, rightNow("behind"))
	s.awaitTitles("behind")
	s.want(3, "status")
	s.want(0, "retry", "--state", "failed")
	s.awaitTitles("behind", "fog")
	s.want(0, "status")
}

func TestABusyPinterestIsAskedLater(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.pinterest.Fault(create, rehearsal.Busy("Retry-After", "2"))
	s.start()
	s.pair("fog", 1, rightNow("fog"))
	s.eventually(20*time.Millisecond, "the first try", func() bool { return s.pinterest.Count(create) == 1 })
	s.awaitTitles("fog")
	if p := s.await("fog.jpg", post.Posted); p.Attempts != 1 {
		t.Errorf("%d attempts were spent", p.Attempts)
	}
	s.wantPins(1, 2)
	if requests := creations(s); requests[1].Sub(requests[0]) < 2*time.Second-100*time.Millisecond {
		t.Errorf("asked again after %v", requests[1].Sub(requests[0]))
	}
}

// creations are the times at which pins were asked for.
func creations(s *site) (times []time.Time) {
	for _, r := range s.pinterest.Requests() {
		if r.Method+" "+r.Path == create {
			times = append(times, r.Time)
		}
	}
	return times
}

func TestTrialAccessAndSpamPauseTheAccount(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault rehearsal.Fault
		words []string
	}{
		"trial": {rehearsal.Trial(), []string{"trial access", "sandbox"}},
		"spam":  {rehearsal.Spam(), []string{"spam", "12 hours"}},
		"scope": {rehearsal.MissingScope("pins:write"), []string{"pins:write", "pinfold connect"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := connectedSite(t)
			s.pinterest.Fault(create, tt.fault)
			d := s.start()
			s.pair("fog", 1, rightNow("fog"))
			s.eventually(200*time.Millisecond, "the account is paused", func() bool { return s.status().Accounts[0].Paused })
			wantText(t, "status", s.want(3, "status").stdout, tt.words...)
			if p := s.post("fog.jpg"); p.State != post.Scheduled {
				t.Errorf("the post is %s", p.State)
			}
			d.terminate() // a restart ends no pause
			s.start()
			if !s.status().Accounts[0].Paused {
				t.Error("a restart ended the pause")
			}
			s.want(0, "resume")
			s.awaitTitles("fog")
			s.wantPins(1, 2)
		})
	}
}

func TestAnEndedAccessTokenIsRenewedAndARevokedOneAsksForAPerson(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	d := s.start()
	s.pinterest.ExpireAccess()
	s.pair("fog", 1, rightNow("fog"))
	s.awaitTitles("fog")
	s.wantPins(1, 1)

	s.pinterest.Revoke()
	s.pair("frost", 2, rightNow("frost"))
	s.eventually(200*time.Millisecond, "it is disconnected", func() bool { return !s.status().Accounts[0].Connected })
	s.want(4, "status")
	s.want(4, "boards")
	if p := s.post("frost.jpg"); p.State != post.Scheduled {
		t.Errorf("frost is %s: %s", p.State, p.Problem)
	}
	s.connect()
	s.awaitTitles("fog", "frost")
	d.terminate()
}

func TestATokenThatPinterestEndsBeforeItsTimeIsRenewedOnceByWhoeverMeetsThat(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.pair("fog", 1, inAMonth("fog"))
	d := s.start()
	for i, ask := range []func() (said string){
		func() string { return s.want(0, "boards").stdout },
		func() string { return s.want(0, "check", "--boards").stdout + "Fog" },
		func() string { _, page := s.answers(http.StatusOK, s.get(d.page+"/setup?show=live")); return page },
	} {
		s.pinterest.ExpireAccess()
		wantText(t, fmt.Sprint("answer ", i), ask(), "Fog")
		s.wantRenewals(i + 1)
	}
	s.pinterest.Fault("GET /v5/user_account", rehearsal.Expired(), rehearsal.Expired()) // the new one, too
	s.want(1, "boards")
	s.wantRenewals(4)
	s.pinterest.Revoke()
	s.want(4, "boards")
}

func TestAPinterestThatCannotBeReachedCostsNoAttempt(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.pinterest.Fault("GET /v5/boards", rehearsal.Trouble(http.StatusServiceUnavailable))
	s.start()
	s.pair("fog", 1, rightNow("fog"))
	s.eventually(200*time.Millisecond, "the wait is explained", func() bool { return s.post("fog.jpg").Problem != "" || len(s.pinterest.Pins()) > 0 })
	if p := s.post("fog.jpg"); p.Attempts != 0 || p.State != post.Scheduled {
		t.Errorf("after a failed look-up: %+v", p)
	}
	s.want(0, "resume")
	s.awaitTitles("fog")
}

func TestAStopLetsTheRunningUploadFinish(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	release := make(chan struct{})
	s.tape.hold(create, release)
	d := s.start()
	s.pair("fog", 1, rightNow("fog"))
	s.pair("next", 2, rightNow("next"))
	s.await("fog.jpg", post.Publishing)
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.eventually(10*time.Millisecond, "it is stopping", func() bool { return strings.Contains(d.stderr.String(), "Stopping") })
	close(release)
	if code := d.wait(stopWait); code != 0 {
		t.Errorf("exits with %d", code)
	}
	s.wantPins(1, 1)
	if p := s.post("fog.jpg"); p.State != post.Posted {
		t.Errorf("fog is %s", p.State)
	}
	s.start()
	s.awaitTitles("fog", "next")
}

func TestPinterestsClockHasAVeto(t *testing.T) {
	t.Parallel()
	s := connectedSite(t, withRehearsal(func(o *rehearsal.Options) { o.ClockSkew = -10 * time.Minute }))
	s.start()
	s.pair("fog", 1, "title: fog\nboard: Fog\npublish_at: "+at(2*time.Second)+"\n")
	s.awaitPost("the veto is explained", "fog.jpg", func(p listed) bool { return strings.Contains(p.Problem, "clocks disagree") })
	s.pair("now", 2, rightNow("now has no time to veto"))
	s.awaitTitles("now has no time to veto")
}
