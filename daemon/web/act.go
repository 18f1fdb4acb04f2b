package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// Decision is what a person wants done to a post.
type Decision string

// The decisions.
const (
	Retry   Decision = "retry"   // post a failed or missed one now; look an unconfirmed one up, and send it if it is not there
	Confirm Decision = "confirm" // an unconfirmed one is on Pinterest
	PostNow Decision = "now"     // post a planned one now
	Repost  Decision = "repost"  // make another pin of a posted one
)

// Actor does what a person wants. What cannot be done is a *NotPossible.
type Actor interface {
	// Decide does something to a post. Errors: ErrNotFound, *NotPossible.
	Decide(ctx context.Context, id int64, d Decision) error
	// Pause stops an account's posts, Resume ends every pause of it. "" is every account.
	Pause(ctx context.Context, account string) error
	Resume(ctx context.Context, account string) error
	// Accept says of a folder that is absent that what is missing is gone, and gives how many posts are withdrawn.
	Accept(ctx context.Context, folder string) (withdrawn int, err error)
	// TakeOver makes this installation the one that posts from a folder.
	TakeOver(ctx context.Context, folder string) error
}

// ErrNotFound says that there is no such thing (any more).
var ErrNotFound = errors.New("it is not there any more; go back and look again")

// NotPossible says why something cannot be done, in words for the person.
type NotPossible struct{ Message string }

func (e *NotPossible) Error() string { return e.Message }

// decide does to a post what its address says.
func (s *Server) decide(w http.ResponseWriter, r *http.Request) error {
	id, err := postAndForm(r)
	if err != nil {
		return err
	}
	d := Decision(r.PathValue("what"))
	if !slices.Contains([]Decision{Retry, Confirm, PostNow, Repost}, d) {
		return s.notFound(w, r)
	}
	if err := s.Backend.Decide(r.Context(), id, d); err != nil {
		return fmt.Errorf("%s: %w", map[Decision]string{
			Retry: "it is not tried again", Confirm: "it is not confirmed", PostNow: "it is not posted now", Repost: "it is not posted again",
		}[d], err)
	}
	return back(w, r, string(d))
}

// postID is the post that an address names.
func postID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return 0, ErrNotFound
	}
	return id, nil
}

// postAndForm reads a form, and the post that its address names.
func postAndForm(r *http.Request) (int64, error) {
	if err := parse(r); err != nil {
		return 0, err
	}
	return postID(r)
}

// pause stops the posts of an account, or of all.
func (s *Server) pause(w http.ResponseWriter, r *http.Request) error {
	return s.forAccount(w, r, s.Backend.Pause, "paused")
}

// resume ends every pause of an account, or of all.
func (s *Server) resume(w http.ResponseWriter, r *http.Request) error {
	return s.forAccount(w, r, s.Backend.Resume, "resumed")
}

func (s *Server) forAccount(w http.ResponseWriter, r *http.Request, do func(context.Context, string) error, said string) error {
	if err := parse(r); err != nil {
		return err
	}
	if err := do(r.Context(), r.PostForm.Get("account")); err != nil {
		return err
	}
	return back(w, r, said)
}

// accept takes a person's word that what is missing in a folder is gone.
func (s *Server) accept(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	if _, err := s.Backend.Accept(r.Context(), r.PostForm.Get("folder")); err != nil {
		return err
	}
	return back(w, r, "accepted")
}

// takeOver makes this installation the owner of a folder.
func (s *Server) takeOver(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	if err := s.Backend.TakeOver(r.Context(), r.PostForm.Get("folder")); err != nil {
		return err
	}
	return back(w, r, "taken-over")
}

// saidWords are what the page says after something was done.
var saidWords = map[string]string{
	string(Retry):   "It is tried again now.",
	string(Confirm): "Noted: it is on Pinterest.",
	string(PostNow): "It is posted as soon as it can be.",
	string(Repost):  "It is posted again as soon as it can be. The post before stays in the list.",
	"written":       "Written. It is in the plan in a moment.",
	"saved":         "Saved. It is read again in a moment.",
	"moved":         "Moved.",
	"paused":        "Paused: nothing is posted until you resume.",
	"resumed":       "Resumed.",
	"accepted":      "Noted: what is missing is withdrawn, the rest goes on.",
	"reloaded":      "The settings were read again.",
	"taken-over":    "This installation posts from the folder now. What is overdue waits a little for the other's record.",
}

// back sends the browser to where it came from, with a word about what was done.
func back(w http.ResponseWriter, r *http.Request, said string) error {
	where, err := url.Parse(localPath(r.PostForm.Get("back")))
	if err != nil {
		where = &url.URL{Path: "/"}
	}
	query := where.Query()
	query.Set("said", said)
	where.RawQuery = query.Encode()
	return seeOther(w, r, where.String())
}
