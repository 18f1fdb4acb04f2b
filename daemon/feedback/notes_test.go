package feedback

import (
	"bytes"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// place is a folder with feedback in it, and what it logs.
type place struct {
	*Folder
	t   *testing.T
	log bytes.Buffer
}

func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{t: t}
	p.Folder = &Folder{Path: t.TempDir(), Log: slog.New(slog.NewTextHandler(&p.log, nil))}
	return p
}

func (p *place) abs(name string) string { return filepath.Join(p.Path, filepath.FromSlash(name)) }

func (p *place) put(name, text string) {
	p.t.Helper()
	if err := os.MkdirAll(filepath.Dir(p.abs(name)), 0o700); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(p.abs(name), []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// want fails unless a file holds a text; "" is no file.
func (p *place) want(name, text string) {
	p.t.Helper()
	got, err := os.ReadFile(p.abs(name))
	if text == "" && os.IsNotExist(err) {
		return
	}
	if err != nil || string(got) != text {
		p.t.Errorf("%s holds %q (%v), want %q", name, got, err, text)
	}
}

// files is all that is in the folder.
func (p *place) files() string {
	p.t.Helper()
	var all []string
	err := fs.WalkDir(os.DirFS(p.Path), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			all = append(all, path)
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return strings.Join(all, " ")
}

// notes asks for notes that say these words, each beside a file.
func (p *place) notes(words map[string]string) bool {
	wanted := map[string]Note{}
	for file, word := range words {
		wanted[NotePath(file)] = Note{Beside: file, Text: said(word)}
	}
	return p.Notes(wanted)
}

func said(word string) string { return marker + "\n\n" + word + "\n" }

func TestNotesFollowWhatIsWantedAndNothingIsWrittenTwice(t *testing.T) {
	p := newPlace(t)
	p.put("fog.jpg", "a")
	p.put("sub/frost.jpg", "b")
	if !p.notes(map[string]string{"fog.jpg": "one", "sub/frost.jpg": "two"}) {
		t.Fatal(p.log.String())
	}
	p.want("fog.jpg"+Suffix, said("one"))
	p.want("sub/frost.jpg"+Suffix, said("two"))
	long := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(p.abs("fog.jpg"+Suffix), long, long); err != nil {
		t.Fatal(err)
	}
	p.notes(map[string]string{"fog.jpg": "one", "sub/frost.jpg": "a longer one"})
	p.notes(map[string]string{"fog.jpg": "one", "sub/frost.jpg": "2"})
	p.want("sub/frost.jpg"+Suffix, said("2"))
	again := &Folder{Path: p.Path, Log: p.Log}
	again.Saw(".", []string{"fog.jpg" + Suffix})
	again.Saw("sub", []string{"sub/frost.jpg" + Suffix})
	wanted := map[string]Note{NotePath("fog.jpg"): {"fog.jpg", said("one")}, NotePath("sub/frost.jpg"): {"sub/frost.jpg", said("2")}}
	again.Notes(wanted)
	if again.Differs(wanted) {
		t.Error("notes of an earlier run that say what they should are not known")
	}
	if info, err := os.Stat(p.abs("fog.jpg" + Suffix)); err != nil || !info.ModTime().Equal(long) {
		t.Errorf("a note that did not change was written: %v, %v", info.ModTime(), err)
	}
	again.Notes(nil)
	if got := p.files(); got != "fog.jpg sub/frost.jpg" {
		t.Errorf("there are %s", got)
	}
	if again.Differs(nil) {
		t.Error("there is still something to do")
	}
}

func TestANoteThatAPersonDeletedIsMissedAtTheNextLook(t *testing.T) {
	p := newPlace(t)
	p.put("fog.jpg", "a")
	p.notes(map[string]string{"fog.jpg": "one"})
	if err := os.Remove(p.abs("fog.jpg" + Suffix)); err != nil {
		t.Fatal(err)
	}
	if p.Saw(".", []string{"fog.jpg" + Suffix}) {
		t.Error("a note that is known is news")
	}
	if !p.Saw(".", nil) {
		t.Error("that a note went is no news")
	}
	p.notes(map[string]string{"fog.jpg": "one"})
	p.want("fog.jpg"+Suffix, said("one"))
}

func TestWhatPinfoldDidNotWriteIsLeft(t *testing.T) {
	outside := t.TempDir()
	secret := filepath.Join(outside, "secret.txt")
	for name, put := range map[string]func(p *place, path string) error{
		"text":       func(_ *place, path string) error { return os.WriteFile(path, []byte("my errors\n"), 0o600) },
		"no newline": func(_ *place, path string) error { return os.WriteFile(path, []byte("This note is mine"), 0o600) },
		"big": func(_ *place, path string) error {
			return os.WriteFile(path, bytes.Repeat([]byte(said("x")), 2000), 0o600)
		},
		"a link out":  func(_ *place, path string) error { return os.Symlink(secret, path) },
		"a dead link": func(_ *place, path string) error { return os.Symlink(filepath.Join(outside, "new.txt"), path) },
		"a link in":   func(p *place, path string) error { return os.Symlink("real.txt", path) },
		"directory":   func(_ *place, path string) error { return os.Mkdir(path, 0o700) },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			p.put("fog.jpg", "a")
			p.put("real.txt", said("a note of ours, behind a link"))
			if err := os.WriteFile(secret, []byte(said("looks like ours")), 0o600); err != nil {
				t.Fatal(err)
			}
			note := NotePath("fog.jpg")
			if err := put(p, p.abs(note)); err != nil {
				t.Fatal(err)
			}
			before, err := os.Lstat(p.abs(note))
			if err != nil {
				t.Fatal(err)
			}
			p.notes(map[string]string{"fog.jpg": "one"})
			p.notes(map[string]string{"fog.jpg": "two"})
			p.notes(nil)
			again := &Folder{Path: p.Path, Log: p.Log}
			again.Saw(".", []string{note})
			again.Notes(nil)
			after, err := os.Lstat(p.abs(note))
			if err != nil || !os.SameFile(before, after) || !after.ModTime().Equal(before.ModTime()) || after.Size() != before.Size() {
				t.Errorf("it was touched: %v, %v", after, err)
			}
			p.want("real.txt", said("a note of ours, behind a link"))
			if text, err := os.ReadFile(secret); err != nil || string(text) != said("looks like ours") {
				t.Errorf("what lies outside was touched: %q, %v", text, err)
			}
			if _, err := os.Lstat(filepath.Join(outside, "new.txt")); err == nil {
				t.Error("a file was made outside the folder")
			}
			if again.Differs(nil) {
				t.Error("it would be looked at again and again")
			}
		})
	}
}

func TestNoNoteIsMadeWithoutWhatItIsAbout(t *testing.T) {
	p := newPlace(t)
	if !p.notes(map[string]string{"fog.jpg": "one", "gone/frost.jpg": "two", ".pinfold/owner.json": "three"}) {
		t.Errorf("that is no fault of the disk: %s", p.log.String())
	}
	if got := p.files(); got != "" {
		t.Errorf("there are %s", got)
	}
	if _, err := os.Stat(p.abs("gone")); err == nil {
		t.Error("a directory was made for a note")
	}
}

func TestALinkedDirectoryOutsideGetsNoNotes(t *testing.T) {
	p := newPlace(t)
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "fog.jpg"), []byte("a"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, p.abs("sub")); err != nil {
		t.Fatal(err)
	}
	p.put("frost.jpg", "b")
	p.notes(map[string]string{"sub/fog.jpg": "one", "frost.jpg": "two"})
	p.want("frost.jpg"+Suffix, said("two"))
	if entries, err := os.ReadDir(outside); err != nil || len(entries) != 1 {
		t.Errorf("outside there are %v, %v", entries, err)
	}
}

func TestANoteThatADeathCutOffIsOursAndCompleted(t *testing.T) {
	for _, left := range []string{"", marker[:10], marker, marker + "\n\nhal", marker + "\r\n\r\nby an editor\r\n"} {
		p := newPlace(t)
		p.put("fog.jpg", "a")
		p.put(NotePath("fog.jpg"), left)
		p.Saw(".", []string{NotePath("fog.jpg")})
		p.notes(map[string]string{"fog.jpg": "one"})
		p.want(NotePath("fog.jpg"), said("one"))
	}
}

func TestAFolderThatRefusesNotesIsToldOnce(t *testing.T) {
	p := newPlace(t)
	if err := os.RemoveAll(p.Path); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if p.notes(map[string]string{"fog.jpg": "one"}) {
			t.Error("notes in no folder")
		}
	}
	if n := strings.Count(p.log.String(), "Cannot leave notes"); n != 1 {
		t.Errorf("said %d times: %s", n, p.log.String())
	}
	if _, err := os.Stat(p.Path); err == nil {
		t.Error("the folder was made")
	}
	p.put("fog.jpg", "a")
	if !p.notes(map[string]string{"fog.jpg": "one"}) {
		t.Error("it does not go on when it can")
	}
}

func TestLongNamesHaveNotes(t *testing.T) {
	p := newPlace(t)
	long := strings.Repeat("å", 125) + ".jpg"
	p.put("sub/"+long, "a")
	p.notes(map[string]string{"sub/" + long: "one"})
	p.want(NotePath("sub/"+long), said("one"))
	if note := NotePath(long); len(note) > 255 || !strings.HasSuffix(note, "å"+Suffix) {
		t.Errorf("%d bytes: %s", len(note), note)
	}
}

func TestTexts(t *testing.T) {
	invalid := &post.Problem{
		ID: "unknown-key", Message: `unknown key "titel"`, Fix: "did you mean title?", File: "sub/fog.yaml", Line: 3, Column: 1,
		More: "sub/fog.yaml:4:7: another",
	}
	missed := &post.Problem{ID: "missed", Message: "its time had passed", Fix: "`pinfold retry`"}
	for name, c := range map[string]struct{ got, want string }{
		"a post": {
			AboutPost("sub/fog.jpg", []Trouble{{post.Invalid, invalid}, {post.Invalid, invalid}, {post.Missed, missed}}), `
fog.jpg will be posted once this is put right.

What is wrong: unknown key "titel"
Where:         sub/fog.yaml, line 3, column 1
What to do:    did you mean title?
And also:
sub/fog.yaml:4:7: another

fog.jpg was not posted.

What is wrong: its time had passed
What to do:    ` + "`pinfold retry`\n",
		},
		"defaults": {
			AboutDefaults("sub/_pinfold.yaml", missed), `
Photos in this directory and below wait until _pinfold.yaml is put right.

What is wrong: its time had passed
What to do:    ` + "`pinfold retry`\n",
		},
		"a folder": {
			AboutFolder([]*post.Problem{missed, {Message: "a name that is \xff"}}), `
Photos in this folder cannot all be posted just now.

What is wrong: its time had passed
What to do:    ` + "`pinfold retry`" + `

What is wrong: a name that is ` + "\uFFFD\n",
		},
		"without a problem": {AboutPost("fo\ng.jpg", []Trouble{{post.Failed, nil}}), "\nfo\\ng.jpg was not posted.\n\n"},
	} {
		if c.got != marker+"\n"+c.want {
			t.Errorf("%s:\n%s", name, c.got)
		}
		if !isOurs([]byte(c.got)) {
			t.Errorf("%s: not known as ours", name)
		}
	}
}

func TestNotesAreBounded(t *testing.T) {
	var many []*post.Problem
	for range 1000 {
		many = append(many, &post.Problem{Message: "unreadable", More: strings.Repeat("another one\n", 10_000)})
	}
	text := AboutFolder(many)
	if len(text) > maxNote || !strings.Contains(text, "980 problems more") {
		t.Errorf("%d bytes", len(text))
	}
}
