package photo

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"image"
	"image/color/palette"
	"image/draw"
	"image/gif"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/divitio/pinfold/watcher/photo/ifd"
)

// drawn reads one of testdata's files.
func drawn(tb testing.TB, name string) []byte {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// movingGIF has two frames of 120 × 104 and a comment.
func movingGIF(tb testing.TB) []byte {
	tb.Helper()
	frame := image.NewPaletted(image.Rect(0, 0, 120, 104), palette.WebSafe)
	draw.Draw(frame, frame.Rect, picture(120, 104), image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{frame, frame}, Delay: []int{10, 10}}); err != nil {
		tb.Fatal(err)
	}
	out := bytes.TrimSuffix(b.Bytes(), []byte{gifTrailer})
	return append(out, "\x21\xfe\x07comment\x00\x3b"...)
}

// plainBMP is 24-bit, of 120 × 104, from the top if height is negative.
func plainBMP(height int32) []byte {
	le := binary.LittleEndian
	const width, row = 121, 364 // padded to 4
	rows := int(max(height, -height))
	b := le.AppendUint32([]byte("BM"), uint32(54+row*rows))
	b = le.AppendUint32(append(b, 0, 0, 0, 0), 54)
	b = le.AppendUint32(b, 40)
	b = le.AppendUint32(le.AppendUint32(b, width), uint32(height))
	b = le.AppendUint16(le.AppendUint16(b, 1), 24)
	b = append(b, make([]byte, 24)...)
	return append(b, bytes.Repeat([]byte{7}, row*rows)...)
}

// entry is a field of a hand-made TIFF: numbers, or bytes.
type entryOf struct {
	tag, kind uint16
	numbers   []uint32
	bytes     []byte
}

// build appends a directory to a TIFF, with its values behind it, and gives the directory's offset.
func build(b []byte, order binary.AppendByteOrder, next uint32, entries []entryOf) (out []byte, at uint32) {
	at = uint32(len(b))
	b = order.AppendUint16(b, uint16(len(entries)))
	values := make([]byte, 0, 256)
	end := int(at) + 2 + 12*len(entries) + 4
	for _, e := range entries {
		value, n := e.bytes, len(e.bytes)
		for _, v := range e.numbers {
			if e.kind == ifd.Short {
				value = order.AppendUint16(value, uint16(v))
			} else {
				value = order.AppendUint32(value, v)
			}
			n++
		}
		b = order.AppendUint32(order.AppendUint16(order.AppendUint16(b, e.tag), e.kind), uint32(n))
		if len(value) <= 4 {
			b = append(b, append(value[:len(value):len(value)], 0, 0, 0, 0)[:4]...)
			continue
		}
		b = order.AppendUint32(b, uint32(end+len(values)))
		if values = append(values, value...); len(values)%2 == 1 {
			values = append(values, 0)
		}
	}
	return append(order.AppendUint32(b, next), values...), at
}

// tiffOf is an RGB TIFF of 120 × 104 in two Deflate strips, which lie before the directory, as libtiff writes
// them, with more entries, sorted by tag, behind the usual ones.
func tiffOf(tb testing.TB, order binary.AppendByteOrder, more ...entryOf) []byte {
	tb.Helper()
	b := []byte("II*\x00\x00\x00\x00\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		copy(b, "MM\x00*")
	}
	var at, size []uint32
	for strip := range 2 {
		at = append(at, uint32(len(b)))
		var packed bytes.Buffer
		z := zlib.NewWriter(&packed)
		for y := strip * 52; y < strip*52+52; y++ {
			for x := range 120 {
				if _, err := z.Write([]byte{byte(x), byte(y), byte(x / 8 * y)}); err != nil {
					tb.Fatal(err)
				}
			}
		}
		if err := z.Close(); err != nil {
			tb.Fatal(err)
		}
		size = append(size, uint32(packed.Len()))
		if b = append(b, packed.Bytes()...); len(b)%2 == 1 {
			b = append(b, 0)
		}
	}
	entries := append([]entryOf{
		{tag: tagWidth, kind: ifd.Short, numbers: []uint32{120}},
		{tag: tagHeight, kind: ifd.Short, numbers: []uint32{104}},
		{tag: 0x0102, kind: ifd.Short, numbers: []uint32{8, 8, 8}},
		{tag: tagCompression, kind: ifd.Short, numbers: []uint32{8}},
		{tag: tagPhotometric, kind: ifd.Short, numbers: []uint32{2}},
		{tag: tagStrips, kind: ifd.Long, numbers: at},
		{tag: tagOrientation, kind: ifd.Short, numbers: []uint32{6}},
		{tag: 0x0115, kind: ifd.Short, numbers: []uint32{3}},
		{tag: 0x0116, kind: ifd.Short, numbers: []uint32{52}},
		{tag: tagStripSizes, kind: ifd.Long, numbers: size},
	}, more...)
	b, dir := build(b, order, 0, entries)
	copy(b[4:], order.AppendUint32(nil, dir))
	return b
}

// boxOf is an ISO base media box.
func boxOf(kind string, payload ...[]byte) []byte {
	all := bytes.Join(payload, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(8+len(all))), kind...), all...)
}

func u16(v ...int) (b []byte) {
	for _, x := range v {
		b = binary.BigEndian.AppendUint16(b, uint16(x))
	}
	return b
}

func u32(v ...int) (b []byte) {
	for _, x := range v {
		b = binary.BigEndian.AppendUint32(b, uint32(x))
	}
	return b
}

// gridHEIC is shaped as a phone writes it: the picture is a grid of two tiles, its size and turning are
// properties, Exif stands beside them. The pixels are none; what trails are boxes of other kinds.
// transforms are the payloads of irot and imir boxes, in order.
func gridHEIC(transforms ...[]byte) []byte {
	tile := bytes.Repeat([]byte{0xA5}, 300)
	block := append(u32(6), "Exif\x00\x00"...)
	block = append(block, exif(3, "Åse", "")...)
	ftyp := boxOf("ftyp", []byte("heic\x00\x00\x00\x00mif1heic"))
	infe := func(id int, kind string) []byte {
		return boxOf("infe", u32(2<<24), u16(id, 0), []byte(kind), []byte{0})
	}
	props := [][]byte{boxOf("ispe", u32(0, 240, 120)), boxOf("ispe", u32(0, 120, 120))}
	uses := []byte{1}
	for i, t := range transforms {
		props = append(props, t)
		uses = append(uses, byte(3+i)|0x80)
	}
	meta := func(at int) []byte {
		loc := append(u16(0x4400, 3), u16(1, 0, 1)...)
		loc = append(append(loc, u32(at, 300)...), u16(2, 0, 1)...)
		loc = append(append(loc, u32(at+300, 300)...), u16(4, 0, 1)...)
		loc = append(loc, u32(at+600, len(block))...)
		// The grid's own description lies in idat: version 1 tells so.
		grid := append(u16(0x4400, 1, 3, 1, 0, 1), u32(0, 8)...)
		return boxOf("meta", u32(0),
			boxOf("hdlr", u32(0, 0), []byte("pict"), make([]byte, 13)),
			boxOf("pitm", u32(0), u16(3)),
			boxOf("iinf", u32(0), u16(4), infe(1, "hvc1"), infe(2, "hvc1"), infe(3, "grid"), infe(4, "Exif")),
			boxOf("iloc", u32(0), loc),
			boxOf("iloc", u32(1<<24), grid),
			boxOf("iref", u32(0), boxOf("dimg", u16(3, 2, 1, 2)), boxOf("cdsc", u16(4, 1, 3))),
			boxOf("iprp", boxOf("ipco", props...),
				boxOf("ipma", u32(0, 3), u16(3), []byte{byte(len(uses))}, uses, u16(1), []byte{1, 2}, u16(2), []byte{1, 2})),
			boxOf("idat", []byte{0, 0, 0, 1}, u16(240, 120)))
	}
	at := len(ftyp) + len(meta(0)) + 8
	b := append(ftyp, meta(at)...)
	return append(b, boxOf("mdat", tile, tile, block)...)
}

// vast is a file of zeros with something at its two ends, which takes no memory.
type vast struct {
	head, tail string
	size       int64
}

func (v vast) ReadAt(b []byte, off int64) (int, error) {
	if off >= v.size {
		return 0, io.EOF
	}
	n := int(min(int64(len(b)), v.size-off))
	clear(b[:n])
	if off < int64(len(v.head)) {
		copy(b[:n], v.head[off:])
	}
	if at := v.size - int64(len(v.tail)); off+int64(n) > at {
		copy(b[max(at-off, 0):n], v.tail[max(off-at, 0):])
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// patched replaces the first place of some bytes.
func patched(b []byte, old, with string) []byte {
	return bytes.Replace(b, []byte(old), []byte(with), 1)
}

// film is a HEIF file that holds nothing but a film.
func film(brand string) string {
	return string(boxOf("ftyp", []byte(brand+"\x00\x00\x00\x00msf1"))) + string(boxOf("moov", make([]byte, 8))) + string(boxOf("mdat", []byte("film")))
}

// extents is a HEIC whose items have four thousand million extents that take no room.
func extents() string {
	loc := u16(0, 0xFFFF)
	for i := range 0xFFFF {
		loc = append(loc, u16(i, 0, 0xFFFF)...)
	}
	return string(boxOf("ftyp", []byte("heic\x00\x00\x00\x00mif1"))) + string(boxOf("meta", u32(0), boxOf("iloc", u32(0), loc)))
}

// looped lets a TIFF's only directory be followed by itself.
func looped(b []byte) []byte {
	at := binary.LittleEndian.Uint32(b[4:])
	n := uint32(binary.LittleEndian.Uint16(b[at:]))
	binary.LittleEndian.PutUint32(b[at+2+12*n:], at)
	return b
}

// outside lets a TIFF's last strip end behind the file.
func outside(b []byte) []byte {
	at := bytes.LastIndex(b, []byte("\x17\x01\x04\x00\x02\x00\x00\x00")) + 8
	b[binary.LittleEndian.Uint32(b[at:])+7] = 0x40
	return b
}

// lost lets a TIFF's last strip have no bytes.
func lost(b []byte) []byte {
	at := bytes.LastIndex(b, []byte("\x17\x01\x04\x00\x02\x00\x00\x00")) + 8
	clear(b[binary.LittleEndian.Uint32(b[at:])+4:][:4])
	return b
}

// hole is a TIFF whose directory was written, and whose last strip was not to its end.
func hole(b []byte) []byte {
	clear(b[binary.LittleEndian.Uint32(b[4:])-zeroTail-1:][:zeroTail+1])
	return b
}

// previewed is a TIFF whose own picture is a preview, and whose sensor data lies in a directory below.
func previewed(t *testing.T) []byte {
	b := tiffOf(t, binary.LittleEndian, entryOf{tag: tagSubIFDs, kind: ifd.Long, numbers: []uint32{0x55AA55AA}})
	out, at := build(b, binary.LittleEndian, 0, []entryOf{{tag: tagPhotometric, kind: ifd.Short, numbers: []uint32{32803}}})
	return patched(out, "\xaa\x55\xaa\x55", string(binary.LittleEndian.AppendUint32(nil, at)))
}
