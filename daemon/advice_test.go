package daemon

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/reconcile"
)

var adviceNow = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// ripe is a post for the board Fog of a photo of this name, at a time from adviceNow.
func ripe(name string, in time.Duration, changes ...func(*reconcile.CheckedPost)) reconcile.CheckedPost {
	p := reconcile.CheckedPost{TimeLine: 3, Post: post.Post{
		Photo: name + ".jpg", Sidecar: name + ".yaml", Hash: name, Target: post.Target{Account: "main", Board: "Fog"}, BoardLine: 2,
		PublishAt: adviceNow.Add(in), State: post.Scheduled,
	}}
	for _, change := range changes {
		change(&p)
	}
	return p
}

func board(name string) func(*reconcile.CheckedPost) {
	return func(p *reconcile.CheckedPost) { p.Board = name }
}

func draft(p *reconcile.CheckedPost) { p.State = post.Draft }

func hash(text string) func(*reconcile.CheckedPost) {
	return func(p *reconcile.CheckedPost) { p.Hash = text }
}

// wantAdvice fails unless the notes are these: "file:line id", in any words.
func wantAdvice(t *testing.T, posts []reconcile.CheckedPost, want ...string) {
	t.Helper()
	a := adviser{posts: posts, now: adviceNow, zone: time.UTC, perDay: 2, maxLate: 24 * time.Hour}
	var got []string
	for _, n := range a.notes() {
		got = append(got, fmt.Sprintf("%s:%d %s", n.File, n.Line, n.ID))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("notes\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestCheckNotesDuplicates(t *testing.T) {
	t.Parallel()
	allowed := func(p *reconcile.CheckedPost) { p.AllowDuplicate = true }
	wantAdvice(t, []reconcile.CheckedPost{
		ripe("a", time.Hour, hash("x")), ripe("b", 25*time.Hour, hash("x")), ripe("c", 49*time.Hour, hash("x"), board("Frost")),
		ripe("d", 73*time.Hour, hash("x"), allowed), ripe("e", 97*time.Hour, hash("x"), draft), ripe("f", 121*time.Hour, hash("")), ripe("g", 145*time.Hour, hash("")),
	}, "b.yaml:2 duplicate")
}

func TestCheckNotesWhatIsOverdue(t *testing.T) {
	t.Parallel()
	never := func(p *reconcile.CheckedPost) { p.PublishAt = time.Time{} }
	above := func(p *reconcile.CheckedPost) { p.TimeLine = 0 }
	posts := []reconcile.CheckedPost{
		ripe("a", -time.Minute), ripe("b", -25*time.Hour), ripe("c", -time.Hour, draft), ripe("d", 0, never), ripe("e", -time.Hour, above),
	}
	wantAdvice(t, posts, "a.yaml:3 overdue", "b.yaml:3 overdue", "e.yaml:0 overdue")
	notes := adviser{posts: posts, now: adviceNow, maxLate: 24 * time.Hour}.overdue()
	if !strings.Contains(notes[0].Message, "as soon as") || !strings.Contains(notes[1].Message, "not posted") {
		t.Errorf("got %v", notes)
	}
}

func TestCheckNotesDaysOverTheCapOnce(t *testing.T) {
	t.Parallel()
	other := func(p *reconcile.CheckedPost) { p.Account = "other" }
	wantAdvice(t, []reconcile.CheckedPost{
		ripe("d", 5*time.Hour), ripe("a", time.Hour), ripe("c", 3*time.Hour), ripe("b", 2*time.Hour), ripe("x", 4*time.Hour, other), ripe("y", 12*time.Hour),
		ripe("z", 6*time.Hour, draft),
	}, "c.yaml:3 busy-day")
}

func TestCheckNotesBoardsThatDifferInCase(t *testing.T) {
	t.Parallel()
	wantAdvice(t, []reconcile.CheckedPost{
		ripe("a", time.Hour), ripe("b", 25*time.Hour, board("fog")), ripe("c", 49*time.Hour), ripe("d", 73*time.Hour, board("Frost")),
		ripe("e", 97*time.Hour, board("frost"), func(p *reconcile.CheckedPost) { p.Account = "other" }),
	}, "b.yaml:2 board-case")
}
