package main

import (
	"image"
	"math"
)

// lamp is a light that is out of focus: a disc.
type lamp struct {
	x, y, size, bright float64
	colour             rgb
}

// lamps spreads count discs over the picture between the heights top and bottom.
func lamps(count int, top, bottom, size float64, seed int, colours ...rgb) []lamp {
	list := make([]lamp, count)
	for i := range list {
		list[i] = lamp{
			x: chance(i, 0, seed)*1.2 - 0.1, y: top + (bottom-top)*chance(i, 1, seed),
			size: size * (0.5 + chance(i, 2, seed)), bright: 0.25 + 0.75*chance(i, 3, seed),
			colour: colours[int(chance(i, 4, seed)*float64(len(colours)))%len(colours)],
		}
	}
	return list
}

// shine adds the discs' light to c.
func shine(c rgb, discs []lamp, x, y float64) rgb {
	for _, l := range discs {
		dx, dy := x-l.x, y-l.y
		if away := (dx*dx + dy*dy) / (l.size * l.size); away < 1 {
			c = c.plus(l.colour, l.bright*rise(1, 0.8, away)*(0.6+0.4*away))
		}
	}
	return c
}

// drawBirches is a stand of birches in October.
func drawBirches() image.Image {
	glints := lamps(80, -0.1, 1.15, 0.05, 200, tint(0xb08030), tint(0xa06a18), tint(0x7d8a3a), tint(0xb0a070))
	wood := newSoft(func(x, y float64) rgb {
		far := y/foot + 0.15*(rough(x*3, y*3, 3, 201)-0.5)
		return shine(ramp(far, tint(0xf4e2a0), tint(0xe3b24a), tint(0xa8852f), tint(0x5c5a2a), tint(0x33381f)), glints, x, y)
	})
	type trunk struct{ x, wide, lean, far float64 }
	var trunks []trunk
	for i := range 15 {
		far := 1 - float64(i)/14
		trunks = append(trunks, trunk{
			x: math.Mod(float64(i)*0.381+0.11, 1.04) - 0.02, wide: 0.010 + 0.045*math.Pow(1-far, 1.6),
			lean: 0.10 * (chance(i, 1, 210) - 0.5), far: far,
		})
	}
	return paint(func(x, y float64) rgb {
		c := wood.at(x, y)
		for i, t := range trunks {
			middle := t.x + t.lean*(1-y/foot)
			if math.Abs(x-middle) > t.wide+0.01 {
				continue
			}
			across := (x - middle - 0.012*(noise(y*3, float64(i), 202)-0.5)) / t.wide
			root := 1.18 + 0.25*(1-t.far)
			if math.Abs(across) < 1 && y < root {
				edge := clamp((1 - math.Abs(across)) * t.wide * photoWidth)
				c = c.to(bark(across, y/t.wide, i).to(tint(0xe8c878), 0.62*t.far), edge*rise(root, root-0.02, y))
			}
		}
		return grass(c, x, y)
	})
}

// bark is white with dark marks, lit from the left; across is -1 to 1.
func bark(across, along float64, seed int) rgb {
	bent := across / (1.2 - 0.2*across*across)
	c := tint(0xf3efe6).times(0.80 + 0.2*rough(bent*2, along*3, 3, 220+seed))
	line := rough(bent*1.3, along*2.6, 3, 230+seed)
	c = c.to(tint(0x2c2622), rise(0.66, 0.72, line)+0.7*rise(0.63, 0.70, rough(bent*0.8+4, along*0.55, 4, 250+seed)))
	return c.times(0.95-0.45*rise(-0.3, 1.1, across)-0.25*rise(-0.55, -1, across)).plus(tint(0x302010), 0.2)
}

// grass and fallen leaves, at the foot.
func grass(c rgb, x, y float64) rgb {
	deep := y - 1.17
	if deep < -0.1 {
		return c
	}
	blade := rough(x*160, y*14, 3, 260)
	c = c.to(ramp(1.5*blade-0.25, tint(0x20240f), tint(0x5f5b22), tint(0xb89a3c)), rise(0, 0.05, deep+0.16*(blade-0.6)))
	leaf := rough((x-0.5)*60/(0.7+2*deep), y*90, 2, 262)
	return c.to(ramp(noise(x*40, y*50, 264), tint(0xd9a034), tint(0xf0cf6a), tint(0xa8702a)), rise(0.66, 0.70, leaf)*rise(0, 0.08, deep))
}

// knotX and knotY are where the twig ends from which leaves and berries hang.
const knotX, knotY = 0.50, 0.30

// berry is a ball at x, y: what is nearer is later in the list.
type berry struct{ x, y, size float64 }

// drawRowan is a bunch of rowan berries with the first frost on them.
func drawRowan() image.Image {
	glints := lamps(60, -0.1, 1.6, 0.09, 300, tint(0x2a4038), tint(0x3c4a38), tint(0x6a4a20), tint(0x5a3018))
	wood := newSoft(func(x, y float64) rgb {
		far := y/foot + 0.3*(rough(x*2, y*2, 2, 302)-0.5)
		return shine(ramp(far, tint(0xa9b8ae), tint(0x6a8a80), tint(0x35564f), tint(0x1e3230)), glints, x, y)
	})
	tips := [][2]float64{{0.04, 0.58}, {0.96, 0.55}, {0.22, 0.03}}
	var leaves []leaflet
	for i, tip := range tips {
		leaves = append(leaves, leaf(tip[0], tip[1], 320+i)...)
	}
	var berries []berry
	for i := range 64 {
		ring, turn := math.Sqrt(float64(i%32)/32)*0.27, float64(i)*2.39996
		x, y := 0.51+ring*math.Cos(turn), 0.86+ring*math.Sin(turn)
		berries = append(berries, berry{x, y + 0.5*math.Abs(x-0.51)*math.Abs(x-0.51), 0.050 + 0.010*float64(i)/64})
	}
	return paint(func(x, y float64) rgb {
		c := twig(wood.at(x, y), x, y, 0.66, -0.10, 0.012, tint(0x54463c))
		if y > 1.2 {
			return c
		}
		for _, l := range leaves {
			c = l.over(c, x, y)
		}
		for _, tip := range tips {
			c = twig(c, x, y, tip[0], tip[1], 0.004, tint(0xa8643a))
		}
		for _, b := range berries[:32] {
			c = stalk(c, x, y, b)
		}
		for i, b := range berries {
			if math.Abs(x-b.x) > 1.3*b.size {
				continue
			}
			dx, dy := (x-b.x)/b.size, (y-b.y)/b.size
			if away := dx*dx + dy*dy; away < 1.5 {
				c = c.times(1 - 0.45*rise(1.5, 0.6, away))
				c = c.to(b.light(dx, dy, i), (1-math.Sqrt(away))*b.size*photoWidth)
			}
		}
		return c
	})
}

// light is what a berry shows at dx, dy from its middle: red, a shine, the dark star of the flower, frost on top.
func (b berry) light(dx, dy float64, seed int) rgb {
	up := math.Sqrt(max(0, 1-dx*dx-dy*dy))
	sun := clamp(-0.45*dx - 0.62*dy + 0.64*up)
	c := tint(0x4a0a0c).to(tint(0xe0341c).to(tint(0xf0622a), chance(seed, 1, 310)*0.7), 0.12+0.95*sun)
	sx, sy := dx-0.5*(chance(seed, 2, 310)-0.4), dy-0.15-0.45*chance(seed, 3, 310)
	star := math.Hypot(sx, sy) * (1 + 0.3*math.Cos(5*math.Atan2(sy, sx)+float64(seed)))
	c = c.to(tint(0x2a0808), 0.85*rise(0.20, 0.13, star))
	c = c.plus(tint(0xffe8e0), 0.9*rise(0.35, 0.05, math.Hypot(dx+0.36, dy+0.42)))
	frost := rough(dx*9+float64(seed), dy*9, 3, 311)
	return c.to(tint(0xf2f6f8), 0.8*rise(0.50, 0.66, frost)*rise(0.25, -0.75, dy))
}

// stalk is the thin line from the knot to a berry.
func stalk(c rgb, x, y float64, b berry) rgb {
	t := (y - knotY) / (b.y - knotY)
	if t < 0 || t > 1 || math.Abs(x-knotX) > 0.3 {
		return c
	}
	middle := knotX + (b.x-knotX)*t*t*(1.6-0.6*t)
	return c.to(tint(0x4a2f1e).to(tint(0x8a6a3a), t), 3.2-math.Abs(x-middle)*photoWidth)
}

// twig lays a twig from the knot to tipX, tipY over c, thinner where it ends.
func twig(c rgb, x, y, tipX, tipY, wide float64, colour rgb) rgb {
	dx, dy := tipX-knotX, tipY-knotY
	along := clamp(((x-knotX)*dx + (y-knotY)*dy) / (dx*dx + dy*dy))
	across := math.Hypot(x-knotX-along*dx, y-knotY-along*dy)
	return c.to(colour.times(1.1-0.4*across/wide), (wide*(1-0.5*along)-across)*photoWidth)
}

// leaflet is one of the narrow blades of a rowan leaf: from x, y it goes along dx, dy, which has the length 1.
type leaflet struct {
	x, y, dx, dy, long float64
	colour             rgb
}

// leaf is a feather of leaflets from the knot to tipX, tipY.
func leaf(tipX, tipY float64, seed int) []leaflet {
	length := math.Hypot(tipX-knotX, tipY-knotY)
	dx, dy := (tipX-knotX)/length, (tipY-knotY)/length
	var list []leaflet
	for i := range 15 {
		side, along := float64(i%2*2-1), 0.22+0.78*float64(i/2)/7
		turn := side * (1.0 + 0.15*chance(i, 1, seed))
		if i == 14 {
			turn = 0
		}
		list = append(list, leaflet{
			knotX + (tipX-knotX)*along, knotY + (tipY-knotY)*along,
			dx*math.Cos(turn) - dy*math.Sin(turn), dx*math.Sin(turn) + dy*math.Cos(turn),
			0.21 * (0.8 + 0.3*chance(i, 2, seed)),
			ramp(chance(i, 3, seed), tint(0x6f7a34), tint(0xb98a34), tint(0xc8622c), tint(0x9c3524)),
		})
	}
	return list
}

// over lays the leaflet over c.
func (l leaflet) over(c rgb, x, y float64) rgb {
	x, y = x-l.x, y-l.y
	if x*x+y*y > l.long*l.long {
		return c
	}
	along, across := (x*l.dx+y*l.dy)/l.long, (y*l.dx-x*l.dy)/l.long
	if along < 0 || math.Abs(across) > 0.2 {
		return c
	}
	tooth := 1 - 0.10*math.Abs(math.Mod(along*16, 1)-0.2)
	edge := 0.40*math.Sqrt(along)*(1-along)*tooth - math.Abs(across)
	blade := l.colour.times(0.85 + 0.25*rise(-0.02, 0.02, across) + 0.12*math.Sin((along-1.1*math.Abs(across))*55))
	blade = blade.to(tint(0xe8cf96), 0.6*rise(0.012, 0.004, math.Abs(across)))
	return c.to(blade, edge*l.long*photoWidth)
}

// drawRain is a window at night: drops on the pane, and the lights of the street behind it.
func drawRain() image.Image {
	lights := lamps(44, 0.30, 1.15, 0.075, 400, tint(0xff9a3c), tint(0xffb454), tint(0xe8503c), tint(0x3fa8a8), tint(0xffd28a))
	street := newSoft(func(x, y float64) rgb {
		c := ramp(y/foot, tint(0x141d36), tint(0x22335a), tint(0x3b4466), tint(0x4a3c44), tint(0x17151c))
		return shine(c, lights, x, y)
	})
	return paint(func(x, y float64) rgb {
		steam := 0.5 + 0.5*rough(x*4, y*4, 3, 411) - 0.5*rise(0.62, 0.85, noise(x*24+0.4*noise(0, y*6, 412), y*0.8, 410))
		c := street.at(x, y).times(0.72).to(tint(0x66748c), 0.30*steam)
		for i, cells := range []float64{44, 20, 9} {
			c = drops(c, street, x, y, cells, 420+10*i)
		}
		return c
	})
}

// drops puts at most one drop into each cell of a grid.
func drops(c rgb, view soft, x, y, cells float64, seed int) rgb {
	ix, iy := math.Floor(x*cells), math.Floor(y*cells)
	for i := range 9 {
		nx, ny := int(ix)+i%3-1, int(iy)+i/3-1
		if chance(nx, ny, seed) > 0.33 {
			continue
		}
		big := chance(nx, ny, seed+3)
		size := 0.18 + 0.42*big*big
		dx := x*cells - float64(nx) - 0.2 - 0.6*chance(nx, ny, seed+1)
		dy := y*cells - float64(ny) - 0.2 - 0.6*chance(nx, ny, seed+2)
		dx, dy = dx/size*(1+0.25*dy), dy/size*0.85
		away := dx*dx + dy*dy
		if away > 1 {
			continue
		}
		lens := 0.10 + 0.25*size
		seen := view.at(x-dx*lens, y-dy*lens).times(1.15)
		seen = seen.times(1-0.75*rise(0.45, 1, away)*rise(0.5, -0.6, dy)).plus(tint(0xdfe8f4), 0.75*rise(0.22, 0, math.Hypot(dx+0.3, dy+0.45)))
		c = c.to(seen, rise(1, 0.86, away))
	}
	return c
}
