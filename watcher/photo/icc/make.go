package icc

import (
	"encoding/binary"
	"math"
	"slices"
	"unicode/utf16"
)

// Colours are the colours that red, green and blue stand for: their XYZ with the white D50.
type Colours struct {
	name string
	xyz  [3][3]float64
	// gamma is that of the curve; 0 is sRGB's curve.
	gamma float64
}

// The wide ones that cameras and phones write.
var (
	DisplayP3 = Colours{"Display P3", [3][3]float64{{0.51512, 0.24120, -0.00105}, {0.29198, 0.69225, 0.04189}, {0.15710, 0.06657, 0.78407}}, 0}
	Rec2020   = Colours{"Rec. 2020", [3][3]float64{{0.67348, 0.27904, -0.00194}, {0.16568, 0.67534, 0.02998}, {0.12505, 0.04561, 0.79684}}, 0}
	AdobeRGB  = Colours{"Adobe RGB (1998) compatible", [3][3]float64{{0.60974, 0.31111, 0.01947}, {0.20528, 0.62567, 0.06087}, {0.14919, 0.06322, 0.74457}}, 563.0 / 256}
)

// Profile makes a small profile of version 4.
func (c Colours) Profile() []byte {
	type entry struct {
		name string
		data []byte
	}
	tags := []entry{
		{"desc", text(c.name)},
		{"cprt", text("No copyright, use freely")},
		{"wtpt", xyz(D50)},
		{"rXYZ", xyz(c.xyz[0])},
		{"gXYZ", xyz(c.xyz[1])},
		{"bXYZ", xyz(c.xyz[2])},
		{"rTRC", c.curve()},
		{"gTRC", nil},
		{"bTRC", nil}, // nil: the same as the one before
	}
	head := make([]byte, headerSize)
	copy(head[8:], "\x04\x30\x00\x00mntrRGB XYZ ")
	copy(head[24:], "\x07\xea\x00\x01\x00\x01\x00\x00\x00\x00\x00\x00acsp")
	for i, v := range D50 {
		binary.BigEndian.PutUint32(head[68+4*i:], fixed(v))
	}
	b := binary.BigEndian.AppendUint32(slices.Clone(head), uint32(len(tags)))
	at := uint32(headerSize + 4 + 12*len(tags))
	var data []byte
	var off, size uint32
	for _, t := range tags {
		if t.data != nil {
			off, size = at+uint32(len(data)), uint32(len(t.data))
			data = append(data, t.data...)
			data = append(data, make([]byte, -len(data)&3)...)
		}
		b = append(b, t.name...)
		b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, off), size)
	}
	b = append(b, data...)
	binary.BigEndian.PutUint32(b, uint32(len(b)))
	return b
}

// fixed is a number as ICC stores it: 16 bits before the point, 16 behind.
func fixed(v float64) uint32 { return uint32(int32(math.Round(v * 65536))) }

func xyz(v [3]float64) []byte {
	b := []byte("XYZ \x00\x00\x00\x00")
	for _, x := range v {
		b = binary.BigEndian.AppendUint32(b, fixed(x))
	}
	return b
}

func text(s string) []byte {
	b := []byte("mluc\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x0cenUS")
	wide := utf16.Encode([]rune(s))
	b = binary.BigEndian.AppendUint32(b, uint32(2*len(wide)))
	b = binary.BigEndian.AppendUint32(b, 28) // where the text begins
	for _, u := range wide {
		b = binary.BigEndian.AppendUint16(b, u)
	}
	return b
}

// curve is the curve that all three channels have.
func (c Colours) curve() []byte {
	b := []byte("para\x00\x00\x00\x00")
	kind, numbers := uint16(3), []float64{2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045}
	if c.gamma > 0 {
		kind, numbers = 0, []float64{c.gamma}
	}
	b = binary.BigEndian.AppendUint16(b, kind)
	b = append(b, 0, 0)
	for _, v := range numbers {
		b = binary.BigEndian.AppendUint32(b, fixed(v))
	}
	return b
}
