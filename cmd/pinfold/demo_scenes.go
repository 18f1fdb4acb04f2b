package main

import (
	"image"
	"math"
)

// hill is a wooded slope: the ground, and the tops of the trees on it.
type hill struct{ ground, wood outline }

// newHill plants spruces as tall as tall, about so many over the width of the picture.
func newHill(ground func(x float64) float64, tall, trees float64, seed int) hill {
	return hill{newOutline(ground), newOutline(func(x float64) float64 {
		top := 0.0
		for i := -2; i <= 2; i++ {
			n := int(math.Floor(x*trees)) + i
			height := tall * (0.25 + 0.75*chance(n, 0, seed)*(0.4+0.6*noise(float64(n)*0.23, 0, seed+1)))
			away := math.Abs(x*trees-float64(n)-1.6*chance(n, 1, seed)) / (0.35 + 0.8*height/tall)
			branches := 0.14 * noise(x*trees*11, 0, seed+7)
			top = max(top, height*(1-math.Pow(away, 0.75)-branches))
		}
		return ground(x) - top
	})}
}

// drawFog is a lake at dawn: wooded hills, one behind the other, with fog between them.
func drawFog() image.Image {
	const shore = 1.0
	haze, warm := tint(0xd6d5d3), tint(0xf6dcb8)
	var hills []hill
	for i := range 5 {
		depth := float64(i)
		hills = append(hills, newHill(func(x float64) float64 {
			return 0.50 + 0.108*depth - (0.34-0.05*depth)*(rough(x*(1.5+0.2*depth)+depth*3.1, 0, 4, 20+i)-0.4)
		}, 0.016+0.026*depth*(0.6+0.12*depth), 120-22*depth, 40+i))
	}
	sky := func(x, y float64) rgb {
		away := math.Hypot(x-0.64, y-0.36)
		c := ramp(y/0.7, tint(0x9fb4c6), tint(0xc9cdd0), tint(0xf0dcc4))
		c = c.to(warm, 0.8*glow(away, 0.22)).to(tint(0xfffaec), rise(0.052, 0.048, away))
		for i, h := range hills {
			cover := h.wood.covers(x, y)
			if cover == 0 {
				continue
			}
			near := float64(i) / 4
			wood := tint(0xa3b0b9).to(tint(0x1e3036), near*(0.5+0.5*near))
			fog := haze.to(warm, 0.6*glow(math.Abs(x-0.64), 0.3))
			deep := rise(-0.03, 0.16+0.05*near, y-h.ground.at(x)) * (0.97 - 0.2*near)
			c = c.to(wood.to(fog, deep), cover)
		}
		return c
	}
	return paint(func(x, y float64) rgb {
		drift := 0.05 * (rough(x*2.5, y*9, 3, 60) - 0.5)
		fog := math.Exp(-square((y-shore+drift)/0.035)) * (0.55 + 0.45*noise(x*3, y*14, 61))
		if y < shore {
			return sky(x, y).to(haze, 0.85*fog)
		}
		deep := y - shore
		ripple := (rough(x*3, y*90/(1+4*deep), 2, 62) - 0.5) * (0.006 + 0.04*deep)
		c := sky(x+ripple, 2*shore-y-2*ripple).times(0.92-0.2*deep).to(tint(0x55707c), 0.10+0.30*deep)
		return c.to(haze, 0.85*fog)
	})
}

// drawAurora is a winter night above the sea: northern lights, stars, snow on steep mountains.
func drawAurora() image.Image {
	const sea = 1.12
	far := newOutline(func(x float64) float64 {
		return 1.02 - 0.30*math.Pow(1-math.Abs(2*rough(x*2.1+3.2, 0, 5, 70)-1), 3)*rise(-0.3, 0.6, x)
	})
	near := newOutline(func(x float64) float64 {
		return 1.10 - 0.50*math.Pow(1-math.Abs(2*rough(x*1.7+0.4, 0, 6, 77)-1), 3)*rise(0.75, 0.05, x)
	})
	lights := newSoft(func(x, y float64) rgb {
		return ramp(y/1.1, tint(0x060b1c), tint(0x0b1a38), tint(0x17405a), tint(0x2c6a72)).plus(aurora(x, y), 1)
	})
	sky := func(x, y float64) rgb {
		c := lights.at(x, y).plus(stars(x, y), 1)
		if cover := far.covers(x, y); cover > 0 {
			c = c.to(snow(x, y, 81).to(tint(0x17405a), 0.5), cover)
		}
		if cover := near.covers(x, y); cover > 0 {
			c = c.to(snow(x, y, 85), cover)
		}
		return c
	}
	return paint(func(x, y float64) rgb {
		if y < sea {
			return sky(x, y)
		}
		deep := y - sea
		wave := (rough(x*6/(1+3*deep), 60*math.Sqrt(deep), 3, 90) - 0.5) * (0.01 + 0.22*deep)
		c := sky(x+wave*0.4, sea-deep*1.5-wave)
		return c.times(0.75-0.3*deep).to(tint(0x081426), 0.15+0.6*deep)
	})
}

func stars(x, y float64) rgb {
	const cells = 90
	ix, iy := int(x*cells), int(y*cells)
	if chance(ix, iy, 1) > 0.3 {
		return rgb{}
	}
	away := math.Hypot(x*cells-float64(ix)-0.2-0.6*chance(ix, iy, 2), y*cells-float64(iy)-0.2-0.6*chance(ix, iy, 3))
	bright := math.Pow(chance(ix, iy, 4), 4)
	return tint(0xdfe8ff).times(bright * rise(0.10+0.08*bright, 0, away) * 1.2)
}

// aurora is three curtains of rays: a sharp lower edge, fading upwards from green to violet.
func aurora(x, y float64) rgb {
	var sum rgb
	for i := range 3 {
		n := float64(i)
		bent := x + 0.10*(noise(y*2.5, n, 100)-0.5)
		high := 0.78 - 0.17*n + 0.34*(rough(bent*1.7+n*4.7, 0, 2, 101)-0.5) + 0.10*math.Sin(bent*5+n*2) - y
		if high < -0.025 {
			continue
		}
		rays := 0.35 + 0.65*rough(bent*26+n*9, y*0.8, 2, 103+i)
		tall := 0.16 + 0.22*noise(bent*7, n, 110)
		bright := rise(-0.025, 0.03, high) * glow(max(0, high), tall) * rays * (0.35 + 0.65*noise(bent*2.2+n, n*3, 112))
		sum = sum.plus(ramp(high/0.5, tint(0x6dffb0), tint(0x33c9a0), tint(0x7a58c8), tint(0x8a3fa8)), bright*(1.0-0.2*n))
	}
	return sum
}

// snow is a mountain's face under a light from the left, with rock where the snow does not hold.
func snow(x, y float64, seed int) rgb {
	height := func(x float64) float64 { return rough(x*7+2.5*y, y*4-x, 5, seed) }
	slope := (height(x+0.006) - height(x)) / 0.006
	white := tint(0x17344f).to(tint(0x9fd0cc), rise(-1.6, 2.4, slope))
	return white.to(tint(0x0c1a2a), 0.8*rise(0.50, 0.62, rough(x*18+y*9, y*12, 4, seed+20)))
}

// drawBeach is low sun over a black beach with stacks of rock in the sea.
func drawBeach() image.Image {
	const horizon, sunX = 0.86, 0.60
	rocks := newOutline(func(x float64) float64 {
		y := horizon + 0.01
		for _, r := range [][3]float64{{0.17, 0.30, 0.075}, {0.285, 0.17, 0.045}, {0.36, 0.10, 0.03}, {0.80, 0.06, 0.05}} {
			away := math.Abs(x-r[0]+0.02*(rough(x*30, r[0], 3, 120)-0.5)) / r[2]
			y = min(y, horizon+0.01-r[1]*(1-math.Pow(away, 2.2)+0.25*(rough(x*60, r[1], 3, 121)-0.5)))
		}
		return y
	})
	sky := func(x, y float64) rgb {
		away := math.Hypot(x-sunX, (y-horizon+0.05)*1.15)
		c := ramp(y/horizon, tint(0x2a3558), tint(0x5b4a70), tint(0xc4635a), tint(0xf3a45f), tint(0xffd58a))
		cloud := rise(0.46, 0.72, rough(x*1.6+y, y*7, 5, 130)) * rise(0.95, 0.2, y/horizon)
		c = c.to(tint(0x3b2f4c).to(tint(0xff9a6a), rise(0.2, 0.9, y/horizon)*0.9), 0.75*cloud)
		c = c.plus(tint(0xffb45e), 0.55*glow(away, 0.16)).to(tint(0xfff6dc).times(1.5), rise(0.058, 0.052, away))
		return c.to(tint(0x2a1c2c).to(tint(0x8a4a48), glow(away, 0.2)), rocks.covers(x, y))
	}
	surf := func(x float64) float64 { return 1.22 + 0.05*math.Sin(x*4+0.5) + 0.03*(rough(x*5, 0, 4, 140)-0.5) }
	return paint(func(x, y float64) rgb {
		if y < horizon {
			return sky(x, y)
		}
		deep := y - horizon
		wave := rough(x*2.2/(0.05+deep), 9*math.Log(0.01+deep)*4, 3, 141)
		c := sky(x+(wave-0.5)*0.05, horizon-deep*1.25-(wave-0.5)*0.30*(0.1+deep)).times(0.8-0.5*deep).to(tint(0x2a2f52), 0.2+0.7*deep)
		c = c.plus(tint(0xffd9a0), rise(0.60, 0.80, wave)*glow(math.Abs(x-sunX)/(0.35+deep), 0.16)*0.9)
		return beach(c, x, y, y-surf(x))
	})
}

// beach lays foam and wet black sand over the sea's light c; below is the distance under the edge of the water.
func beach(c rgb, x, y, below float64) rgb {
	sand := tint(0x17151c).plus(tint(0xb98a7c), 0.75*glow(max(0, below), 0.06)*glow(math.Abs(x-0.6), 0.35))
	sand = sand.times(0.85 + 0.3*noise(x*400, y*400, 150))
	c = c.to(sand, rise(-0.004, 0.004, below))
	lace := rise(0.42, 0.62, rough(x*22, y*34, 4, 151))
	foam := glow(math.Abs(below+0.004), 0.006) + 0.5*lace*rise(-0.11, -0.01, below)*rise(0.01, 0, below)
	return c.to(tint(0xf3ded2), clamp(foam))
}
