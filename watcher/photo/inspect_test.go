package photo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestInspectFindsTheEndBeforeWhatTrails(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want Info
	}{
		"plain JPEG":       {plainJPEG(t, 101, 100), Info{JPEG, 101, 100, 0, 1}},
		"phone JPEG":       {cameraJPEG(t), Info{JPEG, 120, 104, 0, 6}},
		"progressive JPEG": {progressiveJPEG(), Info{JPEG, 104, 112, 0, 1}},
		"plain PNG":        {plainPNG(t, 100, 300), Info{PNG, 100, 300, 0, 1}},
		"rich PNG":         {richPNG(t), Info{PNG, 120, 104, 0, 8}},
		"lossy WebP":       {drawn(t, "lake.webp"), Info{WebP, 160, 120, 0, 1}},
		"lossless WebP":    {drawn(t, "lossless.webp"), Info{WebP, 160, 120, 0, 1}},
		"moving WebP":      {drawn(t, "moving.webp"), Info{WebP, 160, 120, 0, 1}},
		"moving GIF":       {movingGIF(t), Info{GIF, 120, 104, 0, 1}},
		"BMP":              {plainBMP(104), Info{BMP, 121, 104, 0, 1}},
		"BMP from the top": {plainBMP(-104), Info{BMP, 121, 104, 0, 1}},
		"TIFF":             {tiffOf(t, binary.LittleEndian), Info{TIFF, 120, 104, 0, 6}},
		"big-endian TIFF":  {tiffOf(t, binary.BigEndian), Info{TIFF, 120, 104, 0, 6}},
		"HEIC":             {drawn(t, "lake.heic"), Info{HEIC, 160, 120, 0, 1}},
		"HEIC of tiles":    {gridHEIC(boxOf("irot", []byte{3})), Info{HEIC, 240, 120, 0, 6}},
		"AVIF":             {drawn(t, "lake.avif"), Info{AVIF, 160, 120, 0, 1}},
	} {
		if !heifDecodable && (c.want.Format == HEIC || c.want.Format == AVIF) {
			continue // the faults' test has them
		}
		t.Run(name, func(t *testing.T) {
			c.want.End = int64(len(c.data))
			if i := bytes.LastIndex(c.data, []byte("MOTION")); i > 0 {
				c.want.End = int64(i)
			}
			for _, trail := range []string{"", "\x00", strings.Repeat("\x00", 70_000), "\xff\xd8\xff\xd9", "\xff"} {
				got, err := inspect(append(bytes.Clone(c.data), trail...))
				if err != nil || got != c.want {
					t.Errorf("trail %.9q: got %+v, %v; want %+v", trail, got, err, c.want)
				}
			}
		})
	}
}

func TestInspectIsNeverContentWithACutFile(t *testing.T) {
	lake, moving, tiles, heic, avif := drawn(t, "lake.webp"), drawn(t, "moving.webp"), gridHEIC(), drawn(t, "lake.heic"), drawn(t, "lake.avif")
	lossless, tiff := drawn(t, "lossless.webp"), tiffOf(t, binary.LittleEndian)
	for name, c := range map[string]struct {
		data []byte
		// holes is where zeros to the end begin to count as the picture's own: compressed data may end in some,
		// what follows it is not the picture, and BMP's pixels may be black. 0: never.
		holes int
	}{
		"phone JPEG": {cameraJPEG(t), 0}, "progressive JPEG": {progressiveJPEG(), 0}, "rich PNG": {richPNG(t), 0},
		"lossy WebP":    {lake, bytes.Index(lake, []byte("EXIF")) - zeroTail},
		"lossless WebP": {lossless, len(lossless) - zeroTail},
		"moving WebP":   {moving, bytes.LastIndex(moving, []byte("ANMF")) - zeroTail},
		"moving GIF":    {movingGIF(t), 0},
		"BMP":           {plainBMP(104), 1},
		"TIFF":          {tiff, bytes.LastIndex(tiff, []byte("\x17\x01\x04\x00"))},
		"HEIC":          {heic, bytes.LastIndex(heic, []byte("mdat")) + 40},
		"HEIC of tiles": {tiles, bytes.LastIndex(tiles, []byte("Exif\x00\x00II")) - zeroTail - 4},
		"AVIF":          {avif, bytes.LastIndex(avif, []byte("mdat")) + 40},
	} {
		if !heifDecodable && strings.ContainsAny(name, "HV") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			whole, err := inspect(c.data)
			if err != nil {
				t.Fatal(err)
			}
			for n := 0; n < int(whole.End); n += 1 + n/1000 {
				if _, err := inspect(c.data[:n]); !errors.Is(err, ErrIncomplete) {
					t.Fatalf("cut at %d of %d: %v", n, whole.End, err)
				}
				// Preallocated: the size is right, the rest is still zeros.
				sparse := append(bytes.Clone(c.data[:n]), make([]byte, len(c.data)-n)...)
				if c.holes > 0 && n >= c.holes || bytes.Equal(sparse[:whole.End], c.data[:whole.End]) {
					continue
				}
				if _, err := inspect(sparse); !errors.Is(err, ErrIncomplete) {
					t.Fatalf("zeros from %d of %d: %v", n, whole.End, err)
				}
			}
		})
	}
}

func TestInspectSeesEveryFlippedBitOfAPNG(t *testing.T) {
	data := plainPNG(t, 100, 100)
	for i := range data {
		data[i] ^= 0x10
		if _, err := inspect(data); err == nil {
			t.Fatalf("byte %d of %d may change unseen", i, len(data))
		}
		data[i] ^= 0x10
	}
}

func TestInspectNamesTheFault(t *testing.T) {
	resize := func(b []byte, at int, width, height uint16) []byte {
		b = bytes.Clone(b)
		binary.BigEndian.PutUint16(b[at:], height)
		binary.BigEndian.PutUint16(b[at+2:], width)
		return b
	}
	plain := plainJPEG(t, 100, 100)
	frame := bytes.Index(plain, []byte{0xFF, 0xC0}) + 5
	coded := bytes.Clone(plain)
	coded[frame-4] = 0xC9
	deep := bytes.Clone(plain)
	deep[frame-1] = 12
	for name, c := range map[string]struct {
		data string
		kind error
		text string
	}{
		"empty":               {"", ErrIncomplete, "empty"},
		"one zero":            {"\x00", ErrIncomplete, "zeros"},
		"zeros":               {strings.Repeat("\x00", 5000), ErrIncomplete, "zeros"},
		"zero head":           {strings.Repeat("\x00", 64) + "late", ErrIncomplete, "zeros"},
		"text":                {"hello, this is no photo at all", ErrUnknownFormat, "no photo"},
		"short text":          {"hi", ErrUnknownFormat, "no photo"},
		"PDF":                 {"%PDF-1.7", ErrUnknownFormat, "export it as JPEG or PNG"},
		"film":                {"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", ErrUnsupported, "a film, whatever its name says"},
		"film as HEIC":        {film("heic"), ErrUnsupported, "HEIC that holds a film"},
		"Canon's RAW":         {"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x00crx isom", ErrUnsupported, "RAW photo (Canon): export it as JPEG"},
		"Canon's older RAW":   {"II*\x00\x10\x00\x00\x00CR\x02\x00", ErrUnsupported, "RAW"},
		"Olympus' RAW":        {"IIRO\x08\x00\x00\x00", ErrUnsupported, "RAW"},
		"Adobe's RAW":         {string(tiffOf(t, binary.BigEndian, entryOf{tag: tagDNGVersion, kind: 1, bytes: []byte{1, 4, 0, 0}})), ErrUnsupported, "RAW"},
		"Nikon's RAW":         {string(previewed(t)), ErrUnsupported, "RAW"},
		"BigTIFF":             {"II+\x00\x08\x00\x00\x00", ErrUnsupported, "BigTIFF"},
		"packed as Zstandard": {string(patched(tiffOf(t, binary.BigEndian), "\x01\x03\x00\x03\x00\x00\x00\x01\x00\x08", "\x01\x03\x00\x03\x00\x00\x00\x01\xc3\x50")), ErrUnsupported, "TIFF with this kind of compression (50000)"},
		"TIFF in LogLuv":      {string(patched(tiffOf(t, binary.BigEndian), "\x01\x06\x00\x03\x00\x00\x00\x01\x00\x02", "\x01\x06\x00\x03\x00\x00\x00\x01\x80\x4d")), ErrUnsupported, "TIFF with colours of kind 32845"},
		"vast TIFF":           {string(patched(tiffOf(t, binary.LittleEndian), "\x00\x01\x03\x00\x01\x00\x00\x00\x78\x00\x00\x00", "\x00\x01\x04\x00\x01\x00\x00\x00\xff\xff\xff\xff")), ErrTooBig, "megapixels"},
		"TIFF's loop":         {string(looped(tiffOf(t, binary.LittleEndian))), nil, ""},
		"strip outside":       {string(outside(tiffOf(t, binary.LittleEndian))), ErrIncomplete, "cut off"},
		"WebP without frame":  {"RIFF\x0c\x00\x00\x00WEBPEXIF\x00\x00\x00\x00", ErrIncomplete, "no picture"},
		"GIF without frame":   {"GIF89a\x78\x00\x68\x00\x00\x00\x00\x3b", ErrIncomplete, "no picture"},
		"TIFF's lost part":    {string(lost(tiffOf(t, binary.LittleEndian))), ErrIncomplete, "part of the picture is missing"},
		"TIFF's hole":         {string(hole(tiffOf(t, binary.LittleEndian))), ErrIncomplete, "there are zeros before byte"},
		"later frame":         {string(patched(drawn(t, "lake.webp"), "\x9d\x01\x2a", "\x9d\x01\x2b")), ErrIncomplete, "damaged"},
		"vast GIF":            {string(patched(movingGIF(t), "\x2c\x00\x00\x00\x00\x78\x00\x68\x00", "\x2c\x00\x00\x00\x00\xff\xff\xff\xff")), ErrTooBig, "65535 × 65535"},
		"vast BMP":            {string(patched(plainBMP(104), "\x79\x00\x00\x00", "\xff\xff\xff\x7f")), ErrTooBig, "megapixels"},
		"packed BMP":          {string(patched(plainBMP(104), "\x18\x00\x00", "\x18\x00\x01")), ErrUnsupported, "BMP"},
		"OS/2's BMP":          {"BM\x00\x00\x00\x00\x00\x00\x00\x00\x1a\x00\x00\x00\x0c\x00\x00\x00" + strings.Repeat("\x01", 60), ErrUnsupported, "BMP"},
		"HDR in PQ":           {string(gridHEIC(boxOf("colr", []byte("nclx"), u16(9, 16, 9), []byte{0x80}))), ErrUnsupported, "HDR"},
		"P3 only named":       {string(gridHEIC(boxOf("colr", []byte("nclx"), u16(12, 13, 6), []byte{0x80}))), nil, ""},
		"vast HEIC":           {string(patched(gridHEIC(), "\x00\x00\x00\xf0\x00\x00\x00\x78", "\x00\x00\xff\xff\x00\x00\xff\xff")), ErrTooBig, "65535 × 65535"},
		"HEIC without size":   {string(patched(gridHEIC(), "ispe", "ispx")), ErrTooSmall, "0 × 0"},
		"text as HEIC":        {string(patched(gridHEIC(), "pitm\x00\x00\x00\x00\x00\x03", "pitm\x00\x00\x00\x00\x00\x04")), ErrTooSmall, "0 × 0"},
		"extents' bomb":       {extents(), ErrIncomplete, "directory cannot be read"},
		"JPEG XL":             {"\x00\x00\x00\x0cJXL \x0d\x0a\x87\x0a", ErrUnsupported, "JPEG XL"},
		"Photoshop's":         {"8BPS\x00\x01", ErrUnsupported, "Photoshop"},
		"WAVE":                {"RIFF\x10\x00\x00\x00WAVEfmt ", ErrUnknownFormat, "no photo"},
		"text that is BM":     {"BMW is a maker of cars, and more", ErrUnknownFormat, "no photo"},
		"narrow":              {string(resize(plain, frame, 99, 100)), ErrTooSmall, "99 × 100"},
		"low":                 {string(plainPNG(t, 100, 99)), ErrTooSmall, "100 × 99"},
		"no height":           {string(resize(plain, frame, 100, 0)), ErrTooSmall, "100 × 0"},
		"bomb":                {string(resize(plain, frame, 65000, 65000)), ErrTooBig, "65000 × 65000"},
		"just over 100 MP":    {string(resize(plain, frame, 10001, 10000)), ErrTooBig, "100 megapixels"},
		"arithmetic":          {string(coded), ErrUnsupported, "arithmetic"},
		"12 bit":              {string(deep), ErrUnsupported, "8 bits"},
		"two photos":          {string(plain[:len(plain)-50]) + string(plain), ErrIncomplete, "second photo"},
		"no scan":             {"\xff\xd8\xff\xd9", ErrIncomplete, "no picture"},
		"scan before header":  {"\xff\xd8" + string(segment(0xDA, "x")) + "\xff\xd9", ErrIncomplete, "damaged"},
		"length below two":    {"\xff\xd8\xff\xe0\x00\x01\xff\xd9", ErrIncomplete, "damaged"},
		"length past end":     {"\xff\xd8\xff\xe0\xff\xff\xff\xd9", ErrIncomplete, "cut off"},
		"no IHDR":             {pngMagic + string(appendChunk(nil, "IEND", nil)), ErrIncomplete, "header"},
		"no IDAT":             {string(plainPNG(t, 100, 100)[:33]) + string(appendChunk(nil, "IEND", nil)), ErrIncomplete, "no picture"},
		"huge chunk":          {string(plainPNG(t, 100, 100)[:33]) + "\x7f\xff\xff\xffIDAT", ErrIncomplete, "cut off"},
		"Apple's PNG":         {pngMagic + string(appendChunk(nil, "CgBI", nil)), ErrUnsupported, "Apple"},
	} {
		if !heifDecodable && (strings.Contains(name, "HEIC") || name == "extents' bomb") {
			c.kind, c.text = ErrUnsupported, "on this kind of processor in reasonable time: export it as JPEG"
		}
		t.Run(name, func(t *testing.T) {
			_, err := inspect([]byte(c.data))
			if c.kind == nil {
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			var fault *Error
			if !errors.Is(err, c.kind) || !errors.As(err, &fault) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("got %v, want %v with %q", err, c.kind, c.text)
			}
		})
	}
}

func TestInspectTakesExactlyAHundredMegapixels(t *testing.T) {
	data := plainJPEG(t, 100, 100)
	frame := bytes.Index(data, []byte{0xFF, 0xC0}) + 5
	binary.BigEndian.PutUint16(data[frame:], 10000)
	binary.BigEndian.PutUint16(data[frame+2:], 10000)
	if _, err := inspect(data); err != nil {
		t.Error(err)
	}
}

func TestScanDataMayHoldStuffingRestartsAndFill(t *testing.T) {
	data := progressiveJPEG()
	at := bytes.LastIndex(data, []byte{0xFF, 0xD9})
	scan := "\xff\x00\xff\xd0ab\xff\xd7\xff\xff\x00\xff\xff\xd3" + strings.Repeat("z", 70_000) + "\xff\x00"
	with := append(append(bytes.Clone(data[:at]), scan...), 0xFF, 0xFF, 0xFF, 0xD9)
	if got, err := inspect(with); err != nil || got.End != int64(len(with)) {
		t.Errorf("got %+v, %v; want the end at %d", got, err, len(with))
	}
}

func TestAPhotoOverTheByteLimitIsTooBigToSendButATrailerDoesNotCount(t *testing.T) {
	data := progressiveJPEG()
	trailing := append(bytes.Clone(data), make([]byte, MaxBytes)...)
	if _, err := Open(file(t, trailing), hashOf(t, trailing), Options{}); err != nil {
		t.Errorf("small photo with a long film behind it: %v", err)
	}
	at := len(data) - 2
	for n, want := range map[int]error{MaxBytes: nil, MaxBytes + 1: ErrTooBig} {
		grown := append(append(bytes.Clone(data[:at]), make([]byte, n-len(data))...), 0xFF, 0xD9)
		if _, err := inspect(grown); err != nil {
			t.Errorf("%d bytes: got %v; it can be reduced", n, err)
		}
		if _, err := Open(file(t, grown), hashOf(t, grown), Options{}); !errors.Is(err, want) {
			t.Errorf("%d bytes: got %v, want %v", n, err, want)
		}
	}
}

func TestAPhotoOverTheSourcesLimitIsTooBig(t *testing.T) {
	gif := string(movingGIF(t))
	length := func(n int64) string { return string(binary.LittleEndian.AppendUint32(nil, uint32(n-8))) }
	webp := string(drawn(t, "lossless.webp"))
	for n, want := range map[int64]error{MaxSource: nil, MaxSource + 2: ErrTooBig} {
		chunk := "JUNK" + string(binary.LittleEndian.AppendUint32(nil, uint32(n-int64(len(webp))-8)))
		v := vast{"RIFF" + length(n) + webp[8:] + chunk, "", n}
		if _, err := Inspect(v, n); !errors.Is(err, want) {
			t.Errorf("WebP of %d bytes: got %v, want %v", n, err, want)
		}
	}
	for n, want := range map[int64]error{MaxSource: nil, MaxSource + 2: ErrTooBig} {
		bmp := patched(plainBMP(104), string(plainBMP(104)[:6]), "BM"+length(n+8))
		if _, err := Inspect(vast{string(bmp), "", n}, n); !errors.Is(err, want) {
			t.Errorf("BMP of %d bytes: got %v, want %v", n, err, want)
		}
	}
	v := vast{gif, "", 1 << 40}
	if _, err := Inspect(v, v.size); err != nil {
		t.Errorf("a GIF with a terabyte behind it: %v", err)
	}
}

func TestHowHEICIsTurned(t *testing.T) {
	if !heifDecodable {
		return // refused before; see the faults
	}
	irot := func(quarters byte) []byte { return boxOf("irot", []byte{quarters}) }
	mirror := func(axis byte) []byte { return boxOf("imir", []byte{axis}) }
	for _, c := range []struct {
		want       int
		transforms [][]byte
	}{
		{1, nil},
		{8, [][]byte{irot(1)}},
		{3, [][]byte{irot(2)}},
		{6, [][]byte{irot(3)}},
		{4, [][]byte{mirror(0)}},
		{2, [][]byte{mirror(1)}},
		{5, [][]byte{irot(1), mirror(0)}},
		{7, [][]byte{irot(1), mirror(1)}},
		{7, [][]byte{irot(3), mirror(0)}},
		{5, [][]byte{irot(3), mirror(1)}},
		{2, [][]byte{irot(2), mirror(0)}},
	} {
		if got, err := inspect(gridHEIC(c.transforms...)); err != nil || got.Orientation != c.want {
			t.Errorf("%q: got %d, %v; want %d", c.transforms, got.Orientation, err, c.want)
		}
	}
}

// failing gives an error from an offset on.
type failing struct {
	data []byte
	from int64
	err  error
}

func (f failing) ReadAt(b []byte, off int64) (int, error) {
	if off+int64(len(b)) > f.from {
		return 0, f.err
	}
	return bytes.NewReader(f.data).ReadAt(b, off)
}

func TestADiskErrorIsNotAFaultOfThePhoto(t *testing.T) {
	data := cameraJPEG(t)
	broken := errors.New("input/output error")
	_, err := Inspect(failing{data, 100, broken}, int64(len(data)))
	var fault *Error
	if !errors.Is(err, broken) || errors.As(err, &fault) {
		t.Errorf("got %v", err)
	}
	for _, data := range [][]byte{tiffOf(t, binary.LittleEndian), drawn(t, "lake.webp"), movingGIF(t), plainBMP(104)} {
		for from := int64(0); from < int64(len(data)); from += 1 + from/20 {
			if _, err := Inspect(failing{data, from, broken}, int64(len(data))); err != nil && !errors.Is(err, broken) {
				t.Fatalf("from byte %d of %.4q: got %v", from, data, err)
			}
		}
	}
	bmp := plainBMP(104)
	if _, err := Inspect(bytes.NewReader(bmp[:300]), int64(len(bmp))); !errors.Is(err, ErrIncomplete) {
		t.Errorf("BMP shorter than its size: got %v", err)
	}
	if _, err := Inspect(bytes.NewReader(data[:300]), int64(len(data))); !errors.Is(err, ErrIncomplete) {
		t.Errorf("file shorter than its size: got %v", err)
	}
}

func TestInspectAndHashIsInspectAndHash(t *testing.T) {
	for _, data := range [][]byte{cameraJPEG(t), richPNG(t), append(progressiveJPEG(), make([]byte, 200_000)...)} {
		want, _ := inspect(data)
		got, sum, err := InspectAndHash(bytes.NewReader(data), int64(len(data)))
		if err != nil || got != want || sum != hashOf(t, data) {
			t.Errorf("got %+v, %s, %v; want %+v, %s", got, sum, err, want, hashOf(t, data))
		}
		if _, sum, err := InspectAndHash(bytes.NewReader(data[:len(data)-1]), int64(len(data))); err == nil || sum != "" {
			t.Errorf("shorter than its size: got %q, %v", sum, err)
		}
	}
	if _, sum, err := InspectAndHash(strings.NewReader("text, no photo"), 14); err == nil || sum != "" {
		t.Errorf("no photo: got %q, %v", sum, err)
	}
}

func FuzzInspect(f *testing.F) {
	f.Add(cameraJPEG(f))
	f.Add(progressiveJPEG())
	f.Add(richPNG(f))
	for _, name := range []string{"lake.webp", "lossless.webp", "moving.webp", "lake.heic", "lake.avif"} {
		f.Add(drawn(f, name))
	}
	f.Add(movingGIF(f))
	f.Add(plainBMP(-104))
	f.Add(tiffOf(f, binary.LittleEndian))
	f.Add(tiffOf(f, binary.BigEndian, entryOf{tag: tagXMP, kind: 1, bytes: []byte("<x/>")}))
	f.Add(gridHEIC(boxOf("irot", []byte{3})))
	f.Fuzz(func(t *testing.T, data []byte) {
		info, err := inspect(data)
		if err != nil {
			var fault *Error
			if !errors.As(err, &fault) || fault.Message == "" {
				t.Fatalf("no words for %v", err)
			}
			return
		}
		if info.End < 1 || info.End > int64(len(data)) || info.Orientation < 1 || info.Orientation > 8 {
			t.Fatalf("got %+v of %d bytes", info, len(data))
		}
		if short, err := inspect(data[:info.End]); err != nil || short != info {
			t.Fatalf("without the trailer: %+v, %v; with it %+v", short, err, info)
		}
		if _, err := inspect(data[:info.End-1]); !errors.Is(err, ErrIncomplete) {
			t.Fatalf("cut by a byte: %v", err)
		}
		if _, sum, err := InspectAndHash(bytes.NewReader(data), int64(len(data))); err != nil || sum != hashOf(t, data) {
			t.Fatalf("hash %s, %v", sum, err)
		}
	})
}

var _ io.ReaderAt = failing{}
