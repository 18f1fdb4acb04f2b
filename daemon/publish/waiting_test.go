package publish_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest/rehearsal"
	"github.com/divitio/pinfold/watcher"
)

func TestAPostWhoseFilesAreNotReadySaysSoOnceItIsDue(t *testing.T) {
	away := fmt.Errorf("compare files: %w", &fs.PathError{Op: "open", Path: "fog.jpg", Err: watcher.ErrNotDownloaded})
	for name, c := range map[string]struct {
		err   error
		late  time.Duration
		id    string
		words string
	}{
		"changing, before its time": {nil, 0, "", ""},
		"changing":                  {nil, time.Minute, post.IDChanging, "is not whole or not quiet yet"},
		"not downloaded":            {away, time.Minute, watcher.ProblemNotDownloaded, "fog.jpg is not downloaded yet"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, rehearsal.Options{})
			r := b.add("fog.jpg", 1, func(r *store.Record) { r.DueAt = b.now().Add(time.Second - c.late) })
			b.Unchanged = func(store.Record) (bool, error) { return false, c.err }
			r = b.publish(r)
			b.wantState(r, post.Scheduled)
			if (c.id == "") != (r.Problem == nil) || r.Problem != nil && (r.Problem.ID != c.id || !strings.Contains(r.Problem.Message, c.words)) {
				t.Errorf("the problem is %+v", r.Problem)
			}
			b.Unchanged = func(store.Record) (bool, error) { return true, nil }
			b.wantState(b.publish(r), post.Posted)
		})
	}
}
