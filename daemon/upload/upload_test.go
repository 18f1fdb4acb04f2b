package upload_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/divitio/pinfold/daemon/upload"
	"github.com/divitio/pinfold/watcher"
)

// place is a folder that files come into.
type place struct {
	t    *testing.T
	root string
}

func newPlace(t *testing.T, files ...string) *place {
	t.Helper()
	p := &place{t, filepath.Join(t.TempDir(), "pins")}
	if err := os.MkdirAll(p.root, 0o750); err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if err := os.WriteFile(filepath.Join(p.root, name), []byte("old "+name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func (p *place) begin() *upload.Batch {
	p.t.Helper()
	b, err := upload.Begin(p.root, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = b.End() })
	return b
}

// names are all in the folder, hidden ones too.
func (p *place) names() []string {
	p.t.Helper()
	entries, err := os.ReadDir(p.root)
	if err != nil {
		p.t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// send lets files land and gives their names.
func (p *place) send(names ...string) []string {
	p.t.Helper()
	b := p.begin()
	for _, name := range names {
		if err := b.Add(name, strings.NewReader("new "+name)); err != nil {
			p.t.Fatal(err)
		}
	}
	landed, err := b.Land()
	if err == nil {
		err = b.End()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	var as []string
	for _, l := range landed {
		as = append(as, l.As)
	}
	return as
}

func TestNothingIsOverwrittenAndPairsStayPairs(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ there, sent, as []string }{
		"new names":            {nil, []string{"fog.jpg", "frost.png"}, []string{"fog.jpg", "frost.png"}},
		"one that exists":      {[]string{"fog.jpg", "fog-2.jpg"}, []string{"fog.jpg"}, []string{"fog-3.jpg"}},
		"in other letters":     {[]string{"Fog.JPG"}, []string{"fog.jpg"}, []string{"fog-2.jpg"}},
		"a pair":               {[]string{"fog.jpg"}, []string{"fog.yaml", "fog.jpg"}, []string{"fog-2.yaml", "fog-2.jpg"}},
		"a pair, long":         {[]string{"fog.jpg"}, []string{"fog.jpg", "fog.jpg.yaml"}, []string{"fog-2.jpg", "fog-2.jpg.yaml"}},
		"another's sidecar":    {[]string{"fog.png", "fog.yaml"}, []string{"fog.jpg"}, []string{"fog-2.jpg"}},
		"a sidecar that waits": {[]string{"fog.yaml"}, []string{"fog.jpg"}, []string{"fog.jpg"}},
		"a photo that waits":   {[]string{"fog.jpg"}, []string{"fog.yaml"}, []string{"fog.yaml"}},
		"twice the same":       {nil, []string{"fog.jpg", "fog.jpg"}, []string{"fog.jpg", "fog-2.jpg"}},
		"with a path":          {nil, []string{`C:\Users\a\fog.jpg`, "../../etc/frost.jpg", "/tmp/rain.jpg"}, []string{"fog.jpg", "frost.jpg", "rain.jpg"}},
	} {
		p := newPlace(t, tt.there...)
		if as := p.send(tt.sent...); !slices.Equal(as, tt.as) {
			t.Errorf("%s: landed as %q, want %q", name, as, tt.as)
		}
		want := append(slices.Clone(tt.there), tt.as...)
		slices.Sort(want)
		if got := p.names(); !slices.Equal(got, want) {
			t.Errorf("%s: the folder holds %q", name, got)
		}
		for _, old := range tt.there {
			if text, err := os.ReadFile(filepath.Join(p.root, old)); err != nil || string(text) != "old "+old {
				t.Errorf("%s: %s holds %q, %v", name, old, text, err)
			}
		}
	}
}

func TestWhatIsNotWholeLeavesNothing(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	b := p.begin()
	if err := b.Add("fog.jpg", strings.NewReader("whole")); err != nil {
		t.Fatal(err)
	}
	cut := io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errors.New("connection cut")))
	if err := b.Add("frost.jpg", cut); err == nil {
		t.Error("half a photo is taken")
	}
	for _, name := range p.names() {
		if !strings.HasPrefix(name, ".pinfold-") {
			t.Errorf("%s is seen before it is whole", name)
		}
	}
	if err := b.End(); err != nil || len(p.names()) > 0 {
		t.Errorf("%v, left: %q", err, p.names())
	}
}

func TestWhatIsNoPhotoIsRefused(t *testing.T) {
	t.Parallel()
	ignore, err := watcher.NewIgnore([]string{"draft-*"})
	if err != nil {
		t.Fatal(err)
	}
	p := newPlace(t)
	b, err := upload.Begin(p.root, ignore)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"", ".", "..", "fog", "fog.exe", "fog.mp4", ".fog.jpg", ".htaccess", "_pinfold.yaml", "fog.jpg.part", "a/.jpg", "fog\n.jpg", "fog\x00.jpg", "fog?.jpg",
		"draft-1.jpg", "\xff.jpg", strings.Repeat("x", 300) + ".jpg", "owner.json", "fog.jpg/", "fog.yaml.txt",
	} {
		err := b.Add(name, strings.NewReader("x"))
		if refused, ok := errors.AsType[*upload.Refused](err); !ok || strings.ContainsAny(refused.Message, "\x00\n") {
			t.Errorf("%q: %v", name, err)
		}
	}
	for name, content := range map[string]string{"fog.jpg": "", "fog.yaml": strings.Repeat("x", 70<<10)} {
		if _, ok := errors.AsType[*upload.Refused](b.Add(name, strings.NewReader(content))); !ok {
			t.Errorf("%s of %d bytes is taken", name, len(content))
		}
	}
	if landed, err := b.Land(); err != nil || len(landed) > 0 {
		t.Errorf("landed %v, %v", landed, err)
	}
	if err := b.End(); err != nil || len(p.names()) > 0 {
		t.Errorf("%v, left: %q", err, p.names())
	}
}

func TestABatchIsBounded(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	b := p.begin()
	for i := range 500 {
		if err := b.Add(fmt.Sprint(i, ".jpg"), strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := errors.AsType[*upload.Refused](b.Add("more.jpg", strings.NewReader("x"))); !ok {
		t.Error("there is no end")
	}
}

func TestLeavingsOfADeathAreSweptLater(t *testing.T) {
	t.Parallel()
	p := newPlace(t, ".pinfold-OLD.tmp", ".pinfold-NEW.tmp", "fog.jpg")
	old := time.Now().Add(-48 * time.Hour)
	for _, name := range []string{".pinfold-OLD.tmp", "fog.jpg"} {
		if err := os.Chtimes(filepath.Join(p.root, name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	p.send()
	if got := p.names(); !slices.Equal(got, []string{".pinfold-NEW.tmp", "fog.jpg"}) {
		t.Errorf("left: %q", got)
	}
}
