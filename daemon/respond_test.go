package daemon

import (
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/feedback"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/store"
)

func TestOnlyWhatNeedsAPersonOrLastsIsToldOfAnAccount(t *testing.T) {
	now := time.Date(2026, 12, 1, 18, 0, 0, 0, time.UTC)
	connected := account.Status{Connected: true}
	reason := &post.Problem{ID: "x", Message: "why"}
	for name, c := range map[string]struct {
		pause  store.Account
		status account.Status
		told   bool
		until  time.Time
	}{
		"all is well":         {store.Account{}, connected, false, time.Time{}},
		"not connected":       {store.Account{}, account.Status{Problem: reason}, true, time.Time{}},
		"app refused":         {store.Account{}, account.Status{Connected: true, Problem: reason}, true, time.Time{}},
		"paused by a person":  {store.Account{Paused: store.PauseUser}, connected, false, time.Time{}},
		"trial access":        {store.Account{Paused: store.PauseTrial}, connected, true, time.Time{}},
		"a missing scope":     {store.Account{Paused: store.PauseScope}, connected, true, time.Time{}},
		"not accepted":        {store.Account{Paused: store.PauseAuth}, connected, true, time.Time{}},
		"offline for seconds": {store.Account{Paused: store.PauseOffline, Step: 1, Until: now.Add(15 * time.Second)}, connected, false, time.Time{}},
		"busy":                {store.Account{Paused: store.PauseBusy, Step: 2, Until: now.Add(time.Hour)}, connected, false, time.Time{}},
		"offline for long": {
			store.Account{Paused: store.PauseOffline, Step: 8, Until: now.Add(time.Minute)}, connected, true, now.Add(16 * time.Minute),
		},
		"offline for long, tried just now": {
			store.Account{Paused: store.PauseOffline, Step: 9, Until: now.Add(-time.Minute)}, connected, true, now.Add(14 * time.Minute),
		},
		"offline for long, long ago": {
			store.Account{Paused: store.PauseOffline, Step: 9, Until: now.Add(-time.Hour)}, connected, false, time.Time{},
		},
		"spam": {
			store.Account{Paused: store.PauseSpam, Step: 1, Until: now.Add(12 * time.Hour)}, connected, true, now.Add(12*time.Hour + 15*time.Minute),
		},
		"noted by a clock that was ahead": {
			store.Account{Paused: store.PauseSpam, Step: 1, Until: now.AddDate(1, 0, 0)}, connected, false, time.Time{},
		},
	} {
		c.pause.Name, c.pause.Problem = "main", reason
		problems, until := lasting([]accountState{{c.pause, c.status}}, now)
		if told := len(problems) == 1; told != c.told || !until.Equal(c.until) {
			t.Errorf("%s: told %t until %v, want %t until %v", name, told, until, c.told, c.until)
		}
		if c.told && problems[0].Message != "account main: why" {
			t.Errorf("%s: %q", name, problems[0].Message)
		}
	}
	if reason.Message != "why" {
		t.Error("the account's own problem was changed")
	}
}

func TestNotesStandBesideThePostsThatNeedAPerson(t *testing.T) {
	wrong := func(id, file string) *post.Problem { return &post.Problem{ID: id, Message: id, File: file} }
	made := func(photo string, state post.State, p *post.Problem) store.Record {
		return store.Record{Post: post.Post{Photo: photo, Sidecar: photo + ".yaml", State: state, Problem: p}}
	}
	orphan := made("", post.Invalid, wrong("no-photo", "rain.yaml"))
	orphan.Sidecar = "rain.yaml"
	posts := []store.Record{
		made("invalid.jpg", post.Invalid, wrong("unknown-key", "invalid.jpg.yaml")),
		made("invalid.jpg", post.Missed, wrong("missed", "")),
		made("failed.jpg", post.Failed, wrong("board", "failed.jpg.yaml")),
		made("missed.jpg", post.Missed, wrong("missed", "")),
		made("asks.jpg", post.Unconfirmed, wrong(publish.AskPerson, "")),
		made("looked-up.jpg", post.Unconfirmed, wrong("unconfirmed", "")),
		made("unreadable.jpg", post.Scheduled, wrong("unreadable", "unreadable.jpg")),
		made("twin.jpg", post.Scheduled, wrong("twin", "")),
		made("clock.jpg", post.Scheduled, wrong("clock", "")),
		made("_pinfold.jpg", post.Invalid, wrong("photo", "_pinfold.jpg")),
		made("sub/one.jpg", post.Invalid, &post.Problem{
			ID: "unknown-key", Message: "titel", File: "sub/_pinfold.yaml", Line: 1, More: "sub/_pinfold.yaml:2:1: bord\nsub/one.jpg.yaml:1:1: own",
		}),
		made("sub/deep/two.jpg", post.Invalid, &post.Problem{ID: "unknown-key", Message: "titel", File: "sub/_pinfold.yaml", Line: 1}),
		made("a/three.jpg", post.Invalid, wrong("conflict-copy", "a/_Pinfold (conflicted copy).yaml")),
		orphan,
	}
	want := map[string]feedback.Note{}
	beside := func(file, text string) { want[file+".pinfold-error.txt"] = feedback.Note{Beside: file, Text: text} }
	alone := func(file string, i int) {
		beside(file, feedback.AboutPost(file, []feedback.Trouble{{State: posts[i].State, Problem: posts[i].Problem}}))
	}
	beside("invalid.jpg", feedback.AboutPost("invalid.jpg", []feedback.Trouble{
		{State: post.Invalid, Problem: posts[0].Problem}, {State: post.Missed, Problem: posts[1].Problem},
	}))
	alone("failed.jpg", 2)
	alone("missed.jpg", 3)
	alone("asks.jpg", 4)
	alone("unreadable.jpg", 6)
	alone("_pinfold.jpg", 9)
	alone("rain.yaml", 13)
	beside("sub/_pinfold.yaml", feedback.AboutDefaults("sub/_pinfold.yaml", &post.Problem{
		Message: "titel", File: "sub/_pinfold.yaml", Line: 1, More: "sub/_pinfold.yaml:2:1: bord",
	}))
	beside("a/_Pinfold (conflicted copy).yaml", feedback.AboutDefaults("a/_Pinfold (conflicted copy).yaml", posts[12].Problem))
	got := notesBeside(posts)
	for path, note := range want {
		if got[path] != note {
			t.Errorf("%s is\n%s\nwant\n%s", path, got[path].Text, note.Text)
		}
		delete(got, path)
	}
	for path := range got {
		t.Errorf("there is a note %s", path)
	}
}
