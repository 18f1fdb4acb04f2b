package photo

import (
	"errors"
	"math"
	"slices"

	"github.com/divitio/pinfold/watcher/photo/ifd"
	"github.com/divitio/pinfold/watcher/photo/tiff"
)

// Tags of TIFF 6.0 and its supplements that are looked at.
const (
	tagWidth       = 0x0100
	tagHeight      = 0x0101
	tagCompression = 0x0103
	tagPhotometric = 0x0106
	tagStrips      = 0x0111
	tagStripSizes  = 0x0117
	tagTiles       = 0x0144
	tagTileSizes   = 0x0145
	tagSubIFDs     = 0x014A
	tagXMP         = 0x02BC
	tagIPTC        = 0x83BB
	tagPhotoshop   = 0x8649
	tagExifIFD     = 0x8769
	tagDNGVersion  = 0xC612
)

// Limits of what is walked through; photos need a dozen directories and some thousand strips.
const (
	maxDirectories = 512
	maxFields      = 1 << 16
	maxStrips      = 1 << 20
	maxPacket      = 1 << 20 // bytes of a metadata packet that are looked at
)

// The names of metadata packets that stand at an offset; see part.
const (
	packetExif      = "Exif"      // an Exif block
	packetTIFF      = "TIFF"      // the file itself is the Exif block; no data
	packetXMP       = "XMP "      // as WebP's chunk
	packetIPTC      = "IPTC"      // bare IIM records
	packetPhotoshop = "Photoshop" // resources, one of which is IPTC
)

// tiffWalker is the state of one walk over a TIFF's directories.
type tiffWalker struct {
	*source
	file   ifd.File
	info   *Info
	visit  func(part) error
	seen   []int64 // offsets of directories, in order
	fields int
	strips int64
	end    int64
	// lastOff and lastEnd are where the compressed data lies that ends last.
	lastOff, lastEnd int64
	fault            error // why it cannot be posted; said only once it is whole
	failed           error // of reading a number
}

// walkTIFF goes through all directories and makes sure that what they point at lies in the file: TIFF has no end
// of its own. The first directory is the picture.
func walkTIFF(src *source, info *Info, visit func(part) error) error {
	t, first, ok := ifd.Open(src.at)
	if !ok {
		if src.size < ifd.HeaderSize {
			return incomplete("the photo is cut off after %d bytes", src.size)
		}
		return unsupported("BigTIFF")
	}
	w := &tiffWalker{source: src, file: t, info: info, visit: visit, end: ifd.HeaderSize}
	if first == 0 {
		return incomplete("the photo is not written to its end yet: its directory is missing")
	}
	for next := first; next != 0; {
		var err error
		if next, err = w.directory(next, len(w.seen) == 0); err != nil {
			return err
		}
	}
	if w.strips == 0 {
		return incomplete("the photo holds no picture")
	}
	if w.lastEnd > 0 {
		if err := src.written(w.lastOff, w.lastEnd); err != nil {
			return err
		}
	}
	info.End = w.end
	if w.fault != nil {
		return w.fault
	}
	return visit(part{end: w.end, chunk: packetTIFF})
}

// directory walks one directory, and tells where the next one is.
func (w *tiffWalker) directory(off int64, main bool) (next int64, err error) {
	if slices.Contains(w.seen, off) {
		return 0, nil // a loop, or the same directory by two ways
	}
	fields, next, end, err := w.file.Directory(off)
	if err != nil {
		return 0, err
	}
	w.seen = append(w.seen, off)
	w.fields += len(fields)
	if len(w.seen) > maxDirectories || w.fields > maxFields {
		return 0, unsupported("a TIFF of so many pages")
	}
	w.end = max(w.end, end)
	page := map[uint16]ifd.Field{}
	for _, f := range fields {
		if f.Count > 0 && f.End > w.size {
			return 0, incomplete("the photo is cut off after %d of %d bytes", w.size, f.End)
		}
		w.end = max(w.end, f.End)
		if _, twice := page[f.Tag]; !twice {
			page[f.Tag] = f
		}
	}
	return next, w.page(page, main)
}

// page looks at the fields of a directory.
func (w *tiffWalker) page(page map[uint16]ifd.Field, main bool) error {
	if w.isRaw(page) {
		return raw("TIFF")
	}
	compressed := w.number(page[tagCompression]) > 1
	if main {
		w.picture(page)
		if err := w.packets(page); err != nil {
			return err
		}
	}
	if w.failed != nil {
		return w.failed
	}
	for _, tags := range [][2]uint16{{tagStrips, tagStripSizes}, {tagTiles, tagTileSizes}} {
		if err := w.data(page[tags[0]], page[tags[1]], compressed); err != nil {
			return err
		}
	}
	for _, tag := range []uint16{tagSubIFDs, tagExifIFD} {
		if err := w.below(page[tag]); err != nil {
			return err
		}
	}
	return nil
}

// picture reads what the main directory says of the picture.
func (w *tiffWalker) picture(page map[uint16]ifd.Field) {
	w.info.Width, w.info.Height = int(w.number(page[tagWidth])), int(w.number(page[tagHeight]))
	if v := w.number(page[tagOrientation]); v >= 1 && v <= 8 {
		w.info.Orientation = int(v)
	}
	_, err := tiff.Open(w.r, w.size)
	if kind, ok := errors.AsType[tiff.UnsupportedError](err); ok {
		w.fault = unsupported("TIFF with " + string(kind))
	}
}

// number is a field's first value, if it is a whole number, at most 2³¹-1; else 0.
func (w *tiffWalker) number(f ifd.Field) int64 {
	if f.Count == 0 {
		return 0
	}
	n, err := (&ifd.Numbers{File: w.file, Field: f}).At(0)
	if err != nil {
		w.failed = err
	}
	return min(n, math.MaxInt32)
}

// isRaw recognises a camera's own kind of TIFF by the colours of its sensor's filter, or by Adobe's tag.
func (w *tiffWalker) isRaw(page map[uint16]ifd.Field) bool {
	const filterArray, linearRaw = 32803, 34892
	_, dng := page[tagDNGVersion]
	colours := w.number(page[tagPhotometric])
	return dng || colours == filterArray || colours == linearRaw
}

// packets shows the metadata packets that stand outside of the directory.
func (w *tiffWalker) packets(page map[uint16]ifd.Field) error {
	for _, p := range []struct {
		tag  uint16
		name string
	}{{tagXMP, packetXMP}, {tagIPTC, packetIPTC}, {tagPhotoshop, packetPhotoshop}} {
		f, ok := page[p.tag]
		if !ok || f.End <= f.Off {
			continue
		}
		data, err := w.at(f.Off, min(f.End-f.Off, maxPacket))
		if err != nil {
			return err
		}
		if err := w.visit(part{off: f.Off, end: f.End, chunk: p.name, data: data}); err != nil {
			return err
		}
	}
	return nil
}

// data makes sure that the strips or tiles lie in the file.
func (w *tiffWalker) data(offsets, sizes ifd.Field, compressed bool) error {
	n := min(offsets.Count, sizes.Count)
	if w.strips += n; w.strips > maxStrips {
		return unsupported("a TIFF of so many parts")
	}
	at, size := ifd.Numbers{File: w.file, Field: offsets}, ifd.Numbers{File: w.file, Field: sizes}
	if offsets.Count != sizes.Count {
		return incomplete("the photo is damaged: not all of its parts have a place and a length")
	}
	for i := range n {
		off, err := at.At(i)
		if err != nil {
			return err
		}
		length, err := size.At(i)
		if err != nil {
			return err
		}
		if off == 0 || length == 0 {
			return incomplete("the photo is not written to its end yet: a part of the picture is missing")
		}
		end := off + length
		if end > w.size {
			return incomplete("the photo is cut off after %d of %d bytes", w.size, end)
		}
		w.end = max(w.end, end)
		if compressed && end > w.lastEnd {
			w.lastOff, w.lastEnd = off, end
		}
	}
	return nil
}

// below walks the directories that a field points at.
func (w *tiffWalker) below(f ifd.Field) error {
	at := ifd.Numbers{File: w.file, Field: f}
	for i := range min(f.Count, maxDirectories) {
		off, err := at.At(i)
		if err != nil {
			return err
		}
		if off == 0 {
			continue
		}
		if _, err := w.directory(off, false); err != nil {
			return err
		}
	}
	return nil
}
