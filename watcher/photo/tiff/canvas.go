package tiff

import (
	"image"

	"github.com/divitio/pinfold/watcher/photo/icc"
)

// canvas gathers the samples of a picture.
type canvas struct {
	page    *Page
	samples int // that are kept of each pixel
	pix     []byte
}

// canvas makes room for the picture.
func (p *Page) canvas() *canvas {
	samples := map[int]int{rgb: 4, palette: 4, ycbcr: 4, lab: 4, iccLab: 4, cmyk: 4}[p.photometric]
	switch {
	case samples == 0 && p.alpha > 0:
		samples = 4
	case samples == 0:
		samples = 1
	}
	c := &canvas{page: p, samples: samples, pix: make([]byte, p.Width*p.Height*samples)}
	if samples == 4 && p.photometric != cmyk && p.alpha == 0 {
		for i := 3; i < len(c.pix); i += 4 {
			c.pix[i] = 255
		}
	}
	return c
}

// put puts a row's samples at their place; in separate planes, they are all of the one plane.
func (c *canvas) put(values []byte, plane, x, y int) {
	p := c.page
	row := c.pix[(y*p.Width+x)*c.samples : (y+1)*p.Width*c.samples]
	if p.separate {
		for i, v := range values {
			c.set(row[i*c.samples:], plane, v)
		}
		return
	}
	for i := range len(values) / p.samples {
		for s, v := range values[i*p.samples : (i+1)*p.samples] {
			c.set(row[i*c.samples:], s, v)
		}
	}
}

// set sets one sample of a pixel.
func (c *canvas) set(pixel []byte, sample int, v byte) {
	p := c.page
	switch {
	case p.alpha > 0 && sample == p.alpha:
		pixel[3] = v
	case p.photometric == palette && sample == 0:
		copy(pixel, p.colours[3*int(v):][:3])
	case p.photometric <= blackIsZero && sample == 0:
		if p.photometric == whiteIsZero {
			v = 255 - v
		}
		for i := range min(c.samples, 3) {
			pixel[i] = v
		}
	case p.photometric == cmyk && sample < 4, p.photometric != palette && p.photometric > blackIsZero && sample < 3:
		pixel[sample] = v
	}
}

// picture is the canvas as an image.
func (c *canvas) picture() image.Image {
	p, bounds := c.page, image.Rect(0, 0, c.page.Width, c.page.Height)
	stride := p.Width * c.samples
	switch {
	case c.samples == 1:
		return &image.Gray{Pix: c.pix, Stride: stride, Rect: bounds}
	case p.photometric == cmyk:
		return &image.CMYK{Pix: c.pix, Stride: stride, Rect: bounds}
	case p.photometric == lab || p.photometric == iccLab:
		c.fromLab()
	case p.premultiplied:
		return &image.RGBA{Pix: c.pix, Stride: stride, Rect: bounds}
	}
	return &image.NRGBA{Pix: c.pix, Stride: stride, Rect: bounds}
}

// fromLab makes sRGB of CIE L*a*b* whose white is D50, as that of programs is. Photos have far fewer colours than
// pixels beside each other, so the last one is kept.
func (c *canvas) fromLab() {
	var last, made [3]byte
	made = c.page.fromLab(last)
	for i := 0; i < len(c.pix); i += 4 {
		if now := [3]byte(c.pix[i : i+3]); now != last {
			last, made = now, c.page.fromLab(now)
		}
		copy(c.pix[i:], made[:])
	}
}

func (p *Page) fromLab(v [3]byte) [3]byte {
	a, b := float64(int8(v[1])), float64(int8(v[2]))
	if p.photometric == iccLab {
		a, b = float64(v[1])-128, float64(v[2])-128
	}
	return icc.SRGB(icc.LabToXYZ(float64(v[0])*100/255, a, b))
}
