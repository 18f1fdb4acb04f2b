package reconcile_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// sized is a photo of other pixels than the others', turned by its Exif orientation.
func sized(t *testing.T, width, height int, orientation byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, width, height)), nil); err != nil {
		t.Fatal(err)
	}
	exif := "\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" +
		string(rune(orientation)) + "\x00\x00\x00\x00\x00\x00"
	return slices.Concat(b.Bytes()[:2], []byte(exif), b.Bytes()[2:])
}

func TestWhatIsWrongWithACarouselSaysWhereAndRecovers(t *testing.T) {
	for name, test := range map[string]struct {
		break_ func(p *pins)
		want   []string
	}{
		"missing":        {func(p *pins) { p.remove("fog-3.jpg"); p.photo("fog-33.jpg", 3) }, []string{"fog.yaml:4:21", "fog-3.jpg", "fog-33.jpg"}},
		"own photo":      {func(p *pins) { p.yaml("fog.yaml", fog+"images: [fog-2.jpg, FOG.jpg]\n") }, []string{"fog.yaml:4:21", "own photo"}},
		"not a photo":    {func(p *pins) { p.write("fog-2.jpg", []byte("hello, this is a text")) }, []string{"fog-2.jpg: "}},
		"a film":         {func(p *pins) { p.write("fog.mp4", []byte("x")); p.yaml("fog.yaml", fog+"images: [fog.mp4]\n") }, []string{"fog.yaml:4:10", "fog.mp4"}},
		"another size":   {func(p *pins) { p.write("fog-3.jpg", sized(p.t, 160, 120, 1)) }, []string{"fog.yaml:4:21", "fog-3.jpg is 160 × 120", "fog.jpg is 120 × 160"}},
		"turned":         {func(p *pins) { p.write("fog-2.jpg", sized(p.t, 120, 160, 8)) }, []string{"fog.yaml:4:10", "fog-2.jpg is 160 × 120"}},
		"cut off":        {func(p *pins) { p.write("fog-2.jpg", jpegOf(p.t, 2)[:300]) }, []string{"fog-2.jpg: ", "cut off"}},
		"outside":        {func(p *pins) { p.yaml("fog.yaml", fog+"images: [../fog-2.jpg]\n") }, []string{"fog.yaml:4:10", "this directory or below"}},
		"twins":          {func(p *pins) { p.photo("Fog-2.jpg", 5) }, []string{"fog.yaml:4:10", "Fog-2.jpg, fog-2.jpg"}},
		"a directory":    {func(p *pins) { p.remove("fog-3.jpg"); p.yaml("fog-3.jpg/x.txt", ""); p.dirs = []string{"."} }, []string{"fog.yaml:4:21", "there is no photo fog-3.jpg"}},
		"and a bad link": {func(p *pins) { p.yaml("fog.yaml", mist+"link: x\n"); p.remove("fog-3.jpg") }, []string{"fog.yaml:5:7"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPins(t)
			for i, file := range []string{"fog.jpg", "fog-2.jpg", "fog-3.jpg"} {
				p.photo(file, uint8(i+1))
			}
			p.yaml("fog.yaml", mist)
			test.break_(p)
			p.after(settle)
			p.after(11 * time.Minute)
			p.want("fog.jpg invalid")
			p.says("fog.jpg", test.want...)
			p.after(time.Hour)
			p.want("fog.jpg invalid")
			for _, file := range []string{"fog.jpg", "fog-2.jpg", "fog-3.jpg", "Fog-2.jpg"} {
				if err := os.RemoveAll(filepath.Join(p.Path, file)); err != nil {
					t.Fatal(err)
				}
			}
			p.carousel()
		})
	}
}

func TestACarouselIsRecordedOnceItsLastImageHasSettled(t *testing.T) {
	p := newPins(t)
	p.photo("fog.jpg", 1)
	p.photo("fog-2.jpg", 2)
	p.yaml("fog.yaml", mist)
	p.after(time.Minute)
	p.photo("fog-3.jpg", 3)
	p.look()
	p.want()
	p.photo("fog-3.jpg", 4) // still being written
	p.after(time.Second)
	p.want()
	p.after(settle)
	p.want("fog.jpg scheduled")
}

func TestOrientationCountsForTheSizeOfACarousel(t *testing.T) {
	p := newPins(t)
	p.photo("fog.jpg", 1)
	p.write("fog-2.jpg", sized(t, 160, 120, 6))
	p.write("fog-3.jpg", sized(t, 120, 160, 3))
	p.yaml("fog.yaml", mist)
	p.after(settle)
	p.want("fog.jpg scheduled")
}

func TestImagesAreFoundWhateverCaseAndFormTheirNamesHave(t *testing.T) {
	p := newPins(t)
	p.photo("fog.jpg", 1)
	p.photo("Details/Cafe\u0301.JPG", 2)
	p.yaml("fog.yaml", fog+"images: [details/CAF\u00c9.jpg]\n")
	p.after(settle)
	p.want("fog.jpg scheduled")
	if got := p.posts()[0].Images.Paths(); !slices.Equal(got, []string{"Details/Cafe\u0301.JPG"}) {
		t.Errorf("the images are %q, want the name as on disk", got)
	}
	p.rename("Details/Cafe\u0301.JPG", "Details/caf\u00e9.jpg")
	p.after(settle)
	p.after(time.Hour)
	p.want("fog.jpg scheduled")
	if r := p.posts()[0]; r.Images.Paths()[0] != "Details/caf\u00e9.jpg" {
		t.Errorf("after the rename the images are %q", r.Images.Paths())
	} else if same, err := p.Unchanged(r); err != nil || !same {
		t.Errorf("unchanged files count as changed (%v)", err)
	}
}

func TestUnchangedSeesEveryPhotoOfACarousel(t *testing.T) {
	for name, change := range map[string]func(p *pins){
		"image":      func(p *pins) { p.photo("fog-2.jpg", 9) },
		"last image": func(p *pins) { p.photo("fog-3.jpg", 9) },
		"image gone": func(p *pins) { p.remove("fog-3.jpg") },
		"photo":      func(p *pins) { p.photo("fog.jpg", 9) },
		"sidecar":    func(p *pins) { p.yaml("fog.yaml", strings.Replace(mist, "Fog", "Gof", 1)) },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPins(t)
			r := p.carousel()
			if same, err := p.Unchanged(r); err != nil || !same {
				t.Fatalf("unchanged files count as changed (%v)", err)
			}
			change(p)
			if same, err := p.Unchanged(r); err != nil || same {
				t.Errorf("the change went unseen (%v)", err)
			}
		})
	}
}

func TestCheckKnowsCarousels(t *testing.T) {
	p := newPins(t)
	for i, name := range []string{"fog.jpg", "fog-2.jpg", "fog-3.jpg", "waits.jpg"} {
		p.photo(name, uint8(i+1))
	}
	p.yaml("fog.yaml", mist)
	p.Settle = 0
	c, err := p.Check(".", nil)
	if err != nil || len(c.Findings) > 0 || len(c.Posts) != 1 || c.Waiting != 1 {
		t.Errorf("got %d posts, %d waiting, %v, %v; want one each", len(c.Posts), c.Waiting, c.Findings, err)
	}
	p.remove("fog-2.jpg")
	c, err = p.Check(".", func(name string) bool { return name == "fog.yaml" })
	if err != nil || len(c.Findings) != 1 || !strings.Contains(c.Findings.Error(), "fog.yaml:4:10: there is no photo fog-2.jpg") {
		t.Errorf("got %v, %v", c.Findings, err)
	}
}
