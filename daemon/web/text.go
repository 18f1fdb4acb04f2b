package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// textBody is the page on which the text of a YAML file is edited.
type textBody struct {
	Text
	Wrong Wrong // with what was sent
	Other *Text // what the file holds by now, if it changed meanwhile
	Post  string
}

// text shows the text of a YAML file, with its mistakes.
func (s *Server) text(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	t, err := s.Backend.Text(r.Context(), r.Form.Get("folder"), r.Form.Get("path"))
	if err != nil {
		return err
	}
	return s.showText(w, r, http.StatusOK, textBody{Text: t})
}

func (s *Server) showText(w http.ResponseWriter, r *http.Request, status int, body textBody) error {
	o, err := s.overview(r.Context())
	if err != nil {
		return err
	}
	body.Post = localPath(r.Form.Get("back"))
	p := page{Title: body.Path, Here: "folders", Body: body}
	p.stand(o)
	return s.render(w, r, status, "text", p)
}

// saveText writes it.
func (s *Server) saveText(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	form := r.PostForm
	sent := Text{Folder: form.Get("folder"), Path: form.Get("path"), Seen: form.Get("seen"), Holds: ownLineEnds(form.Get("text"), form.Get("ends"))}
	err := s.Backend.SaveText(r.Context(), sent.Folder, sent.Path, sent.Seen, sent.Holds)
	conflict, changed := errors.AsType[*Conflict](err)
	wrong, isWrong := errors.AsType[Wrong](err)
	switch {
	case changed:
		sent.Seen = conflict.Holds.Seen
		return s.showText(w, r, http.StatusConflict, textBody{Text: sent, Other: &conflict.Holds})
	case isWrong:
		sent.Findings = wrong
		return s.showText(w, r, http.StatusUnprocessableEntity, textBody{Text: sent, Wrong: wrong})
	case err != nil:
		return err
	}
	return back(w, r, "saved")
}

// ownLineEnds gives a text the line ends of its file: browsers send CRLF, whatever was there.
func ownLineEnds(text, ends string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if ends == "crlf" {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return text
}

// Ends is crlf for a file whose lines end so, else lf.
func (t Text) Ends() string {
	if strings.Contains(t.Holds, "\r\n") {
		return "crlf"
	}
	return "lf"
}

// URL is the page of the text.
func (t Text) URL() string {
	return address("/file", url.Values{"folder": {t.Folder}, "path": {t.Path}})
}

// Lines is how high the field for the text is.
func (t Text) Lines() int {
	const least, most = 10, 30
	return min(max(strings.Count(t.Holds, "\n")+2, least), most)
}
