package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// setClock sets the clock of the site's processes, and Pinterest's.
func (s *site) setClock(to time.Time) {
	step := time.Until(to) - s.clock
	s.clock += step
	s.pinterest.Pass(step)
}

func TestQueuedPostsGoOutAtTheTimesThatListShows(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	oslo, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	// The times lie so far apart that a slow machine is still between them.
	first := time.Now().Truncate(time.Minute).Add(time.Hour)
	second := first.Add(20 * time.Minute)
	s.setClock(first.Add(-20 * time.Minute))
	s.edit("catch_up_gap: 0s", fmt.Sprintf(`catch_up_gap: 0s, slots: ["%s", "Mon-Sun %s"]`,
		first.In(oslo).Format("Mon 15:04"), second.In(oslo).Format("15:04")))
	s.pair("z", 1, "title: First\nboard: Fog\n")
	d := s.start()
	s.await("z.jpg", post.Scheduled)
	s.pair("a", 2, "title: Second\nboard: Fog\n")
	s.await("a.jpg", post.Scheduled)
	for path, want := range map[string]time.Time{"z.jpg": first, "a.jpg": second} {
		p := s.post(path)
		if p.PublishAt != nil || p.PlannedAt == nil || !p.PlannedAt.Equal(want) {
			t.Errorf("%s is planned at %v, want %v", path, p.PlannedAt, want)
		}
	}
	d.terminate()
	s.setClock(first.Add(-time.Second))
	s.start()
	pins := s.awaitPins(1)
	if pins[0].Title != "First" || pins[0].CreatedAt.Before(first) || !pins[0].CreatedAt.Before(second) {
		t.Errorf("%s was made at %v, its slot was %v", pins[0].Title, pins[0].CreatedAt, first)
	}
	s.await("z.jpg", post.Posted)
	if got := s.want(exitFailed, "retry", "a.jpg"); !strings.Contains(got.stderr, "queue") {
		t.Errorf("retry says %q", got.stderr)
	}
	if got := s.want(0, "list").stdout; !strings.Contains(got, second.In(oslo).Format("2006-01-02 15:04 MST")+" (queue)") {
		t.Errorf("list shows\n%s", got)
	}
	if got := s.want(0, "status", "--json").stdout; !strings.Contains(got, `"path": "a.jpg"`) {
		t.Errorf("status shows\n%s", got)
	}
}
