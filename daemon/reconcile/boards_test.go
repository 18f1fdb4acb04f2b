package reconcile_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
)

// boards lists all posts by name and board: "a/L scheduled", with () around what its name does not stand for any more
// and * behind what was changed after posting.
func (s *story) boards() string {
	var lines []string
	for _, r := range s.records() {
		line := strings.TrimSuffix(r.Path(), ".jpg") + "/" + r.Board + " " + string(r.State)
		if r.ChangedAfter {
			line += "*"
		}
		if !r.Current {
			line = "(" + line + ")"
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return strings.Join(lines, ", ")
}

func TestEachBoardOfASidecarIsAPostOfItsOwn(t *testing.T) {
	const two = "put a A L+M1\nwait 3s\n"
	for _, test := range []struct{ name, steps, want string }{
		{"one each", two, "a/L scheduled, a/M scheduled"},
		{"text edits", two + "text a L+M2\nwait 3s", "a/L scheduled, a/M scheduled"},
		{"a board is added", two + "text a L+M+N1\nwait 3s", "a/L scheduled, a/M scheduled, a/N scheduled"},
		{"a second is added", "put a A L1\nwait 3s\ntext a L+M1\nwait 3s", "a/L scheduled, a/M scheduled"},
		{"one is added after posting", two + "post a L\npost a M\nwait 3s\ntext a L+M+N1\nwait 3s", "a/L posted*, a/M posted*, a/N scheduled"},
		{"another order", two + "text a M+L1\nwait 3s", "a/L scheduled, a/M scheduled"},
		{"one is taken out", two + "text a M1\nwait 3s", "(a/L withdrawn), a/M scheduled"},
		{"and put in again", two + "text a M1\nwait 3s\ntext a L+M1\nwait 3s", "a/L scheduled, a/M scheduled"},
		{"a posted one is taken out", two + "post a L\nwait 3s\ntext a M1\nwait 3s", "a/L posted*, a/M scheduled"},
		{"and put in again", two + "post a L\nwait 3s\ntext a M1\nwait 3s\ntext a L+M1\nwait 3s", "a/L posted, a/M scheduled"},
		{"one is changed before its time", two + "text a L+N1\nwait 3s", "a/L scheduled, a/N scheduled"},
		{"one is changed after it was posted", two + "post a M\nwait 3s\ntext a L+N1\nwait 3s", "a/L scheduled, a/M posted*, a/N scheduled"},
		{"a single one is changed after it was posted", "put a A L1\nwait 3s\npost a\nwait 3s\ntext a M1\nwait 3s", "a/L posted*"},
		{"both posted, and another written instead", two + "post a L\npost a M\nwait 3s\ntext a N1\nwait 3s", "a/L posted*, a/M posted*"},
		{"both are replaced by one", two + "text a N1\nwait 3s", "(a/M withdrawn), a/N scheduled"},
		{"wrong for a while", two + "text a X\nwait 3s\ntext a L+M2\nwait 3s", "a/L scheduled, a/M scheduled"},
		{"wrong for a while, one posted", two + "post a L\nwait 3s\ntext a X\nwait 3s\ntext a L+M2\nwait 3s", "a/L posted*, a/M scheduled"},
		{"one in the air", two + "move a publishing L\ntext a M+N2\nwait 3s", "a/L publishing, a/M scheduled, a/N scheduled"},
		{"one in the air, and then posted", two + "move a publishing L\ntext a M+N2\nwait 3s\nmove a posted L\nwait 3s", "a/L posted*, a/M scheduled, a/N scheduled"},
		{"renamed", two + "rename a b\nwait 4m", "b/L scheduled, b/M scheduled"},
		{"renamed, one posted", two + "post a L\nwait 3s\nrename a b\nwait 4m", "b/L posted, b/M scheduled"},
		{"renamed, the second posted", two + "post a M\nwait 3s\nrename a b\nwait 4m", "b/L scheduled, b/M posted"},
		{"retouched after posting, then renamed", two + "post a M\nwait 3s\nphoto a B\nwait 3s\nrename a b\nwait 4m", "b/L scheduled, b/M posted*"},
		{"renamed and one taken out", two + "post a L\nwait 3s\nrename a b\ntext b M1\nwait 4m", "(a/L posted), b/M scheduled"},
		{"moved to another folder", two + "post a L\nwait 3s\nrename a @/a\nwait 4m", "a/L posted, a/M scheduled"},
		{"only the photo is new", two + "post a L\nwait 3s\nphoto a B\nwait 3s", "a/L posted*, a/M scheduled"},
		{"both files are new", two + "post a L\nwait 3s\nput a B L+M2\nwait 3s", "(a/L posted), a/L scheduled, a/M scheduled"},
		{"both files are new, all posted", two + "post a L\npost a M\nwait 3s\nput a B L+M2\nwait 3s", "(a/L posted), (a/M posted), a/L scheduled, a/M scheduled"},
		{"both files are new, one board less", two + "post a L\npost a M\nwait 3s\nput a B M2\nwait 3s", "(a/L posted), (a/M posted), a/M scheduled"},
		{"away and back", two + "rename a .away/a\nwait 1h\nrename .away/a a\nwait 3s", "a/L scheduled, a/M scheduled"},
		{"away and back with less", two + "rename a .away/a\nwait 1h\nrename .away/a a\ntext a M1\nwait 3s", "(a/L withdrawn), a/M scheduled"},
		{"away, back for another, and then for the one it has a pin on", "put a A L1\nwait 3s\npost a\nrename a .away/a\nwait 1h\ntext .away/a N1\nrename .away/a a\nwait 3s\ntext a L1\nwait 3s", "(a/L posted), a/L duplicate"},
		{"gone", two + "post a L\nwait 3s\nremove a\nwait 4m", "(a/L posted), a/M withdrawn"},
		{"a copy", two + "copy a b\nwait 3s", "a/L scheduled, a/M scheduled, b/L duplicate, b/M duplicate"},
		{"a copy with one board more", two + "copy a b\ntext b M+N1\nwait 3s", "a/L scheduled, a/M scheduled, b/M duplicate, b/N scheduled"},
		{"a copy takes over", two + "copy a b\nwait 3s\ntext a L1\nwait 3s", "(a/M withdrawn), a/L scheduled, b/L duplicate, b/M scheduled"},
		{"the sidecar comes first", "text a L+M1\nwait 11m\nphoto a A\nwait 3s", "a/L scheduled, a/M scheduled"},
		{"from the defaults", "defaults . boards: [L, M]\nput a A 1\nwait 3s", "a/L scheduled, a/M scheduled"},
		{"the defaults change", "defaults . boards: [L, M]\nput a A 1\nwait 3s\ndefaults . boards: [M, N]\nwait 3s", "a/M scheduled, a/N scheduled"},
		{"without sidecars", "defaults . boards: [L, M];without_sidecar: post;publish_at: 2036-12-01\nphoto a A\nwait 3s\ndefaults . board: L\nwait 3s", "a/L withdrawn, a/M withdrawn"},
		{"drafts", "put a A L+M1?\nwait 3s\ntext a L+M1\nwait 3s", "a/L scheduled, a/M scheduled"},
		{"failed, and its board put right", two + "move a publishing L\nmove a failed L\ntext a N+M1\nwait 3s", "a/M scheduled, a/N scheduled"},
		{"restarts", two + "post a M\nwait 3s\nrestart\nwait 3s", "a/L scheduled, a/M posted"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t)
			s.tell(test.steps)
			if got := s.boards(); got != test.want {
				t.Errorf("%s\n\ngives %s\nnot   %s", test.steps, got, test.want)
			}
			before := s.versions()
			s.wait(20 * time.Minute)
			if !strings.Contains(test.steps, "without_sidecar") { // after a start those have to be quiet first
				s.restart()
			}
			s.wait(time.Minute)
			if after := s.versions(); !slices.Equal(before, after) {
				t.Errorf("%s\n\nthen it goes on by itself: %s", test.steps, s.boards())
			}
		})
	}
}

// Whatever is edited, posted, lost and found: no photo is posted to a board twice, what the sidecar names no more is
// not posted, and what it names has its post.
func TestEveryBoardIsPostedToOnceWhateverHappens(t *testing.T) {
	t.Parallel()
	texts := []string{"L1", "L+M1", "M+L2", "L+M+N1", "N+M2", "M1", "N+L3", "X"}
	rapid.Check(t, func(r *rapid.T) {
		s := newStory(t)
		s.tell("put a A L+M1")
		text := func() string { return rapid.SampledFrom(texts).Draw(r, "text") }
		pins := map[string]bool{}
		for range rapid.IntRange(1, 6).Draw(r, "steps") {
			switch rapid.SampledFrom([]string{"text", "text", "post", "post", "photo", "away", "both", "fail", "restart"}).Draw(r, "step") {
			case "text":
				s.tell("text a " + text())
			case "photo":
				s.tell("photo a " + rapid.SampledFrom([]string{"A", "B"}).Draw(r, "photo"))
			case "both":
				s.tell("put a " + rapid.SampledFrom([]string{"A", "B"}).Draw(r, "photo") + " " + text())
			case "away":
				s.tell("rename a .away/a\nwait 4m\nrename .away/a a")
			case "restart":
				s.restart()
			case "post":
				s.publish(r, pins, post.Posted)
			case "fail":
				s.publish(r, pins, post.Failed)
			}
			s.tell("wait " + rapid.SampledFrom([]string{"0s", "1s", "3s", "3m"}).Draw(r, "wait"))
		}
		s.tell("text a N+L9\nwait 3s\nwait 3s")
		s.check(r, pins, []string{"N", "L"})
		s.publish(r, pins, post.Posted)
		before := s.versions()
		s.wait(11 * time.Minute)
		if after := s.versions(); !slices.Equal(before, after) {
			r.Errorf("it goes on by itself: %s", s.boards())
		}
	})
}

// versions tells whether posts were written.
func (s *story) versions() (versions []int64) {
	for _, r := range s.records() {
		versions = append(versions, r.ID, r.Version)
	}
	return versions
}

// publish does what the publisher would to all that is scheduled, or to the first.
func (s *story) publish(r *rapid.T, pins map[string]bool, outcome post.State) {
	for _, old := range s.records() {
		if old.State != post.Scheduled || rapid.IntRange(0, 2).Draw(r, "not now") == 0 {
			continue
		}
		if key := old.Hash + old.Board; outcome == post.Posted {
			if pins[key] {
				r.Fatalf("%s is posted to %s again", old.Path(), old.Board)
			}
			pins[key] = true
		}
		s.move("a", post.Publishing, old.Board)
		s.move("a", outcome, old.Board)
	}
}

// check sees that each of some boards has one post, and that no other is to be posted. A post that was changed to be for
// a board may be the duplicate of one from before the files were away: its photo has a pin there.
func (s *story) check(r *rapid.T, pins map[string]bool, boards []string) {
	posts := map[string]int{}
	for _, p := range s.records() {
		switch {
		case p.State == post.Scheduled && !slices.Contains(boards, p.Board):
			r.Errorf("%s is scheduled for %s: %s", p.Path(), p.Board, s.boards())
		case p.Current && (p.State == post.Scheduled || p.State == post.Posted || p.State == post.Duplicate && pins[p.Hash+p.Board]):
			posts[p.Board]++
		}
	}
	for _, board := range boards {
		if posts[board] != 1 {
			r.Errorf("%d posts for %s: %s", posts[board], board, s.boards())
		}
	}
}

func TestABoardThatIsAddedAfterPostingGetsThePhotosOwnText(t *testing.T) {
	p := newPins(t)
	p.write("fog.jpg", described(t, 1, "X", "", ""))
	p.yaml("fog.yaml", "board: A\npublish_at: 2036-12-01\n")
	p.after(settle)
	p.force("fog.jpg", post.Publishing, post.Posted)
	p.yaml("fog.yaml", "boards: [A, B]\npublish_at: 2036-12-01\n")
	p.after(settle)
	if posts := p.posts(); len(posts) != 2 || posts[1].Board != "B" || posts[1].Title != "X" {
		t.Errorf("posts %+v", posts)
	}
}

func TestBoardsAreATimeApart(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"days of the calendar", "publish_at: 2026-10-20 18:30\nboard_gap: 7d\n", "2026-10-20T18:30:00+02:00 2026-10-27T18:30:00+01:00 2026-11-03T18:30:00+01:00"},
		{"hours by the clock", "publish_at: 2026-10-24 18:30\nboard_gap: 24h\n", "2026-10-24T18:30:00+02:00 2026-10-25T17:30:00+01:00 2026-10-26T17:30:00+01:00"},
		{"both", "publish_at: 2026-10-24 18:30\nboard_gap: 1d30m\n", "2026-10-24T18:30:00+02:00 2026-10-25T19:00:00+01:00 2026-10-26T19:30:00+01:00"},
		{"none", "publish_at: 2026-10-24 18:30\n", "2026-10-24T18:30:00+02:00 2026-10-24T18:30:00+02:00 2026-10-24T18:30:00+02:00"},
		{"into a gap of the clocks", "publish_at: 2027-03-27 02:30\nboard_gap: 1d\n", "2027-03-27T02:30:00+01:00 2027-03-28T03:00:00+02:00 2027-03-29T02:30:00+02:00"},
		{"a leap day", "publish_at: 2028-02-28\nboard_gap: 1d\n", "2028-02-28T09:00:00+01:00 2028-02-29T09:00:00+01:00 2028-03-01T09:00:00+01:00"},
		{"an exact time", "publish_at: 2026-10-24T18:30:00+02:00\nboard_gap: 1d\n", "2026-10-24T18:30:00+02:00 2026-10-25T17:30:00+01:00 2026-10-26T17:30:00+01:00"},
		{"another zone", "publish_at: 2026-10-31 12:00\ntimezone: America/New_York\nboard_gap: 1d\n", "2026-10-31T17:00:00+01:00 2026-11-01T18:00:00+01:00 2026-11-02T18:00:00+01:00"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := newPins(t)
			p.photo("fog.jpg", 1)
			p.yaml("fog.yaml", "boards: [A, {board: B, section: S}, C]\n"+test.text)
			p.after(settle)
			oslo, err := time.LoadLocation("Europe/Oslo")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range p.posts() {
				got = append(got, r.DueAt.In(oslo).Format(time.RFC3339))
			}
			if got := strings.Join(got, " "); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// Posts for now come the gap after each other, counted from when they came. An edit does not begin it anew.
func TestBoardsForNowAreATimeApart(t *testing.T) {
	p := newPins(t)
	p.photo("fog.jpg", 1)
	p.yaml("fog.yaml", "boards: [A, B, C]\nboard_gap: 7d\npublish_at: now\n")
	p.after(settle)
	due := func() (times []time.Time) {
		for _, r := range p.posts() {
			times = append(times, r.DueAt)
			if r.AtOnce() != (r.Board == "A") || r.Queued() {
				t.Errorf("%+v", r.Post)
			}
		}
		return times
	}
	first := due()
	oslo, _ := time.LoadLocation("Europe/Oslo")
	if len(first) != 3 || !first[0].In(oslo).AddDate(0, 0, 14).Equal(first[2]) {
		t.Fatalf("due at %v", first)
	}
	p.yaml("fog.yaml", "boards: [A, B, C]\nboard_gap: 7d\npublish_at: now\ntitle: Fog\n")
	p.after(time.Hour)
	if again := due(); !slices.Equal(first, again) {
		t.Errorf("after an edit they are due at %v, not %v", again, first)
	}
	p.yaml("fog.yaml", "boards: [A, B, C]\nboard_gap: 1d\npublish_at: now\n")
	p.after(settle)
	if again := due(); again[1].Sub(first[1]) > -5*24*time.Hour {
		t.Errorf("with another gap they are due at %v", again)
	}
}

func TestTheGapOfBoardsInTheQueueIsRecorded(t *testing.T) {
	s := newStory(t)
	s.tell("put a A L+M+N1~\nwait 3s")
	var got []post.Gap
	for _, r := range s.records() {
		if !r.Queued() {
			t.Errorf("%+v is not in the queue", r.Post)
		}
		got = append(got, r.Gap)
	}
	if week := (post.Gap{Days: 7}); !slices.Equal(got, []post.Gap{{}, week, week}) {
		t.Errorf("gaps %v", got)
	}
	s.tell("post a L\nwait 3s")
	records := s.records()
	s.ok(s.store.View(t.Context(), func(tx *store.Tx) error {
		for _, r := range records {
			last, err := tx.LastOfFiles(r)
			if err != nil || last.IsZero() != (r.Board == "L") {
				t.Errorf("the last post of %s before that for %s is of %v (%v)", r.Path(), r.Board, last, err)
			}
		}
		return nil
	}))
}
