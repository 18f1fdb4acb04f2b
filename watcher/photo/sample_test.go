package photo

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// Words that stand in the samples' metadata and must not be sent.
var secrets = []string{"GPS-59.9139N", "SERIAL-4711", "OWNER-NAME", "XMP-PLACE", "IPTC-CITY", "COMMENT-HOME", "MAKER-NOTE", "THUMB", "MOTION"}

func picture(width, height int) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.Set(x, y, color.NRGBA{uint8(x * 7), uint8(y * 5), uint8(x * y), uint8(255 - x%3)})
		}
	}
	return m
}

func plainJPEG(tb testing.TB, width, height int) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture(width, height), nil); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func plainPNG(tb testing.TB, width, height int) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, picture(width, height)); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func segment(marker byte, payload string) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0xFF, marker}, uint16(len(payload)+2))
	return append(b, payload...)
}

// exif is a camera's block: little endian, with a GPS directory, a serial number and an owner's name.
func exif(orientation uint16, artist, copyright string) []byte {
	le := binary.LittleEndian
	type field struct {
		tag, kind uint16
		text      string
	}
	fields := []field{
		{0x0112, 3, string(le.AppendUint16(nil, orientation))},
		{0x013B, 2, artist + "\x00"},
		{0x8298, 2, copyright + "\x00"},
		{0x8825, 2, "GPS-59.9139N\x00"},
		{0xA430, 2, "OWNER-NAME\x00"},
		{0xA431, 2, "SERIAL-4711\x00"},
	}
	b := le.AppendUint16([]byte("II*\x00\x08\x00\x00\x00"), uint16(len(fields)))
	at := len(b) + 12*len(fields) + 4
	var values []byte
	for _, f := range fields {
		n := len(f.text)
		if f.kind == 3 {
			n /= 2
		}
		b = le.AppendUint32(le.AppendUint16(le.AppendUint16(b, f.tag), f.kind), uint32(n))
		if len(f.text) <= 4 {
			b = append(b, (f.text + "\x00\x00\x00\x00")[:4]...)
			continue
		}
		b = le.AppendUint32(b, uint32(at+len(values)))
		values = append(values, f.text...)
	}
	return append(le.AppendUint32(b, 0), values...)
}

// cameraJPEG is a photo as a phone makes it: every kind of metadata, an embedded whole JPEG, a motion clip
// behind its end. The picture is 120 × 104.
func cameraJPEG(tb testing.TB) []byte {
	tb.Helper()
	plain := plainJPEG(tb, 120, 104)
	b := bytes.Clone(plain[:2])
	b = append(b, segment(0xE0, "JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x02\x02THUMB-------")...)
	b = append(b, segment(0xE1, exifHead+string(exif(6, "Ansel Adams", "(c) 2026 A"))+string(plainJPEG(tb, 40, 30))+"THUMB")...)
	b = append(b, segment(0xE1, "http://ns.adobe.com/xap/1.0/\x00<x>XMP-PLACE</x>")...)
	b = append(b, 0xFF, 0xFF) // fill before the next marker
	b = append(b, segment(0xE2, "ICC_PROFILE\x00\x01\x01colours")...)
	b = append(b, segment(0xE2, "MPF\x00THUMB")...)
	b = append(b, segment(0xE5, "MAKER-NOTE")...)
	b = append(b, segment(0xED, "Photoshop 3.0\x00IPTC-CITY")...)
	b = append(b, segment(0xFE, "COMMENT-HOME")...)
	b = append(b, segment(0xEE, "Adobe\x00\x64\x00\x00\x00\x00\x01")...)
	b = append(b, plain[2:]...)
	return append(b, "MOTION ftypmp42\xff\xd8\xff\xd9"...)
}

// progressiveJPEG is grey, 104 × 112, in two scans with a comment between them.
func progressiveJPEG() []byte {
	b := []byte{0xFF, 0xD8}
	b = append(b, segment(0xDB, "\x00"+string(bytes.Repeat([]byte{1}, 64)))...)
	b = append(b, segment(0xC2, "\x08\x00\x70\x00\x68\x01\x01\x11\x00")...)
	b = append(b, segment(0xC4, "\x00\x01"+string(make([]byte, 15))+"\x00")...) // one code: 0 is "no difference"
	zeros := make([]byte, (13*14+7)/8)
	b = append(append(b, segment(0xDA, "\x01\x01\x00\x00\x00\x01")...), zeros...)
	b = append(b, segment(0xFE, "COMMENT-HOME")...)
	b = append(append(b, segment(0xDA, "\x01\x01\x00\x00\x00\x10")...), zeros...)
	return append(b, 0xFF, 0xD9)
}

// richPNG has every kind of chunk around a picture of 120 × 104.
func richPNG(tb testing.TB) []byte {
	tb.Helper()
	plain := plainPNG(tb, 120, 104)
	const head = 8 + 12 + 13
	b := bytes.Clone(plain[:head])
	b = appendChunk(b, "gAMA", []byte{0, 0, 0xB1, 0x8F})
	b = appendChunk(b, "pHYs", make([]byte, 9))
	b = appendChunk(b, "eXIf", exif(8, "Ansel Adams", "(c) 2026 A"))
	b = appendChunk(b, "tEXt", []byte("Author\x00Somebody Else"))
	b = appendChunk(b, "tEXt", []byte("Comment\x00COMMENT-HOME"))
	b = appendChunk(b, "iTXt", []byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00XMP-PLACE"))
	b = appendChunk(b, "zTXt", []byte("Raw profile type iptc\x00\x00IPTC-CITY"))
	b = appendChunk(b, "tIME", make([]byte, 7))
	b = appendChunk(b, "acTL", []byte{0, 0, 0, 2, 0, 0, 0, 0})
	b = appendChunk(b, "fcTL", make([]byte, 26))
	b = append(b, plain[head:len(plain)-12]...)
	b = appendChunk(b, "fdAT", []byte("\x00\x00\x00\x01MOTION"))
	b = appendChunk(b, "maKe", []byte("MAKER-NOTE"))
	b = append(b, plain[len(plain)-12:]...)
	return append(b, "MOTION"...)
}

func inspect(b []byte) (Info, error) { return Inspect(bytes.NewReader(b), int64(len(b))) }

// file writes b to a new file and opens it.
func file(tb testing.TB, b []byte) *os.File {
	tb.Helper()
	name := filepath.Join(tb.TempDir(), "photo")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		tb.Fatal(err)
	}
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { f.Close() })
	return f
}

func hashOf(tb testing.TB, b []byte) string {
	tb.Helper()
	sum, err := Hash(bytes.NewReader(b))
	if err != nil {
		tb.Fatal(err)
	}
	return sum
}

func decode(tb testing.TB, b []byte) image.Image {
	tb.Helper()
	m, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		tb.Fatalf("decode: %v", err)
	}
	return m
}

func samePixels(tb testing.TB, a, b image.Image) {
	tb.Helper()
	if a.Bounds() != b.Bounds() {
		tb.Fatalf("bounds %v and %v", a.Bounds(), b.Bounds())
	}
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			if a.At(x, y) != b.At(x, y) {
				tb.Fatalf("pixel %d,%d: %v and %v", x, y, a.At(x, y), b.At(x, y))
			}
		}
	}
}
