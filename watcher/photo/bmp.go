package photo

import "encoding/binary"

// Sizes in bytes of BMP's headers.
const (
	bmpFileHeader = 14
	bmpInfoHeader = 40 // the least that is read; OS/2's older one has 12
)

// walkBMP computes where the pixels end. The file's own length is believed only if it is more: many writers leave
// it zero.
func walkBMP(src *source, info *Info, visit func(part) error) error {
	b, err := src.take(bmpFileHeader + bmpInfoHeader)
	if err != nil {
		return err
	}
	le := binary.LittleEndian
	length, pixels, header := int64(le.Uint32(b[2:])), int64(le.Uint32(b[10:])), le.Uint32(b[14:])
	if header < bmpInfoHeader {
		return unsupported("this old kind of BMP")
	}
	width, height := int64(int32(le.Uint32(b[18:]))), int64(int32(le.Uint32(b[22:])))
	height = max(height, -height) // rows from the top
	bits, packing := int64(le.Uint16(b[28:])), le.Uint32(b[30:])
	const uncompressed, masks = 0, 3
	if packing != uncompressed && packing != masks || bits == 16 {
		return unsupported("compressed or 16-bit BMP")
	}
	if width < 0 || bits == 0 || bits > 32 || pixels < bmpFileHeader+bmpInfoHeader {
		return damaged(bmpFileHeader)
	}
	info.Width, info.Height = int(width), int(height)
	if err := checkPixels(*info); err != nil {
		return err // before anything is computed from them
	}
	row := (width*bits + 31) / 32 * 4
	info.End = max(length, pixels+row*height)
	if info.End > src.size {
		return incomplete("the photo is cut off after %d of %d bytes", src.size, info.End)
	}
	return visit(part{end: info.End, chunk: "BM"})
}
