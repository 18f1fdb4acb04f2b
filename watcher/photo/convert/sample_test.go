package convert

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// usual is what the daemon asks for.
var usual = Options{MaxSide: 2400, MaxBytes: 8 << 20, Credit: true}

// quarters are the colours of the samples: above left and right, below left and right.
var quarters = [4]color.NRGBA{{0xE0, 0x20, 0x20, 255}, {0x20, 0xC0, 0x20, 255}, {0x20, 0x30, 0xE0, 255}, {0xF0, 0xF0, 0xF0, 255}}

var white = color.NRGBA{255, 255, 255, 255}

// paint draws the quarters.
func paint[M interface {
	image.Image
	Set(x, y int, c color.Color)
}](m M, last color.NRGBA) M {
	size := m.Bounds().Size()
	for y := range size.Y {
		for x := range size.X {
			c := quarters[y*2/size.Y*2+x*2/size.X]
			if c == quarters[3] {
				c = last
			}
			m.Set(x, y, c)
		}
	}
	return m
}

var bounds = image.Rect(0, 0, 160, 120)

// encoded writes an image.
func encoded(tb testing.TB, encode func(io.Writer, image.Image) error, m image.Image) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := encode(&b, m); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func asJPEG(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, &jpeg.Options{Quality: 95}) }

func asTIFF(w io.Writer, m image.Image) error {
	return tiff.Encode(w, m, &tiff.Options{Compression: tiff.Deflate, Predictor: true})
}
func asGIF(w io.Writer, m image.Image) error { return gif.Encode(w, m, nil) }

func palette(last color.Color) color.Palette {
	return color.Palette{quarters[0], quarters[1], quarters[2], last}
}

// sampleFile is a file of testdata.
func sampleFile(tb testing.TB, name string) []byte {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// samples are the quarters in every format, by name.
func samples(tb testing.TB) map[string][]byte {
	tb.Helper()
	all := map[string][]byte{
		"jpeg":       encoded(tb, asJPEG, paint(image.NewNRGBA(bounds), quarters[3])),
		"png":        encoded(tb, png.Encode, paint(image.NewNRGBA(bounds), quarters[3])),
		"png16":      encoded(tb, png.Encode, paint(image.NewNRGBA64(bounds), quarters[3])),
		"png pal":    encoded(tb, png.Encode, paint(image.NewPaletted(bounds, palette(quarters[3])), quarters[3])),
		"tiff":       encoded(tb, asTIFF, paint(image.NewNRGBA(bounds), quarters[3])),
		"tiff16":     encoded(tb, asTIFF, paint(image.NewRGBA64(bounds), quarters[3])),
		"bmp":        encoded(tb, bmp.Encode, paint(image.NewRGBA(bounds), quarters[3])),
		"bmp pal":    encoded(tb, bmp.Encode, paint(image.NewPaletted(bounds, palette(quarters[3])), quarters[3])),
		"gif":        encoded(tb, asGIF, paint(image.NewPaletted(bounds, palette(quarters[3])), quarters[3])),
		"png holes":  encoded(tb, png.Encode, paint(image.NewNRGBA(bounds), color.NRGBA{})),
		"gif holes":  encoded(tb, asGIF, paint(image.NewPaletted(bounds, palette(color.NRGBA{})), color.NRGBA{})),
		"tiff holes": encoded(tb, asTIFF, paint(image.NewNRGBA(bounds), color.NRGBA{})),
	}
	for _, name := range []string{
		"411.jpg", "progressive.jpg", "cmyk.jpg", "lossy.webp", "lossless.webp", "alpha.webp", "moving.webp",
		"quad.heic", "ten.heic", "quad.avif", "alpha.avif",
	} {
		all[name] = sampleFile(tb, name)
	}
	return all
}

func try(b []byte, o Options) (Result, error) { return Convert(bytes.NewReader(b), int64(len(b)), o) }

// converted converts and decodes what was made.
func converted(tb testing.TB, b []byte, o Options) (image.Image, Result) {
	tb.Helper()
	made, err := try(b, o)
	if err != nil {
		tb.Fatal(err)
	}
	m, err := jpeg.Decode(bytes.NewReader(made.JPEG))
	if err != nil {
		tb.Fatal(err)
	}
	if m.Bounds() != image.Rect(0, 0, made.Width, made.Height) {
		tb.Fatalf("it is %v, said to be %d × %d", m.Bounds(), made.Width, made.Height)
	}
	return m, made
}

// wantQuarters compares the middles of the four quarters.
func wantQuarters(tb testing.TB, m image.Image, want [4]color.NRGBA) {
	tb.Helper()
	size := m.Bounds().Size()
	for i, w := range want {
		got := color.NRGBAModel.Convert(m.At(size.X*(1+2*(i%2))/4, size.Y*(1+2*(i/2))/4)).(color.NRGBA)
		const near = 8
		if apart(got.R, w.R) > near || apart(got.G, w.G) > near || apart(got.B, w.B) > near {
			tb.Errorf("quarter %d is %v, want %v", i, got, w)
		}
	}
}

func apart(a, b byte) int { return max(int(a)-int(b), int(b)-int(a)) }

func wantFault(tb testing.TB, err error, causes ...Cause) {
	tb.Helper()
	fault, ok := errors.AsType[*Fault](err)
	if !ok {
		tb.Errorf("no fault: %v", err)
		return
	}
	for _, c := range causes {
		if fault.Cause == c {
			return
		}
	}
	tb.Errorf("%v, want one of %v", err, causes)
}

// withSegment puts a segment behind the beginning of a JPEG.
func withSegment(jpeg []byte, marker byte, payload ...[]byte) []byte {
	return withHead(jpeg, appendSegment(nil, marker, payload...))
}

// exifBlock is a camera's: orientation, artist, copyright, and where it was taken.
func exifBlock(orientation uint16) []byte {
	le := binary.LittleEndian
	texts := []struct {
		tag  uint16
		text string
	}{{0x013B, "Ansel Adams\x00"}, {0x8298, "(c) 2026 Ansel\x00"}, {0x8825, "GPS-59.9139N\x00"}}
	b := le.AppendUint16([]byte("II*\x00\x08\x00\x00\x00"), uint16(1+len(texts)))
	b = le.AppendUint16(le.AppendUint32(le.AppendUint16(le.AppendUint16(b, 0x0112), 3), 1), orientation)
	b = append(b, 0, 0)
	at := 8 + 2 + 12*(1+len(texts)) + 4
	var values []byte
	for _, t := range texts {
		b = le.AppendUint32(le.AppendUint16(le.AppendUint16(b, t.tag), 2), uint32(len(t.text)))
		b = le.AppendUint32(b, uint32(at+len(values)))
		values = append(values, t.text...)
	}
	return append(append(b, 0, 0, 0, 0), values...)
}
