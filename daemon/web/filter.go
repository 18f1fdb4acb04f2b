package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/divitio/pinfold/daemon/post"
)

// filter is what a person has chosen to see, and what there is to choose from.
type filter struct {
	Choice
	Folders []string
	Names   []string // boards
}

// maxText bounds what is searched for, in bytes.
const maxText = 200

// filter reads the choice from a request.
func (s *Server) filter(r *http.Request, o Overview) (filter, error) {
	f := filter{Choice: Choice{
		Folder: r.Form.Get("folder"), Board: r.Form.Get("board"), Text: strings.TrimSpace(r.Form.Get("q")),
		Needs: r.Form.Get("state") == needsYou,
	}}
	if len(f.Text) > maxText {
		return f, &refusal{http.StatusBadRequest, "that is too long to search for; a word of the title is enough"}
	}
	if state := r.Form.Get("state"); state != "" && !f.Needs {
		if !slices.Contains(post.States, post.State(state)) {
			return f, &refusal{http.StatusBadRequest, fmt.Sprintf("there is no state %q", state)}
		}
		f.State = post.State(state)
	}
	for _, folder := range o.Folders {
		f.Folders = append(f.Folders, folder.Path)
	}
	names, err := s.Backend.Boards(r.Context())
	if err != nil {
		return f, fmt.Errorf("read the boards: %w", err)
	}
	f.Names = names
	return f, nil
}

// needsYou is the choice of all posts that need somebody, in place of a state.
const needsYou = "needs-you"

// query is the choice as it stands in an address.
func (f filter) query() url.Values {
	query := url.Values{}
	for name, value := range map[string]string{
		"folder": f.Folder, "board": f.Board, "q": f.Text, "state": f.StateValue(),
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return query
}

// StateValue is the chosen state as it stands in an address.
func (f filter) StateValue() string {
	if f.Needs {
		return needsYou
	}
	return string(f.State)
}

// Active reports whether anything is left out.
func (f filter) Active() bool { return f.Choice != Choice{} }

// Says what is chosen, in words.
func (f filter) Says() string {
	var parts []string
	if f.Needs {
		parts = append(parts, "needs you")
	}
	if f.State != "" {
		parts = append(parts, stateWord(f.State))
	}
	if f.Board != "" {
		parts = append(parts, "board “"+f.Board+"”")
	}
	if f.Folder != "" {
		parts = append(parts, "folder "+folderName(f.Folder))
	}
	if f.Text != "" {
		parts = append(parts, "“"+f.Text+"”")
	}
	return strings.Join(parts, ", ")
}

// numberIn reads a number of a query, at least 0; anything else is 0.
func numberIn(query url.Values, name string) int {
	n, err := strconv.Atoi(query.Get(name))
	const most = 1 << 30
	if err != nil || n < 0 || n > most {
		return 0
	}
	return n
}
