package photo

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"io"
)

// pngXMP is the keyword of the text chunk that holds XMP.
const pngXMP = "XML:com.adobe.xmp"

// packets are blocks of metadata as other formats hold them.
type packets struct {
	exif, xmp []byte
	photoshop []byte // resources, one of which is IPTC
}

// pngPackets looks into a PNG's text chunk for XMP, and for what ImageMagick and exiftool put into one, as other formats
// hold it.
func pngPackets(p part) (found packets) {
	switch p.chunk {
	case "iTXt", "zTXt", "tEXt":
	default:
		return found
	}
	keyword, rest, _ := bytes.Cut(p.data, []byte{0})
	switch string(keyword) {
	case pngXMP:
		found.xmp = pngValue(p.chunk, rest)
	case "Raw profile type xmp":
		found.xmp = rawProfile(pngValue(p.chunk, rest))
	case "Raw profile type iptc":
		found.photoshop = rawProfile(pngValue(p.chunk, rest))
	case "Raw profile type exif", "Raw profile type APP1":
		block := rawProfile(pngValue(p.chunk, rest))
		if xmp, ok := bytes.CutPrefix(block, []byte(xmpHead)); ok {
			found.xmp = xmp
		} else {
			found.exif = block
		}
	}
	return found
}

// pngValue is the text behind a keyword, inflated where it has to be, and bounded.
func pngValue(chunk string, b []byte) []byte {
	packed := chunk == "zTXt"
	switch {
	case packed && len(b) > 1: // how it is packed: there is but one way
		b = b[1:]
	case chunk == "iTXt" && len(b) > 2:
		packed, b = b[0] == 1, b[2:]
		for range 2 { // language, and the keyword in it
			_, b, _ = bytes.Cut(b, []byte{0})
		}
	}
	if !packed {
		return b
	}
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil
	}
	// An error leaves what was read before it.
	text, _ := io.ReadAll(io.LimitReader(z, maxPacket))
	return text
}

// rawProfile undoes ImageMagick's way to put bytes into text: a line with the kind, one with the length, hex.
func rawProfile(b []byte) []byte {
	lines := bytes.SplitN(bytes.TrimLeft(b, "\n"), []byte{'\n'}, 3)
	if len(lines) < 3 {
		return nil
	}
	digits := bytes.Join(bytes.Fields(lines[2]), nil)
	out := make([]byte, len(digits)/2)
	n, _ := hex.Decode(out, digits[:len(out)*2]) // an error leaves what was read before it
	return out[:n]
}
