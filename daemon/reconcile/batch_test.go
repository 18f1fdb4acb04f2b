package reconcile_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/reconcile"
	"github.com/divitio/pinfold/daemon/store"
)

// lookAtAll looks at directories, and writes as often as it has to.
func (p *pins) lookAtAll(dirs ...string) (written []reconcile.Written) {
	p.t.Helper()
	for _, dir := range dirs {
		if _, err := p.Look(p.t.Context(), dir); err != nil {
			p.t.Fatal(err)
		}
		if p.Full() {
			written = append(written, p.Write(p.t.Context())...)
		}
	}
	return append(written, p.Write(p.t.Context())...)
}

func TestATreeOfSmallDirectoriesIsWrittenInFewTransactions(t *testing.T) {
	t.Parallel()
	p := newPins(t)
	p.Settle = 0
	var tick time.Duration
	p.Store.Now = func() time.Time { tick += time.Second; return time.Now().Add(tick) } // each transaction has its own time
	p.Now = func() time.Time { return time.Time{} }                                     // none is too old
	var dirs []string
	for i := range 250 {
		dirs = append(dirs, fmt.Sprintf("%03d", i))
		p.write(dirs[i]+"/fog.jpg", append(jpegData(1), fmt.Sprint(i)...))
		p.yaml(dirs[i]+"/fog.yaml", fog)
	}
	if written := p.lookAtAll(dirs...); len(written) != 250 || slices.ContainsFunc(written, func(w reconcile.Written) bool { return !w.Changed || w.Err != nil }) {
		t.Errorf("%d directories were written", len(written))
	}
	times := map[time.Time]int{}
	for _, r := range p.posts() {
		times[r.CreatedAt]++
	}
	if len(times) != 2 {
		t.Errorf("250 posts came in %d transactions", len(times))
	}
	if written := p.lookAtAll(dirs...); len(written) != 0 {
		t.Errorf("nothing has changed, and %d directories were written", len(written))
	}
}

func TestADirectoryThatCannotBeWrittenHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	s, err := store.Create(t.Context(), state, "production")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	p := pinsInMemory(t)
	p.Store, p.Settle = s, 0
	db, err := sql.Open("sqlite", filepath.Join(state, store.FileName))
	if err == nil {
		_, err = db.ExecContext(t.Context(), `CREATE TRIGGER fails BEFORE INSERT ON posts WHEN NEW.dir = 'b' BEGIN SELECT RAISE(ABORT, 'no'); END`)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for i, dir := range []string{"a", "b", "c"} {
		p.photo(dir+"/fog.jpg", uint8(i))
		p.yaml(dir+"/fog.yaml", fog)
	}
	var failed []string
	for _, w := range p.lookAtAll("a", "b", "c") {
		if w.Err != nil {
			failed = append(failed, w.Dir)
		}
	}
	if fmt.Sprint(failed) != "[b]" {
		t.Errorf("%q could not be written", failed)
	}
	p.want("a/fog.jpg scheduled", "c/fog.jpg scheduled")
	if _, err := db.ExecContext(t.Context(), `DROP TRIGGER fails`); err != nil {
		t.Fatal(err)
	}
	p.lookAtAll("a", "b", "c")
	p.want("a/fog.jpg scheduled", "b/fog.jpg scheduled", "c/fog.jpg scheduled")
}

// What a look has read may be out of date when it is written: then it counts for nothing.
func TestWhatWasWrittenMeanwhileIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	p := pinsInMemory(t)
	p.photo("fog.jpg", 1)
	p.yaml("fog.yaml", fog)
	p.after(settle)
	p.want("fog.jpg scheduled")
	p.yaml("fog.yaml", fog+"draft: true\n")
	p.look()
	p.ahead += settle
	if _, err := p.Look(t.Context(), "."); err != nil {
		t.Fatal(err)
	}
	p.force("fog.jpg", post.Publishing, post.Posted)
	if w := p.Write(t.Context()); len(w) != 1 || w[0].Changed || fmt.Sprint(w[0].Also) != "[.]" {
		t.Errorf("written %+v", w)
	}
	p.want("fog.jpg posted")
	p.after(settle)
	p.want("fog.jpg posted")
	if r := p.posts()[0]; !r.ChangedAfter {
		t.Error("nobody sees that it was changed after it was posted")
	}
}

// Of two directories in one batch, the one's sidecar names photos of the other, which would be posts without it.
func TestPhotosThatABatchClaimsAreNeverPosts(t *testing.T) {
	t.Parallel()
	p := pinsInMemory(t)
	p.Settle = 0
	p.yaml("_pinfold.yaml", posting)
	p.photo("fog.jpg", 1)
	p.yaml("fog.yaml", fog+"images: [b/fog-2.jpg]\n")
	p.photo("b/fog-2.jpg", 2)
	p.photo("b/rain.jpg", 3)
	p.lookAtAll(".", "b")
	p.want("fog.jpg scheduled", "b/rain.jpg scheduled")
}
