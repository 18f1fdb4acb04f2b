package convert

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
)

// The qualities that are tried, best first, before a picture that is too heavy is made smaller.
var qualities = []int{90, 80, 70}

// smallestSide is as far as a picture is made smaller to fit the bytes that are allowed.
const smallestSide = 600

// make makes the JPEG.
func (p picture) make(o Options) (Result, error) {
	size := p.image.Bounds().Size()
	for side := min(o.MaxSide, max(size.X, size.Y)); ; side = side * 3 / 4 {
		width, height := fitted(size.X, size.Y, side)
		small := p.scaled(width, height)
		gray := false
		if _, ok := small.(*image.Gray); ok {
			gray = true
		}
		head := p.head(gray)
		for _, quality := range qualities {
			var b bytes.Buffer
			if err := jpeg.Encode(&b, small, &jpeg.Options{Quality: quality}); err != nil {
				return Result{}, fmt.Errorf("encode: %w", err)
			}
			if b.Len()+len(head) <= o.MaxBytes {
				made := withHead(b.Bytes(), head)
				return Result{JPEG: made, Width: small.Bounds().Dx(), Height: small.Bounds().Dy()}, nil
			}
		}
		if side*3/4 < smallestSide {
			return Result{}, &Fault{Cause: TooHeavy, Width: size.X, Height: size.Y}
		}
	}
}

// scaled is the picture upright, as one of the images that the encoder takes as they are: grey, YCbCr, RGBA.
// width and height are meant before it is turned.
func (p picture) scaled(width, height int) image.Image {
	if m, ok := p.image.(*image.YCbCr); ok && p.colours == nil {
		return p.planes(m, width, height)
	}
	r := rasterOf(p)
	pix := r.scaled(width, height, float64(r.width)/float64(width), float64(r.height)/float64(height))
	pix, w, h := p.upright(pix, width, height, r.n)
	if r.n == inks {
		pix = fromInks(pix, p.profile)
	}
	if r.n == 1 {
		return &image.Gray{Pix: pix, Stride: w, Rect: image.Rect(0, 0, w, h)}
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		o := out.Pix[4*i : 4*i+4]
		copy(o, pix[3*i:3*i+3])
		o[3] = 255
	}
	return out
}

// planes scales luma and chroma each by itself, so that no colour is converted on the way from JPEG to JPEG.
func (p picture) planes(m *image.YCbCr, width, height int) image.Image {
	size := m.Rect.Size()
	dx, dy := float64(size.X)/float64(width), float64(size.Y)/float64(height)
	across, down := subsampling(m.SubsampleRatio)
	// The result has one chroma value for each 2 × 2 pixels, which is all that the encoder writes.
	half := image.Pt((width+1)/2, (height+1)/2)
	cdx, cdy := 2*dx/float64(across), 2*dy/float64(down)
	plane := func(pix []byte, stride, w, h, toW, toH int, dx, dy float64) ([]byte, int, int) {
		r := raster{width: w, height: h, n: 1, row: func(y int) []byte { return pix[y*stride:][:w] }}
		return p.upright(r.scaled(toW, toH, dx, dy), toW, toH, 1)
	}
	cw, ch := (size.X+across-1)/across, (size.Y+down-1)/down
	out := &image.YCbCr{SubsampleRatio: image.YCbCrSubsampleRatio420}
	luma, w, h := plane(m.Y, m.YStride, size.X, size.Y, width, height, dx, dy)
	out.Y, out.YStride, out.Rect = luma, w, image.Rect(0, 0, w, h)
	out.Cb, out.CStride, _ = plane(m.Cb, m.CStride, cw, ch, half.X, half.Y, cdx, cdy)
	out.Cr, _, _ = plane(m.Cr, m.CStride, cw, ch, half.X, half.Y, cdx, cdy)
	return out
}
