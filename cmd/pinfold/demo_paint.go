package main

import (
	"image"
	"math"
	"runtime"
	"sync"
)

// The size of the sample photos in pixels: portrait, 2:3. In the scenes the width is 1, the height 1.5, y points down.
const (
	photoWidth  = 1000
	photoHeight = 1500
	foot        = 1.5 // y of the lower edge
)

// rgb is light: each part is 0 to 1, and more than 1 is cut off at the end.
type rgb struct{ r, g, b float64 }

// tint makes 0xrrggbb into light.
func tint(c uint32) rgb {
	return rgb{float64(c>>16&0xff) / 255, float64(c>>8&0xff) / 255, float64(c&0xff) / 255}
}

// to goes from c to d: t is 0 for c and 1 for d.
func (c rgb) to(d rgb, t float64) rgb {
	t = clamp(t)
	return rgb{c.r + (d.r-c.r)*t, c.g + (d.g-c.g)*t, c.b + (d.b-c.b)*t}
}

// plus adds t times the light d.
func (c rgb) plus(d rgb, t float64) rgb { return rgb{c.r + d.r*t, c.g + d.g*t, c.b + d.b*t} }

// times makes c brighter or darker.
func (c rgb) times(t float64) rgb { return rgb{c.r * t, c.g * t, c.b * t} }

// ramp is a gradient of colours at equal distances, at t from 0 to 1.
func ramp(t float64, colours ...rgb) rgb {
	t = clamp(t) * float64(len(colours)-1)
	i := min(int(t), len(colours)-2)
	return colours[i].to(colours[i+1], t-float64(i))
}

// clamp is t, but not below 0 or above 1. The built-in min and max take twice as long: they mind NaN.
func clamp(t float64) float64 {
	if t < 0 {
		return 0
	}
	if t > 1 {
		return 1
	}
	return t
}

// rise goes smoothly from 0 at a to 1 at b; with a above b it falls.
func rise(a, b, t float64) float64 {
	t = clamp((t - a) / (b - a))
	return t * t * (3 - 2*t)
}

// glow is 1 at distance 0 and fades like light in haze; at the distance size 0.37 are left.
func glow(distance, size float64) float64 { return math.Exp(-distance / size) }

// chance is a number from 0 to 1 that looks like chance but is always the same.
func chance(x, y, seed int) float64 {
	h := uint32(x)*0x8da6b343 ^ uint32(y)*0xd8163841 ^ uint32(seed)*0xcb1ab31f
	h = (h ^ h>>15) * 0x2c1b3c6d
	h = (h ^ h>>12) * 0x297a2d39
	return float64(h^h>>15) / math.MaxUint32
}

// noise is a smooth landscape of heights from 0 to 1 with one hill or dale for each 1 × 1.
func noise(x, y float64, seed int) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	ix, iy := int(fx), int(fy)
	x, y = x-fx, y-fy
	x, y = x*x*(3-2*x), y*y*(3-2*y)
	top := chance(ix, iy, seed)*(1-x) + chance(ix+1, iy, seed)*x
	bottom := chance(ix, iy+1, seed)*(1-x) + chance(ix+1, iy+1, seed)*x
	return top*(1-y) + bottom*y
}

// rough is noise with finer and finer noise on it, 0 to 1.
func rough(x, y float64, octaves, seed int) float64 {
	sum, weight, total := 0.0, 1.0, 0.0
	for i := range octaves {
		sum += weight * noise(x, y, seed+i)
		total += weight
		weight /= 2
		x, y = x*2+5.3, y*2+1.7
	}
	return sum / total
}

// outline is the upper edge of a hill, a wood or a rock: its y for each column of pixels.
type outline []float64

func newOutline(y func(x float64) float64) outline {
	o := make(outline, photoWidth+1)
	for i := range o {
		o[i] = y(float64(i) / photoWidth)
	}
	return o
}

// at is the edge's y at x.
func (o outline) at(x float64) float64 {
	x = clamp(x) * photoWidth
	i := min(int(x), photoWidth-1)
	return o[i] + (o[i+1]-o[i])*(x-float64(i))
}

// covers is 1 below the edge, 0 above it, and in between where the edge goes through the pixel.
func (o outline) covers(x, y float64) float64 {
	i := min(int(clamp(x)*photoWidth), photoWidth-1)
	steep := (o[i+1] - o[i]) * photoWidth
	return clamp((y-o.at(x))*photoWidth/math.Sqrt(1+steep*steep) + 0.5)
}

// paint asks shade for the light at each point. A little grain keeps skies from showing bands.
func paint(shade func(x, y float64) rgb) *image.RGBA {
	picture := image.NewRGBA(image.Rect(0, 0, photoWidth, photoHeight))
	var wait sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for first := range workers {
		wait.Go(func() {
			for y := first; y < photoHeight; y += workers {
				for x := range photoWidth {
					c := shade((float64(x)+0.5)/photoWidth, (float64(y)+0.5)/photoWidth)
					grain := 0.012 * (chance(x, y, 99) - 0.5)
					i := picture.PixOffset(x, y)
					picture.Pix[i] = channel(c.r, grain)
					picture.Pix[i+1] = channel(c.g, grain)
					picture.Pix[i+2] = channel(c.b, grain)
					picture.Pix[i+3] = 0xff
				}
			}
		})
	}
	wait.Wait()
	return picture
}

func channel(light, grain float64) uint8 { return uint8(clamp(light+grain)*255 + 0.5) }

// soft is a small picture for all that is out of focus or far away: it is painted fast, and read between its pixels.
type soft [][]rgb

const softScale = 250 // pixels in one width

func newSoft(shade func(x, y float64) rgb) soft {
	s := make(soft, int(foot*softScale)+2)
	for y := range s {
		s[y] = make([]rgb, softScale+2)
		for x := range s[y] {
			s[y][x] = shade(float64(x)/softScale, float64(y)/softScale)
		}
	}
	return s
}

// at is the light at x, y; outside of the picture that of its nearest edge.
func (s soft) at(x, y float64) rgb {
	x, y = clamp(x)*softScale, max(0, min(foot, y))*softScale
	ix, iy := int(x), int(y)
	top := s[iy][ix].to(s[iy][ix+1], x-float64(ix))
	return top.to(s[iy+1][ix].to(s[iy+1][ix+1], x-float64(ix)), y-float64(iy))
}

func square(x float64) float64 { return x * x }
