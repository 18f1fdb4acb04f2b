package logging

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// say writes one line of each level.
func say(log *slog.Logger) {
	log.Debug("small", "n", 1)
	log.Info("ready", "page", "http://localhost")
	log.Warn("odd", "text", "two\nlines")
	log.Error("bad", "error", errors.New("no"))
	log.With("folder", "/pins").WithGroup("g").Error("bad", "level", "mine")
}

func TestTheJournalGetsPrioritiesAndNoTimeOfOurs(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	say(slog.New(newHandler(&b, "debug", "text", true)))
	want := `<7>msg=small n=1
<6>msg=ready page=http://localhost
<4>msg=odd text="two\nlines"
<3>msg=bad error=no
<3>msg=bad folder=/pins g.level=mine
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	b.Reset()
	say(slog.New(newHandler(&b, "warn", "json", true)))
	for line := range strings.Lines(b.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line[len("<3>"):]), &fields); err != nil || fields["time"] != nil || fields["level"] != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	if strings.Count(b.String(), "\n") != 3 || strings.Contains(b.String(), "ready") {
		t.Errorf("from warn on:\n%s", b.String())
	}
}

func TestElsewhereEachLineHasTimeAndLevel(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	say(New(&b, "info", "text"))
	if lines := strings.Count(b.String(), "\n"); lines != 4 || strings.Count(b.String(), "time=") != 4 || strings.Contains(b.String(), "<6>") {
		t.Errorf("got\n%s", b.String())
	}
	b.Reset()
	say(New(&b, "nonsense", "json"))
	for line := range strings.Lines(b.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil || fields["time"] == nil || fields["level"] == nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestOnlyTheJournalsOwnStreamIsOne(t *testing.T) {
	t.Parallel()
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for _, stream := range []string{"", "1:2", "nonsense"} {
		if isJournal(f, stream) {
			t.Errorf("%q is taken for the journal", stream)
		}
	}
}
