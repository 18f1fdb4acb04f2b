package photo

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"

	"github.com/divitio/pinfold/watcher/photo/ifd"

	utf16 "golang.org/x/text/encoding/unicode"
)

// Exif's texts, and Windows' own beside them.
const (
	tagDescription = 0x010E
	tagXPTitle     = 0x9C9B
	tagXPComment   = 0x9C9C
	tagUserComment = 0x9286
)

// maxExifText bounds a text in bytes; longer ones are none.
const maxExifText = 64 << 10

// readExifTexts reads the texts of an Exif block, or of a TIFF file.
func readExifTexts(r io.ReaderAt, size int64) Texts {
	t, first, ok := ifd.Open(func(off, n int64) ([]byte, error) { return readAt(r, size, off, n) })
	if !ok {
		return Texts{}
	}
	main := textsIn(t, first)
	below := map[uint16][]byte{}
	if at := main[tagExifIFD]; len(at) == 4 {
		below = textsIn(t, int64(t.Order.Uint32(at)))
	}
	texts := Texts{Title: wideText(main[tagXPTitle], utf16.LittleEndian)}
	description, _, _ := bytes.Cut(main[tagDescription], []byte{0})
	for _, s := range []string{
		legacy(description), wideText(main[tagXPComment], utf16.LittleEndian), comment(below[tagUserComment], t.Order),
	} {
		texts.fill(Texts{Description: s})
	}
	return texts
}

// textsIn reads the values of a directory that matter here.
func textsIn(t ifd.File, off int64) map[uint16][]byte {
	fields, _, _, err := t.Directory(off)
	if err != nil {
		return nil
	}
	values := map[uint16][]byte{}
	for _, f := range fields {
		switch f.Tag {
		case tagDescription, tagXPTitle, tagXPComment, tagUserComment, tagExifIFD:
		default:
			continue
		}
		if _, twice := values[f.Tag]; twice || f.End-f.Off > maxExifText {
			continue
		}
		if b, err := t.Read(f.Off, f.End-f.Off); err == nil {
			values[f.Tag] = b
		}
	}
	return values
}

// comment reads a UserComment, whose first eight bytes name its encoding. What begins as JSON is a program's.
func comment(b []byte, order binary.ByteOrder) string {
	const prefix = 8
	if len(b) < prefix {
		return ""
	}
	name, b := string(bytes.TrimRight(b[:prefix], "\x00")), b[prefix:]
	var s string
	switch name {
	case "UNICODE":
		s = wideText(b, comments(b, order))
	case "ASCII", "":
		b, _, _ = bytes.Cut(b, []byte{0})
		s = legacy(b)
	}
	if strings.HasPrefix(s, "{") {
		return ""
	}
	return s
}

// comments is the byte order of a UserComment in UTF-16. Many writers take their own instead of the block's: that
// in which more of the high bytes are zeros is right.
func comments(b []byte, order binary.ByteOrder) utf16.Endianness {
	var zeros [2]int
	for i, x := range b {
		if x == 0 {
			zeros[i%2]++
		}
	}
	big := order == binary.ByteOrder(binary.BigEndian)
	if zeros[0] != zeros[1] {
		big = zeros[0] > zeros[1]
	}
	if big {
		return utf16.BigEndian
	}
	return utf16.LittleEndian
}
