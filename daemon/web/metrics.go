package web

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/VictoriaMetrics/metrics"

	"github.com/divitio/pinfold/daemon/post"
)

// metrics tells monitoring how things stand, in Prometheus's text format. No text of a post is in it.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) error {
	if !s.Metrics {
		return &refusal{http.StatusNotFound, "there are no metrics here; to have them, set `web: {metrics: true}`"}
	}
	o, err := s.overview(r.Context())
	if err != nil {
		return err
	}
	last, err := s.Backend.Listed(r.Context(), Choice{State: post.Posted}, 0, 1)
	if err != nil {
		return fmt.Errorf("read the newest post: %w", err)
	}
	g := gauges{metrics.NewSet()}
	g.set("pinfold_build_info", 1, "version", s.Version, "environment", o.Environment)
	g.set("pinfold_up", truth(s.health() == nil))
	for _, f := range o.Folders {
		counts, err := s.Backend.Counts(r.Context(), f.Path)
		if err != nil {
			return fmt.Errorf("count posts: %w", err)
		}
		g.folder(f, counts)
	}
	for _, a := range o.Accounts {
		g.set("pinfold_account_connected", truth(a.Connected), "account", a.Name)
		g.set("pinfold_account_held", truth(a.Paused || a.Waits || (a.Connected && a.Problem.Is())), "account", a.Name)
	}
	if len(o.Next) > 0 && !o.Next[0].At.IsZero() {
		g.set("pinfold_next_post_timestamp_seconds", float64(o.Next[0].At.Unix()))
	}
	if len(last.Posts) > 0 {
		g.set("pinfold_last_post_timestamp_seconds", float64(last.Posts[0].At.Unix()))
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	g.WritePrometheus(w)
	metrics.WriteProcessMetrics(w)
	return nil
}

// gauges are values as they are right now.
type gauges struct{ *metrics.Set }

// set adds a value. labels are names and values by turns.
func (g gauges) set(name string, value float64, labels ...string) {
	var pairs []string
	for i := 0; i+1 < len(labels); i += 2 {
		pairs = append(pairs, labels[i]+`="`+labelEscaper.Replace(strings.ToValidUTF8(labels[i+1], "�"))+`"`)
	}
	if len(pairs) > 0 {
		name += "{" + strings.Join(pairs, ",") + "}"
	}
	g.GetOrCreateGauge(name, func() float64 { return value })
}

// labelEscaper escapes a label's value as the format wants it.
var labelEscaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// folder adds a folder with its posts, those in states that it has none in included: a value that is missing raises no
// alarm.
func (g gauges) folder(f Folder, counts map[post.State]int) {
	for _, state := range post.States {
		g.set("pinfold_posts", float64(counts[state]), "folder", f.Path, "state", string(state))
	}
	for _, state := range folderStates {
		g.set("pinfold_folder_state", truth(f.State == state), "folder", f.Path, "state", state)
	}
	g.set("pinfold_photos_without_sidecar", float64(f.Waiting), "folder", f.Path)
	g.set("pinfold_files_not_supported", float64(f.Unsupported), "folder", f.Path)
}

// folderStates are all that Folder.State may be.
var folderStates = []string{"watching", "absent", "standby", "not_answering", "read_only"}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
