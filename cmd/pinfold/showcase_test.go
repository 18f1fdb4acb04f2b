//go:build browser

package main

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/image/draw"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/vault"
	"github.com/divitio/pinfold/daemon/web"
)

// showcase is the page with a December of posts behind it, always the same: what the screenshots in docs/ show.
type showcase struct {
	web.Backend // what it does not show
	now         time.Time
	posts       []web.Post
}

const pins = "/home/astrid/Pins"

func oslo(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// december is the month in which the pictures are taken.
func december(t *testing.T) *showcase {
	t.Helper()
	zone := oslo(t)
	s := &showcase{now: time.Date(2026, 12, 11, 16, 20, 0, 0, zone)}
	for _, p := range []struct {
		day          int
		clock, title string
		state        post.State
		board        string
	}{
		{2, "09:00", "Morning fog over the lake", post.Posted, "Landscapes"},
		{4, "09:00", "First frost", post.Posted, "Landscapes"},
		{7, "18:30", "Birch wood in October", post.Posted, "Fog & Mist"},
		{9, "18:30", "Harbour, blue hour", post.Posted, "Landscapes"},
		{9, "20:15", "The old ferry", post.Failed, "Costa"},
		{11, "09:00", "Birch wood, the last leaves", post.Unconfirmed, "Fog & Mist"},
		{11, "18:30", "Rain on Karl Johan", post.Scheduled, "Fog & Mist"},
		{14, "09:00", "Northern lights, Senja", post.Scheduled, "Landscapes"},
		{16, "18:30", "Rowan berries", post.Scheduled, "Close-ups"},
		{18, "09:00", "A door in Røros", post.Scheduled, "Close-ups"},
		{18, "20:15", "Snow on the quay", post.Scheduled, "Landscapes"},
		{21, "18:30", "Salt and light", post.Scheduled, "Landscapes"},
		{23, "18:30", "Winter market", post.Scheduled, "Close-ups"},
		{28, "18:30", "Morning fog over the fjord", post.Scheduled, "Landscapes"},
		{30, "18:30", "First frost, second try", post.Scheduled, "Landscapes"},
	} {
		at, err := time.ParseInLocation("2006-1-2 15:04", "2026-12-"+time.Date(0, 1, p.day, 0, 0, 0, 0, zone).Format("2")+" "+p.clock, zone)
		if err != nil {
			t.Fatal(err)
		}
		id := int64(len(s.posts) + 1)
		shown := web.Post{
			ID: id, Folder: pins, Path: "2026/" + string(rune('a'+id)) + ".jpg", Title: p.title, Board: p.board, Account: "main",
			State: p.state, At: at, Hash: "0123456789abcdef",
		}
		if p.board == "Landscapes" && id%2 == 0 {
			shown.Section = "Norway"
		}
		switch p.state {
		case post.Failed:
			shown.Problem = web.Problem{
				ID: "board", Says: "Pinterest has no board “Costa” that your account owns", Place: "Pins/ferry.yaml, line 3",
			}
		case post.Unconfirmed:
			shown.Problem = web.Problem{ID: "unconfirmed", Says: "the pin may be on Pinterest already: the answer was lost"}
			shown.Again = s.now.Add(2 * time.Minute)
		}
		s.posts = append(s.posts, shown)
	}
	s.posts[6].Slot = "Fri 18:30"
	return s
}

func (s *showcase) Healthy() error { return nil }

// newcomer is the page of somebody who has just set pinfold up, and whose folder went away.
type newcomer struct{ *showcase }

func (b newcomer) Overview(context.Context) (web.Overview, error) {
	return web.Overview{
		Environment: "production", Now: b.now, Accounts: []web.Account{{Name: "main", Connected: true}},
		Folders: []web.Folder{{
			Path: pins, State: "absent", Waiting: 1,
			Problem: web.Problem{ID: "absent", Says: "the folder is not as it was: another disk is mounted there"},
		}},
	}, nil
}

func (s *showcase) Overview(context.Context) (web.Overview, error) {
	return web.Overview{
		Environment: "production", Now: s.now, Accounts: []web.Account{{Name: "main", Connected: true}},
		Folders: []web.Folder{
			{Path: pins, State: "watching", Watch: "events", Why: "ext4 tells of changes", Waiting: 12, Unsupported: 3},
			{Path: "/mnt/nas/Film", State: "watching", Watch: "poll", Why: "a network file system (nfs4) does not tell of changes"},
		},
		Troubles: []web.Post{s.posts[4], s.posts[5]}, Next: s.posts[6:9], Posts: len(s.posts),
	}, nil
}

func (s *showcase) Between(_ context.Context, from, to time.Time, _ web.Choice) (found []web.Post, err error) {
	for _, p := range s.posts {
		if !p.At.Before(from) && p.At.Before(to) {
			found = append(found, p)
		}
	}
	return found, nil
}

func (s *showcase) FreeSlots(context.Context, time.Time, time.Time) (free []web.FreeSlot, err error) {
	for _, day := range []int{12, 19, 25, 26} {
		free = append(free, web.FreeSlot{At: time.Date(2026, 12, day, 9, 0, 0, 0, s.now.Location())})
	}
	return free, nil
}

func (s *showcase) Bare(context.Context) (photos []web.Photo, more bool, err error) {
	for _, name := range []string{"bridge", "harbour", "heron", "ice", "lamp", "moss"} {
		photos = append(photos, web.Photo{Folder: pins, Path: "2026/" + name + ".jpg"})
	}
	return photos, false, nil
}

func (s *showcase) Unwritten(_ context.Context, p web.Photo) (web.Detail, error) {
	return web.Detail{
		Post: web.Post{Folder: p.Folder, Path: p.Path, Account: "main", State: post.Draft, Hash: "0123456789abcdef"}, Now: s.now, Queue: true,
		Text: web.Text{Folder: p.Folder, Path: strings.TrimSuffix(p.Path, ".jpg") + ".yaml"}, Width: 1500, Height: 1000,
		Fields: web.Fields{Title: "Harbour at night", When: web.WhenQueue}, Inherit: web.Fields{Board: "Landscapes"},
	}, nil
}

func (s *showcase) PhotoPicture(ctx context.Context, p web.Photo, large bool) ([]byte, error) {
	return s.Picture(ctx, int64(len(p.Path)), large)
}

func (s *showcase) Examine(context.Context) []web.Check {
	return []web.Check{
		{ID: "config", Status: "ok", About: "/etc/pinfold/config.yaml", Message: "the config is right: 2 folder(s), environment production"},
		{ID: "folder", Status: "ok", About: pins, Message: "it is there, and can be read"},
		{ID: "inotify", Status: "note", Message: "the system watches 8192 directories at most, and 7900 are used", Fix: "sudo sysctl fs.inotify.max_user_watches=65536"},
		{ID: "disk", Status: "problem", About: "/var/lib/pinfold", Message: "there is room for 12 MB only", Fix: "make room: at least 64 MB"},
		{ID: "clock", Status: "ok", Message: "this machine's clock agrees with Pinterest's"},
	}
}

func (s *showcase) counts() map[post.State]int {
	counts := map[post.State]int{}
	for _, p := range s.posts {
		counts[p.State]++
	}
	return counts
}

func (s *showcase) Listed(_ context.Context, _ web.Choice, _, _ int) (web.Listed, error) {
	l := web.Listed{Counts: s.counts(), Total: len(s.posts)}
	for _, state := range post.States {
		for _, p := range s.posts {
			if p.State == state {
				l.Posts = append(l.Posts, p)
			}
		}
	}
	return l, nil
}

func (s *showcase) Counts(_ context.Context, folder string) (map[post.State]int, error) {
	if folder != pins {
		return map[post.State]int{}, nil
	}
	return s.counts(), nil
}

func (s *showcase) Detail(_ context.Context, id int64) (web.Detail, error) {
	p := s.posts[id-1]
	f := web.Fields{
		Title: p.Title, Description: "Wet cobbles, and every lamp in them twice.", Board: p.Board, Section: p.Section, When: web.WhenAt, At: p.At,
		Link: "https://astrid.example/prints/rain",
	}
	if p.Slot != "" { // it has no time of its own
		f.When, f.At = web.WhenQueue, time.Time{}
	}
	locked := ""
	if p.State == post.Posted {
		locked = "It is on Pinterest. A pin that was made is not changed by pinfold."
	}
	return web.Detail{
		Post: p, Now: s.now, Locked: locked, Fields: f, Queue: true, Width: 1000, Height: 1500,
		Inherit: web.Fields{AltText: "A wet street at dusk with lamps and a tram"},
		Text:    web.Text{Folder: pins, Path: "2026/rain.yaml", Seen: "sum"},
		History: []web.Move{{At: s.now.AddDate(0, 0, -3), State: post.Scheduled}},
	}, nil
}

func (s *showcase) Text(context.Context, string, string) (web.Text, error) { return s.theirs(), nil }

// theirs is a sidecar that somebody else has written meanwhile, with a mistake.
func (s *showcase) theirs() web.Text {
	return web.Text{
		Folder: pins, Path: "2026/rain.yaml", Seen: "another sum",
		Holds:    "# the tram is the 13\ntitle: Rain on Karl Johan, and a headline-that-is-one-word-as-long-as-the-screen-of-a-phone-is-wide\nbord: Fog & Mist\n",
		Findings: []web.Finding{{Line: 3, Says: `unknown key "bord"`, Fix: "did you mean board?"}},
	}
}

func (s *showcase) Save(context.Context, web.Wish) error { return &web.Conflict{Holds: s.theirs()} }

func (s *showcase) SaveText(context.Context, string, string, string, string) error {
	return &web.Conflict{Holds: s.theirs()}
}

func (s *showcase) Decide(context.Context, int64, web.Decision) error {
	return &web.NotPossible{Message: "2026/h.jpg is posted, so it is not tried again"}
}

func (s *showcase) Upload(context.Context, string, func() (string, io.Reader, error)) ([]web.Uploaded, error) {
	return []web.Uploaded{
		{Name: "IMG_2041.jpg", As: "IMG_2041-2.jpg"},
		{Name: "IMG_2041.yaml", As: "IMG_2041-2.yaml"},
		{Name: "Screen Recording.mov", Refused: "Screen Recording.mov is no photo that can be posted, nor a YAML file"},
	}, nil
}

func (s *showcase) LiveBoards(context.Context, string, string) ([]web.LiveBoard, error) {
	return []web.LiveBoard{{Name: "Close-ups"}, {Name: "Fog & Mist", Sections: []string{"City", "Lake"}}, {Name: "Landscapes"}}, nil
}

func (s *showcase) Boards(context.Context) ([]string, error) {
	return []string{"Close-ups", "Fog & Mist", "Landscapes"}, nil
}

// painted are the demo's photos, small.
var painted = sync.OnceValue(func() (all []*image.RGBA) {
	for _, s := range samples() {
		big := s.draw()
		const side = 480
		size := big.Bounds().Size()
		small := image.NewRGBA(image.Rect(0, 0, size.X*side/max(size.X, size.Y), size.Y*side/max(size.X, size.Y)))
		draw.ApproxBiLinear.Scale(small, small.Rect, big, big.Bounds(), draw.Src, nil)
		all = append(all, small)
	}
	return all
})

// Picture is one of the demo's photos, mirrored or toned so that no two posts look the same.
func (s *showcase) Picture(_ context.Context, id int64, _ bool) ([]byte, error) {
	from := painted()[int(id*5)%len(painted())]
	to := image.NewRGBA(from.Rect)
	for y := range from.Rect.Dy() {
		for x := range from.Rect.Dx() {
			c := from.RGBAAt(x, y)
			switch id / int64(len(painted())) % 3 {
			case 1:
				c = color.RGBA{c.B, c.R, c.G, c.A}
			case 2:
				c = color.RGBA{c.G, c.G/2 + c.R/2, c.R, c.A}
			}
			to.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	err := jpeg.Encode(&b, to, &jpeg.Options{Quality: 85})
	return b.Bytes(), err
}

// serve opens a page over a backend and gives its address.
func serve(t *testing.T, backend web.Backend) string {
	t.Helper()
	base := t.TempDir()
	v, err := vault.Open(filepath.Join(base, "pinfold"), filepath.Join(base, "pinfold-keys"))
	if err != nil {
		t.Fatal(err)
	}
	server := &web.Server{
		Listen: "127.0.0.1:0", Names: []string{"main"}, Backend: backend, Log: slog.New(slog.DiscardHandler),
		Accounts: &account.Manager{Vault: v, Environment: "production", RedirectURL: "http://localhost:7478/callback", Now: time.Now},
	}
	if err := server.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close(context.Background()) })
	return server.URL()
}
