package tiff

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
)

// adobe is the segment that tells a JPEG decoder what the colours of a block are: nothing in the block itself need
// say so. Its last byte is 1 for YCbCr, and 0 for colours that stay as they are.
const adobe = "\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00"

// jpeg decodes a block that is a JPEG, whose tables may stand apart.
func (p *Page) jpeg(c *canvas, packed []byte, plane int, at image.Point, height int) error {
	whole := p.whole(packed)
	header, err := jpeg.DecodeConfig(bytes.NewReader(whole))
	if err != nil {
		return err
	}
	width := min(p.blockWidth, p.Width-at.X)
	if header.Width < width || header.Height < height || header.Width > p.blockWidth+15 || header.Height > p.blockHeight+15 {
		return errFormat
	}
	block, err := jpeg.Decode(bytes.NewReader(whole))
	if err != nil {
		return err
	}
	for y := range height {
		row, ok := rowOf(block, y, width)
		samples := p.samples
		if p.separate {
			samples = 1
		}
		if !ok || len(row) != width*samples {
			return errFormat
		}
		c.put(row, plane, at.X, at.Y+y)
	}
	return nil
}

// whole puts a block's tables, and what its colours are, into it.
func (p *Page) whole(packed []byte) []byte {
	const soi, eoi = "\xff\xd8", "\xff\xd9"
	b := []byte(soi)
	if p.samples >= 3 && !p.separate {
		transform := byte(0)
		if p.photometric == ycbcr {
			transform = 1
		}
		b = append(append(b, adobe...), transform)
	}
	b = append(b, bytes.TrimSuffix(bytes.TrimPrefix(p.tables, []byte(soi)), []byte(eoi))...)
	return append(b, bytes.TrimPrefix(packed, []byte(soi))...)
}

// rowOf gives a row's samples: grey, RGB or CMYK.
func rowOf(m image.Image, y, width int) (row []byte, ok bool) {
	switch m := m.(type) {
	case *image.Gray:
		return m.Pix[y*m.Stride:][:width], true
	case *image.YCbCr:
		row = make([]byte, 0, 3*width)
		for x := range width {
			l, ch := m.YOffset(x, y), m.COffset(x, y)
			r, g, b := color.YCbCrToRGB(m.Y[l], m.Cb[ch], m.Cr[ch])
			row = append(row, r, g, b)
		}
		return row, true
	case *image.RGBA:
		row = make([]byte, 0, 3*width)
		for x := range width {
			row = append(row, m.Pix[y*m.Stride+4*x:][:3]...)
		}
		return row, true
	case *image.CMYK: // the decoder takes the inks for Adobe's, which count the other way round
		row = make([]byte, 4*width)
		for i, v := range m.Pix[y*m.Stride:][:4*width] {
			row[i] = 255 - v
		}
		return row, true
	}
	return nil, false
}
