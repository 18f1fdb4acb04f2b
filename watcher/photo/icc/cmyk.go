package icc

import (
	"encoding/binary"
	"errors"
	"math"
)

// CMYK gives the colours of inks, as a press's profile has measured them.
type CMYK struct {
	inputs  [4][]float64 // curve of each ink, from 0 to 1
	grid    int          // points of the table along each ink
	table   []float64    // Lab, or XYZ, as stored, from 0 to 1: 3 for each point, black's index running fastest
	outputs [3][]float64 // curve of each coordinate
	isLab   bool
	wide    bool       // 16 bits: Lab is stored as ICC's version 2 has it
	black   [3]float64 // XYZ of the darkest that the inks can do
}

var errProfile = errors.New("not a profile that can be applied")

// Layout of a profile.
const (
	headerSize = 128
	spaceAt    = 16
	pcsAt      = 20
	maxGrid    = 64
	maxTags    = 256
	lutHead    = 48 // bytes of a lut8 or lut16 before its tables
	inks       = 4
)

// ReadCMYK reads a profile of a press. Its table for relative colours is preferred, then that for pictures.
func ReadCMYK(profile []byte) (*CMYK, error) {
	if len(profile) < headerSize+4 || string(profile[spaceAt:spaceAt+4]) != "CMYK" {
		return nil, errProfile
	}
	c := &CMYK{}
	switch string(profile[pcsAt : pcsAt+4]) {
	case "Lab ":
		c.isLab = true
	case "XYZ ":
	default:
		return nil, errProfile
	}
	for _, name := range []string{"A2B1", "A2B0"} {
		if lut := tag(profile, name); lut != nil {
			if err := c.read(lut); err != nil {
				return nil, err
			}
			c.black = c.darkest()
			return c, nil
		}
	}
	return nil, errProfile
}

// tag finds a tag's data, nil if it is not there.
func tag(profile []byte, name string) []byte {
	n := min(binary.BigEndian.Uint32(profile[headerSize:]), maxTags)
	for i := range int(n) {
		at := headerSize + 4 + 12*i
		if at+12 > len(profile) {
			return nil
		}
		entry := profile[at : at+12]
		off, size := int64(binary.BigEndian.Uint32(entry[4:])), int64(binary.BigEndian.Uint32(entry[8:]))
		if string(entry[:4]) == name && off+size <= int64(len(profile)) {
			return profile[off : off+size]
		}
	}
	return nil
}

// read reads a lut8 or lut16.
func (c *CMYK) read(b []byte) error {
	if len(b) < lutHead+4 || b[8] != inks || b[9] != 3 || b[10] < 2 || b[10] > maxGrid {
		return errProfile
	}
	c.grid = int(b[10])
	in, out, size := 256, 256, 1
	switch string(b[:4]) {
	case "mft1":
		b = b[lutHead:]
	case "mft2":
		in, out, size = int(binary.BigEndian.Uint16(b[lutHead:])), int(binary.BigEndian.Uint16(b[lutHead+2:])), 2
		c.wide, b = true, b[lutHead+4:]
	default:
		return errProfile
	}
	points := 3 * c.grid * c.grid * c.grid * c.grid
	if in < 2 || out < 2 || len(b) < size*(inks*in+points+3*out) {
		return errProfile
	}
	for i := range c.inputs {
		c.inputs[i], b = take(b, in, size)
	}
	c.table, b = take(b, points, size)
	for i := range c.outputs {
		c.outputs[i], b = take(b, out, size)
	}
	return nil
}

// take reads n numbers of some bytes each, as parts of the whole, and gives what follows.
func take(b []byte, n, size int) (list []float64, rest []byte) {
	list = make([]float64, n)
	for i := range list {
		if size == 2 {
			list[i] = float64(binary.BigEndian.Uint16(b[2*i:])) / math.MaxUint16
		} else {
			list[i] = float64(b[i]) / math.MaxUint8
		}
	}
	return list, b[size*n:]
}

// SRGB gives the sRGB of inks, from 0 to 255 each. Black becomes as dark as it can: the darkest that the inks can do
// becomes sRGB's black, and all between in proportion.
func (c *CMYK) SRGB(ink [inks]byte) [3]byte {
	xyz := c.xyz(ink)
	for i, v := range xyz {
		xyz[i] = D50[i] * (v - c.black[i]) / (D50[i] - c.black[i])
	}
	return SRGB(xyz)
}

// darkest is a neutral as dark as all inks together.
func (c *CMYK) darkest() [3]float64 {
	const most = 0.1844 // Y of L* 50: what is lighter is no black
	y := min(max(c.xyz([inks]byte{255, 255, 255, 255})[1], 0), most)
	return [3]float64{D50[0] * y, y, D50[2] * y}
}

// xyz gives the XYZ of inks.
func (c *CMYK) xyz(ink [inks]byte) [3]float64 {
	var at [inks]int
	var part [inks]float64
	for i, v := range ink {
		x := curve(c.inputs[i], float64(v)/math.MaxUint8) * float64(c.grid-1)
		at[i] = min(int(x), c.grid-2)
		part[i] = x - float64(at[i])
	}
	var sum [3]float64
	for corner := range 1 << inks {
		index, weight := 0, 1.0
		for i := range inks {
			step := corner >> i & 1
			index = index*c.grid + at[i] + step
			if step == 1 {
				weight *= part[i]
			} else {
				weight *= 1 - part[i]
			}
		}
		if weight == 0 {
			continue
		}
		for k := range sum {
			sum[k] += weight * c.table[3*index+k]
		}
	}
	for k := range sum {
		sum[k] = curve(c.outputs[k], sum[k])
	}
	return c.meaning(sum)
}

// meaning is what stored coordinates stand for.
func (c *CMYK) meaning(v [3]float64) [3]float64 {
	if !c.isLab {
		const most = 1 + 32767.0/32768
		return [3]float64{v[0] * most, v[1] * most, v[2] * most}
	}
	if c.wide {
		const whole = 65535.0 / 65280 // 100 is stored as FF00
		return LabToXYZ(100*whole*v[0], 255*whole*v[1]-128, 255*whole*v[2]-128)
	}
	return LabToXYZ(100*v[0], 255*v[1]-128, 255*v[2]-128)
}

// curve looks a value up between the points of a curve.
func curve(points []float64, x float64) float64 {
	x = min(max(x, 0), 1) * float64(len(points)-1)
	i := min(int(x), len(points)-2)
	return points[i] + (x-float64(i))*(points[i+1]-points[i])
}
