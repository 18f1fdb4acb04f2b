package main

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/divitio/pinfold/daemon/post"

	"golang.org/x/image/tiff"
)

// quartered is a picture whose quarters are red and green above, blue and white below, as are the samples of
// watcher/photo/convert.
func quartered(width, height int) *image.RGBA {
	colours := []color.RGBA{{0xE0, 0x20, 0x20, 255}, {0x20, 0xC0, 0x20, 255}, {0x20, 0x30, 0xE0, 255}, {0xF0, 0xF0, 0xF0, 255}}
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.SetRGBA(x, y, colours[y*2/height*2+x*2/width])
		}
	}
	return m
}

// sideways is a JPEG that says that it lies on its side, with so many bytes of a maker's own before the picture.
func sideways(t *testing.T, m image.Image, size int) string {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	plain := b.Bytes()
	segment := func(marker byte, payload []byte) []byte {
		return append(binary.BigEndian.AppendUint16([]byte{0xFF, marker}, uint16(len(payload)+2)), payload...)
	}
	const turnRight = 6
	head := segment(0xE1, []byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00"+
		string(rune(turnRight))+"\x00\x00\x00\x00\x00\x00"))
	for len(head) < size {
		head = append(head, segment(0xE5, bytes.Repeat([]byte("MAKER-NOTE "), 5000))...)
	}
	return string(plain[:2]) + string(head) + string(plain[2:])
}

// sampleOf is a sample of watcher/photo/convert.
func sampleOf(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "watcher", "photo", "convert", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPhotosOfEveryKindBecomePinsThatLookRight(t *testing.T) {
	t.Parallel()
	var deep bytes.Buffer
	if err := tiff.Encode(&deep, quartered(400, 300), &tiff.Options{Compression: tiff.Deflate, Predictor: true}); err != nil {
		t.Fatal(err)
	}
	photos := map[string]string{
		"phone.heic": sampleOf(t, "quad.heic"),
		"web.webp":   sampleOf(t, "lossy.webp"),
		"new.avif":   sampleOf(t, "quad.avif"),
		"scan.tif":   deep.String(),
		"heavy.jpg":  sideways(t, quartered(3000, 2000), 21<<20),
	}
	upright, turned := []int{0, 1, 2, 3}, []int{2, 0, 3, 1}
	s := connectedSite(t)
	d := s.start()
	for name, data := range photos {
		s.write(name, data)
		s.write(name+".yaml", rightNow(name))
	}
	for name := range photos {
		s.await(name, post.Posted)
	}
	for _, pin := range s.awaitPins(len(photos)) {
		want, size := upright, image.Pt(160, 120)
		switch pin.Title {
		case "scan.tif":
			size = image.Pt(400, 300)
		case "heavy.jpg":
			want, size = turned, image.Pt(1600, 2400)
		}
		if pin.ContentType != "image/jpeg" || image.Pt(pin.Width, pin.Height) != size {
			t.Errorf("%s became %s, %d × %d", pin.Title, pin.ContentType, pin.Width, pin.Height)
		}
		status, _, small := s.visit(s.get(s.server.URL + "/wall/" + pin.ID + ".jpg"))
		if status != http.StatusOK {
			t.Fatalf("%s is not on the wall: %d", pin.Title, status)
		}
		m, err := jpeg.Decode(bytes.NewReader([]byte(small)))
		if err != nil {
			t.Fatal(err)
		}
		wantColours(t, pin.Title, m, want)
	}
	d.terminate()
}

// wantColours compares the middles of a picture's quarters with those of quartered, in this order.
func wantColours(t *testing.T, name string, m image.Image, order []int) {
	t.Helper()
	all, size := quartered(4, 4), m.Bounds().Size()
	for i, q := range order {
		want := all.RGBAAt(2*(q%2), 2*(q/2))
		got := color.RGBAModel.Convert(m.At(size.X*(1+2*(i%2))/4, size.Y*(1+2*(i/2))/4)).(color.RGBA)
		for _, d := range []int{int(got.R) - int(want.R), int(got.G) - int(want.G), int(got.B) - int(want.B)} {
			if d < -12 || d > 12 {
				t.Errorf("%s: quarter %d is %v, want %v", name, i, got, want)
				break
			}
		}
	}
}

func TestAPhotoThatCannotBeConvertedHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	whole := []byte(sampleOf(t, "quad.heic"))
	at := bytes.Index(whole, []byte("mdat"))
	for i := at + 8; i < len(whole)-8; i++ {
		whole[i] ^= 0x5A // its structure is whole, its pixels are not
	}
	s.write("bad.heic", string(whole))
	s.write("bad.yaml", rightNow("bad"))
	failed := s.await("bad.heic", post.Failed)
	wantText(t, "problem", failed.Problem, "HEIC", "damaged", "export it again")
	s.pair("good", 2, rightNow("good"))
	s.awaitTitles("good")
}
