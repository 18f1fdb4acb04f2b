package photo

import (
	"encoding/binary"
	"io"
)

// tiff reads the directories of a TIFF file, or of an Exif block, which is one in small.
type tiff struct {
	r     io.ReaderAt
	size  int64
	order binary.ByteOrder
}

// field is one entry of a directory, with the place of its value.
type field struct {
	tag, kind uint16
	count     int64
	off, end  int64 // where the value is; it may lie outside the file
}

// Sizes in bytes of TIFF's parts.
const (
	tiffHeader = 8
	entrySize  = 12
)

// openTIFF reads the header; ok is false if it is none, or BigTIFF's. first is the offset of the first directory.
func openTIFF(r io.ReaderAt, size int64) (t tiff, first int64, ok bool) {
	var b [tiffHeader]byte
	if n, _ := r.ReadAt(b[:], 0); int64(n) < tiffHeader || size < tiffHeader {
		return t, 0, false
	}
	t = tiff{r: r, size: size}
	switch string(b[:4]) {
	case "II*\x00":
		t.order = binary.LittleEndian
	case "MM\x00*":
		t.order = binary.BigEndian
	default:
		return t, 0, false
	}
	return t, int64(t.order.Uint32(b[4:])), true
}

// read reads n bytes from an offset; n is bounded by the caller.
func (t tiff) read(off, n int64) ([]byte, error) { return readAt(t.r, t.size, off, n) }

// directory reads the directory at an offset and tells where the next one is, 0 if there is none, and where this
// one ends.
func (t tiff) directory(off int64) (fields []field, next, end int64, err error) {
	b, err := t.read(off, 2)
	if err != nil {
		return nil, 0, 0, err
	}
	n := int64(t.order.Uint16(b))
	end = off + 2 + n*entrySize + 4
	if b, err = t.read(off+2, n*entrySize+4); err != nil {
		return nil, 0, 0, err
	}
	fields = make([]field, n)
	for i := range fields {
		fields[i] = t.entry(b[i*entrySize:], off+2+int64(i)*entrySize)
	}
	return fields, int64(t.order.Uint32(b[n*entrySize:])), end, nil
}

// entry reads one entry, which stands at an offset.
func (t tiff) entry(b []byte, off int64) field {
	f := field{tag: t.order.Uint16(b), kind: t.order.Uint16(b[2:]), count: int64(t.order.Uint32(b[4:]))}
	n := f.count * kindSize(f.kind)
	f.off = off + 8
	if n > 4 {
		f.off = int64(t.order.Uint32(b[8:]))
	}
	f.end = f.off + n
	return f
}

// kindSize is the size in bytes of a field type's one value, 0 for types that are not known.
func kindSize(kind uint16) int64 {
	switch kind {
	case 1, typeASCII, 6, 7, typeUTF8: // bytes
		return 1
	case typeShort, 8:
		return 2
	case typeLong, 9, 11, 13:
		return 4
	case 5, 10, 12:
		return 8
	default:
		return 0
	}
}

// numbers reads a field of many whole numbers in a small window.
type numbers struct {
	tiff
	field
	from int64 // index of the window's first
	b    []byte
}

// at gives the i-th number, 0 ≤ i < count. Types that are no whole numbers count as 0.
func (v *numbers) at(i int64) (int64, error) {
	const window = 4096
	size := kindSize(v.kind)
	if v.kind != typeShort && v.kind != typeLong && v.kind != typeIFD {
		return 0, nil
	}
	if at := (i - v.from) * size; i < v.from || at+size > int64(len(v.b)) {
		v.from = i
		var err error
		if v.b, err = v.read(v.off+i*size, min((v.count-i)*size, window)); err != nil {
			return 0, err
		}
	}
	b := v.b[(i-v.from)*size:]
	if size == 2 {
		return int64(v.order.Uint16(b)), nil
	}
	return int64(v.order.Uint32(b)), nil
}
