package web

import (
	"context"
	"fmt"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// Backend is the daemon as the page sees it. What is possible and what follows from it is for the daemon to know;
// the page asks, shows, and hands on what a person wants.
type Backend interface {
	Actor
	Editor
	Uploader
	Writer
	// Healthy is nil while the loop turns and the store answers.
	Healthy() error
	// Overview reads how things stand. It asks Pinterest nothing.
	Overview(ctx context.Context) (Overview, error)
	// Between reads the chosen posts whose time lies in [from, to), oldest first.
	Between(ctx context.Context, from, to time.Time, c Choice) ([]Post, error)
	// FreeSlots reads the slots to come in [from, to) that no post of the queue takes, in their order.
	FreeSlots(ctx context.Context, from, to time.Time) ([]FreeSlot, error)
	// Listed reads one stretch of the list of all chosen posts.
	Listed(ctx context.Context, c Choice, skip, limit int) (Listed, error)
	// Counts counts a folder's posts by state.
	Counts(ctx context.Context, folder string) (map[post.State]int, error)
	// Picture gives the picture of a post's photo as a JPEG, small or large. Errors: ErrNotFound, ErrLater.
	Picture(ctx context.Context, id int64, large bool) ([]byte, error)
	// Examine looks for everything that can be wrong. It may take some seconds.
	Examine(ctx context.Context) []Check
	// Boards are the boards that posts name, in the user's own words, sorted. It asks Pinterest nothing.
	Boards(ctx context.Context) ([]string, error)
}

// Overview is how things stand. Its Now carries the zone in which times are shown.
type Overview struct {
	Environment string
	Now         time.Time
	Accounts    []Account
	Folders     []Folder
	Troubles    []Post // that need a person or patience, most pressing first, as many as are to be shown
	Untold      int    // further ones
	Next        []Post // soonest first, as many as are to be shown
	Posts       int    // in all

	number string // of the newest change that it shows
}

// Account is an account as it stands.
type Account struct {
	Name      string
	Connected bool
	Paused    bool // by a person
	Waits     bool // it will go on by itself
	Problem   Problem
}

// Folder is a watched folder as it stands.
type Folder struct {
	Path        string
	State       string // watching, absent, standby, not_answering, read_only; "" before the first look
	Watch, Why  string // events, poll or mixed, and the reason
	Problem     Problem
	Waiting     int // photos without a sidecar
	Unsupported int // films, RAW and other media
	Held        []Held
	Counts      map[post.State]int // nil if they were not counted
}

// Held is a _pinfold.yaml that is wrong and holds posts.
type Held struct {
	Path    string // in the folder
	Posts   int
	Problem Problem
}

// Problem is what is wrong, in our own words. The zero Problem is none.
type Problem struct {
	ID    string
	Says  string // what is wrong
	Fix   string // what to do
	Place string // where, as in "Pins/fog.yaml, line 3"
	More  string // further findings, one a line
}

// Is reports whether there is a problem.
func (p Problem) Is() bool { return p.Says != "" }

// Post is a post as the page shows it in a list. Times carry the zone in which they are shown.
type Post struct {
	ID           int64
	Folder       string // absolute
	Path         string // in it
	Title        string // "" if it has none
	Board        string
	Section      string
	Account      string
	State        post.State
	At           time.Time // when it is planned, was posted or should have been; zero if nothing is known
	Images       int       // further photos of a carousel
	Hash         string    // of its photo, or another text that changes with it; "" if there is none to show
	Slot         string    // the slot that a queued one takes; "" for none
	Again        time.Time // when it is looked up next; zero: not
	Held         string    // why a scheduled one does not go out by itself: paused or waiting; "" if it does
	ChangedAfter bool      // its files changed after it was posted
	Problem      Problem
}

// Name is what a person calls the post.
func (p Post) Name() string {
	if p.Title != "" {
		return p.Title
	}
	return p.Path
}

// FreeSlot is a slot that waits for a post.
type FreeSlot struct {
	At      time.Time
	Account string // "" where there is but one
}

// Choice chooses posts. Zero fields choose all.
type Choice struct {
	State  post.State
	Needs  bool // only those that need a person or patience
	Folder string
	Board  string
	Text   string
}

// Listed is a stretch of a list.
type Listed struct {
	Posts  []Post
	Counts map[post.State]int // of all that the choice but for its state chooses
	Total  int                // that the choice chooses
}

// Hold counts one more post that a _pinfold.yaml holds, with its folder. It reports false for a folder that is not
// among those shown.
func (o *Overview) Hold(folder, file string, p Problem) bool {
	for i := range o.Folders {
		f := &o.Folders[i]
		if f.Path != folder {
			continue
		}
		for j := range f.Held {
			if f.Held[j].Path == file && f.Held[j].Problem == p {
				f.Held[j].Posts++
				return true
			}
		}
		f.Held = append(f.Held, Held{Path: file, Posts: 1, Problem: p})
		return true
	}
	return false
}

// Picture is the address of the post's small picture, or of a photo's without a post; "" if there is none.
func (p Post) Picture() string { return p.picture("small") }

// LargePicture is that of the large one.
func (p Post) LargePicture() string { return p.picture("large") }

func (p Post) picture(size string) string {
	if p.Hash == "" {
		return ""
	}
	if p.ID == 0 {
		return Photo{p.Folder, p.Path}.picture(size)
	}
	return fmt.Sprintf("/thumbs/%d/%s?v=%.12s", p.ID, size, p.Hash)
}

// Movable reports whether the post may be given another day.
func (p Post) Movable() bool {
	switch p.State {
	case post.Scheduled, post.Draft, post.Failed, post.Missed:
		return true
	}
	return false
}
