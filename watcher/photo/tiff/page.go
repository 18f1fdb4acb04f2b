// Package tiff decodes the kinds of TIFF that golang.org/x/image/tiff refuses and that scanners, labs and Photoshop
// write: CMYK and Lab, pictures in JPEG, colours in planes of their own, and 2, 4 or 32 bits for a colour (TIFF 6.0,
// Adobe's TIFF Technical Notes). Whatever has more than 8 bits comes out with 8.
//
// It decodes strip by strip, and holds one of them beside the picture. Nothing that the file claims is believed; but
// the picture's size is for the caller to bound, before Decode.
package tiff

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/divitio/pinfold/watcher/photo/ifd"
)

// UnsupportedError is a kind of TIFF that nothing here decodes. It says what the file has: "colours of kind 10", say.
type UnsupportedError string

func (e UnsupportedError) Error() string { return "tiff: unsupported: " + string(e) }

// errFormat is a file that contradicts itself, or is cut off.
var errFormat = errors.New("malformed TIFF")

// The tags that are read.
const (
	tagWidth        = 0x0100
	tagHeight       = 0x0101
	tagBits         = 0x0102
	tagCompression  = 0x0103
	tagPhotometric  = 0x0106
	tagFillOrder    = 0x010A
	tagStrips       = 0x0111
	tagSamples      = 0x0115
	tagRowsPerStrip = 0x0116
	tagStripSizes   = 0x0117
	tagPlanar       = 0x011C
	tagPredictor    = 0x013D
	tagColorMap     = 0x0140
	tagTileWidth    = 0x0142
	tagTileHeight   = 0x0143
	tagTiles        = 0x0144
	tagTileSizes    = 0x0145
	tagInkSet       = 0x014C
	tagExtraSamples = 0x0152
	tagSampleFormat = 0x0153
	tagJPEGTables   = 0x015B
)

// Ways to pack the samples.
const (
	packNone        = 1
	packFax         = 4 // CCITT's T.6, which the library decodes
	packLZW         = 5
	packJPEG        = 7
	packDeflate     = 8
	packDeflateOld  = 32946
	packBits        = 32773
	predictNothing  = 1
	predictLeft     = 2
	planesSeparate  = 2
	extraAssociated = 1
	extraAlpha      = 2
)

// What the samples mean.
const (
	whiteIsZero = 0
	blackIsZero = 1
	rgb         = 2
	palette     = 3
	cmyk        = 5
	ycbcr       = 6
	lab         = 8
	iccLab      = 9
)

// Limits of what is read beside the picture itself.
const (
	maxBlocks  = 1 << 20
	maxSamples = 8       // of a pixel
	maxTables  = 1 << 16 // bytes
	maxBlock   = 1 << 30 // bytes of one strip or tile, decoded; no picture that may be decoded has more
)

// Page is the first directory of a file: how the picture is stored.
type Page struct {
	Width, Height int // pixels

	file          ifd.File
	bits, samples int // of each sample; of a pixel
	photometric   int
	packing       int
	predictor     int
	separate      bool // each sample has strips of its own
	alpha         int  // index of the sample that is alpha, 0: none
	premultiplied bool
	blockWidth    int
	blockHeight   int
	offsets       ifd.Numbers
	sizes         ifd.Numbers
	colours       []byte // of a palette: 3 bytes each
	tables        []byte // JPEG's, of all strips
}

// Open reads the first directory of a file. It fails with an UnsupportedError, or another error of what the file
// holds or of reading it.
func Open(r io.ReaderAt, size int64) (*Page, error) {
	p := &Page{}
	if err := p.read(r, size); err != nil {
		return nil, err
	}
	return p, nil
}

// IsUsual reports whether golang.org/x/image/tiff decodes the picture, too.
func (p *Page) IsUsual() bool {
	switch {
	case p.packing == packFax:
		return true
	case p.separate || p.packing == packJPEG:
		return false
	}
	switch p.photometric {
	case whiteIsZero, blackIsZero:
		return p.samples == 1 && (p.bits == 1 || p.bits == 8 || p.bits == 16)
	case palette:
		return p.samples == 1 && p.bits == 8
	case rgb:
		return (p.samples == 3 || p.samples == 4 && p.alpha == 3) && (p.bits == 8 || p.bits == 16)
	}
	return false
}

// read reads the first directory.
func (p *Page) read(r io.ReaderAt, size int64) error {
	file, first, ok := ifd.Open(func(off, n int64) ([]byte, error) {
		if off < 0 || n < 0 || off > size-n {
			return nil, io.ErrUnexpectedEOF
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(io.NewSectionReader(r, off, n), b); err != nil {
			return nil, err
		}
		return b, nil
	})
	if !ok {
		return errFormat
	}
	list, _, _, err := file.Directory(first)
	if err != nil {
		return err
	}
	d := directory{file, map[uint16]ifd.Field{}}
	for _, f := range list {
		if _, twice := d.fields[f.Tag]; !twice {
			d.fields[f.Tag] = f
		}
	}
	p.file = file
	if err := p.shape(d); err != nil {
		return err
	}
	if err := p.meaning(d); err != nil {
		return err
	}
	return p.blocks(d)
}

// directory is the fields of a directory, by tag.
type directory struct {
	ifd.File
	fields map[uint16]ifd.Field
}

// numbers reads a field of at most most whole numbers, or gives a default for one that is not there.
func (d directory) numbers(tag uint16, most int64, otherwise ...int) ([]int, error) {
	f, ok := d.fields[tag]
	if !ok || f.Count == 0 {
		return otherwise, nil
	}
	v := ifd.Numbers{File: d.File, Field: f}
	list := make([]int, min(f.Count, most))
	for i := range list {
		n, err := v.At(int64(i))
		if err != nil {
			return nil, err
		}
		list[i] = int(min(n, math.MaxInt32))
	}
	return list, nil
}

// number is the first of numbers.
func (d directory) number(tag uint16, otherwise int) (int, error) {
	list, err := d.numbers(tag, 1, otherwise)
	if err != nil {
		return 0, err
	}
	return list[0], nil
}

// shape reads what is said of the samples' number and size.
func (p *Page) shape(d directory) (err error) {
	planar := 0
	for _, x := range []struct {
		to        *int
		tag       uint16
		otherwise int
	}{
		{&p.Width, tagWidth, 0},
		{&p.Height, tagHeight, 0},
		{&p.photometric, tagPhotometric, blackIsZero},
		{&p.packing, tagCompression, packNone},
		{&p.samples, tagSamples, 1},
		{&p.predictor, tagPredictor, predictNothing},
		{&planar, tagPlanar, 1},
	} {
		if *x.to, err = d.number(x.tag, x.otherwise); err != nil {
			return err
		}
	}
	if p.Width <= 0 || p.Height <= 0 || p.samples <= 0 {
		return errFormat
	}
	if p.samples > maxSamples {
		return UnsupportedError(fmt.Sprintf("%d values for a pixel", p.samples))
	}
	p.separate = planar == planesSeparate && p.samples > 1
	bits, err := d.numbers(tagBits, maxSamples, 1)
	if err != nil {
		return err
	}
	p.bits = bits[0]
	formats, err := d.numbers(tagSampleFormat, maxSamples, 1)
	if err != nil {
		return err
	}
	if err := p.refuse(bits, formats); err != nil {
		return err
	}
	return p.fillOrder(d)
}

// refuse says what of the samples' size and packing is not decoded.
func (p *Page) refuse(bits, formats []int) error {
	const unsigned, signed, untyped = 1, 2, 4
	other := func(n int) bool { return n != p.bits }
	strange := func(n int) bool {
		return n != unsigned && n != untyped && (n != signed || p.photometric != lab)
	}
	switch {
	case slices.ContainsFunc(formats, strange):
		return UnsupportedError("colours that are no whole numbers (floating point)")
	case slices.ContainsFunc(bits, other) || !slices.Contains([]int{1, 2, 4, 8, 16, 32}, p.bits):
		return UnsupportedError(fmt.Sprintf("%v bits for a colour", bits))
	case p.predictor != predictNothing && (p.predictor != predictLeft || p.bits < 8 || p.bits > 16):
		return UnsupportedError("this kind of compression (its predictor)")
	case !slices.Contains([]int{packNone, packFax, packLZW, packJPEG, packDeflate, packDeflateOld, packBits}, p.packing):
		return UnsupportedError(fmt.Sprintf("this kind of compression (%d)", p.packing))
	}
	return nil
}

// fillOrder refuses bits that stand the other way round, which nobody writes but fax machines.
func (p *Page) fillOrder(d directory) error {
	order, err := d.number(tagFillOrder, 1)
	if err == nil && order != 1 && p.packing != packFax {
		return UnsupportedError("its bits the other way round")
	}
	return err
}

// coloursOf is how many samples a pixel has for its colour, by what they mean.
var coloursOf = map[int]int{whiteIsZero: 1, blackIsZero: 1, palette: 1, rgb: 3, ycbcr: 3, lab: 3, iccLab: 3, cmyk: 4}

// meaning reads what is said of the samples' meaning.
func (p *Page) meaning(d directory) error {
	colours, ok := coloursOf[p.photometric]
	switch {
	case !ok:
		return UnsupportedError(fmt.Sprintf("colours of kind %d", p.photometric))
	case p.samples < colours:
		return errFormat
	case p.photometric == ycbcr && (p.packing != packJPEG || p.separate):
		return UnsupportedError("YCbCr colours that are not in JPEG")
	case p.packing == packJPEG && !p.isUsualJPEG(colours):
		return UnsupportedError("this kind of JPEG in it")
	case p.photometric >= lab && p.bits < 8:
		return UnsupportedError("Lab colours of few bits")
	}
	switch p.photometric {
	case palette:
		return p.readPalette(d)
	case cmyk:
		return p.readInks(d)
	case whiteIsZero, blackIsZero, rgb:
		return p.readAlpha(d, colours)
	}
	return nil
}

// readAlpha looks whether the sample behind the colours is alpha, or a mask that nobody sees.
func (p *Page) readAlpha(d directory, colours int) error {
	extra, err := d.number(tagExtraSamples, 0)
	if (extra == extraAssociated || extra == extraAlpha) && p.samples > colours {
		p.alpha, p.premultiplied = colours, extra == extraAssociated
	}
	return err
}

// isUsualJPEG reports whether a picture is one that JPEG can hold by itself.
func (p *Page) isUsualJPEG(colours int) bool {
	return p.bits == 8 && p.samples == colours && p.photometric <= ycbcr && p.photometric != palette
}

// readInks refuses inks that are others than those of the four colours.
func (p *Page) readInks(d directory) error {
	const inksCMYK = 1
	inks, err := d.number(tagInkSet, inksCMYK)
	if err == nil && inks != inksCMYK {
		return UnsupportedError("inks other than cyan, magenta, yellow and black")
	}
	return err
}

// readPalette reads all reds, all greens, all blues, of 16 bits each.
func (p *Page) readPalette(d directory) error {
	if p.bits > 8 {
		return UnsupportedError("a palette of so many colours")
	}
	n := 1 << p.bits
	list, err := d.numbers(tagColorMap, int64(3*n))
	if err != nil {
		return err
	}
	if len(list) < 3*n {
		return errFormat
	}
	p.colours = make([]byte, 3*n)
	for i := range n {
		for c := range 3 {
			p.colours[3*i+c] = byte(list[c*n+i] >> 8)
		}
	}
	return nil
}

// blocks reads where the strips or tiles are.
func (p *Page) blocks(d directory) (err error) {
	where, sizes := uint16(tagStrips), uint16(tagStripSizes)
	p.blockWidth = p.Width
	if p.blockHeight, err = d.number(tagRowsPerStrip, p.Height); err != nil {
		return err
	}
	p.blockHeight = min(p.blockHeight, p.Height)
	if _, tiled := d.fields[tagTiles]; tiled {
		where, sizes = tagTiles, tagTileSizes
		if p.blockWidth, err = d.number(tagTileWidth, 0); err != nil {
			return err
		}
		if p.blockHeight, err = d.number(tagTileHeight, 0); err != nil {
			return err
		}
	}
	if p.blockWidth <= 0 || p.blockHeight <= 0 {
		return errFormat
	}
	if int64(p.blockWidth)*int64(p.blockHeight) > maxBlock/int64(p.samples)/4 {
		return errFormat
	}
	p.offsets = ifd.Numbers{File: d.File, Field: d.fields[where]}
	p.sizes = ifd.Numbers{File: d.File, Field: d.fields[sizes]}
	planes := 1
	if p.separate {
		planes = p.samples
	}
	need := int64(planes) * int64(p.across()) * int64(p.down())
	if need > maxBlocks || p.offsets.Count < need || p.sizes.Count < need {
		return errFormat
	}
	if f, ok := d.fields[tagJPEGTables]; ok && p.packing == packJPEG {
		if f.Count > maxTables {
			return errFormat
		}
		p.tables, err = d.Read(f.Off, f.Count)
	}
	return err
}

// across and down are how many blocks stand beside and below each other.
func (p *Page) across() int { return (p.Width + p.blockWidth - 1) / p.blockWidth }
func (p *Page) down() int   { return (p.Height + p.blockHeight - 1) / p.blockHeight }
