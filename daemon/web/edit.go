package web

import (
	"context"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// Editor shows and changes what lies in the folders.
type Editor interface {
	// Detail reads all that the page shows of a post, its sidecar included. Error: ErrNotFound.
	Detail(ctx context.Context, id int64) (Detail, error)
	// Save writes a sidecar as a person wants it: only what differs from Before. Errors: *Conflict, Wrong, *NotPossible.
	Save(ctx context.Context, w Wish) error
	// Shift moves a post by whole days. Errors: ErrNotFound, *Conflict, Wrong, *NotPossible.
	Shift(ctx context.Context, id int64, days int) error
	// Text reads a YAML file of a folder: a sidecar or _pinfold.yaml. Errors: ErrNotFound, *NotPossible.
	Text(ctx context.Context, folder, path string) (Text, error)
	// SaveText replaces it, if it is right and was what seen stands for. Errors as with Save.
	SaveText(ctx context.Context, folder, path, seen, text string) error
	// LiveBoards asks Pinterest for the boards that an account may post to, and for the sections of one of them, "" for
	// none. They are shown and forgotten.
	LiveBoards(ctx context.Context, account, board string) ([]LiveBoard, error)
}

// LiveBoard is a board as Pinterest has it just now.
type LiveBoard struct {
	Name     string   `json:"name"`
	Secret   bool     `json:"secret"`
	Sections []string `json:"sections"`
}

// Fields are what a person can write in the form. Of a post that is there they are what its sidecar says itself.
type Fields struct {
	Title, Description, AltText, Link string
	Board, Section                    string
	When                              string    // at, now, queue
	At                                time.Time // with When at: in the zone in which it is written
	Draft                             bool
	AllowDuplicate                    bool
}

// The values of Fields.When.
const (
	WhenAt    = "at"
	WhenNow   = "now"
	WhenQueue = "queue"
)

// Detail is a post, or a photo without one, with all that can be changed about it.
type Detail struct {
	Post
	Text     Text   // the sidecar; its Seen is "" if there is none
	Fields   Fields // as the sidecar says
	Inherit  Fields // what holds where it says nothing: defaults and the photo's own texts
	Now      time.Time
	Locked   string // why nothing can be changed; "" if it can
	ByHand   string // why only the text can be changed; "" if the form works
	Boards   int    // entries of boards, of which Fields shows this post's own
	Queue    bool   // there are slots, so that a post may be without a time
	Width    int    // of the photo as it is shown, in pixels; 0 if that is not known
	Height   int
	Attempts int
	History  []Move
}

// Move is one step in a post's life.
type Move struct {
	At    time.Time
	State post.State
	Says  string
}

// Text is a YAML file.
type Text struct {
	Folder   string
	Path     string // in the folder; that of the file to be made if there is none
	Seen     string // stands for what the file holds; "" if there is none
	Holds    string
	Findings []Finding
}

// Finding is one mistake in a text.
type Finding struct {
	Line int
	Says string
	Fix  string
}

// Wish is what a person wants a sidecar to say.
type Wish struct {
	ID     int64
	Seen   string // stands for the file that the person saw; "" for none
	Before Fields // that the form showed
	After  Fields
}

// Conflict says that a file is another one by now than the person saw.
type Conflict struct{ Holds Text }

func (e *Conflict) Error() string { return "the file changed meanwhile, and was not written" }

// Wrong is what is wrong with what a person wrote.
type Wrong []Finding

func (e Wrong) Error() string {
	if len(e) == 0 {
		return "this cannot be right"
	}
	return e[0].Says
}
