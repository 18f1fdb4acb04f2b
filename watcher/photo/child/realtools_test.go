//go:build realtools

package child

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/divitio/pinfold/watcher/photo"
	"github.com/divitio/pinfold/watcher/photo/convert"
)

// BenchmarkCameraPhoto makes 2400 pixels of a JPEG of 24 megapixels. The start of the child counts, and so does
// that of the programs to compare it with. The budget: ahead of ImageMagick, and at most three times as long as
// vipsthumbnail, which works on all processors.
func BenchmarkCameraPhoto(b *testing.B) {
	dir := b.TempDir()
	big := filepath.Join(dir, "big.jpg")
	run := func(b *testing.B, name string, args ...string) {
		b.Helper()
		c := exec.CommandContext(b.Context(), name, args...)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			b.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
	run(b, "convert", "-size", "4000x6000", "-seed", "7", "plasma:fractal", "-attenuate", "0.3", "+noise", "Gaussian",
		"-quality", "92", "-sampling-factor", "4:2:0", big)
	b.Run("pinfold", func(b *testing.B) {
		f, err := os.Open(big)
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		hash, err := photo.Hash(f)
		if err != nil {
			b.Fatal(err)
		}
		c, err := New()
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := c.Convert(b.Context(), f, hash, convert.Options{MaxSide: 2400, MaxBytes: 8 << 20, Credit: true}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("ImageMagick", func(b *testing.B) {
		for b.Loop() {
			run(b, "convert", big, "-auto-orient", "-resize", "2400x2400", "-quality", "90", "magick.jpg")
		}
	})
	b.Run("vipsthumbnail", func(b *testing.B) {
		for b.Loop() {
			run(b, "vipsthumbnail", big, "--size", "2400", "-o", "vips.jpg[Q=90]")
		}
	})
}
