// Package icc reads and makes the ICC profiles that converting a photo takes: those of CMYK are applied, as a JPEG for
// the web cannot keep them, and wide colours that a photo names without a profile get one (ICC.1:2022).
package icc

import "math"

// D50 is the white of ICC's own space, as XYZ.
var D50 = [3]float64{0.9642, 1, 0.8249}

// LabToXYZ gives the XYZ of L*a*b*: L from 0 to 100, both with the white D50, whose Y is 1.
func LabToXYZ(l, a, b float64) [3]float64 {
	unbend := func(t float64) float64 {
		const knee = 6.0 / 29
		if t > knee {
			return t * t * t
		}
		return 3 * knee * knee * (t - 4.0/29)
	}
	y := (l + 16) / 116
	return [3]float64{D50[0] * unbend(y+a/500), D50[1] * unbend(y), D50[2] * unbend(y-b/200)}
}

// toSRGB takes XYZ with the white D50 to linear sRGB, whose white is D65, adapted as Bradford has it.
var toSRGB = [3][3]float64{
	{3.1338561, -1.6168667, -0.4906146},
	{-0.9787684, 1.9161415, 0.0334540},
	{0.0719453, -0.2289914, 1.4052427},
}

// SRGB gives the sRGB of XYZ with the white D50. What sRGB does not have becomes the nearest in each channel.
func SRGB(xyz [3]float64) (out [3]byte) {
	for i, row := range toSRGB {
		v := row[0]*xyz[0] + row[1]*xyz[1] + row[2]*xyz[2]
		if v <= 0.0031308 {
			v *= 12.92
		} else {
			v = 1.055*math.Pow(v, 1/2.4) - 0.055
		}
		out[i] = byte(math.Round(255 * min(max(v, 0), 1)))
	}
	return out
}
