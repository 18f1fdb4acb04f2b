package photo

import (
	"bytes"
	"encoding/binary"
	"slices"
	"unicode/utf8"

	"github.com/divitio/pinfold/watcher/photo/ifd"
)

// Tags of Exif's IFD0 that are kept (TIFF 6.0, Exif 3.0).
const (
	tagOrientation = 0x0112
	tagArtist      = 0x013B
	tagCopyright   = 0x8298
)

// Tags below it that say what the colours are, and the value for Adobe RGB.
const (
	tagInterop      = 0xA005
	tagInteropIndex = 0x0001
	adobeIndex      = "R03\x00"
)

const (
	maxEntries = 1024 // of an IFD; cameras write a few dozen
	maxText    = 4096 // bytes of an artist's or copyright's text
)

// tags are what outlives the stripping: how to hold the picture and whose it is.
type tags struct {
	orientation       int // 1 to 8
	artist, copyright []byte
	adobe             bool // the colours are Adobe RGB: cameras say so here, and have no profile
}

// none reports whether there is nothing that would have to be written.
func (t tags) none() bool {
	return t.orientation == 1 && len(t.artist) == 0 && len(t.copyright) == 0 && !t.adobe
}

// exifBlock is an Exif packet without the header that JPEG puts before it, and others should not.
func exifBlock(packet []byte) []byte { return bytes.TrimPrefix(packet, []byte(exifHead)) }

// readTags reads IFD0 of an Exif block (a TIFF file in small). What it cannot read counts as not there: a photo
// is never refused for its metadata. The result holds copies.
func readTags(b []byte) tags {
	t := tags{orientation: 1}
	var order binary.ByteOrder
	switch {
	case len(b) < 8:
		return t
	case string(b[:4]) == "II*\x00":
		order = binary.LittleEndian
	case string(b[:4]) == "MM\x00*":
		order = binary.BigEndian
	default:
		return t
	}
	at := int64(order.Uint32(b[4:]))
	if at+2 > int64(len(b)) {
		return t
	}
	entries := b[at+2:]
	for range min(int(order.Uint16(b[at:])), maxEntries) {
		if len(entries) < ifd.EntrySize {
			break
		}
		t.read(b, entries[:ifd.EntrySize], order)
		entries = entries[ifd.EntrySize:]
	}
	t.adobe = isAdobeRGB(b)
	return t
}

// isAdobeRGB reports whether an Exif block names the colours that the Design rule for Camera File systems has beside
// sRGB: R03, Adobe RGB.
func isAdobeRGB(b []byte) bool {
	f, at, ok := ifd.Open(func(off, n int64) ([]byte, error) { return readAt(bytes.NewReader(b), int64(len(b)), off, n) })
	if !ok {
		return false
	}
	for _, tag := range []uint16{tagExifIFD, tagInterop, tagInteropIndex} {
		fields, _, _, err := f.Directory(at)
		i := slices.IndexFunc(fields, func(x ifd.Field) bool { return x.Tag == tag && x.End-x.Off == 4 })
		if err != nil || i < 0 {
			return false
		}
		value, err := f.Read(fields[i].Off, 4)
		if err != nil {
			return false
		}
		if tag == tagInteropIndex {
			return string(value) == adobeIndex
		}
		at = int64(f.Order.Uint32(value))
	}
	return false
}

// read takes one entry of an IFD; the first of a tag counts.
func (t *tags) read(b, entry []byte, order binary.ByteOrder) {
	switch order.Uint16(entry) {
	case tagOrientation:
		v := int(order.Uint16(entry[8:]))
		if order.Uint16(entry[2:]) == ifd.Short && order.Uint32(entry[4:]) == 1 && v >= 1 && v <= 8 && t.orientation == 1 {
			t.orientation = v
		}
	case tagArtist:
		if t.artist == nil {
			t.artist = text(b, entry, order)
		}
	case tagCopyright:
		if t.copyright == nil {
			t.copyright = text(b, entry, order)
		}
	}
}

// text is an entry's text without the NULs and blanks at its end, cut at maxText, nil if it has none.
func text(b, entry []byte, order binary.ByteOrder) []byte {
	if kind := order.Uint16(entry[2:]); kind != ifd.ASCII && kind != ifd.UTF8 {
		return nil
	}
	n, at := int64(order.Uint32(entry[4:])), int64(order.Uint32(entry[8:]))
	if n <= 4 {
		b, at = entry, 8
	}
	if at+n > int64(len(b)) {
		return nil
	}
	value := b[at : at+n]
	if len(value) > maxText {
		value = value[:maxText]
		for len(value) > maxText-utf8.UTFMax && !utf8.Valid(value) {
			value = value[:len(value)-1]
		}
	}
	// A copyright may hold two texts with a NUL between: the photographer's and the editor's.
	if value = bytes.TrimRight(value, "\x00 "); len(bytes.Trim(value, "\x00 ")) == 0 {
		return nil
	}
	return bytes.Clone(value)
}

// block is an Exif block that holds these tags and nothing else.
func (t tags) block() []byte {
	type field struct {
		tag, kind uint16
		n         uint32
		value     []byte // as stored
	}
	var fields []field // sorted by tag, as TIFF demands
	if t.orientation != 1 {
		fields = append(fields, field{tagOrientation, ifd.Short, 1, []byte{0, byte(t.orientation)}})
	}
	for _, f := range []field{{tag: tagArtist, value: t.artist}, {tag: tagCopyright, value: t.copyright}} {
		if len(f.value) > 0 {
			value := append(bytes.Clone(f.value), 0)
			fields = append(fields, field{f.tag, ifd.ASCII, uint32(len(value)), value})
		}
	}
	if t.adobe {
		fields = append(fields, field{tagExifIFD, ifd.Long, 1, nil})
	}
	order := binary.BigEndian
	b := order.AppendUint16([]byte("MM\x00*\x00\x00\x00\x08"), uint16(len(fields)))
	end := len(b) + len(fields)*ifd.EntrySize + 4 // where the values that do not fit into their entry begin
	var values []byte
	below := 0 // where the place of the directory below is to be written
	for _, f := range fields {
		if f.tag == tagExifIFD {
			below = len(b) + 8
		}
		b = order.AppendUint16(order.AppendUint16(b, f.tag), f.kind)
		b = order.AppendUint32(b, f.n)
		if len(f.value) <= 4 {
			b = append(b, append(f.value, 0, 0, 0, 0)[:4]...)
			continue
		}
		b = order.AppendUint32(b, uint32(end+len(values)))
		values = append(values, f.value...)
		if len(values)%2 == 1 {
			values = append(values, 0) // offsets are even
		}
	}
	b = append(order.AppendUint32(b, 0), values...)
	if t.adobe {
		order.PutUint32(b[below:], uint32(len(b)))
		b = appendAdobeRGB(b)
	}
	return b
}

// appendAdobeRGB adds the two directories that name Adobe RGB: colours that are not sRGB's, and which.
func appendAdobeRGB(b []byte) []byte {
	order := binary.BigEndian
	const version = "0100"
	b = append(b, "\x00\x02\xa0\x01\x00\x03\x00\x00\x00\x01\xff\xff\x00\x00\xa0\x05\x00\x04\x00\x00\x00\x01"...)
	b = order.AppendUint32(b, uint32(len(b)+8))
	b = append(b, "\x00\x00\x00\x00\x00\x02\x00\x01\x00\x02\x00\x00\x00\x04"+adobeIndex...)
	return append(b, "\x00\x02\x00\x07\x00\x00\x00\x04"+version+"\x00\x00\x00\x00"...)
}
