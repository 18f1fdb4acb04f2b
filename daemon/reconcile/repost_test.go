package reconcile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
)

// repost asks for another pin of the newest post of a path, far in the future.
func (p *pins) repost(path string) (due time.Time) {
	p.t.Helper()
	due = p.Now().Add(1000 * time.Hour).Truncate(time.Second)
	err := p.Store.Update(p.t.Context(), func(tx *store.Tx) error {
		records, err := tx.List(store.Filter{Paths: []string{path}})
		if err != nil {
			return err
		}
		return publish.Repost(tx, records[len(records)-1], schedule.Moment{At: due, Exact: true}, "")
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return due
}

// newest is the post that came last.
func (p *pins) newest() (r store.Record) {
	p.t.Helper()
	for _, other := range p.posts() {
		if other.ID > r.ID {
			r = other
		}
	}
	return r
}

func TestARepostFollowsItsFilesAndKeepsItsTime(t *testing.T) {
	const later = "title: Mist\nboard: Landscapes\npublish_at: 2040-01-01 09:00\n"
	for name, story := range map[string]struct {
		do    func(p *pins)
		want  []string
		title string
		again bool // the newest post is the repost
	}{
		"nothing happens":           {func(*pins) {}, []string{"fog.jpg posted", "fog.jpg scheduled"}, "Fog", true},
		"the sidecar is edited":     {func(p *pins) { p.yaml("fog.yaml", later) }, []string{"fog.jpg posted", "fog.jpg scheduled"}, "Mist", true},
		"the photo is retouched":    {func(p *pins) { p.photo("fog.jpg", 2) }, []string{"fog.jpg posted", "fog.jpg scheduled"}, "Fog", true},
		"both are renamed":          {func(p *pins) { p.rename("fog.jpg", "mist.jpg"); p.rename("fog.yaml", "mist.yaml") }, []string{"fog.jpg posted", "mist.jpg scheduled"}, "Fog", true},
		"the name is used for more": {func(p *pins) { p.photo("fog.jpg", 2); p.yaml("fog.yaml", later) }, []string{"fog.jpg posted", "fog.jpg withdrawn", "fog.jpg scheduled"}, "Mist", false},
		"they go and come back": {func(p *pins) {
			p.remove("fog.jpg")
			p.remove("fog.yaml")
			p.after(settle)
			p.after(3 * time.Minute)
			p.want("fog.jpg posted", "fog.jpg withdrawn")
			p.photo("fog.jpg", 1)
			p.yaml("fog.yaml", fog)
		}, []string{"fog.jpg posted", "fog.jpg scheduled"}, "Fog", true},
		"the sidecar is broken for a while": {func(p *pins) {
			p.yaml("fog.yaml", "titel: Mist\n")
			p.after(settle)
			p.want("fog.jpg posted", "fog.jpg invalid")
			p.yaml("fog.yaml", strings.Replace(later, "Mist", "Rain", 1))
		}, []string{"fog.jpg posted", "fog.jpg scheduled"}, "Rain", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPins(t)
			p.photo("fog.jpg", 1)
			p.yaml("fog.yaml", fog)
			p.after(settle)
			p.force("fog.jpg", post.Publishing, post.Posted)
			p.after(settle)
			due := p.repost("fog.jpg")
			p.after(settle)
			story.do(p)
			p.after(settle)
			p.after(settle)
			p.want(story.want...)
			r := p.newest()
			if r.Title != story.title || r.Repost != story.again || story.again && (!r.DueAt.Equal(due) || !r.PublishAt.Equal(due)) {
				t.Errorf("it is %q, a repost: %v, due at %v; want %v", r.Title, r.Repost, r.DueAt, due)
			}
		})
	}
}
