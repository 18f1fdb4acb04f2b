package reconcile_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/divitio/pinfold/daemon/reconcile"
	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// described is a photo that carries a title and a description in each of its places; "" leaves one out.
func described(t *testing.T, shade uint8, xmp, iptc, exif string) []byte {
	t.Helper()
	plain := jpegOf(t, shade)
	b := slices.Clone(plain[:2])
	segment := func(marker byte, payload string) {
		b = append(binary.BigEndian.AppendUint16(append(b, 0xFF, marker), uint16(len(payload)+2)), payload...)
	}
	if exif != "" {
		value := exif + "    \x00" // longer than what fits into the entry
		// One directory with ImageDescription, whose value stands behind it.
		block := "MM\x00*\x00\x00\x00\x08\x00\x01\x01\x0e\x00\x02" + string(binary.BigEndian.AppendUint32(nil, uint32(len(value))))
		block += "\x00\x00\x00\x1a\x00\x00\x00\x00" + value
		segment(0xE1, "Exif\x00\x00"+block)
	}
	if xmp != "" {
		packet := `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/">`
		for _, name := range []string{"title", "description"} {
			packet += "<dc:" + name + `><rdf:Alt><rdf:li xml:lang="x-default">` + xmp + "</rdf:li></rdf:Alt></dc:" + name + ">"
		}
		segment(0xE1, "http://ns.adobe.com/xap/1.0/\x00"+packet+"</rdf:Description></rdf:RDF>")
	}
	if iptc != "" {
		var iim []byte
		for _, set := range []byte{5, 120} {
			iim = append(binary.BigEndian.AppendUint16(append(iim, 0x1C, 2, set), uint16(len(iptc))), iptc...)
		}
		segment(0xED, "Photoshop 3.0\x008BIM\x04\x04\x00\x00"+string(binary.BigEndian.AppendUint32(nil, uint32(len(iim))))+string(iim))
	}
	return append(b, plain[2:]...)
}

const due = "board: Landscapes\npublish_at: 2036-12-01 18:30\n"

func TestWhereAPostsTextsComeFrom(t *testing.T) {
	for name, c := range map[string]struct {
		sidecar, defaults, xmp, iptc, exif string
		title, description                 string
	}{
		"nowhere":                {"", "", "", "", "", "", ""},
		"the sidecar":            {"title: S\n", "title: D\ndescription: D\n", "X", "I", "E", "S", "X"},
		"XMP":                    {"", "title: D\n", "X", "I", "E", "X", "X"},
		"IPTC":                   {"", "title: D\n", "", "I", "E", "I", "I"},
		"the defaults":           {"", "title: D\n", "", "", "E", "D", "E"},
		"Exif":                   {"", "", "", "", "E", "", "E"},
		"none wanted":            {"title: \"\"\ndescription: \"\"\n", "title: D\n", "X", "I", "E", "", ""},
		"none wanted by default": {"", "description: \"\"\n", "", "", "E", "", ""},
		"a camera's":             {"", "title: D\n", "OLYMPUS DIGITAL CAMERA", "", "SONY DSC", "D", ""},
		"a camera's, then IPTC":  {"", "title: D\n", "OLYMPUS DIGITAL CAMERA", "I", "", "I", "I"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPins(t)
			p.write("fog.jpg", described(t, 1, c.xmp, c.iptc, c.exif))
			p.yaml("fog.yaml", c.sidecar+due)
			if c.defaults != "" {
				p.yaml("_pinfold.yaml", c.defaults)
			}
			p.after(settle)
			p.want("fog.jpg scheduled")
			if r := p.posts()[0]; r.Title != c.title || r.Description != c.description {
				t.Errorf("got %q and %q, want %q and %q", r.Title, r.Description, c.title, c.description)
			}
		})
	}
}

func TestAConfigsDefaultsComeBeforeExif(t *testing.T) {
	p := newPins(t)
	p.Rules.Defaults = sidecar.Sidecar{Description: &sidecar.Value{Text: "D"}}
	p.write("fog.jpg", described(t, 1, "", "", "E"))
	p.yaml("fog.yaml", due)
	p.after(settle)
	if r := p.posts()[0]; r.Description != "D" {
		t.Errorf("got %q", r.Description)
	}
}

func TestAPhotoWithATitleAndADefaultBoardWaitsForItsSidecar(t *testing.T) {
	p := newPins(t)
	p.write("fog.jpg", described(t, 1, "X", "", ""))
	p.yaml("_pinfold.yaml", due)
	p.after(settle)
	p.want()
	p.yaml("_pinfold.yaml", due+"without_sidecar: post\n")
	p.after(settle)
	p.want("fog.jpg scheduled")
	if r := p.posts()[0]; r.Title != "X" {
		t.Errorf("got %q", r.Title)
	}
}

func TestTextsAreReadAgainWhenTheSidecarOrTheDefaultsChange(t *testing.T) {
	p := newPins(t)
	p.write("fog.jpg", described(t, 1, "X", "", "E"))
	p.yaml("fog.yaml", "title: S\ndescription: S\nalt_text: S\n"+due)
	title := func(want string) {
		t.Helper()
		p.after(settle)
		if r := p.posts()[0]; r.Title != want || r.State != "scheduled" {
			t.Errorf("got %q, %s; want %q", r.Title, r.State, want)
		}
	}
	title("S")
	p.yaml("fog.yaml", due)
	title("X")
	p.yaml("_pinfold.yaml", "title: D\n")
	title("X")
	p.write("fog.jpg", described(t, 1, "", "", "E"))
	title("D")
}

// TestAnUnchangedPhotoIsNotOpened changes a photo in a way that nothing but reading it can tell.
func TestAnUnchangedPhotoIsNotOpened(t *testing.T) {
	p := newPins(t)
	p.write("fog.jpg", described(t, 1, "One", "", ""))
	p.yaml("fog.yaml", due)
	p.after(settle)
	name := filepath.Join(p.Path, "fog.jpg")
	before, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	p.write("fog.jpg", described(t, 1, "Two", "", ""))
	if err := os.Chtimes(name, before.ModTime(), before.ModTime()); err != nil {
		t.Fatal(err)
	}
	p.after(settle)
	if r := p.posts()[0]; r.Title != "One" {
		t.Errorf("it was read: %q", r.Title)
	}
	hash := p.posts()[0].Hash
	p.yaml("fog.yaml", "link: https://example.com\n"+due)
	p.after(settle)
	if r := p.posts()[0]; r.Title != "Two" || r.Hash != hash {
		t.Errorf("got %q; its texts were not read again, or more than those", r.Title)
	}
	p.write("fog.jpg", []byte(strings.Repeat("x", int(before.Size()))))
	if err := os.Chtimes(name, before.ModTime(), before.ModTime()); err != nil {
		t.Fatal(err)
	}
	p.yaml("fog.yaml", "title: S\ndescription: S\nalt_text: S\n"+due)
	p.after(settle)
	if r := p.posts()[0]; r.Title != "S" || r.State != "scheduled" {
		t.Errorf("got %q, %s: it was read although the sidecar has all texts", r.Title, r.State)
	}
}

// withoutNarrow leaves out that the tests' photos are small.
func withoutNarrow(notes strictyaml.Findings) strictyaml.Findings {
	return slices.DeleteFunc(notes, func(f strictyaml.Finding) bool { return f.ID == reconcile.IDNarrow })
}

func TestCheckSaysThatAPhotoIsNarrowAndItIsPostedAllTheSame(t *testing.T) {
	for _, c := range []struct{ width, height, turned int }{{599, 700, 1}, {600, 300, 1}, {700, 599, 6}, {300, 700, 6}} {
		p := newPins(t)
		p.write("fog.jpg", sized(t, c.width, c.height, byte(c.turned)))
		p.yaml("fog.yaml", due)
		p.after(settle)
		checked, err := p.Check(".", nil)
		if err != nil || len(checked.Findings) > 0 || len(checked.Posts) != 1 {
			t.Fatalf("%v: %v, %v", c, checked.Findings, err)
		}
		shown := c.width
		if c.turned == 6 {
			shown = c.height
		}
		if narrow := len(checked.Notes) > len(withoutNarrow(slices.Clone(checked.Notes))); narrow != (shown < 600) {
			t.Errorf("%d × %d, orientation %d: check says %v", c.width, c.height, c.turned, checked.Notes)
		}
	}
}

func TestATextOfThePhotosThatIsTooLongIsCutAtAWordAndCheckSaysSo(t *testing.T) {
	words := strings.Repeat("fjord ", 16) // 96
	for name, c := range map[string]struct{ text, want string }{
		"just right":       {words + "1234", words + "1234"},
		"one too long":     {words + "12345", strings.TrimSpace(words)},
		"after a word":     {words + "1234 more", words + "1234"},
		"with a comma":     {strings.TrimSpace(words) + ", longer and longer", strings.TrimSpace(words)},
		"one word":         {strings.Repeat("å", 101), strings.Repeat("å", 100)},
		"no blanks but 1":  {"霧 " + strings.Repeat("湖", 101), "霧 " + strings.Repeat("湖", 98)},
		"through a letter": {strings.Repeat("x", 99) + "e\u0301y", strings.Repeat("x", 99)},
		"through a family": {strings.Repeat("x", 98) + "👩\u200d👧y", strings.Repeat("x", 98)},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPins(t)
			p.write("fog.jpg", described(t, 1, c.text, "", ""))
			p.yaml("fog.yaml", due)
			p.after(settle)
			r := p.posts()[0]
			if r.Title != c.want || utf8.RuneCountInString(r.Title) > sidecar.MaxTitle || r.State != "scheduled" {
				t.Errorf("got %q, %s; want %q", r.Title, r.State, c.want)
			}
			checked, err := p.Check(".", nil)
			if err != nil || len(checked.Findings) > 0 {
				t.Fatalf("got %v, %v", checked.Findings, err)
			}
			notes := withoutNarrow(checked.Notes)
			if cut := c.want != c.text; cut != (len(notes) == 1 && notes[0].ID == reconcile.IDEmbeddedCut && notes[0].File == "fog.jpg") {
				t.Errorf("check says %v", notes)
			}
			p.yaml("fog.yaml", "title: S\n"+due)
			if checked, err := p.Check(".", nil); err != nil || len(withoutNarrow(checked.Notes)) > 0 {
				t.Errorf("a text that is not taken: %v, %v", checked.Notes, err)
			}
		})
	}
}
