package icc

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"
)

// press makes a profile of four inks whose Lab is known: paper is L* 95, black and all inks together L* 20, and the
// other inks are not seen. It is stored as lut8 or lut16.
func press(wide bool, pcs string) []byte {
	table := func(b []byte) []byte {
		put := func(v float64) { // from 0 to 1
			if wide {
				b = binary.BigEndian.AppendUint16(b, uint16(math.Round(v*65535)))
			} else {
				b = append(b, byte(math.Round(v*255)))
			}
		}
		points := 256
		if wide {
			points = 2
			b = append(b, 0, 2, 0, 2)
		}
		line := func() {
			for i := range points {
				put(float64(i) / float64(points-1))
			}
		}
		for range inks {
			line()
		}
		whole := 1.0
		if wide {
			whole = 65280.0 / 65535
		}
		for corner := range 16 {
			l := 95.0
			if corner&1 == 1 { // black runs fastest
				l = 20
			}
			put(l / 100 * whole)
			put(128.0 / 255 * whole)
			put(128.0 / 255 * whole)
		}
		for range 3 {
			line()
		}
		return b
	}
	kind := "mft1"
	if wide {
		kind = "mft2"
	}
	lut := append([]byte(kind), make([]byte, lutHead-4)...)
	lut[8], lut[9], lut[10] = inks, 3, 2
	lut = table(lut)
	head := make([]byte, headerSize)
	copy(head[spaceAt:], "CMYK"+pcs)
	b := slices.Clone(head)
	b = binary.BigEndian.AppendUint32(b, 1)
	b = append(b, "A2B0"...)
	b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, headerSize+16), uint32(len(lut)))
	return append(b, lut...)
}

func TestInksLookAsTheirProfileMeasuredThem(t *testing.T) {
	for _, wide := range []bool{false, true} {
		c, err := ReadCMYK(press(wide, "Lab "))
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range []struct {
			ink  [4]byte
			want byte
		}{
			{[4]byte{0, 0, 0, 0}, 240},     // L* 95, and a little for black
			{[4]byte{255, 255, 0, 0}, 240}, // inks that are not seen
			{[4]byte{0, 0, 0, 255}, 0},     // as dark as it can be is black
			{[4]byte{0, 255, 0, 128}, 130}, // L* 57.4 in the middle
		} {
			got := c.SRGB(x.ink)
			for _, v := range got {
				if d := int(v) - int(x.want); max(d, -d) > 3 || max(int(v)-int(got[0]), int(got[0])-int(v)) > 1 {
					t.Errorf("16 bits %v: inks %v are %v, want %d of each", wide, x.ink, got, x.want)
					break
				}
			}
		}
	}
}

func TestProfilesThatCannotBeAppliedAreErrors(t *testing.T) {
	whole := press(true, "Lab ")
	for n := range len(whole) {
		if _, err := ReadCMYK(whole[:n]); err == nil {
			t.Fatalf("%d of %d bytes are a profile", n, len(whole))
		}
	}
	for at, v := range map[int]byte{spaceAt: 'R', pcsAt: 'x', headerSize + 4: 'x', headerSize + 16: 'x', headerSize + 16 + 8: 3, headerSize + 16 + 10: 1} {
		b := press(false, "Lab ")
		if b[at] = v; len(b) > 0 {
			if _, err := ReadCMYK(b); err == nil {
				t.Errorf("with %q at byte %d it is a profile", v, at)
			}
		}
	}
	for _, n := range []uint32{0, 4, lutHead, lutHead + 20, lutHead + 500} { // the tag says that it is shorter than it is
		b := press(true, "Lab ")
		binary.BigEndian.PutUint32(b[headerSize+12:], n)
		if _, err := ReadCMYK(b); err == nil {
			t.Errorf("a table of %d bytes can be applied", n)
		}
	}
	if _, err := ReadCMYK(nil); err == nil {
		t.Error("nothing is a profile")
	}
}

func FuzzReadCMYK(f *testing.F) {
	f.Add(press(true, "Lab "), uint32(0x80FF0010))
	f.Add(press(false, "XYZ "), uint32(0xFFFFFFFF))
	f.Fuzz(func(_ *testing.T, b []byte, ink uint32) {
		if c, err := ReadCMYK(b); err == nil {
			c.SRGB([4]byte(binary.BigEndian.AppendUint32(nil, ink)))
		}
	})
}

func TestWhiteIsWhiteInWhatIsMade(t *testing.T) {
	for _, c := range []Colours{DisplayP3, Rec2020, AdobeRGB} {
		b := c.Profile()
		if n := binary.BigEndian.Uint32(b); int(n) != len(b) || string(b[36:40]) != "acsp" || len(b) > 700 {
			t.Errorf("%s: %d bytes, said to be %d", c.name, len(b), n)
		}
		for i, white := range D50 {
			if sum := c.xyz[0][i] + c.xyz[1][i] + c.xyz[2][i]; math.Abs(sum-white) > 0.001 {
				t.Errorf("%s: red, green and blue are %f, want %f", c.name, sum, white)
			}
		}
		for _, name := range []string{"desc", "cprt", "wtpt", "rXYZ", "gXYZ", "bXYZ", "rTRC", "gTRC", "bTRC"} {
			if data := tag(b, name); len(data) < 12 {
				t.Errorf("%s: %s has %d bytes", c.name, name, len(data))
			}
		}
	}
}
