package ledger_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/ledger"
	"github.com/divitio/pinfold/daemon/post"

	"pgregory.net/rapid"
)

// A power cut may leave a stretch of anything at all. What follows it counts all the same.
func TestAStretchOfJunkHidesNoLine(t *testing.T) {
	for name, junk := range map[string]string{
		"zeros": strings.Repeat("\x00", 200<<10), "a line without end": strings.Repeat("x", 64<<10), "one byte more": strings.Repeat("x", 64<<10+1),
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			ours := book(folder, "ours")
			write(t, ours, line("ours/1", ledger.Made))
			f, err := os.OpenFile(filepath.Join(folder, ledger.Dir, "posted-ours.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.WriteString(junk); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			write(t, ours, line("ours/2", ledger.Made))
			if n := len(read(t, book(folder, "ours")).Made(key)); n != 2 {
				t.Errorf("%d pins are remembered, want 2", n)
			}
		})
	}
}

// A store that was put back to an older copy gives the numbers of its attempts again.
func TestAttemptsOfOneNameAreToldApart(t *testing.T) {
	folder := t.TempDir()
	ours := book(folder, "ours")
	other := line("ours/7", ledger.Open)
	other.Hash = "bb"
	later := line("ours/7", ledger.Open)
	later.At = start.Add(time.Hour)
	write(t, ours, line("ours/7", ledger.Open), line("ours/7", ledger.Made), other, later)
	m := read(t, book(folder, "ours"))
	if n := len(m.Made(key)); n != 1 {
		t.Errorf("%d pins are remembered, want 1", n)
	}
	if open := m.Open(key); len(open) != 1 || !open[0].At.Equal(later.At) {
		t.Errorf("open are %v, want the later one", open)
	}
	if n := len(m.Unsettled()); n != 2 {
		t.Errorf("%d attempts are unsettled, want 2", n)
	}
	other.Result = ledger.Made
	write(t, ours, other)
	if n := len(read(t, book(folder, "ours")).Made(key)); n != 1 {
		t.Errorf("after another post's outcome %d pins are remembered, want 1", n)
	}
}

func TestPinsAreRememberedInTheOrderOfTime(t *testing.T) {
	folder := t.TempDir()
	var want []time.Time
	for i := range 20 {
		l := line("theirs/1", ledger.Made)
		l.At = start.Add(time.Duration((i*7)%20) * time.Minute)
		want = append(want, l.At)
		write(t, book(folder, "theirs"), l)
	}
	slices.SortFunc(want, time.Time.Compare)
	if got := read(t, book(folder, "ours")).Made(key); !slices.EqualFunc(got, want, time.Time.Equal) {
		t.Errorf("the times are %v", got)
	}
}

// What an installation writes it knows without reading all of it again. Whatever comes in between, from itself, from
// others or by damage, it knows what one knows who reads everything.
func TestWhatIsKnownIsWhatIsWritten(t *testing.T) {
	root, runs := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		runs++
		folder := filepath.Join(root, strconv.Itoa(runs))
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		var err error
		ours, theirs := book(folder, "ours"), book(folder, "theirs")
		mine := filepath.Join(folder, ledger.Dir, "posted-ours.jsonl")
		keys := map[string]bool{}
		var begun []ledger.Line
		for i := range rapid.IntRange(1, 15).Draw(t, "steps") {
			l := ledger.Line{ // no two attempts begin at the same instant
				Attempt: rapid.SampledFrom([]string{"ours/1", "ours/2", "theirs/1"}).Draw(t, "attempt"), Account: "main", Board: "Fog",
				Hash:        rapid.SampledFrom([]string{"aa", "bb"}).Draw(t, "hash"),
				Environment: rapid.SampledFrom([]string{"production", "production", "sandbox"}).Draw(t, "environment"),
				At:          start.Add(-time.Duration(i) * time.Hour),
			}
			if n := len(begun); n > 0 && rapid.Bool().Draw(t, "ends") {
				l = begun[rapid.IntRange(0, n-1).Draw(t, "which")]
				l.Result = rapid.SampledFrom([]ledger.Result{ledger.Made, ledger.None}).Draw(t, "result")
			} else {
				begun = append(begun, l)
			}
			keys[l.Key()] = true
			switch rapid.IntRange(0, 5).Draw(t, "what") {
			case 0:
				err = theirs.Append(l)
			case 1:
				text, _ := os.ReadFile(mine)
				text = text[:max(0, len(text)-rapid.IntRange(0, 40).Draw(t, "torn"))]
				err = os.MkdirAll(filepath.Dir(mine), 0o700)
				if err == nil {
					err = os.WriteFile(mine, text, 0o600)
				}
			case 2:
				_, err = ours.Read()
			default:
				err = ours.Append(l)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		have, err := ours.Read()
		if err != nil {
			t.Fatal(err)
		}
		want, err := book(folder, "ours").Read()
		if err != nil {
			t.Fatal(err)
		}
		for key := range keys {
			if h, w := said(t, have.Made(key)), said(t, want.Made(key)); h != w {
				t.Errorf("made: known are %s, written %s", h, w)
			}
			if h, w := lines(t, have.Open(key)), lines(t, want.Open(key)); h != w {
				t.Errorf("open: known are %s, written %s", h, w)
			}
		}
		if h, w := lines(t, have.Unsettled()), lines(t, want.Unsettled()); h != w || have.Foreign() != want.Foreign() {
			t.Errorf("unsettled: known are %s, written %s", h, w)
		}
	})
}

func said(t *rapid.T, v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// lines are lines in an order of their own.
func lines(t *rapid.T, all []ledger.Line) string {
	var texts []string
	for _, l := range all {
		texts = append(texts, said(t, l))
	}
	slices.Sort(texts)
	return strings.Join(texts, "\n")
}

func TestNothingIsRememberedByNobody(t *testing.T) {
	var m ledger.Memory
	if len(m.Made("x"))+len(m.Open("x"))+len(m.Unsettled()) > 0 || m.Foreign() {
		t.Error("the zero value remembers something")
	}
}

func TestATakeoverRemembersWhoseTheFolderWas(t *testing.T) {
	folder := t.TempDir()
	ours, theirs := book(folder, "ours"), book(folder, "theirs")
	former := func(b *ledger.Book, want string) {
		t.Helper()
		if err := b.TakeOver(); err != nil {
			t.Fatal(err)
		}
		if owner, err := b.Owner(); err != nil || owner.Former != want {
			t.Errorf("the former owner of the folder is %q, want %q (%v)", owner.Former, want, err)
		}
	}
	former(theirs, "") // it was nobody's
	former(ours, "theirs")
	former(ours, "theirs") // said once more
	owner := filepath.Join(folder, ledger.Dir, ledger.OwnerFile)
	if err := os.WriteFile(owner, []byte(`{"installation": "the`), 0o600); err != nil {
		t.Fatal(err)
	}
	former(ours, "unknown")
	if err := os.Remove(owner); err != nil {
		t.Fatal(err)
	}
	former(ours, "")
	text, err := os.ReadFile(owner)
	if err != nil {
		t.Fatal(err)
	}
	copied := strings.Replace(string(text), `"ours"`, `"theirs"`, 1)
	if err := os.WriteFile(filepath.Join(folder, ledger.Dir, "owner (conflicted copy).json"), []byte(copied), 0o600); err != nil {
		t.Fatal(err)
	}
	former(ours, "theirs")
	clone := book(folder, "ours")
	clone.Machine = "another"
	former(clone, "ours")
}

// Key tells posts apart, not how their boards are written.
func TestALineIsAboutThePostOfItsKey(t *testing.T) {
	l := line("ours/1", ledger.Made)
	same := post.Post{Hash: "aa", Target: post.Target{Account: "main", Board: "fog"}}
	if l.Key() != same.Key() {
		t.Errorf("the key is %q, want %q", l.Key(), same.Key())
	}
}

func TestAPinThatOneHasSeenCountsMoreThanThatAnotherHasNot(t *testing.T) {
	for range 8 { // in whatever order the files are read
		folder := t.TempDir()
		write(t, book(folder, "ours"), line("theirs/1", ledger.None)) // looked up in their place
		write(t, book(folder, "theirs"), line("theirs/1", ledger.Open), line("theirs/1", ledger.Made))
		if m := read(t, book(folder, "ours")); len(m.Made(key)) != 1 || len(m.Open(key)) != 0 {
			t.Fatalf("made %v, open %v", m.Made(key), m.Open(key))
		}
	}
}
