package rehearsal

import (
	"bytes"
	"encoding/binary"
)

// onItsSide reports whether an image's Exif says that it is shown turned by a quarter (orientation 5 to 8), so
// that width and height change places. It looks where cameras and editors write it, in a JPEG's APP1 segment or a
// PNG's eXIf chunk; whatever is strange there counts as upright.
func onItsSide(image []byte) bool {
	tiff := exifOfJPEG(image)
	if tiff == nil {
		tiff = exifOfPNG(image)
	}
	orientation := orientationOf(tiff)
	return orientation >= 5 && orientation <= 8
}

// exifOfJPEG finds the TIFF structure in an APP1 segment before the picture; nil if there is none.
func exifOfJPEG(image []byte) []byte {
	for at := 2; at+4 <= len(image) && image[at] == 0xff && image[at+1] != 0xda; {
		end := at + 2 + int(binary.BigEndian.Uint16(image[at+2:]))
		if end > len(image) || end < at+4 {
			return nil
		}
		if tiff, ok := bytes.CutPrefix(image[at+4:end], []byte("Exif\x00\x00")); ok && image[at+1] == 0xe1 {
			return tiff
		}
		at = end
	}
	return nil
}

// exifOfPNG finds the eXIf chunk; nil if there is none.
func exifOfPNG(image []byte) []byte {
	const signature, frame = 8, 12 // of a chunk: length, type, CRC
	for at := signature; at+frame <= len(image); {
		n := int64(binary.BigEndian.Uint32(image[at:]))
		if n > int64(len(image)-at-frame) {
			return nil
		}
		if string(image[at+4:at+8]) == "eXIf" {
			return image[at+8 : at+8+int(n)]
		}
		at += frame + int(n)
	}
	return nil
}

// orientationOf reads the tag from the first directory of a TIFF structure, 1 where there is none.
func orientationOf(tiff []byte) uint16 {
	const tag, upright = 0x0112, 1
	var order binary.ByteOrder = binary.LittleEndian
	if len(tiff) < 8 {
		return upright
	}
	if tiff[0] == 'M' {
		order = binary.BigEndian
	}
	first := int64(order.Uint32(tiff[4:]))
	if first+2 > int64(len(tiff)) {
		return upright
	}
	entries := tiff[first+2:]
	for range order.Uint16(tiff[first:]) {
		if len(entries) < 12 {
			break
		}
		if order.Uint16(entries) == tag {
			return order.Uint16(entries[8:])
		}
		entries = entries[12:]
	}
	return upright
}
