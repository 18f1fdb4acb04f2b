//go:build realtools

package photo

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// run runs a program that .ci/run installs, and gives what it says.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("%s %q: %v\n%s", name, args, err, exit.Stderr)
		}
		t.Fatalf("%s: %v; .ci/run tools installs it", name, err)
	}
	return string(out)
}

// drawing makes a picture of our own in a directory of its own, with a colour profile.
func drawing(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	run(t, "convert", "-size", "160x120", "plasma:tan-teal", "-depth", "8", filepath.Join(dir, "lake.png"))
	run(t, "convert", filepath.Join(dir, "lake.png"), "-quality", "85", filepath.Join(dir, "lake.jpg"))
	return dir
}

// profile is a colour profile that icc-profiles-free brings.
func profile(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"/usr/share/color/icc/sRGB.icc", "/usr/share/color/icc/ghostscript/srgb.icc"} {
		if _, err := os.Stat(name); err == nil {
			return name
		}
	}
	t.Fatal("no colour profile; .ci/run tools installs one")
	return ""
}

// tagsOf is all that exiftool finds in a file: group and tag to value.
func tagsOf(t *testing.T, name string) map[string]any {
	t.Helper()
	var all []map[string]any
	if err := json.Unmarshal([]byte(run(t, "exiftool", "-j", "-G1", "-a", "-ee", "-u", "-n", name)), &all); err != nil || len(all) != 1 {
		t.Fatalf("%s: %v", name, err)
	}
	return all[0]
}

// write writes what would be sent of a file beside it.
func write(t *testing.T, name string, choice Metadata) (sent string) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	sent = filepath.Join(filepath.Dir(name), "sent-"+filepath.Base(name))
	if err := os.WriteFile(sent, send(t, data, choice), 0o600); err != nil {
		t.Fatal(err)
	}
	return sent
}

// allowed are the groups and tags that may be in what is sent: how the file is made, colours, whose it is.
var allowed = []string{
	"SourceFile", "ExifTool:ExifToolVersion", "System:", "JFIF:", "ICC", "Adobe:", "PNG-pHYs:", "PNG-cICP:",
	"File:FileType", "File:MIMEType", "File:ImageWidth", "File:ImageHeight", "File:EncodingProcess", "File:BitsPerSample",
	"File:ColorComponents", "File:YCbCrSubSampling", "File:ExifByteOrder",
	"PNG:ImageWidth", "PNG:ImageHeight", "PNG:BitDepth", "PNG:ColorType", "PNG:Compression", "PNG:Filter", "PNG:Interlace",
	"PNG:Gamma", "PNG:SRGBRendering", "PNG:WhitePoint", "PNG:Red", "PNG:Green", "PNG:Blue", "PNG:ProfileName", "PNG:Palette",
	"PNG:Transparency", "PNG:BackgroundColor", "PNG:SignificantBits",
	"Composite:ImageSize", "Composite:Megapixels",
	"IFD0:Orientation", "IFD0:Artist", "IFD0:Copyright", "XMP-dc:Creator", "XMP-dc:Rights", "XMP-photoshop:Credit", "XMP-rdf:About",
}

func TestRealExiftoolFindsNothingPrivateInWhatIsSent(t *testing.T) {
	private := []string{
		"-GPSLatitude=59.91", "-GPSLatitudeRef=N", "-GPSLongitude=10.75", "-GPSLongitudeRef=E", "-GPSAltitude=12",
		"-EXIF:SerialNumber=4711", "-EXIF:LensSerialNumber=4712", "-EXIF:OwnerName=Ola Nordmann", "-EXIF:ImageUniqueID=00112233",
		"-EXIF:UserComment=at home", "-EXIF:ImageDescription=at home", "-EXIF:XPAuthor=Ola Nordmann", "-EXIF:HostComputer=Olas PC",
		"-EXIF:Software=Editor", "-EXIF:DateTimeOriginal=2026:01:02 03:04:05",
		"-XMP-exif:GPSLatitude=59.91", "-XMP-aux:SerialNumber=4711", "-XMP-aux:OwnerName=Ola Nordmann", "-XMP-photoshop:City=Oslo",
		"-XMP-iptcCore:Location=At home", "-XMP-iptcCore:CreatorAddress=Home street 1", "-XMP-iptcExt:PersonInImage=Kari Nordmann",
		"-XMP-dc:Subject=home", "-XMP-xmpMM:DocumentID=xmp.did:1", "-XMP-exifEX:BodySerialNumber=4711",
		"-IPTC:City=Oslo", "-IPTC:Sub-location=At home", "-IPTC:Keywords=home", "-Comment=at home", "-Photoshop:URL=https://example.com/home",
	}
	mine := []string{
		"-EXIF:Orientation#=6", "-EXIF:Artist=Åse Öst", "-EXIF:Copyright=© 2026 Åse", "-XMP-dc:Creator=Åse Öst", "-XMP-dc:Creator=B & C",
		"-XMP-dc:Rights=© 2026 Åse", "-XMP-photoshop:Credit=Åse / Bureau",
		"-IPTC:By-line=Ole", "-IPTC:CopyrightNotice=© Ole", "-IPTC:Credit=Ole / Bureau", "-IPTC:CodedCharacterSet=UTF8",
	}
	for name, options := range map[string][]string{
		"baseline.jpg": nil, "progressive.jpg": {"-interlace", "JPEG"}, "grey.jpg": {"-colorspace", "Gray"},
		"cmyk.jpg": {"-colorspace", "CMYK"}, "full.jpg": {"-sampling-factor", "4:4:4"},
		"plain.png": nil, "deep.png": {"-depth", "16"}, "palette.png": {"-type", "Palette", "-colors", "20"},
		"alpha.png": {"-alpha", "set", "-channel", "A", "-evaluate", "set", "50%"}, "interlaced.png": {"-interlace", "PNG"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := drawing(t)
			file := filepath.Join(dir, name)
			run(t, "convert", slices.Concat([]string{filepath.Join(dir, "lake.png")}, options, []string{"-quality", "90", file})...)
			args := slices.Concat([]string{"-overwrite_original", "-m", "-q", "-charset", "utf8"}, private, mine)
			if name != "cmyk.jpg" && name != "grey.jpg" {
				args = append(args, "-ICC_Profile<="+profile(t))
			}
			run(t, "exiftool", append(args, file)...)
			before := tagsOf(t, file)
			if before["XMP-aux:OwnerName"] == nil || before["ExifIFD:SerialNumber"] == nil {
				t.Fatalf("exiftool wrote too little: %v", before)
			}

			sent := write(t, file, StripLocation)
			after := tagsOf(t, sent)
			for tag, value := range after {
				if !slices.ContainsFunc(allowed, func(a string) bool { return strings.HasPrefix(tag, a) }) {
					t.Errorf("%s is sent: %v", tag, value)
				}
			}
			for tag, want := range map[string]any{
				"IFD0:Orientation": 6.0, "IFD0:Artist": "Åse Öst", "IFD0:Copyright": "© 2026 Åse", "XMP-dc:Creator": []any{"Åse Öst", "B & C"},
				"XMP-dc:Rights": "© 2026 Åse", "XMP-photoshop:Credit": "Åse / Bureau",
				"ICC_Profile:ProfileDescription": before["ICC_Profile:ProfileDescription"],
			} {
				if fmt.Sprint(after[tag]) != fmt.Sprint(want) {
					t.Errorf("%s is %v, want %v", tag, after[tag], want)
				}
			}
			pixelsStay(t, file, sent)

			bare := tagsOf(t, write(t, file, StripAll))
			for tag := range bare {
				if strings.HasPrefix(tag, "XMP") || tag == "IFD0:Artist" || tag == "IFD0:Copyright" {
					t.Errorf("%s is sent without all metadata", tag)
				}
			}
			if fmt.Sprint(bare["IFD0:Orientation"]) != "6" {
				t.Errorf("orientation is lost: %v", bare)
			}
		})
	}
}

// pixelsStay compares two files' pixels by two decoders.
func pixelsStay(t *testing.T, a, b string) {
	t.Helper()
	if got, want := run(t, "identify", "-format", "%#", b), run(t, "identify", "-format", "%#", a); got != want {
		t.Errorf("ImageMagick sees other pixels: %s, want %s", got, want)
	}
	first, err := os.ReadFile(a)
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(b)
	if err != nil {
		t.Fatal(err)
	}
	samePixels(t, decode(t, first), decode(t, second))
}

func TestRealProgramsPhotosAreWholeAndOfTheirSize(t *testing.T) {
	dir := drawing(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	lake, jpeg := in("lake.png"), in("lake.jpg")
	run(t, "heif-enc", "-q", "50", "-o", in("lake.heic"), lake)
	run(t, "heif-enc", "-q", "50", "-t", "64", "-o", in("thumbnail.heic"), jpeg)
	run(t, "heif-enc", "-A", "-q", "50", "-p", "chroma=420", "-o", in("lake.avif"), jpeg)
	run(t, "cwebp", "-quiet", lake, "-o", in("lossy.webp"))
	run(t, "cwebp", "-quiet", "-lossless", lake, "-o", in("lossless.webp"))
	run(t, "img2webp", "-d", "100", lake, "-lossy", jpeg, "-o", in("moving.webp"))
	formats := map[string]Format{
		"lake.heic": HEIC, "thumbnail.heic": HEIC, "lake.avif": AVIF, "lossy.webp": WebP, "lossless.webp": WebP, "moving.webp": WebP,
	}
	for name, options := range map[string][]string{
		"plain.gif": nil, "moving.gif": {jpeg, "-delay", "10"}, "interlaced.gif": {"-interlace", "GIF"},
		"none.tif": {"-compress", "None"}, "lzw.tif": {"-compress", "LZW"}, "zip.tif": {"-compress", "Zip"}, "rle.tif": {"-compress", "RLE"},
		"fax.tif": {"-monochrome", "-compress", "Group4"}, "deep.tif": {"-depth", "16", "-compress", "LZW"}, "big-endian.tif": {"-endian", "MSB"},
		"tiles.tif": {"-define", "tiff:tile-geometry=64x64", "-compress", "LZW"}, "pages.tif": {jpeg, "-compress", "Zip"}, "grey.tiff": {"-colorspace", "Gray"},
		"plain.bmp": nil, "palette.bmp": {"-type", "Palette", "-define", "bmp:format=bmp3", "-compress", "None"}, "alpha.bmp": {"-alpha", "set"},
		"deep.png": {"-depth", "16"}, "cmyk.jpg": {"-colorspace", "CMYK"},
	} {
		run(t, "convert", slices.Concat([]string{lake}, options, []string{in(name)})...)
		formats[name] = map[string]Format{".gif": GIF, ".tif": TIFF, ".tiff": TIFF, ".bmp": BMP, ".png": PNG, ".jpg": JPEG}[filepath.Ext(name)]
	}
	for name, format := range formats {
		t.Run(name, func(t *testing.T) {
			whole(t, in(name), format)
			if format == BMP || format == GIF {
				return
			}
			run(t, "exiftool", "-q", "-m", "-overwrite_original", "-EXIF:Orientation#=1", "-XMP-dc:Title=Fog", in(name))
			whole(t, in(name), format)
			data, err := os.ReadFile(in(name))
			if err != nil {
				t.Fatal(err)
			}
			if got := textsOf(t, data).XMP.Title; got != "Fog" {
				t.Errorf("title %q", got)
			}
		})
	}
	for name, c := range map[string]struct {
		args []string
		text string
	}{
		"zstd.tif":  {[]string{"-compress", "Zstd"}, "compression (50000)"},
		"float.tif": {[]string{"-define", "quantum:format=floating-point", "-depth", "32"}, "floating point"},
		"big.tif":   {[]string{"-define", "tiff:dummy=1"}, "BigTIFF"},
	} {
		out := in(name)
		if name == "big.tif" {
			out = "TIFF64:" + out
		}
		run(t, "convert", slices.Concat([]string{lake}, c.args, []string{out})...)
		data, err := os.ReadFile(in(name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := inspect(data); !errors.Is(err, ErrUnsupported) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// whole inspects a program's file, all of it and cut.
func whole(t *testing.T, name string, format Format) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	info, err := inspect(data)
	if err != nil || info.Format != format || info.Width != 160 || info.Height != 120 || info.Orientation != 1 {
		t.Fatalf("got %+v, %v", info, err)
	}
	if left := int64(len(data)) - info.End; left > 3 {
		t.Errorf("the end is %d bytes before the file's", left)
	}
	for n := 0; n < int(info.End); n += 1 + n/50 {
		if _, err := inspect(data[:n]); !errors.Is(err, ErrIncomplete) {
			t.Fatalf("cut at %d of %d: %v", n, info.End, err)
		}
	}
}

func TestRealExiftoolsTextsAreRead(t *testing.T) {
	dir := drawing(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	run(t, "heif-enc", "-q", "50", "-o", in("lake.heic"), in("lake.png"))
	run(t, "heif-enc", "-A", "-q", "50", "-p", "chroma=420", "-o", in("lake.avif"), in("lake.jpg"))
	run(t, "cwebp", "-quiet", in("lake.png"), "-o", in("lake.webp"))
	run(t, "convert", in("lake.png"), in("lake.tif"))
	xmp := Texts{"Tåke 🌫", "Рассвет\nи иней", "霧の湖"}
	iptc := Texts{Title: "Белых", Description: "Blåbær à"}
	exif := Texts{Title: "Ærø", Description: "Ved sjøen"}
	for name, withIPTC := range map[string]bool{
		"lake.jpg": true, "lake.png": true, "lake.tif": true, "lake.webp": false, "lake.heic": false, "lake.avif": false,
	} {
		t.Run(name, func(t *testing.T) {
			run(t, "exiftool", "-q", "-m", "-overwrite_original", "-charset", "utf8", "-charset", "exif=utf8", "-E",
				"-XMP-dc:Title="+xmp.Title, "-XMP-dc:Title-nb=Noe annet", "-XMP-dc:Description=Рассвет&#10;и иней",
				"-XMP-iptcCore:AltTextAccessibility="+xmp.AltText,
				"-IPTC:ObjectName="+iptc.Title, "-IPTC:Caption-Abstract="+iptc.Description, "-IPTC:CodedCharacterSet=UTF8",
				"-EXIF:XPTitle="+exif.Title, "-EXIF:ImageDescription="+exif.Description, "-EXIF:UserComment=Sist", in(name))
			want := Embedded{XMP: xmp, Exif: exif}
			if withIPTC {
				want.IPTC = iptc
			}
			data, err := os.ReadFile(in(name))
			if err != nil {
				t.Fatal(err)
			}
			if got := textsOf(t, data); got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
	t.Run("Latin-1", func(t *testing.T) {
		file := in("latin.jpg")
		run(t, "convert", in("lake.png"), file)
		run(t, "exiftool", "-q", "-m", "-overwrite_original", "-charset", "utf8", "-charset", "iptc=Latin", "-charset", "exif=Latin",
			"-IPTC:ObjectName=Blåbær – nå", "-EXIF:ImageDescription=Blåbær", "-EXIF:UserComment=Blåbær i fjellet", file)
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := textsOf(t, data); got.IPTC.Title != "Blåbær – nå" || got.Exif.Description != "Blåbær" {
			t.Errorf("got %+v", got)
		}
		run(t, "exiftool", "-q", "-m", "-overwrite_original", "-EXIF:ImageDescription=", file)
		if data, err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
		if got := textsOf(t, data); got.Exif.Description != "Blåbær i fjellet" {
			t.Errorf("a comment in UTF-16: %+v", got)
		}
	})
}
