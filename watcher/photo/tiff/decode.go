package tiff

import (
	"bytes"
	"compress/zlib"
	"image"
	"io"

	"golang.org/x/image/tiff/lzw"
)

// Decode decodes the picture: *image.Gray, *image.NRGBA, *image.RGBA or *image.CMYK. It fails as Open does.
func (p *Page) Decode() (image.Image, error) {
	if p.packing == packFax {
		return nil, UnsupportedError("fax")
	}
	c := p.canvas()
	planes := 1
	if p.separate {
		planes = p.samples
	}
	block := int64(0)
	for plane := range planes {
		for y := range p.down() {
			for x := range p.across() {
				if err := p.block(c, block, plane, image.Pt(x*p.blockWidth, y*p.blockHeight)); err != nil {
					return nil, err
				}
				block++
			}
		}
	}
	return c.picture(), nil
}

// block decodes the block of a number, whose upper left corner is at a point; in separate planes, it holds the one
// sample of its plane.
func (p *Page) block(c *canvas, number int64, plane int, at image.Point) error {
	packed, err := p.packed(number)
	if err != nil {
		return err
	}
	height := min(p.blockHeight, p.Height-at.Y) // the last strip is shorter; of a tile, what is below is nobody's
	if p.packing == packJPEG {
		return p.jpeg(c, packed, plane, at, height)
	}
	samples := p.samples
	if p.separate {
		samples = 1
	}
	stride := (p.blockWidth*samples*p.bits + 7) / 8
	rows, err := p.unpack(packed, stride*height)
	if err != nil {
		return err
	}
	width := min(p.blockWidth, p.Width-at.X)
	values := make([]byte, p.blockWidth*samples)
	for y := range height {
		row := rows[y*stride : (y+1)*stride]
		if p.predictor == predictLeft {
			p.undo(row, samples)
		}
		p.bytesOf(values, row)
		c.put(values[:width*samples], plane, at.X, at.Y+y)
	}
	return nil
}

// packed reads a block as it is stored.
func (p *Page) packed(number int64) ([]byte, error) {
	off, err := p.offsets.At(number)
	if err != nil {
		return nil, err
	}
	n, err := p.sizes.At(number)
	if err != nil {
		return nil, err
	}
	if n > maxBlock {
		return nil, errFormat
	}
	return p.file.Read(off, n)
}

// unpack gives n bytes of a block; less is an error, more is left.
func (p *Page) unpack(packed []byte, n int) ([]byte, error) {
	var r io.Reader
	switch p.packing {
	case packNone:
		if len(packed) < n {
			return nil, io.ErrUnexpectedEOF
		}
		return packed[:n], nil
	case packBits:
		return unpackBits(packed, n)
	case packLZW:
		z := lzw.NewReader(bytes.NewReader(packed), lzw.MSB, 8)
		defer func() { _ = z.Close() }()
		r = z
	default:
		z, err := zlib.NewReader(bytes.NewReader(packed))
		if err != nil {
			return nil, err
		}
		r = z
	}
	out := make([]byte, n)
	_, err := io.ReadFull(r, out)
	return out, err
}

// unpackBits undoes Apple's PackBits.
func unpackBits(packed []byte, n int) ([]byte, error) {
	out := make([]byte, 0, n)
	for len(out) < n {
		if len(packed) < 2 {
			return nil, io.ErrUnexpectedEOF
		}
		code := int(int8(packed[0]))
		packed = packed[1:]
		switch {
		case code >= 0:
			if code+1 > len(packed) {
				return nil, io.ErrUnexpectedEOF
			}
			out = append(out, packed[:code+1]...)
			packed = packed[code+1:]
		case code != -128: // which says nothing
			out = append(out, bytes.Repeat(packed[:1], 1-code)...)
			packed = packed[1:]
		}
	}
	return out[:n], nil
}

// undo makes samples of differences to the pixel on the left.
func (p *Page) undo(row []byte, samples int) {
	if p.bits == 8 {
		for i := samples; i < len(row); i++ {
			row[i] += row[i-samples]
		}
		return
	}
	for i := 2 * samples; i+1 < len(row); i += 2 {
		p.file.Order.PutUint16(row[i:], p.file.Order.Uint16(row[i:])+p.file.Order.Uint16(row[i-2*samples:]))
	}
}

// bytesOf makes a byte of each sample of a row: of a palette's its index, of others as much of the whole.
func (p *Page) bytesOf(out, row []byte) {
	switch p.bits {
	case 8:
		copy(out, row)
	case 16:
		for i := range out {
			out[i] = p.rounded(p.file.Order.Uint16(row[2*i:]))
		}
	case 32:
		for i := range out {
			out[i] = byte(p.file.Order.Uint32(row[4*i:]) >> 24)
		}
	default:
		most := byte(1<<p.bits - 1)
		for i := range out {
			at := i * p.bits
			v := row[at/8] >> (8 - p.bits - at%8) & most
			if p.photometric != palette {
				v = byte(int(v) * 255 / int(most))
			}
			out[i] = v
		}
	}
}

// rounded is 16 bits in 8. Lab's a and b may be less than zero, and have whole units in their upper byte.
func (p *Page) rounded(v uint16) byte {
	if p.photometric == lab || p.photometric == iccLab {
		return byte(v >> 8)
	}
	return byte((uint32(v)*255 + 0x7FFF) / 0xFFFF)
}
