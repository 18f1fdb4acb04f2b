package web

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// foldersBody is the page of the watched folders.
type foldersBody struct {
	Folders    []Folder
	Now        time.Time
	ConfigFile string // "": the page cannot have it read again
}

// folders shows the watched folders.
func (s *Server) folders(w http.ResponseWriter, r *http.Request) error {
	o, err := s.overview(r.Context())
	if err != nil {
		return err
	}
	for i := range o.Folders {
		if o.Folders[i].Counts, err = s.Backend.Counts(r.Context(), o.Folders[i].Path); err != nil {
			return fmt.Errorf("read the folders: %w", err)
		}
	}
	body := foldersBody{Folders: o.Folders, Now: o.Now}
	if s.Reload != nil {
		body.ConfigFile = s.ConfigFile
	}
	p := page{Title: "Folders", Here: "folders", Wide: true, Body: body}
	p.stand(o)
	return s.render(w, r, http.StatusOK, "folders", p)
}

// reload has the config read again. One with a mistake is refused, and what is wrong with it said.
func (s *Server) reload(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	if s.Reload == nil {
		return s.notFound(w, r)
	}
	if err := s.Reload(); err != nil {
		return &refusal{http.StatusConflict, "Nothing has changed, since the config cannot be used:\n" + err.Error()}
	}
	return s.handOver(w, r, "/folders?said=reloaded")
}

// troublesIn are the folder's own, and those of the _pinfold.yaml files that hold posts of it.
func troublesIn(f Folder) []trouble {
	var all []trouble
	if f.Problem.Is() {
		all = append(all, f.trouble())
	}
	for _, h := range f.Held {
		all = append(all, f.heldTrouble(h))
	}
	return all
}

// folderSign is a folder's state as it is shown.
func folderSign(f Folder) sign {
	switch f.State {
	case "watching":
		return sign{"✓", "watching", "posted"}
	case "absent":
		return sign{"!", "absent", "action"}
	case "standby":
		return sign{"‖", "standing by", "patience"}
	case "not_answering":
		return sign{"?", "not answering", "patience"}
	case "read_only":
		return sign{"–", "read-only", "plain"}
	}
	return sign{"–", "not looked at yet", "plain"}
}

// How says in a few words how the folder is watched.
func (f Folder) How() string {
	switch f.Watch {
	case "events":
		return "changes are seen at once"
	case "poll":
		return "looked at again and again"
	case "mixed":
		return "partly seen at once, partly looked at again and again"
	}
	return ""
}

// tallies are how many posts of a folder are in each state, in the order in which people should see them.
func tallies(f Folder) []tally {
	var all []tally
	for _, s := range post.States {
		if n := f.Counts[s]; n > 0 {
			all = append(all, tally{stateWord(s), n, string(s)})
		}
	}
	return all
}

// ListURL is the list of the folder's posts in a state.
func (f Folder) ListURL(state string) string {
	return address("/list", url.Values{"folder": {f.Path}, "state": {state}})
}

// tally is a number of posts in a state.
type tally struct {
	Word  string
	Count int
	State string
}
