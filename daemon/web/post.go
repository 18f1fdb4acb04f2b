package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/divitio/pinfold/daemon/post"
)

// feedTitle is how many characters of a title Pinterest shows in feeds, about.
const feedTitle = 40

// localTime is how browsers write a wall-clock time in a form.
const localTime = "2006-01-02T15:04"

// postBody is the page of one post.
type postBody struct {
	Detail
	Fixes  []button
	Wrong  Wrong  // with what was sent
	After  Fields // what the form shows: as it is, or as it was sent and not taken
	Other  *Text  // what the file holds by now, if it changed meanwhile
	Here   string // where the form is sent to
	Back   string // the calendar with the post
	IsText bool   // the text is edited, not the fields
}

// post shows a post, with a form to change it.
func (s *Server) post(w http.ResponseWriter, r *http.Request) error {
	id, err := postID(r)
	if err != nil {
		return err
	}
	d, err := s.Backend.Detail(r.Context(), id)
	if err != nil {
		return err
	}
	return s.showPost(w, r, http.StatusOK, postBody{Detail: d, After: d.Fields})
}

// showPost completes the page of a post.
func (s *Server) showPost(w http.ResponseWriter, r *http.Request, status int, body postBody) error {
	o, err := s.overview(r.Context())
	if err != nil {
		return err
	}
	body.Here, body.Back = body.URL(), "/"
	body.Fixes = body.Post.actions()
	if !body.At.IsZero() {
		body.Back = address("/", url.Values{"month": {body.At.Format(monthLayout)}})
	}
	p := page{Title: body.Name(), Here: "plan", Wide: true, Body: body}
	p.stand(o)
	return s.render(w, r, status, "post", p)
}

// actions are all that can be done to a post at once.
func (p Post) actions() []button {
	switch p.State {
	case post.Scheduled:
		return []button{p.does("now", "Post now")}
	case post.Posted:
		again := p.does("repost", "Post again…")
		again.Yes, again.Ask = "Post again", "This makes another pin, of what its files hold now. The pin that is there stays."
		return []button{again}
	}
	fixes := p.fixes()
	sends := fixes[:0]
	for _, b := range fixes {
		if b.Sends {
			sends = append(sends, b)
		}
	}
	return sends
}

// save writes what the form of a post says.
func (s *Server) save(w http.ResponseWriter, r *http.Request) error {
	id, err := postAndForm(r)
	if err != nil {
		return err
	}
	wish := Wish{ID: id, Seen: r.PostForm.Get("seen")}
	if wish.Before, wish.After, err = bothFields(r.PostForm); err != nil {
		return err
	}
	return s.saved(w, r, s.Backend.Save(r.Context(), wish), wish)
}

// saved answers after a sidecar was to be written.
func (s *Server) saved(w http.ResponseWriter, r *http.Request, err error, wish Wish) error {
	conflict, changed := errors.AsType[*Conflict](err)
	wrong, isWrong := errors.AsType[Wrong](err)
	switch {
	case err == nil:
		return seeOther(w, r, fmt.Sprintf("/posts/%d?said=saved", wish.ID))
	case !changed && !isWrong:
		return err
	}
	d, err := s.Backend.Detail(r.Context(), wish.ID)
	if err != nil {
		return err
	}
	body, status := postBody{Detail: d, After: wish.After, Wrong: wrong}, http.StatusUnprocessableEntity
	if changed {
		body.Other, status = &conflict.Holds, http.StatusConflict
	} else {
		body.Text.Seen = wish.Seen
	}
	body.Fields = wish.Before // what the person saw: only what they changed is written
	return s.showPost(w, r, status, body)
}

// bothFields reads what the form showed and what it was changed to.
func bothFields(form url.Values) (before, after Fields, err error) {
	if before, err = fieldsOf(form, "was_"); err != nil {
		return before, after, err
	}
	after, err = fieldsOf(form, "")
	return before, after, err
}

func fieldsOf(form url.Values, prefix string) (f Fields, err error) {
	text := func(name string) string {
		return strings.TrimSpace(strings.ReplaceAll(form.Get(prefix+name), "\r\n", "\n"))
	}
	f = Fields{
		Title: text("title"), Description: text("description"), AltText: text("alt_text"), Link: text("link"),
		Board: text("board"), Section: text("section"), When: text("when"),
		Draft: text("draft") != "", AllowDuplicate: text("allow_duplicate") != "",
	}
	if f.When != WhenAt && f.When != WhenNow && f.When != WhenQueue {
		f.When = WhenAt
	}
	if at := text("at"); at != "" && f.When == WhenAt {
		if f.At, err = time.Parse(localTime, at); err != nil {
			f.At, err = time.Parse(localTime+":05", at)
		}
		if err != nil {
			return f, &refusal{http.StatusBadRequest, fmt.Sprintf("%q is not a time", at)}
		}
	} else if f.When == WhenAt {
		f.When = WhenQueue
	}
	return f, nil
}

// was are the values that the form showed, as they are sent along.
func was(f Fields) map[string]string {
	values := map[string]string{
		"title": f.Title, "description": f.Description, "alt_text": f.AltText, "link": f.Link, "board": f.Board, "section": f.Section,
		"when": f.When, "at": f.Local(),
	}
	if f.Draft {
		values["draft"] = "yes"
	}
	if f.AllowDuplicate {
		values["allow_duplicate"] = "yes"
	}
	return values
}

// shift moves a post to another day.
func (s *Server) shift(w http.ResponseWriter, r *http.Request) error {
	id, err := postAndForm(r)
	if err != nil {
		return err
	}
	d, err := s.Backend.Detail(r.Context(), id)
	if err != nil {
		return err
	}
	day, err := time.ParseInLocation(dayLayout, r.PostForm.Get("day"), d.Now.Location())
	if err != nil {
		return &refusal{http.StatusBadRequest, fmt.Sprintf("%q is not a day; write it as in 2026-12-01", r.PostForm.Get("day"))}
	}
	if days := daysBetween(d.At, day); !d.At.IsZero() && days != 0 {
		if err := s.Backend.Shift(r.Context(), id, days); err != nil {
			return notTaken(err)
		}
	}
	return back(w, r, "moved")
}

// notTaken gives what is wrong with a wish a status of its own.
func notTaken(err error) error {
	wrong, isWrong := errors.AsType[Wrong](err)
	_, changed := errors.AsType[*Conflict](err)
	switch {
	case isWrong && len(wrong) > 0:
		return &refusal{http.StatusUnprocessableEntity, strings.TrimSuffix(wrong[0].Says+"; "+wrong[0].Fix, "; ")}
	case changed:
		return &refusal{http.StatusConflict, err.Error() + "; look at it again"}
	}
	return err
}

// Local is a time as a form has it; "" for none.
func (f Fields) Local() string {
	if f.At.IsZero() {
		return ""
	}
	return f.At.Format(localTime)
}

// ZoneName is the zone of the form's time, "" if that is the page's own.
func (d Detail) ZoneName() string {
	if d.Fields.At.IsZero() || d.Fields.At.Location().String() == d.Now.Location().String() {
		return ""
	}
	return d.Fields.At.Location().String()
}

// preview is the pin as it will look on Pinterest.
type preview struct {
	Title   string // as feeds show it
	Rest    string // of the title, which they do not show
	Cut     int    // percent of the height that feeds cut off a photo that is taller than 2:3
	Flat    bool   // wider than it is high: small in feeds
	W, H    int    // of the frame, for the layout
	Board   string
	Picture string
}

// previewOf makes the preview of a post, with the texts that a form shows.
func previewOf(b postBody) preview {
	const width = 236 // pixels of a column in feeds
	title := orInherited(b.After.Title, b.Inherit.Title)
	p := preview{Title: title, Board: orInherited(b.After.Board, b.Inherit.Board), Picture: b.LargePicture()}
	if utf8.RuneCountInString(title) > feedTitle {
		all := []rune(title)
		p.Title, p.Rest = strings.TrimRight(string(all[:feedTitle]), " "), string(all[feedTitle:])
	}
	height := width * 3 / 2
	if b.Width > 0 && b.Height > 0 {
		height = max(1, width*b.Height/b.Width)
		p.Flat = b.Width > b.Height
	}
	if most := width * 3 / 2; height > most {
		p.Cut = 100 - 100*most/height
		height = most
	}
	p.W, p.H = width, height
	return p
}

func orInherited(own, inherited string) string {
	if own == "" {
		return inherited
	}
	return own
}
