// Package ifd reads the directories of a TIFF file, or of an Exif block, which is one in small (TIFF 6.0). It trusts no
// offset and no count: whatever is read is read by File.Read, which knows where the file ends.
package ifd

import "encoding/binary"

// File is a TIFF file, or an Exif block.
type File struct {
	// Read gives n bytes at an offset. Offsets and lengths come from the file itself.
	Read  func(off, n int64) ([]byte, error)
	Order binary.ByteOrder
}

// Field is one entry of a directory, with the place of its value.
type Field struct {
	Tag, Kind uint16
	Count     int64
	Off, End  int64 // where the value is; it may lie outside the file
}

// The types of fields.
const (
	ASCII = 2
	Short = 3
	Long  = 4
	IFD   = 13  // a Long that points at a directory
	UTF8  = 129 // Exif 3.0
)

// Sizes in bytes of TIFF's parts.
const (
	HeaderSize = 8
	EntrySize  = 12
)

// Open reads the header; ok is false if it is none, or BigTIFF's. first is the offset of the first directory.
func Open(read func(off, n int64) ([]byte, error)) (f File, first int64, ok bool) {
	b, err := read(0, HeaderSize)
	if err != nil {
		return f, 0, false
	}
	f = File{Read: read}
	switch string(b[:4]) {
	case "II*\x00":
		f.Order = binary.LittleEndian
	case "MM\x00*":
		f.Order = binary.BigEndian
	default:
		return f, 0, false
	}
	return f, int64(f.Order.Uint32(b[4:])), true
}

// Directory reads the directory at an offset and tells where the next one is, 0 if there is none, and where this
// one ends. The error is that of Read.
func (f File) Directory(off int64) (fields []Field, next, end int64, err error) {
	b, err := f.Read(off, 2)
	if err != nil {
		return nil, 0, 0, err
	}
	n := int64(f.Order.Uint16(b))
	end = off + 2 + n*EntrySize + 4
	if b, err = f.Read(off+2, n*EntrySize+4); err != nil {
		return nil, 0, 0, err
	}
	fields = make([]Field, n)
	for i := range fields {
		fields[i] = f.entry(b[i*EntrySize:], off+2+int64(i)*EntrySize)
	}
	return fields, int64(f.Order.Uint32(b[n*EntrySize:])), end, nil
}

// entry reads one entry, which stands at an offset.
func (f File) entry(b []byte, off int64) Field {
	x := Field{Tag: f.Order.Uint16(b), Kind: f.Order.Uint16(b[2:]), Count: int64(f.Order.Uint32(b[4:]))}
	n := x.Count * sizeOf(x.Kind)
	x.Off = off + 8
	if n > 4 {
		x.Off = int64(f.Order.Uint32(b[8:]))
	}
	x.End = x.Off + n
	return x
}

// sizeOf is the size in bytes of a field type's one value, 0 for types that are not known.
func sizeOf(kind uint16) int64 {
	switch kind {
	case 1, ASCII, 6, 7, UTF8: // bytes
		return 1
	case Short, 8:
		return 2
	case Long, 9, 11, IFD:
		return 4
	case 5, 10, 12:
		return 8
	default:
		return 0
	}
}

// Numbers reads a field of many whole numbers in a small window.
type Numbers struct {
	File
	Field
	from int64 // index of the window's first
	b    []byte
}

// At gives the i-th number, 0 ≤ i < Count. Types that are no whole numbers count as 0.
func (v *Numbers) At(i int64) (int64, error) {
	const window = 4096
	size := sizeOf(v.Kind)
	if v.Kind != Short && v.Kind != Long && v.Kind != IFD {
		return 0, nil
	}
	if at := (i - v.from) * size; i < v.from || at+size > int64(len(v.b)) {
		v.from = i
		var err error
		if v.b, err = v.Read(v.Off+i*size, min((v.Count-i)*size, window)); err != nil {
			return 0, err
		}
	}
	b := v.b[(i-v.from)*size:]
	if size == 2 {
		return int64(v.Order.Uint16(b)), nil
	}
	return int64(v.Order.Uint32(b)), nil
}
