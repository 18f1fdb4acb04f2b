package convert

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"strings"
	"testing"
)

func pngChunk(kind string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, kind...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// pngOf is a PNG with a header that may lie, and pixels that may be any number.
func pngOf(width, height uint32, pixels []byte) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	b := append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", append(head, 8, 0, 0, 0, 0))...)
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	_, _ = w.Write(pixels)
	_ = w.Close()
	return append(append(b, pngChunk("IDAT", packed.Bytes())...), pngChunk("IEND", nil)...)
}

// gifOf has a logical screen of any size and one small frame.
func gifOf(tb testing.TB, width, height uint16) []byte {
	b := encoded(tb, asGIF, paint(image.NewPaletted(bounds, palette(quarters[3])), quarters[3]))
	binary.LittleEndian.PutUint16(b[6:], width)
	binary.LittleEndian.PutUint16(b[8:], height)
	return b
}

// tiffOf is a grey TIFF whose one strip claims n bytes at an offset.
func tiffOf(width, height, offset, n uint32) []byte {
	le := binary.LittleEndian
	fields := [][2]uint32{{256, width}, {257, height}, {258, 8}, {259, 1}, {262, 1}, {273, offset}, {277, 1}, {278, height}, {279, n}}
	b := le.AppendUint16([]byte("II*\x00\x08\x00\x00\x00"), uint16(len(fields)))
	for _, f := range fields {
		b = le.AppendUint16(le.AppendUint16(b, uint16(f[0])), 4)
		b = le.AppendUint32(le.AppendUint32(b, 1), f[1])
	}
	return append(b, make([]byte, 64)...)
}

func TestBombsAreRefusedByTheirHeaders(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{
		"a PNG of 100,000 × 100,000":   pngOf(100_000, 100_000, nil),
		"a PNG of 10,001 × 10,000":     pngOf(10_001, 10_000, nil),
		"a GIF on a screen of 65,535²": gifOf(t, 65535, 65535),
		"a TIFF of 200,000 × 200,000":  tiffOf(200_000, 200_000, 8, 1<<31),
		"a TIFF of 4 bits, 10,001 × 10,000": bytes.Replace(tiffOf(10_001, 10_000, 8, 1<<20),
			[]byte("\x02\x01\x04\x00\x01\x00\x00\x00\x08"), []byte("\x02\x01\x04\x00\x01\x00\x00\x00\x04"), 1),
		"a HEIC of 65,535²":  sized(t, "quad.heic", 65535, 65535),
		"an AVIF of 65,535²": sized(t, "quad.avif", 65535, 65535),
	} {
		_, err := try(data, usual)
		t.Log(name)
		wantFault(t, err, TooLarge)
	}
	for name, data := range map[string][]byte{
		"a PNG of one row too few": pngOf(200, 200, make([]byte, 199*201)),
		"a PNG of 0 × 200":         pngOf(0, 200, nil),
		"a TIFF beyond its end":    tiffOf(200, 200, 1<<30, 200*200),
		"a TIFF with a huge strip": tiffOf(9000, 9000, 8, 1<<31),
		"a TIFF in a circle":       tiffOf(200, 200, 8, 200*200),
	} {
		_, err := try(data, usual)
		t.Log(name)
		wantFault(t, err, Broken, TooSmall, Unsupported)
	}
}

// sized writes another size into a HEIF's header.
func sized(tb testing.TB, name string, width, height uint32) []byte {
	b := sampleFile(tb, name)
	at := bytes.Index(b, []byte("ispe"))
	binary.BigEndian.PutUint32(b[at+8:], width)
	binary.BigEndian.PutUint32(b[at+12:], height)
	return b
}

// A header that lies about the size must not make a decoder write beyond what it was given.
func TestHeadersThatLieDoNoHarm(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"quad.heic", "quad.avif"} {
		for _, size := range []uint32{101, 200, 1600, 9000} {
			made, err := try(sized(t, name, size, size), usual)
			if err == nil {
				t.Logf("%s said to be %d²: made %d × %d", name, size, made.Width, made.Height)
				continue
			}
			wantFault(t, err, Broken, TooLarge, Unsupported)
		}
	}
}

func TestADeflateBombStopsAtThePicture(t *testing.T) {
	t.Parallel()
	_, err := try(pngOf(200, 200, make([]byte, 200*201+16<<20)), usual)
	wantFault(t, err, Broken)
	bomb := pngOf(200, 200, make([]byte, 200*201))
	const headSize = 8 + 12 + 13
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	_, _ = w.Write(make([]byte, 64<<20))
	_ = w.Close()
	chunk := pngChunk("iCCP", append([]byte("bomb\x00\x00"), packed.Bytes()...))
	data := append(append(bytes.Clone(bomb[:headSize]), chunk...), bomb[headSize:]...)
	if got := pngProfile(&input{r: bytes.NewReader(data), size: int64(len(data))}); got != nil {
		t.Errorf("%d bytes of profile were unpacked", len(got))
	}
	converted(t, data, usual)
}

func TestCutAndTwistedFilesAreFaults(t *testing.T) {
	t.Parallel()
	for name, data := range samples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			step := 1
			if strings.HasSuffix(name, ".heic") || strings.HasSuffix(name, ".avif") {
				step = 6 // their decoders take a while to start
			}
			for i := 1; i < 20; i += step {
				cut := data[:len(data)*i/20]
				if _, err := try(cut, usual); err != nil {
					wantFault(t, err, Broken, Unsupported, TooSmall, TooLarge)
				}
				twisted := bytes.Clone(data)
				for k := range 4 {
					twisted[(len(data)*i/20+k*7)%len(data)] ^= 0xA5
				}
				if _, err := try(twisted, usual); err != nil {
					wantFault(t, err, Broken, Unsupported, TooSmall, TooLarge)
				}
			}
			if _, err := try(data[:len(data)/2], usual); err == nil {
				t.Error("half of it is converted")
			}
		})
	}
}

func FuzzConvert(f *testing.F) {
	for _, data := range samples(f) {
		f.Add(data)
	}
	f.Add(tiffOf(200, 200, 8, 64))
	f.Add(withHead(sampleFile(f, "cmyk.jpg"), rawProfile(pressProfile())))
	f.Add(gifOf(f, 300, 300))
	f.Fuzz(func(t *testing.T, data []byte) {
		made, err := try(data, Options{MaxSide: 300, MaxBytes: 1 << 20, Credit: true})
		if err != nil {
			wantFault(t, err, Broken, Unsupported, TooSmall, TooLarge, TooHeavy)
			return
		}
		if len(made.JPEG) > 1<<20 || min(made.Width, made.Height) > 300 {
			t.Errorf("made %d bytes, %d × %d", len(made.JPEG), made.Width, made.Height)
		}
	})
}
