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
	"regexp"
	"strings"
	"testing"

	"github.com/divitio/pinfold/watcher/photo"
	"github.com/divitio/pinfold/watcher/photo/icc"
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
	"fax.tif":       {"convert", "src.png", "-monochrome", "-compress", "Group4", "fax.tif"},
	"planes.tif":    {"convert", "src.png", "-depth", "8", "-interlace", "Plane", "-compress", "lzw", "planes.tif"},
	"planes16.tif":  {"convert", "src.png", "-depth", "16", "-interlace", "Plane", "-compress", "zip", "planes16.tif"},
	"cmyk.tif":      {"convert", "src.png", "-depth", "8", "-colorspace", "CMYK", "-compress", "lzw", "cmyk.tif"},
	"cmyk16.tif":    {"convert", "src.png", "-depth", "16", "-colorspace", "CMYK", "-compress", "none", "cmyk16.tif"},
	"cmykjpeg.tif":  {"convert", "src.png", "-colorspace", "CMYK", "-compress", "jpeg", "-quality", "95", "cmykjpeg.tif"},
	"lab.tif":       {"convert", "src.png", "-depth", "8", "-colorspace", "Lab", "lab.tif"},
	"jpeg.tif":      {"convert", "src.png", "-compress", "jpeg", "-quality", "95", "jpeg.tif"},
	"tilejpeg.tif":  {"convert", "src.png", "-define", "tiff:tile-geometry=128x128", "-compress", "jpeg", "-quality", "95", "tilejpeg.tif"},
	"vipsjpeg.tif":  {"vips", "copy", "src.png", "vipsjpeg.tif[compression=jpeg,Q=95]"},
	"rgbjpeg.tif":   {"vips", "copy", "src.png", "rgbjpeg.tif[compression=jpeg,Q=95,rgbjpeg]"},
	"pyramid.tif":   {"vips", "copy", "src.png", "pyramid.tif[tile,pyramid,compression=jpeg,Q=95]"},
	"greyjpeg.tif":  {"convert", "src.png", "-colorspace", "Gray", "-compress", "jpeg", "-quality", "95", "greyjpeg.tif"},
	"grey4.tif":     {"convert", "src.png", "-colorspace", "Gray", "-depth", "4", "grey4.tif"},
	"alphagrey.tif": {"convert", "src.png", "-colorspace", "Gray", "-alpha", "set", "-channel", "A", "-fx", "i/w", "+channel", "alphagrey.tif"},
	"palette4.tif":  {"convert", "src.png", "-colors", "16", "-type", "Palette", "palette4.tif"},
	"32bits.tif":    {"convert", "src.png", "-define", "quantum:format=unsigned", "-depth", "32", "32bits.tif"},
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

// TestRealEveryKindLooksAsImageMagickShowsIt compares what is made with what ImageMagick makes of the same file.
func TestRealEveryKindLooksAsImageMagickShowsIt(t *testing.T) {
	dir := t.TempDir()
	tool(t, dir, "convert", "-size", "1200x800", "-seed", "7", "plasma:tomato-steelblue", "-blur", "0x2", "-depth", "8",
		"+repage", "-define", "png:color-type=2", "src.png")
	tool(t, dir, "convert", "src.png", "-depth", "16", "-define", "png:color-type=2", "-define", "png:bit-depth=16", "src16.png")
	tool(t, dir, "convert", "src.png", "-alpha", "opaque", "-depth", "16", "-define", "png:color-type=6", "alpha16.png")
	for name, how := range photos {
		t.Run(name, func(t *testing.T) {
			tool(t, dir, how[0], how[1:]...)
			least := 33.0
			switch {
			case strings.HasPrefix(name, "fax"):
				least = 10 // and so do those of black and white alone, where they are made smaller
			case name == "palette4.tif":
				least = 20
			case strings.HasPrefix(name, "palette") || strings.HasSuffix(name, ".gif"):
				least = 27 // the dots of few colours suffer as JPEG
			}
			inspected(t, filepath.Join(dir, name))
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

// inspected makes sure that a photo that can be converted is not refused before.
func inspected(t *testing.T, name string) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := photo.Inspect(f, info.Size()); err != nil {
		t.Error(err)
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

// TestRealWideColoursMeanTheSame lets ImageMagick read the photo, and what was made of it, by the profile in each.
func TestRealWideColoursMeanTheSame(t *testing.T) {
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

// TestRealProfilesOfOurOwnMakingMeanWhatTheyAreNamedFor compares them with others' profiles of the same colours.
func TestRealProfilesOfOurOwnMakingMeanWhatTheyAreNamedFor(t *testing.T) {
	const profiles = "/usr/share/color/icc/"
	dir := t.TempDir()
	tool(t, dir, "convert", "-size", "600x400", "-seed", "7", "plasma:tomato-steelblue", "-blur", "0x2", "-depth", "8",
		"+repage", "-define", "png:color-type=2", "-profile", profiles+"sRGB.icc", "src.png")
	tool(t, dir, "vips", "icc_export", "src.png", "p3.png", "--output-profile", "p3")
	tool(t, dir, "convert", "src.png", "-profile", profiles+"compatibleWithAdobeRGB1998.icc", "adobe.png")
	for name, ours := range map[string]icc.Colours{"p3.png": icc.DisplayP3, "adobe.png": icc.AdobeRGB} {
		if err := os.WriteFile(filepath.Join(dir, "ours.icc"), ours.Profile(), 0o600); err != nil {
			t.Fatal(err)
		}
		theirs := meant(t, dir, name, profiles+"sRGB.icc")
		tool(t, dir, "convert", name, "+profile", "*", "naked.png")
		naked := meant(t, dir, "naked.png", profiles+"sRGB.icc")
		tool(t, dir, "convert", "naked.png", "-profile", "ours.icc", "as.png")
		if db := psnr(meant(t, dir, "as.png", profiles+"sRGB.icc"), theirs); db < 40 {
			t.Errorf("%s: %.1f dB from what was meant", name, db)
		}
		if db := psnr(naked, theirs); db > 36 {
			t.Errorf("%s: %.1f dB without a profile, so this shows nothing", name, db)
		}
	}
}

// TestRealExiftoolFindsNothingPrivateInWhatIsMade converts photos that know where and whose they are.
func TestRealExiftoolFindsNothingPrivateInWhatIsMade(t *testing.T) {
	dir := t.TempDir()
	tool(t, dir, "convert", "-size", "300x200", "-seed", "7", "plasma:tomato-steelblue", "-depth", "8", "+repage", "src.png")
	tool(t, dir, "heif-enc", "-q", "90", "src.png", "-o", "lake.heic")
	tool(t, dir, "heif-enc", "-A", "-q", "90", "src.png", "-o", "lake.avif")
	tool(t, dir, "cwebp", "-quiet", "src.png", "-o", "lake.webp")
	tool(t, dir, "convert", "src.png", "lake.tif")
	tool(t, dir, "convert", "src.png", "lake.jpg")
	for _, name := range []string{"lake.heic", "lake.avif", "lake.webp", "lake.tif", "lake.jpg", "src.png"} {
		tool(t, dir, "exiftool", "-q", "-m", "-overwrite_original", "-charset", "utf8",
			"-GPSLatitude=59.91", "-GPSLatitudeRef=N", "-EXIF:SerialNumber=4711", "-EXIF:OwnerName=Ola Nordmann", "-EXIF:ImageDescription=at home",
			"-XMP-exif:GPSLatitude=59.91", "-XMP-aux:SerialNumber=4711", "-XMP-photoshop:City=Oslo", "-XMP-dc:Subject=home",
			"-EXIF:Artist=Åse Öst", "-EXIF:Copyright=© 2026 Åse", "-XMP-dc:Creator=Åse Öst", "-XMP-photoshop:Credit=Åse / Bureau", name)
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		_, made := converted(t, data, usual)
		for _, secret := range []string{"59.91", "4711", "Nordmann", "home", "Oslo", "GPS"} {
			if bytes.Contains(made.JPEG, []byte(secret)) {
				t.Errorf("%s: %s is sent", name, secret)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, "made.jpg"), made.JPEG, 0o600); err != nil {
			t.Fatal(err)
		}
		c := exec.Command("exiftool", "-G1", "-s", "-charset", "utf8", "made.jpg")
		c.Dir = dir
		said, err := c.Output()
		if err != nil {
			t.Fatal(err)
		}
		for tag, want := range map[string]string{"IFD0": "Artist|Åse Öst", "XMP-dc": "Creator|Åse Öst", "XMP-photoshop": "Credit|Åse / Bureau"} {
			key, value, _ := strings.Cut(want, "|")
			if !regexp.MustCompile(`(?m)^\[` + tag + `\] +` + key + ` +: ` + regexp.QuoteMeta(value) + `$`).Match(said) {
				t.Errorf("%s: %s is not %s in\n%s", name, key, value, said)
			}
		}
		if bytes.Contains(said, []byte("GPS")) || bytes.Contains(said, []byte("Serial")) {
			t.Errorf("%s: what is sent says\n%s", name, said)
		}
	}
}

// TestRealInksLookAsTheirProfileSays converts what a press would print, and compares it with ImageMagick's idea of it.
func TestRealInksLookAsTheirProfileSays(t *testing.T) {
	const srgb = "/usr/share/color/icc/sRGB.icc"
	dir := t.TempDir()
	tool(t, dir, "convert", "-size", "600x400", "-seed", "7", "plasma:tomato-steelblue", "-blur", "0x2", "-depth", "8",
		"+repage", "-define", "png:color-type=2", "src.png")
	for name, to := range map[string]string{"press.tif": "press.tif[compression=lzw]", "press.jpg": "press.jpg[Q=95]"} {
		tool(t, dir, "vips", "icc_export", "src.png", to, "--output-profile", "cmyk", "--intent", "relative")
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		got, _ := converted(t, data, usual)
		tool(t, dir, "convert", name, "-intent", "Relative", "-black-point-compensation", "-profile", srgb, "+profile", "*", "seen.tif")
		want := meant(t, dir, "seen.tif", srgb)
		if db := psnr(got, want); db < 31 {
			t.Errorf("%s: %.1f dB from what was meant", name, db)
		}
		tool(t, dir, "convert", name, "+profile", "*", "-colorspace", "sRGB", "seen.tif")
		if db := psnr(meant(t, dir, "seen.tif", srgb), want); db > 25 {
			t.Errorf("%s: %.1f dB without the profile, so this shows nothing", name, db)
		}
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
