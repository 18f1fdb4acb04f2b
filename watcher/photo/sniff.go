package photo

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// headSize is as much of a file as telling its format needs.
const headSize = 64

const pngMagic = "\x89PNG\r\n\x1a\n"

// magics are the first bytes of the formats that have fixed ones.
var magics = []struct {
	head   string
	format Format
}{
	{"\xff\xd8\xff", JPEG},
	{pngMagic, PNG},
	{"GIF87a", GIF},
	{"GIF89a", GIF},
	{"II*\x00", TIFF},
	{"MM\x00*", TIFF},
	{"II+\x00", TIFF},
	{"MM\x00+", TIFF},
}

// sniff tells the format by the head of the file: its first headSize bytes, or all if it is shorter.
func sniff(head []byte) (Format, error) {
	if len(bytes.Trim(head, "\x00")) == 0 {
		if len(head) == 0 {
			return "", incomplete("the file is empty")
		}
		return "", incomplete("the file is still empty: it begins with zeros")
	}
	written := string(bytes.TrimRight(head, "\x00")) // a preallocated file goes on with zeros
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.head)) {
			return m.format, nil
		}
		if strings.HasPrefix(m.head, written) {
			return "", incomplete("the photo is cut off after %d bytes", len(written))
		}
	}
	if format, ok := sniffContainer(head); ok {
		if format == "" {
			return "", incomplete("the photo is cut off after %d bytes", len(head))
		}
		return format, nil
	}
	return "", &Error{
		Kind:    ErrUnknownFormat,
		Message: "the file is no photo, whatever its name says",
		Fix:     "export it as JPEG or PNG",
	}
}

// sniffContainer knows the formats whose name stands behind a length. An empty format with ok means that the
// file is too short to tell.
func sniffContainer(head []byte) (format Format, ok bool) {
	switch {
	case bytes.HasPrefix(head, []byte("RIFF")):
		return WebP, len(head) >= 12 && string(head[8:12]) == "WEBP"
	case len(head) >= 26 && string(head[:2]) == "BM":
		// "BM" alone begins many a text; the header after it has one of a few sizes.
		switch binary.LittleEndian.Uint32(head[14:]) {
		case 12, 40, 52, 56, 64, 108, 124:
			return BMP, true
		}
		return "", false
	case len(head) >= 3 && len(head) < 12 && string(head[:3]) == "\x00\x00\x00":
		return "", true
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		return sniffBrands(head)
	}
	return "", false
}

// sniffBrands reads the brands of an ISO base media file, of which HEIC and AVIF are two kinds.
func sniffBrands(head []byte) (Format, bool) {
	box := head[8:min(len(head), int(max(binary.BigEndian.Uint32(head), 12)))]
	for i := 0; i+4 <= len(box); i += 4 {
		switch string(box[i : i+4]) {
		case "avif", "avis":
			return AVIF, true
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs":
			return HEIC, true
		}
	}
	return HEIC, string(box[:4]) == "mif1" || string(box[:4]) == "msf1"
}
