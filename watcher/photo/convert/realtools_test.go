//go:build realtools

package convert

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// tool runs a program that must be there.
func tool(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// photos are the ways in which the same photo, src.png, is written; each is a program and its arguments.
var photos = map[string][]string{
	"420.jpg":       {"convert", "src.png", "-sampling-factor", "4:2:0", "-quality", "95", "420.jpg"},
	"422.jpg":       {"convert", "src.png", "-sampling-factor", "4:2:2", "-quality", "95", "422.jpg"},
	"440.jpg":       {"convert", "src.png", "-sampling-factor", "1x2", "-quality", "95", "440.jpg"},
	"444.jpg":       {"convert", "src.png", "-sampling-factor", "4:4:4", "-quality", "95", "444.jpg"},
	"411.jpg":       {"convert", "src.png", "-sampling-factor", "4:1:1", "-quality", "95", "411.jpg"},
	"odd.jpg":       {"convert", "src.png", "-crop", "1197x799+0+0", "+repage", "-quality", "95", "odd.jpg"},
	"prog.jpg":      {"convert", "src.png", "-interlace", "Plane", "-quality", "95", "prog.jpg"},
	"grey.jpg":      {"convert", "src.png", "-colorspace", "Gray", "-quality", "95", "grey.jpg"},
	"cmyk.jpg":      {"convert", "src.png", "-colorspace", "CMYK", "-quality", "95", "cmyk.jpg"},
	"rgb.jpg":       {"convert", "src.png", "-set", "colorspace", "sRGB", "-colorspace", "RGB", "-set", "colorspace", "sRGB", "-quality", "95", "rgb.jpg"},
	"deep.png":      {"convert", "src.png", "-depth", "16", "-define", "png:bit-depth=16", "deep.png"},
	"grey16.png":    {"convert", "src.png", "-colorspace", "Gray", "-depth", "16", "grey16.png"},
	"palette.png":   {"convert", "src.png", "-colors", "200", "-type", "Palette", "palette.png"},
	"interlace.png": {"convert", "src.png", "-interlace", "PNG", "interlace.png"},
	"alpha.png":     {"convert", "src.png", "-alpha", "set", "-channel", "A", "-fx", "i/w", "+channel", "alpha.png"},
	"deep.tif":      {"convert", "src.png", "-depth", "16", "-compress", "none", "deep.tif"},
	"lzw.tif":       {"convert", "src.png", "-depth", "8", "-compress", "lzw", "lzw.tif"},
	"zip.tif":       {"convert", "src.png", "-depth", "16", "-compress", "zip", "zip.tif"},
	"msb.tif":       {"convert", "src.png", "-depth", "16", "-endian", "MSB", "-compress", "lzw", "msb.tif"},
	"tiles.tif":     {"convert", "src.png", "-depth", "8", "-define", "tiff:tile-geometry=128x128", "tiles.tif"},
	"colours.gif":   {"convert", "src.png", "colours.gif"},
	"24.bmp":        {"convert", "src.png", "24.bmp"},
	"palette.bmp":   {"convert", "src.png", "-colors", "200", "-compress", "none", "BMP3:palette.bmp"},
	"lossy.webp":    {"cwebp", "-quiet", "-q", "95", "src.png", "-o", "lossy.webp"},
	"lossless.webp": {"cwebp", "-quiet", "-lossless", "src.png", "-o", "lossless.webp"},
	"8.heic":        {"heif-enc", "-q", "95", "src.png", "-o", "8.heic"},
	"10.heic":       {"heif-enc", "-q", "95", "-b", "10", "src16.png", "-o", "10.heic"},
	"8.avif":        {"heif-enc", "-A", "-q", "90", "src.png", "-o", "8.avif"},
	"10.avif":       {"heif-enc", "-A", "-q", "90", "-b", "10", "alpha16.png", "-o", "10.avif"}, // it fails on some pictures without alpha
}

// TestEveryKindLooksAsImageMagickShowsIt compares what is made with what ImageMagick makes of the same file.
func TestEveryKindLooksAsImageMagickShowsIt(t *testing.T) {
	dir := t.TempDir()
	tool(t, dir, "convert", "-size", "1200x800", "-seed", "7", "plasma:tomato-steelblue", "-blur", "0x2", "-depth", "8",
		"+repage", "-define", "png:color-type=2", "src.png")
	tool(t, dir, "convert", "src.png", "-depth", "16", "-define", "png:color-type=2", "-define", "png:bit-depth=16", "src16.png")
	tool(t, dir, "convert", "src.png", "-alpha", "opaque", "-depth", "16", "-define", "png:color-type=6", "alpha16.png")
	for name, how := range photos {
		t.Run(name, func(t *testing.T) {
			tool(t, dir, how[0], how[1:]...)
			least := 33.0
			if strings.HasPrefix(name, "palette") || strings.HasSuffix(name, ".gif") {
				least = 27 // the dots of few colours suffer as JPEG
			}
			for _, size := range []string{"2400", "437"} {
				same(t, dir, name, size, least)
			}
		})
	}
	for o := 1; o <= 8; o++ {
		if o == 1 {
			tool(t, dir, "convert", "src.png", "-quality", "95", "upright.jpg")
		}
		name := "turned-" + string(rune('0'+o)) + ".jpg"
		tool(t, dir, "cp", "upright.jpg", name)
		tool(t, dir, "exiftool", "-q", "-overwrite_original", "-n", "-Orientation="+string(rune('0'+o)), name)
		same(t, dir, name, "500", 33)
	}
}

// same converts a file and compares it with ImageMagick's idea, in decibels.
func same(t *testing.T, dir, name, size string, least float64) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	side := map[string]int{"2400": 2400, "500": 500, "437": 437}[size]
	got, _ := converted(t, data, Options{MaxSide: side, MaxBytes: 8 << 20})
	tool(t, dir, "convert", name+"[0]", "-auto-orient", "+repage", "-background", "white", "-alpha", "remove", "-alpha", "off",
		"-colorspace", "sRGB", "-resize", size+"x"+size+">", "-depth", "8", "-define", "png:color-type=2", "want.png")
	b, err := os.ReadFile(filepath.Join(dir, "want.png"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if got.Bounds() != want.Bounds() {
		t.Fatalf("%s at %s: %v, want %v", name, size, got.Bounds(), want.Bounds())
	}
	if db := psnr(got, want); db < least {
		t.Errorf("%s at %s: %.1f dB, want %.0f", name, size, db, least)
	} else {
		t.Logf("%s at %s: %.1f dB", name, size, db)
	}
}

func psnr(a, b image.Image) float64 {
	sum, size := 0.0, a.Bounds().Size()
	for y := range size.Y {
		for x := range size.X {
			p, q := color.NRGBAModel.Convert(a.At(x, y)).(color.NRGBA), color.NRGBAModel.Convert(b.At(x, y)).(color.NRGBA)
			for _, d := range []int{apart(p.R, q.R), apart(p.G, q.G), apart(p.B, q.B)} {
				sum += float64(d * d)
			}
		}
	}
	return 10 * math.Log10(255*255*float64(3*size.X*size.Y)/(sum+1e-9))
}

// TestWideColoursMeanTheSame lets ImageMagick read the photo, and what was made of it, by the profile in each.
func TestWideColoursMeanTheSame(t *testing.T) {
	const profiles = "/usr/share/color/icc/"
	const wide = profiles + "compatibleWithAdobeRGB1998.icc"
	dir := t.TempDir()
	tool(t, dir, "convert", "-size", "600x400", "-seed", "7", "plasma:tomato-steelblue", "-blur", "0x2", "-depth", "8",
		"+repage", "-define", "png:color-type=2", "-profile", profiles+"sRGB.icc", "src.png")
	tool(t, dir, "convert", "src.png", "-profile", wide, "wide.png")
	for name, how := range map[string][]string{
		"wide.png":  nil,
		"wide.jpg":  {"convert", "wide.png", "-quality", "95", "wide.jpg"},
		"wide.tif":  {"convert", "wide.png", "wide.tif"},
		"wide.webp": {"cwebp", "-quiet", "-q", "95", "-metadata", "icc", "wide.png", "-o", "wide.webp"},
		"wide.heic": {"heif-enc", "-q", "95", "wide.png", "-o", "wide.heic"},
		"wide.avif": {"heif-enc", "-A", "-q", "90", "wide.png", "-o", "wide.avif"},
	} {
		t.Run(name, func(t *testing.T) {
			if how != nil {
				tool(t, dir, how[0], how[1:]...)
			}
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			made, err := try(data, usual)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "made.jpg"), made.JPEG, 0o600); err != nil {
				t.Fatal(err)
			}
			got := meant(t, dir, "made.jpg", profiles+"sRGB.icc")
			if db := psnr(got, meant(t, dir, "src.png", profiles+"sRGB.icc")); db < 33 {
				t.Errorf("%.1f dB from what was meant", db)
			}
			tool(t, dir, "convert", "made.jpg", "+profile", "*", "naked.jpg")
			if db := psnr(meant(t, dir, "naked.jpg", profiles+"sRGB.icc"), got); db > 33 {
				t.Errorf("%.1f dB: the profile makes no difference, so this shows nothing", db)
			}
		})
	}
}

// meant is a picture by its profile, sRGB if it has none, in another one's colours.
func meant(t *testing.T, dir, name, profile string) image.Image {
	t.Helper()
	tool(t, dir, "convert", name, "-profile", profile, "-depth", "8", "-define", "png:color-type=2", "meant.png")
	b, err := os.ReadFile(filepath.Join(dir, "meant.png"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return m
}
