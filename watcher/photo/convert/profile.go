package convert

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"

	"github.com/divitio/pinfold/watcher/photo"
)

// ICC.1 (the profile's header): its own size, the space of its colours, and its signature.
const (
	profileHead  = 128
	spaceAt      = 16
	signatureAt  = 36
	signature    = "acsp"
	maxProfile   = 4 << 20 // bytes; those of cameras and screens have a few thousand, those of presses two million
	tiffProfile  = 0x8773  // TIFF's tag
	maxTIFFField = 4096
)

// profileFits reports whether a profile can stand beside what was made: CMYK's cannot, nor one of colours beside
// a grey picture.
func profileFits(b []byte, gray bool) bool {
	if len(b) < profileHead || len(b) > maxProfile || int64(binary.BigEndian.Uint32(b)) != int64(len(b)) ||
		string(b[signatureAt:signatureAt+4]) != signature {
		return false
	}
	space := "RGB "
	if gray {
		space = "GRAY"
	}
	return string(b[spaceAt:spaceAt+4]) == space
}

// readProfile finds the ICC profile, nil if there is none that can be read.
func readProfile(in *input, format photo.Format) []byte {
	switch format {
	case photo.JPEG:
		return jpegProfile(in)
	case photo.PNG:
		return pngProfile(in)
	case photo.TIFF:
		return profileOfTIFF(in)
	case photo.WebP:
		if chunks, err := webpChunks(in); err == nil {
			return chunks.profile
		}
	}
	return nil
}

// section reads n bytes at off, nil if they are not there or too many.
func section(in *input, off, n int64) []byte {
	if n < 0 || n > maxProfile || off < 0 || off+n > in.size {
		return nil
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(io.NewSectionReader(in, off, n), b); err != nil {
		return nil
	}
	return b
}

// jpegProfile joins the pieces that stand before the first scan.
func jpegProfile(in *input) []byte {
	pieces := map[byte][]byte{}
	total := 0
	for off := int64(2); ; {
		head := section(in, off, 4)
		if head == nil || head[0] != 0xFF || head[1] == 0xDA {
			break
		}
		if head[1] == 0xFF { // fill
			off++
			continue
		}
		n := int64(binary.BigEndian.Uint16(head[2:]))
		if n < 2 {
			break
		}
		const numbered = int64(len(iccHead) + 2)
		if head[1] == markAPP2 && n >= numbered+2 {
			if data := section(in, off+4, n-2); bytes.HasPrefix(data, []byte(iccHead)) {
				pieces[data[len(iccHead)]] = data[numbered:]
				total = int(data[len(iccHead)+1])
			}
		}
		off += 2 + n
	}
	var profile []byte
	for i := range total {
		piece, ok := pieces[byte(i+1)]
		if !ok || len(profile)+len(piece) > maxProfile {
			return nil
		}
		profile = append(profile, piece...)
	}
	return profile
}

// pngProfile unpacks iCCP, which stands before the pixels.
func pngProfile(in *input) []byte {
	for off := int64(8); ; {
		head := section(in, off, 8)
		if head == nil || string(head[4:]) == "IDAT" {
			return nil
		}
		n := int64(binary.BigEndian.Uint32(head))
		if string(head[4:]) != "iCCP" {
			off += 12 + n
			continue
		}
		_, packed, found := bytes.Cut(section(in, off+8, n), []byte{0})
		if !found || len(packed) < 1 || packed[0] != 0 {
			return nil
		}
		r, err := zlib.NewReader(bytes.NewReader(packed[1:]))
		if err != nil {
			return nil
		}
		profile, err := io.ReadAll(io.LimitReader(r, maxProfile+1))
		if err != nil || len(profile) > maxProfile {
			return nil
		}
		return profile
	}
}

// profileOfTIFF reads the tag of the first directory.
func profileOfTIFF(in *input) []byte {
	head := section(in, 0, 8)
	if head == nil {
		return nil
	}
	var order binary.ByteOrder = binary.LittleEndian
	if head[0] == 'M' {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(head[4:]))
	count := section(in, at, 2)
	if count == nil {
		return nil
	}
	for i := range min(int64(order.Uint16(count)), maxTIFFField) {
		field := section(in, at+2+12*i, 12)
		if field == nil {
			return nil
		}
		if order.Uint16(field) == tiffProfile {
			return section(in, int64(order.Uint32(field[8:])), int64(order.Uint32(field[4:])))
		}
	}
	return nil
}
