package reconcile_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/store"
)

// part writes bytes at an offset of a file that may be there already.
func (p *pins) part(name string, offset int, data []byte) {
	p.t.Helper()
	f, err := os.OpenFile(filepath.Join(p.Path, name), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := f.WriteAt(data, int64(offset)); err != nil {
		p.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pins) touch(name string, at time.Time) {
	p.t.Helper()
	if err := os.Chtimes(filepath.Join(p.Path, name), at, at); err != nil {
		p.t.Fatal(err)
	}
}

// hash is what a post of this photo is known by.
func hash(photo []byte) string { return fmt.Sprintf("%x", sha256.Sum256(photo)) }

// Ways of writing a photo. Each ends with the whole photo on disk; nothing may be recorded of anything else.
func TestAPhotoIsRecordedOnlyWhole(t *testing.T) {
	zeros := func(n int) []byte { return make([]byte, n) }
	for name, write := range map[string]func(p *pins, photo []byte){
		"slowly, a little each second": func(p *pins, photo []byte) {
			for i := 0; i < len(photo); i += 100 {
				p.part("fog.jpg", i, photo[i:min(i+100, len(photo))])
				p.after(time.Second)
				if i+100 < len(photo) {
					p.want()
				}
			}
		},
		"with a pause of minutes": func(p *pins, photo []byte) {
			p.part("fog.jpg", 0, photo[:len(photo)/2])
			p.after(5 * time.Minute)
			p.want()
			p.part("fog.jpg", len(photo)/2, photo[len(photo)/2:])
		},
		"preallocated, then filled": func(p *pins, photo []byte) {
			p.part("fog.jpg", 0, zeros(len(photo)))
			p.after(time.Minute)
			p.want()
			p.part("fog.jpg", 0, photo[:len(photo)/2])
			p.after(time.Minute)
			p.want()
			p.part("fog.jpg", 0, photo)
		},
		"preallocated larger, then cut": func(p *pins, photo []byte) {
			p.part("fog.jpg", 0, zeros(4*len(photo)))
			p.after(time.Minute)
			p.want()
			p.part("fog.jpg", 0, photo)
			if err := os.Truncate(filepath.Join(p.Path, "fog.jpg"), int64(len(photo))); err != nil {
				p.t.Fatal(err)
			}
		},
		"torn: its end first": func(p *pins, photo []byte) {
			p.part("fog.jpg", len(photo)-200, photo[len(photo)-200:])
			p.after(time.Minute)
			p.want()
			p.part("fog.jpg", 0, photo)
		},
		"in place, over another photo": func(p *pins, photo []byte) {
			p.photo("fog.jpg", 200)
			p.look()
			p.part("fog.jpg", 0, photo[:len(photo)/2])
			p.after(time.Second) // less than settle
			p.want()
			p.photo("fog.jpg", 1)
		},
		"atomically, by a rename": func(p *pins, photo []byte) {
			p.part(".fog.jpg.Ab12Cd", 0, photo[:len(photo)/2])
			p.after(time.Minute)
			p.want()
			p.part(".fog.jpg.Ab12Cd", 0, photo)
			p.rename(".fog.jpg.Ab12Cd", "fog.jpg")
		},
		"atomically, with size and time of what was there": func(p *pins, photo []byte) {
			torn := slices.Clone(photo)
			torn[0] = 0 // whole by its size only
			p.write("fog.jpg", torn)
			p.touch("fog.jpg", time.Unix(1_000_000_000, 0))
			p.after(time.Second)
			p.write("new", photo)
			p.touch("new", time.Unix(1_000_000_000, 0))
			p.rename("new", "fog.jpg")
			p.after(1500 * time.Millisecond) // not yet as long as settle
			p.want()
		},
		"empty for long": func(p *pins, photo []byte) {
			p.write("fog.jpg", nil)
			p.after(9 * time.Minute)
			p.want()
			p.after(2 * time.Minute)
			p.want("fog.jpg invalid")
			p.write("fog.jpg", photo)
		},
		"with an old time": func(p *pins, photo []byte) { p.write("fog.jpg", photo); p.touch("fog.jpg", time.Unix(1, 0)) },
		"with a future time": func(p *pins, photo []byte) {
			p.write("fog.jpg", photo)
			p.touch("fog.jpg", time.Now().AddDate(30, 0, 0))
		},
		"closed and reopened": func(p *pins, photo []byte) {
			for i := range 20 {
				p.part("fog.jpg", i*len(photo)/20, photo[i*len(photo)/20:(i+1)*len(photo)/20])
				p.after(500 * time.Millisecond)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPins(t)
			p.yaml("fog.yaml", fog)
			p.look()
			photo := jpegOf(t, 1)
			write(p, photo)
			p.after(settle)
			p.want("fog.jpg scheduled")
			if got := p.posts()[0].Hash; got != hash(photo) {
				t.Errorf("recorded %s, want %s, the whole photo's", got, hash(photo))
			}
		})
	}
}

func TestBytesBehindAPhotosEndAreAllowed(t *testing.T) {
	film := strings.Repeat("\x00\x00\x00\x20ftypmp42", 1000)
	for name, behind := range map[string]string{"motion photo": film, "padding": strings.Repeat("\x00", 4096), "a second picture": "\xff\xd8\xff\xe0"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPins(t)
			p.write("fog.jpg", append(jpegOf(t, 1), behind...))
			p.yaml("fog.yaml", fog)
			p.after(settle)
			p.want("fog.jpg scheduled")
		})
	}
}

// Nothing is published until all the files that a post is made of have been quiet for publish_grace.
func TestPublishGraceIsOverTheWholeChainOfFiles(t *testing.T) {
	for name, edit := range map[string]func(p *pins){
		"photo":            func(p *pins) { p.photo("a/b/fog.jpg", 2) },
		"sidecar":          func(p *pins) { p.yaml("a/b/fog.yaml", fog+"alt_text: A lake\n") },
		"defaults beside":  func(p *pins) { p.yaml("a/b/_pinfold.yaml", "link: https://example.com/b\n") },
		"defaults above":   func(p *pins) { p.yaml("a/_pinfold.yaml", "link: https://example.com/a\n") },
		"defaults at top":  func(p *pins) { p.yaml("_pinfold.yaml", "link: https://example.com/\n") },
		"half of the YAML": func(p *pins) { p.yaml("a/b/fog.yaml", fog[:strings.LastIndex(fog, " ")]+"\n") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPins(t)
			p.photo("a/b/fog.jpg", 1)
			p.yaml("a/b/fog.yaml", fog)
			p.after(settle)
			p.after(time.Hour) // quiet by now
			wait := func() time.Duration { return p.posts()[0].ReadyAt.Sub(p.Now()) }
			if left := wait(); left > 0 {
				t.Fatalf("an hour later it waits for %v more", left)
			}
			edit(p)
			p.after(settle)
			if got := p.posts()[0].State; got != "scheduled" {
				t.Fatalf("it is %s", got)
			}
			if left := wait(); left < 6*time.Second || left > 8*time.Second {
				t.Errorf("after the edit it waits for %v more, want what is left of 10 s", left)
			}
		})
	}
}

// Names that count as one would be one post each, with the same name.
func TestNamesThatClashHoldNobodyElseUp(t *testing.T) {
	p := newPins(t)
	p.photo("\u00c5s.jpg", 1)
	p.photo("A\u030as.jpg", 2)
	p.yaml("\u00c5s.yaml", fog)
	p.photo("fog.jpg", 3)
	p.yaml("fog.yaml", fog)
	p.yaml("alone.yaml", fog)
	p.yaml("Alone.yaml", fog)
	p.after(settle)
	p.want("A\u030as.jpg invalid", "fog.jpg scheduled")
	p.after(11 * time.Minute)
	p.want("A\u030as.jpg invalid", "fog.jpg scheduled", "Alone.yaml invalid")
	for _, r := range p.posts() {
		if r.State == "invalid" && r.Photo != "" && !strings.Contains(r.Problem.String(), "A\u030as.jpg, \u00c5s.jpg") {
			t.Errorf("the problem does not name both: %s", r.Problem)
		}
	}
	p.remove("A\u030as.jpg")
	p.after(settle)
	p.after(settle)
	found := slices.ContainsFunc(p.posts(), func(r store.Record) bool { return r.Photo == "\u00c5s.jpg" && r.State == "scheduled" })
	if !found {
		t.Errorf("the one that is left is not planned: %+v", p.posts())
	}
}

// A photo whose numbers the file system makes up, or that it remembers wrongly, is looked at by opening it.
func TestAPolledPhotoIsLookedAtByOpeningIt(t *testing.T) {
	p := newPins(t)
	p.Polled, p.Settle = true, 10*time.Second
	photo := jpegOf(t, 1)
	p.write("fog.jpg", photo)
	p.yaml("fog.yaml", fog)
	p.look()
	p.ahead += 9 * time.Second
	p.look()
	p.want()
	p.ahead += 2 * time.Second
	p.look()
	p.want("fog.jpg scheduled")
	if r := p.posts()[0]; r.Hash != hash(photo) || !bytes.Contains([]byte(r.Seen), []byte("fog.jpg:")) {
		t.Errorf("recorded %+v", r)
	}
	seen := p.posts()[0].Version
	p.after(time.Hour)
	if again := p.posts()[0].Version; again != seen {
		t.Errorf("nothing changed, and yet version %d became %d", seen, again)
	}
}
