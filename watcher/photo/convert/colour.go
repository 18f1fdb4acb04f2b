package convert

import (
	"image"
	"image/color"

	"github.com/divitio/pinfold/watcher/photo/icc"
)

// matrix says how YCbCr stands for colours, where not as in JFIF.
type matrix struct {
	kr, kb float64 // the weights of red and blue in luma
	narrow bool    // luma goes from 16 to 235 and chroma from 16 to 240 only
}

// The weights of ITU-R BT.601, 709 and 2020.
var (
	bt601  = matrix{kr: 0.299, kb: 0.114}
	bt709  = matrix{kr: 0.2126, kb: 0.0722}
	bt2020 = matrix{kr: 0.2627, kb: 0.0593}
)

// rgb gives a function from YCbCr to RGB, by fixed-point numbers.
func (m matrix) rgb() func(y, cb, cr byte, out []byte) {
	const one = 1 << 16
	lumaScale, chromaScale, black := 1.0, 1.0, int32(0)
	if m.narrow {
		lumaScale, chromaScale, black = 255.0/219, 255.0/224, 16
	}
	kg := 1 - m.kr - m.kb
	luma := int32(lumaScale * one)
	red := int32(2 * (1 - m.kr) * chromaScale * one)
	blue := int32(2 * (1 - m.kb) * chromaScale * one)
	greenRed := int32(2 * (1 - m.kr) * m.kr / kg * chromaScale * one)
	greenBlue := int32(2 * (1 - m.kb) * m.kb / kg * chromaScale * one)
	return func(y, cb, cr byte, out []byte) {
		l, b, r := luma*(int32(y)-black)+one/2, int32(cb)-128, int32(cr)-128
		out[0] = clamp((l + red*r) >> 16)
		out[1] = clamp((l - greenRed*r - greenBlue*b) >> 16)
		out[2] = clamp((l + blue*b) >> 16)
	}
}

func clamp(v int32) byte { return byte(min(max(v, 0), 255)) }

// rasterOf gives an image's rows: one channel if it is grey, four of inks, else red, green and blue. 16 bits become 8, and
// transparency is laid on white.
func rasterOf(p picture) raster {
	bounds := p.image.Bounds()
	r := raster{width: bounds.Dx(), height: bounds.Dy(), n: 3}
	out := make([]byte, r.width*r.n)
	switch m := p.image.(type) {
	case *image.Gray:
		r.n = 1
		r.row = func(y int) []byte { return m.Pix[y*m.Stride:][:r.width] }
		return r
	case *image.Gray16:
		r.n = 1
		r.row = func(y int) []byte { return eightBits(out[:r.width], m.Pix[y*m.Stride:][:2*r.width]) }
		return r
	case *image.CMYK:
		r.n = inks
		r.row = func(y int) []byte { return m.Pix[y*m.Stride:][:inks*r.width] }
		return r
	case *image.YCbCr:
		r.row = ycbcrRows(m, nil, 0, p.colours, out)
	case *image.NYCbCrA:
		r.row = ycbcrRows(&m.YCbCr, m.A, m.AStride, p.colours, out)
	case *image.RGBA:
		r.row = func(y int) []byte { return onWhite(out, m.Pix[y*m.Stride:][:4*r.width]) }
	case *image.NRGBA:
		r.row = func(y int) []byte { return blended(out, m.Pix[y*m.Stride:][:4*r.width]) }
	case *image.RGBA64, *image.NRGBA64:
		r.row = deepRows(p.image, out)
	case *image.Paletted:
		r.row = palettedRows(m, out)
	default:
		r.row = func(y int) []byte {
			for x := range r.width {
				setOnWhite(out[3*x:], p.image.At(bounds.Min.X+x, bounds.Min.Y+y))
			}
			return out
		}
	}
	return r
}

// inks is how many channels CMYK has.
const inks = 4

// fromInks makes red, green and blue of inks, by their profile if it can be applied; else as if the inks were perfect.
// Neighbours are often the same, so the last one is kept.
func fromInks(pix, profile []byte) []byte {
	colour := func(i [inks]byte) [3]byte {
		r, g, b := color.CMYKToRGB(i[0], i[1], i[2], i[3])
		return [3]byte{r, g, b}
	}
	if press, err := icc.ReadCMYK(profile); err == nil {
		colour = press.SRGB
	}
	out := make([]byte, 0, len(pix)/inks*3)
	var last [inks]byte
	made := colour(last)
	for i := 0; i+inks <= len(pix); i += inks {
		if now := [inks]byte(pix[i : i+inks]); now != last {
			last, made = now, colour(now)
		}
		out = append(out, made[:]...)
	}
	return out
}

// setOnWhite lays any colour on white.
func setOnWhite(out []byte, c color.Color) {
	r, g, b, a := c.RGBA()
	white := 0xFFFF - a
	out[0], out[1], out[2] = eight(r+white), eight(g+white), eight(b+white)
}

// eight rounds 16 bits to 8.
func eight(v uint32) byte { return byte((min(v, 0xFFFF)*255 + 0x7FFF) / 0xFFFF) }

func eightBits(out, deep []byte) []byte {
	for i := range out {
		out[i] = eight(uint32(deep[2*i])<<8 | uint32(deep[2*i+1]))
	}
	return out
}

// onWhite lays premultiplied colours on white.
func onWhite(out, pix []byte) []byte {
	for i := range len(out) / 3 {
		p, o := pix[4*i:4*i+4], out[3*i:3*i+3]
		white := 255 - int32(p[3])
		o[0], o[1], o[2] = clamp(int32(p[0])+white), clamp(int32(p[1])+white), clamp(int32(p[2])+white)
	}
	return out
}

// blended lays colours that are not premultiplied on white.
func blended(out, pix []byte) []byte {
	for i := range len(out) / 3 {
		p, o := pix[4*i:4*i+4], out[3*i:3*i+3]
		if p[3] == 255 {
			copy(o, p)
			continue
		}
		o[0], o[1], o[2] = lighter(p[0], p[3]), lighter(p[1], p[3]), lighter(p[2], p[3])
	}
	return out
}

func lighter(v, alpha byte) byte {
	a := uint32(alpha)
	return byte((uint32(v)*a + 255*(255-a) + 127) / 255)
}

// deepRows is for colours of 16 bits.
func deepRows(img image.Image, out []byte) func(int) []byte {
	pix, stride, premultiplied := []byte(nil), 0, false
	switch m := img.(type) {
	case *image.RGBA64:
		pix, stride, premultiplied = m.Pix, m.Stride, true
	case *image.NRGBA64:
		pix, stride = m.Pix, m.Stride
	}
	return func(y int) []byte {
		row := pix[y*stride:]
		for i := range len(out) / 3 {
			p := row[8*i : 8*i+8]
			alpha := uint32(p[6])<<8 | uint32(p[7])
			for c := range 3 {
				v := uint32(p[2*c])<<8 | uint32(p[2*c+1])
				if !premultiplied && alpha != 0xFFFF {
					v = v * alpha / 0xFFFF
				}
				out[3*i+c] = eight(v + 0xFFFF - alpha)
			}
		}
		return out
	}
}

// palettedRows looks colours up. An index beyond the palette is black, as elsewhere.
func palettedRows(m *image.Paletted, out []byte) func(int) []byte {
	var colours [256][3]byte
	for i, c := range m.Palette[:min(len(m.Palette), len(colours))] {
		setOnWhite(colours[i][:], c)
	}
	return func(y int) []byte {
		for x, i := range m.Pix[y*m.Stride:][:len(out)/3] {
			copy(out[3*x:], colours[i][:])
		}
		return out
	}
}

// ycbcrRows makes RGB of YCbCr, with alpha if there is one.
func ycbcrRows(m *image.YCbCr, alpha []byte, stride int, colours *matrix, out []byte) func(int) []byte {
	if colours == nil {
		colours = &bt601
	}
	rgb := colours.rgb()
	left, top := m.Rect.Min.X, m.Rect.Min.Y
	hs, _ := subsampling(m.SubsampleRatio)
	even := left%hs == 0
	return func(y int) []byte {
		luma, chroma := m.YOffset(left, top+y), m.COffset(left, top+y)
		for x := range len(out) / 3 {
			c := chroma + x/hs
			if !even {
				c = m.COffset(left+x, top+y)
			}
			o := out[3*x : 3*x+3]
			rgb(m.Y[luma+x], m.Cb[c], m.Cr[c], o)
			if alpha != nil {
				if a := alpha[y*stride+x]; a != 255 {
					o[0], o[1], o[2] = lighter(o[0], a), lighter(o[1], a), lighter(o[2], a)
				}
			}
		}
		return out
	}
}

// subsampling is how many pixels share a chroma value, across and down.
func subsampling(r image.YCbCrSubsampleRatio) (across, down int) {
	switch r {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	}
	return 1, 1
}
