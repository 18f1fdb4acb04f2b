package convert

import (
	"image"
	"image/png"
	"math/rand/v2"
	"testing"
)

// photo24 is as many pixels as a camera's, with noise enough to be worth compressing.
func photo24(side int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 4*side, 6*side))
	random := rand.New(rand.NewPCG(5, 6))
	for y := range 6 * side {
		for x := range 4 * side {
			i := m.PixOffset(x, y)
			n := random.Uint32()
			m.Pix[i], m.Pix[i+1], m.Pix[i+2], m.Pix[i+3] = byte(x>>4)+byte(n&7), byte(y>>5)+byte(n>>3&7), byte((x+y)>>6), 255
		}
	}
	return m
}

func benchmark(b *testing.B, data []byte) {
	b.Helper()
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := try(data, usual); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkConvert24MP makes 2400 pixels of 24 megapixels.
func BenchmarkConvert24MP(b *testing.B) {
	m := photo24(1000)
	b.Run("JPEG", func(b *testing.B) { benchmark(b, encoded(b, asJPEG, m)) })
	b.Run("PNG", func(b *testing.B) {
		benchmark(b, encoded(b, (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode, m))
	})
	b.Run("TIFF", func(b *testing.B) { benchmark(b, encoded(b, asTIFF, m)) })
}
