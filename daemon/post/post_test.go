package post_test

import (
	"testing"

	"github.com/divitio/pinfold/daemon/post"
)

func TestAPostedPostNeverMoves(t *testing.T) {
	for _, next := range post.States {
		if post.Posted.CanBecome(next) {
			t.Errorf("posted can become %s", next)
		}
	}
}

func TestOnlyScheduledPostsArePublished(t *testing.T) {
	for _, from := range post.States {
		if got, want := from.CanBecome(post.Publishing), from == post.Scheduled; got != want {
			t.Errorf("%s can become publishing: %v, want %v", from, got, want)
		}
	}
}

func TestTheWatcherCannotMoveWhatIsOnItsWay(t *testing.T) {
	for _, from := range []post.State{post.Publishing, post.Unconfirmed} {
		for _, next := range []post.State{post.Withdrawn, post.Invalid, post.Draft, post.Duplicate, post.Missed} {
			if from.CanBecome(next) {
				t.Errorf("%s can become %s", from, next)
			}
		}
	}
}

func TestKeysFoldBoardsAsAPersonReadsThem(t *testing.T) {
	p := post.Post{Hash: "aa", Target: post.Target{Account: "main", Board: "Caf\u00e9", Section: "Nord"}}
	q := p
	q.Board, q.Section = "CAFE\u0301", "NORD"
	if p.Key() != q.Key() {
		t.Error("NFC and NFD, upper and lower case of one board give two keys")
	}
	for _, change := range []func(*post.Post){
		func(p *post.Post) { p.Hash = "bb" },
		func(p *post.Post) { p.Account = "shop" },
		func(p *post.Post) { p.Board = "Cafe" },
		func(p *post.Post) { p.Section = "" },
	} {
		other := p
		change(&other)
		if other.Key() == p.Key() {
			t.Errorf("%+v has the key of %+v", other, p)
		}
	}
	for _, unknown := range []post.Post{{Target: p.Target}, {Hash: "aa"}} {
		if unknown.Key() != "" {
			t.Errorf("%+v has a key", unknown)
		}
	}
}
