package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// pinned are the boards and sections that a photo of some title was pinned to.
func (s *site) pinned(title string) string {
	var places []string
	for _, p := range s.pinterest.Pins() {
		if p.Title == title {
			places = append(places, strings.TrimSuffix(p.Board+"/"+p.Section, "/"))
		}
	}
	slices.Sort(places)
	return strings.Join(places, " ")
}

// standings are the posts of a path, as "board state", by board.
func (s *site) standings(path string) string {
	var all []string
	for _, p := range s.posts() {
		if p.Path == path {
			all = append(all, fmt.Sprintf("%s %s", p.Board, p.State))
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func (s *site) awaitStandings(path, want string) {
	s.t.Helper()
	s.eventually(200*time.Millisecond, path+" is "+want, func() bool { return s.standings(path) == want })
}

func TestAPhotoGoesToEveryBoardOnce(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.pair("fog", 1, "title: Fog\nboards: [Landscapes, {board: Fog, section: Dawn}, Nowhere]\npublish_at: now\n")
	d := s.start()
	s.awaitStandings("fog.jpg", "Fog posted, Landscapes posted, Nowhere failed")
	if got := s.pinned("Fog"); got != "Fog/Dawn Landscapes" {
		t.Errorf("pinned to %s", got)
	}
	s.awaitNote("fog.jpg.pinfold-error.txt", "Nowhere")
	if got := s.want(0, "retry", "fog.jpg"); strings.Count(got.stdout, "will be tried again") != 1 {
		t.Errorf("retry says %q", got.stdout)
	}
	s.awaitStandings("fog.jpg", "Fog posted, Landscapes posted, Nowhere failed")
	if got := s.want(exitFailed, "retry", "fog.jpg", "elsewhere.jpg"); !strings.Contains(got.stderr, "elsewhere.jpg") {
		t.Errorf("retry says %q", got.stderr)
	}
	s.write("fog.yaml", "title: Fog\nboards: [Portraits, {board: Fog, section: Dawn}, Landscapes]\npublish_at: now\n")
	s.awaitStandings("fog.jpg", "Fog posted, Landscapes posted, Portraits posted")
	d.terminate()

	s.lose() // the folder remembers each board by itself
	s.reconnect()
	s.write("fog.yaml", "title: Fog\nboards: [Fog, Portraits, Landscapes]\npublish_at: now\n")
	s.start()
	s.want(0, "takeover", s.folder)
	s.awaitStandings("fog.jpg", "Fog posted, Landscapes posted, Portraits posted")
	if got := s.pinned("Fog"); got != "Fog Fog/Dawn Landscapes Portraits" {
		t.Errorf("pinned to %s", got)
	}
}

func TestBoardsArePlannedAGapApart(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.edit("catch_up_gap: 0s", `catch_up_gap: 0s, slots: ["Mon-Sun 18:30"]`)
	s.pair("a-queued", 1, "boards: [Landscapes, Fog]\nboard_gap: 7d\n")
	s.pair("b-next", 2, "board: Fog\n")
	s.pair("timed", 3, "boards: [Landscapes, Fog]\nboard_gap: 7d\npublish_at: 2036-10-20 18:30\n")
	if got := s.want(0, "check"); !strings.Contains(got.stderr, "5 post(s)") {
		t.Errorf("check says\n%s%s", got.stdout, got.stderr)
	}
	s.start()
	s.await("timed.jpg", post.Scheduled)
	s.await("b-next.jpg", post.Scheduled)
	at := map[string]string{}
	for _, p := range s.posts() {
		at[p.Path+" "+p.Board] = p.PlannedAt.Format("2006-01-02 15:04 -07:00")
	}
	first := s.posts()[0].PlannedAt
	for name, want := range map[string]string{
		"a-queued.jpg Landscapes": first.Format("2006-01-02 15:04 -07:00"),
		"b-next.jpg Fog":          first.AddDate(0, 0, 1).Format("2006-01-02 15:04 -07:00"),
		"a-queued.jpg Fog":        first.AddDate(0, 0, 7).Format("2006-01-02 15:04 -07:00"),
		"timed.jpg Landscapes":    "2036-10-20 18:30 +02:00",
		"timed.jpg Fog":           "2036-10-27 18:30 +01:00",
	} {
		if at[name] != want {
			t.Errorf("%s is planned at %s, want %s", name, at[name], want)
		}
	}
}
