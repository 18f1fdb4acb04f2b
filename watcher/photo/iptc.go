package photo

import (
	"bytes"
	"encoding/binary"
	"iter"
)

// Of IPTC-IIM, version 4.2: records and datasets, and what a UTF-8 block says of itself.
const (
	iimMark     = 0x1C
	iimEnvelope = 1
	iimCharset  = 90
	iimPhoto    = 2
	iimTitle    = 5  // Object Name
	iimByline   = 80 // repeatable
	iimCredit   = 110
	iimRights   = 116 // Copyright Notice
	iimCaption  = 120 // Caption/Abstract
	iimUTF8     = "\x1b%G"
)

// photoshopIPTC finds the IPTC block among Photoshop's resources; nil if there is none.
func photoshopIPTC(b []byte) []byte {
	const iptcResource = 0x0404
	for len(b) >= 12 && string(b[:4]) == "8BIM" {
		id := binary.BigEndian.Uint16(b[4:])
		name := 1 + int(b[6]) // with its length
		b = b[6:]
		if name += name % 2; name+4 > len(b) {
			return nil
		}
		n := int64(binary.BigEndian.Uint32(b[name:]))
		if b = b[name+4:]; n > int64(len(b)) {
			return nil
		}
		if id == iptcResource {
			return b[:n]
		}
		b = b[min(n+n%2, int64(len(b))):]
	}
	return nil
}

// readIPTC reads the texts of IIM datasets.
func readIPTC(b []byte) Texts {
	var t Texts
	for set, text := range datasets(b) {
		switch set {
		case iimTitle:
			t.fill(Texts{Title: text})
		case iimCaption:
			t.fill(Texts{Description: text})
		}
	}
	return t
}

// readIPTC takes what IIM datasets say and is not known yet.
func (c *credit) readIPTC(b []byte) {
	var creators []string
	for set, text := range datasets(b) {
		switch set {
		case iimByline:
			creators = append(creators, text)
		case iimRights:
			c.fill(nil, text, "")
		case iimCredit:
			c.fill(nil, "", text)
		}
	}
	c.fill(creators, "", "")
}

// datasets are the texts about the photo, by the number of their dataset. Where the block does not say that it is
// UTF-8, a text is what it looks like: many programs write UTF-8 and do not say so.
func datasets(b []byte) iter.Seq2[byte, string] {
	return func(yield func(byte, string) bool) {
		declared := false
		for len(b) >= 5 && b[0] == iimMark {
			record, set, n := b[1], b[2], int(binary.BigEndian.Uint16(b[3:]))
			if b = b[5:]; n > len(b) || n >= 1<<15 { // the highest bit announces a longer length; no text has it
				return
			}
			value := b[:n]
			b = b[n:]
			if record == iimEnvelope && set == iimCharset {
				declared = string(value) == iimUTF8
			}
			if record == iimPhoto && !yield(set, iptcText(value, declared)) {
				return
			}
		}
	}
}

// iptcText reads a text. One that was cut in the middle of a character, as the format's limits make programs do,
// is still UTF-8 if it was declared so.
func iptcText(b []byte, declared bool) string {
	b = bytes.TrimRight(b, "\x00")
	if declared {
		whole := b
		for i := 0; i < 3 && len(whole) > 0; i++ {
			if s := legacy(whole); s == string(whole) {
				return s
			}
			whole = whole[:len(whole)-1]
		}
	}
	return legacy(b)
}
