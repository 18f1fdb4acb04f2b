package photo

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// BenchmarkRead is what a photo of 35 KB costs when it is seen for the first time, beside its hash alone: as it comes
// from a camera, and with a packet of 10 KB as editors write it.
func BenchmarkRead(b *testing.B) {
	plain := plainJPEG(b, 100, 100)
	scan := slices.Concat(plain[:len(plain)-2], bytes.Repeat([]byte{0x5A}, 35<<10-len(plain)), plain[len(plain)-2:])
	camera := slices.Concat(scan[:2], segment(0xE1, exifHead+string(exif(6, "Ansel Adams", "(c)"))), scan[2:])
	packet := xmpOf(altOf("dc:title", "x-default", "Fog") + strings.Repeat("<crs:Look xmlns:crs='urn:crs'>settings</crs:Look>", 200))
	edited := slices.Concat(scan[:2], segment(0xE1, xmpHead+packet), scan[2:])
	for name, data := range map[string][]byte{"camera": camera, "edited": edited} {
		r := bytes.NewReader(data)
		b.Run(name+"/hash", func(b *testing.B) {
			for b.Loop() {
				r.Reset(data)
				if _, err := Hash(r); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/read", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Read(r, int64(len(data))); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/text", func(b *testing.B) {
			for b.Loop() {
				if _, err := ReadText(r, int64(len(data))); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
