package convert

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"io"
	"math/bits"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/divitio/pinfold/watcher/photo"
	"github.com/divitio/pinfold/watcher/photo/icc"

	"golang.org/x/image/draw"
)

func TestEveryFormatComesOutAsItWas(t *testing.T) {
	t.Parallel()
	for name, data := range samples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := quarters
			if strings.Contains(name, "alpha") || strings.Contains(name, "holes") || name == "moving.webp" {
				want[3] = white
			}
			for _, side := range []int{2400, 140} {
				o := usual
				o.MaxSide = side
				m, made := converted(t, data, o)
				if got := image.Pt(made.Width, made.Height); got != image.Pt(min(side, 160), min(side*3/4, 120)) {
					t.Errorf("at most %d: %v", side, got)
				}
				wantQuarters(t, m, want)
			}
		})
	}
}

func TestAPanoramaStaysHighEnough(t *testing.T) {
	t.Parallel()
	_, made := converted(t, encoded(t, asJPEG, image.NewGray(image.Rect(0, 0, 9000, 300))), usual)
	if made.Width != 3000 || made.Height != 100 {
		t.Errorf("it is %d × %d", made.Width, made.Height)
	}
}

func TestGreyStaysGrey(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]image.Image{
		"8 bits":  paint(image.NewGray(bounds), quarters[3]),
		"16 bits": paint(image.NewGray16(bounds), quarters[3]),
	} {
		for _, side := range []int{2400, 140} {
			made, _ := converted(t, encoded(t, png.Encode, m), Options{MaxSide: side, MaxBytes: 1 << 20})
			if _, ok := made.(*image.Gray); !ok {
				t.Errorf("%s: it became %T", name, made)
			}
			for i, c := range quarters {
				want := color.GrayModel.Convert(c).(color.Gray).Y
				size := made.Bounds().Size()
				got := color.GrayModel.Convert(made.At(size.X*(1+2*(i%2))/4, size.Y*(1+2*(i/2))/4)).(color.Gray).Y
				if apart(got, want) > 4 {
					t.Errorf("%s: quarter %d is %d, want %d", name, i, got, want)
				}
			}
		}
	}
}

// upright are the quarters after each of Exif's orientations was undone.
var upright = [9][4]int{1: {0, 1, 2, 3}, 2: {1, 0, 3, 2}, 3: {3, 2, 1, 0}, 4: {2, 3, 0, 1}, 5: {0, 2, 1, 3}, 6: {2, 0, 3, 1}, 7: {3, 1, 2, 0}, 8: {1, 3, 0, 2}}

func turned(orientation int) (want [4]color.NRGBA) {
	for i, q := range upright[orientation] {
		want[i] = quarters[q]
	}
	return want
}

func TestEveryOrientationStandsUpright(t *testing.T) {
	t.Parallel()
	plain := encoded(t, asJPEG, paint(image.NewNRGBA(bounds), quarters[3]))
	whole := encoded(t, png.Encode, paint(image.NewNRGBA(bounds), quarters[3]))
	for o := 1; o <= 8; o++ {
		const headSize = 8 + 12 + 13
		chunk := pngChunk("eXIf", exifBlock(uint16(o)))
		for name, data := range map[string][]byte{
			"JPEG": withSegment(plain, 0xE1, []byte("Exif\x00\x00"), exifBlock(uint16(o))),
			"PNG":  append(append(bytes.Clone(whole[:headSize]), chunk...), whole[headSize:]...),
		} {
			m, made := converted(t, data, usual)
			if sideways := o >= 5; sideways != (made.Height > made.Width) {
				t.Errorf("%s %d: it is %d × %d", name, o, made.Width, made.Height)
			}
			wantQuarters(t, m, turned(o))
		}
	}
	m, _ := converted(t, withSegment(plain, 0xE1, []byte("Exif\x00\x00"), exifBlock(9)), usual)
	wantQuarters(t, m, quarters)
}

// property overwrites the box that says how many bits a HEIF's channels have by one that turns the picture.
func property(tb testing.TB, name, kind string, value byte) []byte {
	tb.Helper()
	b := sampleFile(tb, name)
	at := bytes.Index(b, []byte("pixi"))
	if at < 0 {
		tb.Fatal("the sample has no pixi")
	}
	copy(b[at:], kind)
	b[at+4] = value
	return b
}

func TestHEICAndAVIFAreTurnedAsTheirBoxesSay(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"quad.heic", "quad.avif"} {
		for kind, orientations := range map[string][]int{"irot": {1, 8, 3, 6}, "imir": {4, 2}} {
			for value, o := range orientations {
				m, _ := converted(t, property(t, file, kind, byte(value)), usual)
				t.Log(file, kind, value)
				wantQuarters(t, m, turned(o))
			}
		}
	}
}

func TestTelevisionColoursAreOnlyThoseThatAreSaid(t *testing.T) {
	t.Parallel()
	nclx := func(matrix uint16, full byte) []byte {
		b := binary.BigEndian.AppendUint16([]byte{0, 1, 0, 13}, matrix)
		return append(b, full)
	}
	for _, c := range []struct {
		nclx []byte
		want *matrix
	}{
		{nil, nil},
		{nclx(6, 0x80), nil},
		{nclx(2, 0x80), nil},
		{nclx(1, 0x80), &bt709},
		{nclx(9, 0x80), &bt2020},
		{nclx(6, 0), &matrix{bt601.kr, bt601.kb, true}},
	} {
		got := (&heifHead{nclx: c.nclx}).colours()
		if (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
			t.Errorf("nclx %x: %+v, want %+v", c.nclx, got, c.want)
		}
	}
	for m, want := range map[matrix][3]byte{
		bt601: {255, 0, 0}, bt709: {255, 24, 0}, {kr: bt601.kr, kb: bt601.kb, narrow: true}: {255, 0, 0},
	} {
		var got [3]byte
		y, cb, cr := byte(76), byte(85), byte(255) // JFIF's red
		if m.narrow {
			y, cb, cr = 81, 90, 240
		}
		m.rgb()(y, cb, cr, got[:])
		for i := range got {
			if apart(got[i], want[i]) > 2 {
				t.Errorf("%+v: %v, want %v", m, got, want)
			}
		}
	}
}

// profile is an ICC profile's header with n bytes behind it.
func profile(space string, n int) []byte {
	b := make([]byte, profileHead+n)
	binary.BigEndian.PutUint32(b, uint32(len(b)))
	copy(b[spaceAt:], space)
	copy(b[signatureAt:], signature)
	for i := range n {
		b[profileHead+i] = byte(i * 7)
	}
	return b
}

func TestTheProfileStaysWhereItFits(t *testing.T) {
	t.Parallel()
	plain := encoded(t, asJPEG, paint(image.NewNRGBA(bounds), quarters[3]))
	grey := encoded(t, asJPEG, paint(image.NewGray(bounds), quarters[3]))
	cmyk := sampleFile(t, "cmyk.jpg")
	long := profile("RGB ", 150_000) // in three pieces
	damaged := profile("RGB ", 10)
	damaged[3]++
	for name, c := range map[string]struct {
		photo, profile []byte
		stays          bool
	}{
		"colours":          {plain, profile("RGB ", 400), true},
		"in pieces":        {plain, long, true},
		"grey":             {grey, profile("GRAY", 30), true},
		"grey on colours":  {plain, profile("GRAY", 30), false},
		"colours on grey":  {grey, profile("RGB ", 30), false},
		"press":            {cmyk, profile("CMYK", 30), false},
		"damaged":          {plain, damaged, false},
		"none":             {plain, nil, false},
		"cut off":          {plain, profile("RGB ", 400)[:100], false},
		"press on colours": {plain, profile("CMYK", 30), false},
	} {
		data := c.photo
		if c.profile != nil {
			p := picture{profile: c.profile}
			data = withHead(c.photo, rawProfile(p.profile))
		}
		_, made := converted(t, data, usual)
		kept := jpegProfile(&input{r: bytes.NewReader(made.JPEG), size: int64(len(made.JPEG))})
		if c.stays != (kept != nil) || c.stays && !bytes.Equal(kept, c.profile) {
			t.Errorf("%s: %d bytes of profile stay, of %d", name, len(kept), len(c.profile))
		}
	}
}

// A first frame need not fill the picture; what it leaves free is white.
func TestAnAnimationIsAsLargeAsItsCanvas(t *testing.T) {
	t.Parallel()
	chunk := func(id string, data []byte) []byte {
		b := binary.LittleEndian.AppendUint32([]byte(id), uint32(len(data)))
		return append(append(b, data...), make([]byte, len(data)%2)...)
	}
	frame := sampleFile(t, "lossy.webp")[12:] // behind the RIFF header: one chunk of 160 × 120
	body := slices.Concat([]byte("WEBP"), chunk("VP8X", []byte{2, 0, 0, 0, 0x2B, 1, 0, 0xC7, 0, 0}), chunk("ANIM", make([]byte, 6)),
		chunk("ANMF", append([]byte{20, 0, 0, 10, 0, 0, 159, 0, 0, 119, 0, 0, 0, 0, 0, 0}, frame...)))
	var gifs bytes.Buffer
	part := image.NewPaletted(image.Rect(40, 20, 200, 140), palette(quarters[3]))
	for y := range 120 {
		for x := range 160 {
			part.Set(40+x, 20+y, quarters[y/60*2+x/80])
		}
	}
	if err := gif.EncodeAll(&gifs, &gif.GIF{Image: []*image.Paletted{part}, Delay: []int{1}, Config: image.Config{Width: 300, Height: 200}}); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"WebP": chunk("RIFF", body), "GIF": gifs.Bytes()} {
		info, err := photo.Inspect(bytes.NewReader(data), int64(len(data)))
		if err != nil || info.Width != 300 || info.Height != 200 {
			t.Errorf("%s is %d × %d, %v", name, info.Width, info.Height, err)
		}
		m, made := converted(t, data, usual)
		if made.Width != 300 || made.Height != 200 {
			t.Errorf("%s: %d × %d are made", name, made.Width, made.Height)
		}
		for at, want := range map[image.Point]color.NRGBA{{10, 10}: white, {250, 180}: white, {80, 50}: quarters[0], {160, 50}: quarters[1], {80, 110}: quarters[2]} {
			if got := color.NRGBAModel.Convert(m.At(at.X, at.Y)).(color.NRGBA); apart(got.R, want.R)+apart(got.G, want.G)+apart(got.B, want.B) > 40 {
				t.Errorf("%s at %v: %v, want %v", name, at, got, want)
			}
		}
	}
}

func TestWideColoursThatAreOnlyNamedGetAProfile(t *testing.T) {
	t.Parallel()
	whole := sampleFile(t, "quad.avif")
	at := bytes.Index(whole, []byte("colrnclx")) + len("colrnclx")
	for primaries, want := range map[uint16][]byte{1: nil, 2: nil, primariesP3: icc.DisplayP3.Profile(), primaries2020: icc.Rec2020.Profile()} {
		data := bytes.Clone(whole)
		binary.BigEndian.PutUint16(data[at:], primaries)
		_, made := converted(t, data, usual)
		if got := jpegProfile(&input{r: bytes.NewReader(made.JPEG), size: int64(len(made.JPEG))}); !bytes.Equal(got, want) {
			t.Errorf("primaries %d: %d bytes of profile, want %d", primaries, len(got), len(want))
		}
	}
}

// A press's profile does not fit beside what is made, so it is applied.
func TestInksAreSeenThroughTheirProfile(t *testing.T) {
	t.Parallel()
	naked := sampleFile(t, "cmyk.jpg")
	without, _ := converted(t, naked, usual)
	with, _ := converted(t, withHead(naked, rawProfile(pressProfile())), usual)
	spread := func(c color.Color) uint32 { r, g, b, _ := c.RGBA(); return max(r, g, b) - min(r, g, b) }
	if was, is := spread(without.At(10, 10)), spread(with.At(10, 10)); was < 0x4000 || is > 0x0500 {
		t.Errorf("a press with nothing but greys shows %v, and without its profile %v", with.At(10, 10), without.At(10, 10))
	}
}

// pressProfile is that of a press whose inks are all greys: the more of them, the darker.
func pressProfile() []byte {
	const lutHead = 48
	lut := append([]byte("mft1\x00\x00\x00\x00\x04\x03\x02\x00"), make([]byte, lutHead-12)...)
	line := make([]byte, 256)
	for i := range line {
		line[i] = byte(i)
	}
	lut = append(lut, bytes.Repeat(line, inks)...)
	for corner := range uint(16) {
		lut = append(lut, byte(250-60*bits.OnesCount(corner)), 128, 128)
	}
	lut = append(lut, bytes.Repeat(line, 3)...)
	b := profile("CMYK", 0)
	copy(b[20:], "Lab ")
	b = append(b, "\x00\x00\x00\x01A2B0"...)
	b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, profileHead+16), uint32(len(lut)))
	b = append(b, lut...)
	binary.BigEndian.PutUint32(b, uint32(len(b)))
	return b
}

// rawProfile is a profile in a JPEG's segments, right or wrong.
func rawProfile(profile []byte) []byte {
	var b []byte
	const most = 65_000
	n := (len(profile) + most - 1) / most
	for i := range n {
		b = appendSegment(b, markAPP2, []byte(iccHead), []byte{byte(i + 1), byte(n)}, profile[i*most:min(len(profile), (i+1)*most)])
	}
	return b
}

func TestNothingOfThePhotosMetadataIsSentButWhoseItIs(t *testing.T) {
	t.Parallel()
	plain := encoded(t, asJPEG, paint(image.NewNRGBA(bounds), quarters[3]))
	data := withSegment(plain, 0xFE, []byte("COMMENT-HOME"))
	data = withSegment(data, 0xE1, []byte("http://ns.adobe.com/xap/1.0/\x00<x>XMP-PLACE</x>"))
	data = withSegment(data, 0xE1, []byte("Exif\x00\x00"), exifBlock(6))
	for _, credit := range []bool{true, false} {
		o := usual
		o.Credit = credit
		_, made := converted(t, data, o)
		for _, secret := range []string{"GPS-", "HOME", "PLACE"} {
			if bytes.Contains(made.JPEG, []byte(secret)) {
				t.Errorf("credit %v: %s is sent", credit, secret)
			}
		}
		for _, name := range []string{"Ansel Adams", "(c) 2026 Ansel"} {
			if bytes.Contains(made.JPEG, []byte(name)) != credit {
				t.Errorf("credit %v: %q is there or not", credit, name)
			}
		}
	}
}

func TestAJPEGIsMadeToFitItsBytes(t *testing.T) {
	t.Parallel()
	noise := image.NewRGBA(image.Rect(0, 0, 1200, 900))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Pix {
		noise.Pix[i] = byte(random.Uint32()) | 3
	}
	data := encoded(t, asJPEG, noise)
	sizes := map[int]int{}
	for _, most := range []int{8 << 20, 900_000, 400_000, 200_000} {
		made, err := try(data, Options{MaxSide: 2400, MaxBytes: most})
		if err != nil || len(made.JPEG) > most {
			t.Fatalf("at most %d: %d, %v", most, len(made.JPEG), err)
		}
		sizes[most] = made.Width
	}
	if sizes[900_000] != 1200 || sizes[200_000] >= 1200 {
		t.Errorf("widths %v: quality goes first, then pixels", sizes)
	}
	_, err := try(data, Options{MaxSide: 2400, MaxBytes: 20_000})
	wantFault(t, err, TooHeavy)
}

func TestScalingIsAsGoodAsTheLibrarys(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	src := image.NewGray(image.Rect(0, 0, 317, 211))
	for y := range 211 {
		for x := range 317 {
			src.SetGray(x, y, color.Gray{byte(128 + 60*((x/23+y/17)%2) + random.IntN(12))})
		}
	}
	for _, to := range []image.Point{{316, 210}, {200, 133}, {159, 106}, {100, 66}, {31, 21}, {1, 1}} {
		p := picture{image: src}
		got := p.scaled(to.X, to.Y).(*image.Gray)
		want := image.NewGray(image.Rectangle{Max: to})
		draw.CatmullRom.Scale(want, want.Rect, src, src.Rect, draw.Src, nil)
		total := 0
		for i := range want.Pix {
			total += apart(got.Pix[i], want.Pix[i])
		}
		if mean := float64(total) / float64(len(want.Pix)); mean > 4 {
			t.Errorf("%v: %.2f apart in the mean", to, mean)
		}
	}
}

func TestAFlatPictureStaysFlat(t *testing.T) {
	t.Parallel()
	for _, size := range []image.Point{{1001, 703}, {640, 480}} {
		src := image.NewYCbCr(image.Rectangle{Max: size}, image.YCbCrSubsampleRatio420)
		for _, plane := range [][]byte{src.Y, src.Cb, src.Cr} {
			for i := range plane {
				plane[i] = 201
			}
		}
		for _, width := range []int{1001, 640, 501, 333, 100} {
			width = min(width, size.X)
			m := picture{image: src}.scaled(width, max(1, size.Y*width/size.X)).(*image.YCbCr)
			for _, plane := range [][]byte{m.Y, m.Cb, m.Cr} {
				for _, v := range plane {
					if v != 201 {
						t.Fatalf("%v to %d: a value became %d", size, width, v)
					}
				}
			}
		}
	}
}

// broken is a disk that fails behind the first 64 bytes.
type brokenDisk struct{ *bytes.Reader }

var errDisk = errors.New("I/O error")

func (d brokenDisk) ReadAt(b []byte, off int64) (int, error) {
	if off+int64(len(b)) > 64 {
		return 0, errDisk
	}
	return d.Reader.ReadAt(b, off)
}

func TestADisksErrorIsNotThePhotosFault(t *testing.T) {
	t.Parallel()
	for name, data := range samples(t) {
		_, err := Convert(brokenDisk{bytes.NewReader(data)}, int64(len(data)), usual)
		if _, isFault := errors.AsType[*Fault](err); isFault || !errors.Is(err, errDisk) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheDecodersAreThoseOfTheTable(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile(filepath.Join("codec", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"heic.wasm.gz", "avif.wasm.gz"} {
		b, err := os.ReadFile(filepath.Join("codec", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(table, fmt.Appendf(nil, "`%x`", sha256.Sum256(b))) {
			t.Errorf("%s is another one", name)
		}
	}
}

var _ io.ReaderAt = brokenDisk{}
