package photo

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// headSize is as much of a file as telling its format needs.
const headSize = 64

const pngMagic = "\x89PNG\r\n\x1a\n"

// magics are the first bytes of the formats that have fixed ones. Longer ones come before their own beginnings.
var magics = []struct {
	head   string
	format Format
	refuse error // why files of this kind cannot be posted
}{
	{"\xff\xd8\xff", JPEG, nil},
	{pngMagic, PNG, nil},
	{"GIF87a", GIF, nil},
	{"GIF89a", GIF, nil},
	{"II*\x00\x10\x00\x00\x00CR", TIFF, raw("Canon")},
	{"II*\x00", TIFF, nil},
	{"MM\x00*", TIFF, nil},
	{"II+\x00", TIFF, unsupported("BigTIFF")},
	{"MM\x00+", TIFF, unsupported("BigTIFF")},
	{"IIRO", "", raw("Olympus")},
	{"IIRS", "", raw("Olympus")},
	{"MMOR", "", raw("Olympus")},
	{"IIU\x00", "", raw("Panasonic")},
	{"FUJIFILMCCD-RAW", "", raw("Fujifilm")},
	{"FOVb", "", raw("Sigma")},
	{"8BPS", "", unsupported("Photoshop files")},
	{"\x00\x00\x00\x0cJXL ", "", unsupported("JPEG XL")},
	{"\x00\x00\x00\x0cjP  ", "", unsupported("JPEG 2000")},
}

func raw(maker string) error {
	return &Error{Kind: ErrUnsupported, Message: "the file is a RAW photo (" + maker + ")", Fix: "export it as JPEG"}
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
			return m.format, m.refuse
		}
		if strings.HasPrefix(m.head, written) {
			return "", incomplete("the photo is cut off after %d bytes", len(written))
		}
	}
	format, err := sniffContainer(head, len(written))
	if err != nil || format != "" {
		return format, err
	}
	return "", &Error{
		Kind:    ErrUnknownFormat,
		Message: "the file is no photo, whatever its name says",
		Fix:     "export it as JPEG or PNG",
	}
}

// sniffContainer knows the formats whose name stands behind a length. No format and no error means none of them.
// Only the first written bytes of head are more than zeros.
func sniffContainer(head []byte, written int) (Format, error) {
	short := func(n int) error {
		if written < n {
			return incomplete("the photo is cut off after %d bytes", written)
		}
		return nil
	}
	switch begins := string(head[:min(written, 4)]); {
	case strings.HasPrefix("RIFF", begins):
		if err := short(12); err != nil {
			return "", err
		}
		if string(head[8:12]) == "WEBP" {
			return WebP, nil
		}
	case strings.HasPrefix("BM", begins[:min(written, 2)]):
		if err := short(15); err != nil {
			return "", err
		}
		// "BM" alone begins many a text; the header after it has one of a few sizes.
		switch binary.LittleEndian.Uint32(append(head[14:len(head):len(head)], 0, 0, 0)) {
		case 12, 40, 52, 56, 64, 108, 124:
			return BMP, nil
		}
	case strings.HasPrefix(begins, "\x00\x00\x00"):
		if err := short(12); err != nil {
			return "", err
		}
		if string(head[4:8]) == "ftyp" {
			return sniffBrands(head)
		}
	}
	return "", nil
}

// sniffBrands reads the brands of an ISO base media file, of which HEIC and AVIF are two kinds and films many.
func sniffBrands(head []byte) (Format, error) {
	box := head[8:min(len(head), int(max(binary.BigEndian.Uint32(head), 12)))]
	general := false
	for i := 0; i+4 <= len(box); i += 4 {
		switch string(box[i : i+4]) {
		case "avif", "avis":
			return AVIF, decodable(AVIF, heifDecodable)
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs":
			return HEIC, decodable(HEIC, heifDecodable)
		case "mif1", "msf1":
			general = true
		case "crx ":
			return "", raw("Canon")
		}
	}
	if general {
		return HEIC, decodable(HEIC, heifDecodable)
	}
	return "", &Error{Kind: ErrUnsupported, Message: "the file is a film, whatever its name says", Fix: "export a picture of it as JPEG"}
}

// decodable refuses what this machine would take minutes to decode.
func decodable(format Format, here bool) error {
	if here {
		return nil
	}
	return &Error{
		Kind:    ErrUnsupported,
		Message: "pinfold cannot read " + string(format) + " on this kind of processor in reasonable time",
		Fix:     "export it as JPEG",
	}
}
