package tiff

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"slices"
	"strings"
	"testing"
)

const side = 32 // pixels of the samples, whose left half has one colour and whose right half another

// sample is a TIFF in the making: tags with their numbers, and the blocks of the picture.
type sample struct {
	order  binary.AppendByteOrder
	tags   map[uint16][]uint32
	tables []byte
	blocks [][]byte
}

// of makes a sample of one strip for each of the planes.
func of(photometric, samples, bits uint32, planes ...[]byte) sample {
	s := sample{order: binary.LittleEndian, blocks: planes, tags: map[uint16][]uint32{
		tagWidth: {side}, tagHeight: {side}, tagCompression: {packNone}, tagPhotometric: {photometric},
		tagSamples: {samples}, tagRowsPerStrip: {side}, tagBits: slices.Repeat([]uint32{bits}, int(samples)),
	}}
	if len(planes) > 1 {
		s.tags[tagPlanar] = []uint32{planesSeparate}
	}
	return s
}

// with sets a tag.
func (s sample) with(tag uint16, numbers ...uint32) sample {
	s.tags[tag] = numbers
	return s
}

// file writes it.
func (s sample) file() []byte {
	o := s.order
	b := []byte("II*\x00\x00\x00\x00\x00")
	if o == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*\x00\x00\x00\x00")
	}
	var at, sizes []uint32
	for _, block := range s.blocks {
		at, sizes = append(at, uint32(len(b))), append(sizes, uint32(len(block)))
		b = append(b, block...)
	}
	where, size := uint16(tagStrips), uint16(tagStripSizes)
	if s.tags[tagTileWidth] != nil {
		where, size = tagTiles, tagTileSizes
	}
	tags := map[uint16][]uint32{where: at, size: sizes}
	for tag, numbers := range s.tags {
		tags[tag] = numbers
	}
	var order []uint16
	for tag := range tags {
		order = append(order, tag)
	}
	if s.tables != nil {
		order = append(order, tagJPEGTables)
	}
	slices.Sort(order)
	var entries []byte
	for _, tag := range order {
		entries = o.AppendUint16(entries, tag)
		if tag == tagJPEGTables {
			const undefined = 7
			entries = o.AppendUint32(o.AppendUint32(o.AppendUint16(entries, undefined), uint32(len(s.tables))), uint32(len(b)))
			b = append(b, s.tables...)
			continue
		}
		const long = 4
		entries = o.AppendUint32(o.AppendUint16(entries, long), uint32(len(tags[tag])))
		if len(tags[tag]) == 1 {
			entries = o.AppendUint32(entries, tags[tag][0])
			continue
		}
		entries = o.AppendUint32(entries, uint32(len(b)))
		for _, n := range tags[tag] {
			b = o.AppendUint32(b, n)
		}
	}
	copy(b[4:8], o.AppendUint32(nil, uint32(len(b))))
	return o.AppendUint32(append(o.AppendUint16(b, uint16(len(order))), entries...), 0)
}

// halves are the rows of a picture: for each pixel of the left half the one, of the right half the other.
func halves(left, right []byte) []byte {
	row := append(bytes.Repeat(left, side/2), bytes.Repeat(right, side/2)...)
	return bytes.Repeat(row, side)
}

// asJPEG packs colours. Its halves begin at blocks of 16, so nothing runs over.
func asJPEG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// painted is an image with halves.
func painted(m interface {
	image.Image
	Set(x, y int, c color.Color)
}, left, right color.Color,
) image.Image {
	for y := range side {
		for x := range side {
			m.Set(x, y, [2]color.Color{left, right}[x/(side/2)])
		}
	}
	return m
}

// torn takes the tables out of a JPEG: they and the rest are what a TIFF holds apart.
func torn(whole []byte) (tables, rest []byte) {
	tables, rest = []byte{0xFF, 0xD8}, []byte{0xFF, 0xD8}
	for b := whole[2:]; ; {
		n := 2 + int(binary.BigEndian.Uint16(b[2:]))
		switch b[1] {
		case 0xDB, 0xC4:
			tables = append(tables, b[:n]...)
		case 0xDA:
			return append(tables, 0xFF, 0xD9), append(rest, b...)
		default:
			rest = append(rest, b[:n]...)
		}
		b = b[n:]
	}
}

func deflated(b []byte) []byte {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, _ = w.Write(b) // a buffer takes everything
	_ = w.Close()
	return z.Bytes()
}

// differences are samples as horizontal prediction stores them.
func differences(b []byte, samples int) []byte {
	out := slices.Clone(b)
	for y := range side {
		row := out[y*side*samples : (y+1)*side*samples]
		for i := len(row) - 1; i >= samples; i-- {
			row[i] -= row[i-samples]
		}
	}
	return out
}

// runs are bytes as PackBits stores them: copies of one, then bytes as they are, and a code that says nothing.
func runs(b []byte) (out []byte) {
	for len(b) > 0 {
		n := 1
		for n < len(b) && n < 128 && b[n] == b[0] {
			n++
		}
		if n == 1 {
			out = append(out, 0, b[0], 0x80)
		} else {
			out = append(out, byte(1-n), b[0])
		}
		b = b[n:]
	}
	return out
}

// kinds are pictures of each kind with what they look like; a list is four numbers for left, four for right.
func kinds(t testing.TB) map[string]struct {
	sample
	left, right [4]uint8 // RGBA, not premultiplied; of CMYK the inks
} {
	t.Helper()
	type kind = struct {
		sample
		left, right [4]uint8
	}
	inks := halves([]byte{200, 40, 0, 10}, []byte{0, 90, 255, 0})
	reds, blues := [4]uint8{220, 30, 40, 255}, [4]uint8{10, 60, 200, 255}
	plane := func(i int) []byte { return halves(reds[i:i+1], blues[i:i+1]) }
	deep := func(order binary.AppendByteOrder, b []byte) (out []byte) {
		for _, v := range b {
			out = order.AppendUint16(out, uint16(v)<<8|uint16(v))
		}
		return out
	}
	tables, rest := torn(asJPEG(t, painted(image.NewRGBA(image.Rect(0, 0, side, side)), color.RGBA(asRGBA(reds)), color.RGBA(asRGBA(blues)))))
	jpegYCC := of(ycbcr, 3, 8, rest).with(tagCompression, packJPEG)
	jpegYCC.tables = tables
	big := of(rgb, 3, 16, deep(binary.BigEndian, plane(0)), deep(binary.BigEndian, plane(1)), deep(binary.BigEndian, plane(2)))
	big.order = binary.BigEndian
	tiles := of(cmyk, 4, 8, slices.Repeat([]byte{200, 40, 0, 10}, 16*48/4*4)).with(tagTileWidth, 16).with(tagTileHeight, 48)
	tiles.blocks = append(tiles.blocks, slices.Repeat([]byte{0, 90, 255, 0}, 16*48/4*4))
	return map[string]kind{
		"CMYK":                   {of(cmyk, 4, 8, inks), [4]uint8{200, 40, 0, 10}, [4]uint8{0, 90, 255, 0}},
		"CMYK, Deflate":          {of(cmyk, 4, 8, deflated(differences(inks, 4))).with(tagCompression, packDeflate).with(tagPredictor, predictLeft), [4]uint8{200, 40, 0, 10}, [4]uint8{0, 90, 255, 0}},
		"CMYK, PackBits":         {of(cmyk, 4, 8, runs(inks)).with(tagCompression, packBits), [4]uint8{200, 40, 0, 10}, [4]uint8{0, 90, 255, 0}},
		"CMYK, 16 bits":          {of(cmyk, 4, 16, deep(binary.LittleEndian, inks)), [4]uint8{200, 40, 0, 10}, [4]uint8{0, 90, 255, 0}},
		"CMYK, tiles":            {tiles, [4]uint8{200, 40, 0, 10}, [4]uint8{0, 90, 255, 0}},
		"CMYK and a spot colour": {of(cmyk, 5, 8, halves([]byte{200, 40, 0, 10, 99}, []byte{0, 90, 255, 0, 1})), [4]uint8{200, 40, 0, 10}, [4]uint8{0, 90, 255, 0}},
		"RGB in planes":          {of(rgb, 3, 8, plane(0), plane(1), plane(2)), reds, blues},
		"RGB in planes, 16 bits": {big, reds, blues},
		"RGB with a mask":        {of(rgb, 4, 8, halves([]byte{220, 30, 40, 7}, []byte{10, 60, 200, 9})).with(tagExtraSamples, 0), reds, blues},
		"RGB, 32 bits":           {of(rgb, 3, 32, halves([]byte{0, 0, 0, 220, 0, 0, 0, 30, 0, 0, 0, 40}, []byte{0, 0, 0, 10, 0, 0, 0, 60, 0, 0, 0, 200})), reds, blues},
		"RGB in planes with alpha": {
			of(rgb, 4, 8, plane(0), plane(1), plane(2), halves([]byte{0x80}, []byte{0xFF})).with(tagExtraSamples, extraAlpha),
			[4]uint8{220, 30, 40, 0x80},
			blues,
		},
		"grey with alpha":        {of(blackIsZero, 2, 8, halves([]byte{90, 0x80}, []byte{240, 255})).with(tagExtraSamples, extraAlpha), [4]uint8{90, 90, 90, 0x80}, [4]uint8{240, 240, 240, 255}},
		"grey, 4 bits":           {of(blackIsZero, 1, 4, halvesOf(0x55, 0xFF, 4)), [4]uint8{85, 85, 85, 255}, [4]uint8{255, 255, 255, 255}},
		"grey, white is zero":    {of(whiteIsZero, 1, 2, halvesOf(0x55, 0xFF, 2)), [4]uint8{170, 170, 170, 255}, [4]uint8{0, 0, 0, 255}},
		"palette, 4 bits":        {of(palette, 1, 4, halvesOf(0x22, 0x33, 4)).with(tagColorMap, colourMap(16, 2, reds, 3, blues)...), reds, blues},
		"palette, 1 bit":         {of(palette, 1, 1, halvesOf(0x00, 0xFF, 1)).with(tagColorMap, colourMap(2, 0, reds, 1, blues)...), reds, blues},
		"Lab":                    {of(lab, 3, 8, halves([]byte{128, 60, 40}, []byte{128, 0xE0, 0xC8})), [4]uint8{214, 61, 56, 255}, [4]uint8{0, 137, 215, 255}},
		"Lab, ICC's":             {of(iccLab, 3, 8, halves([]byte{128, 188, 168}, []byte{255, 128, 128})), [4]uint8{214, 61, 56, 255}, [4]uint8{255, 255, 255, 255}},
		"JPEG":                   {jpegYCC, reds, blues},
		"JPEG, its tables in it": {of(ycbcr, 3, 8, asJPEG(t, painted(image.NewRGBA(image.Rect(0, 0, side, side)), color.RGBA(asRGBA(reds)), color.RGBA(asRGBA(blues))))).with(tagCompression, packJPEG), reds, blues},
		"JPEG, grey":             {of(blackIsZero, 1, 8, asJPEG(t, painted(image.NewGray(image.Rect(0, 0, side, side)), color.Gray{90}, color.Gray{200}))).with(tagCompression, packJPEG), [4]uint8{90, 90, 90, 255}, [4]uint8{200, 200, 200, 255}},
	}
}

func asRGBA(v [4]uint8) struct{ R, G, B, A uint8 } {
	return struct{ R, G, B, A uint8 }{v[0], v[1], v[2], v[3]}
}

// halvesOf is halves of samples that are smaller than a byte; left and right are whole bytes of them.
func halvesOf(left, right byte, bits int) []byte {
	n := side / 2 * bits / 8
	return bytes.Repeat(append(bytes.Repeat([]byte{left}, n), bytes.Repeat([]byte{right}, n)...), side)
}

// colourMap is a palette with two colours in it.
func colourMap(n, i int, a [4]uint8, k int, b [4]uint8) []uint32 {
	out := make([]uint32, 3*n)
	for c := range 3 {
		out[c*n+i], out[c*n+k] = uint32(a[c])<<8, uint32(b[c])<<8
	}
	return out
}

func decodeAll(b []byte) (image.Image, error) {
	p, err := Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	return p.Decode()
}

func TestEachKindComesOutAsItWasMeant(t *testing.T) {
	for name, k := range kinds(t) {
		t.Run(name, func(t *testing.T) {
			b := k.file()
			p, err := Open(bytes.NewReader(b), int64(len(b)))
			if err != nil {
				t.Fatal(err)
			}
			if p.IsUsual() || p.Width != side || p.Height != side {
				t.Errorf("%d × %d, usual: %v", p.Width, p.Height, p.IsUsual())
			}
			m, err := p.Decode()
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range []int{0, side/2 - 1, side / 2, side - 1} {
				for _, y := range []int{0, side / 3, side - 1} {
					want := [2][4]uint8{k.left, k.right}[x/(side/2)]
					if got := pixel(m, x, y); !near(got, want, 3) {
						t.Fatalf("pixel %d, %d is %v, want %v", x, y, got, want)
					}
				}
			}
		})
	}
}

// pixel is a colour without premultiplication, of CMYK the inks.
func pixel(m image.Image, x, y int) [4]uint8 {
	if c, ok := m.At(x, y).(color.CMYK); ok {
		return [4]uint8{c.C, c.M, c.Y, c.K}
	}
	c := color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
	return [4]uint8{c.R, c.G, c.B, c.A}
}

func near(a, b [4]uint8, most int) bool {
	for i := range a {
		if d := int(a[i]) - int(b[i]); max(d, -d) > most {
			return false
		}
	}
	return true
}

func TestWhatIsNotDecodedSaysWhatItIs(t *testing.T) {
	plain := halves([]byte{1, 2, 3}, []byte{4, 5, 6})
	for name, c := range map[string]struct {
		sample
		words string
	}{
		"floating point": {of(rgb, 3, 32, plain).with(tagSampleFormat, 3, 3, 3), "floating point"},
		"12 bits":        {of(rgb, 3, 12, plain), "[12 12 12] bits"},
		"mixed bits":     {of(rgb, 3, 8, plain).with(tagBits, 5, 6, 5), "[5 6 5] bits"},
		"Zstandard":      {of(rgb, 3, 8, plain).with(tagCompression, 50000), "compression (50000)"},
		"old JPEG":       {of(ycbcr, 3, 8, plain).with(tagCompression, 6), "compression (6)"},
		"YCbCr":          {of(ycbcr, 3, 8, plain), "YCbCr"},
		"inks":           {of(cmyk, 4, 8, plain).with(tagInkSet, 2), "inks other"},
		"LogLuv":         {of(32845, 3, 16, plain), "kind 32845"},
		"hyperspectral":  {of(rgb, 200, 8, plain), "200 values"},
	} {
		b := c.file()
		_, err := Open(bytes.NewReader(b), int64(len(b)))
		if kind, ok := errors.AsType[UnsupportedError](err); !ok || !strings.Contains(string(kind), c.words) {
			t.Errorf("%s: %v, want %q", name, err, c.words)
		}
	}
}

// What is cut off or lies is an error, and never more than the picture is held.
func TestBrokenFilesAreErrors(t *testing.T) {
	for name, k := range kinds(t) {
		whole := k.file()
		for i := range 40 {
			if _, err := decodeAll(whole[:len(whole)*i/40]); err == nil {
				t.Errorf("%s: %d of 40 parts of it are decoded", name, i)
			}
		}
		short := k.sample
		short.blocks = slices.Clone(k.blocks)
		short.blocks[0] = short.blocks[0][:len(short.blocks[0])/3]
		if _, err := decodeAll(short.file()); err == nil {
			t.Errorf("%s with a third of a strip is decoded", name)
		}
	}
	for name, s := range map[string]sample{
		"no size":             of(cmyk, 4, 8, nil).with(tagWidth, 0),
		"no strips":           of(cmyk, 4, 8),
		"few strips":          of(cmyk, 4, 8, halves([]byte{1, 2, 3, 4}, []byte{1, 2, 3, 4})).with(tagRowsPerStrip, 1),
		"no rows":             of(cmyk, 4, 8, nil).with(tagRowsPerStrip, 0),
		"few samples":         of(cmyk, 3, 8, nil),
		"short palette":       of(palette, 1, 8, nil).with(tagColorMap, 1, 2, 3),
		"tiles without size":  of(cmyk, 4, 8, nil).with(tagTileWidth, 0).with(tagTileHeight, 16),
		"a strip of a planet": of(cmyk, 4, 8, nil).with(tagWidth, 1<<31-1).with(tagHeight, 1<<31-1).with(tagRowsPerStrip, 1<<31-1),
		"a JPEG of another size": of(blackIsZero, 1, 8, asJPEG(t, image.NewGray(image.Rect(0, 0, 2000, 2000)))).
			with(tagCompression, packJPEG),
	} {
		if _, err := decodeAll(s.file()); err == nil {
			t.Errorf("%s: it is decoded", name)
		}
	}
}

func TestRunsThatAreCutOffAreErrors(t *testing.T) {
	whole := []byte{2, 'a', 'b', 'c', 0x80, 0xFD, 'd'}
	if out, err := unpackBits(whole, 7); err != nil || string(out) != "abcdddd" {
		t.Errorf("%q, %v", out, err)
	}
	for n := range len(whole) {
		if out, err := unpackBits(whole[:n:n], 7); err == nil {
			t.Errorf("%d bytes are %q", n, out)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, k := range kinds(f) {
		f.Add(k.file())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := Open(bytes.NewReader(b), int64(len(b)))
		if err != nil || p.Width > 1000 || p.Height > 1000 {
			return
		}
		if m, err := p.Decode(); err == nil && m.Bounds() != image.Rect(0, 0, p.Width, p.Height) {
			t.Errorf("%v of %d × %d", m.Bounds(), p.Width, p.Height)
		}
	})
}
