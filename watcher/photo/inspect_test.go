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
	} {
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
	for name, data := range map[string][]byte{
		"phone JPEG": cameraJPEG(t), "progressive JPEG": progressiveJPEG(), "rich PNG": richPNG(t),
	} {
		t.Run(name, func(t *testing.T) {
			whole, err := inspect(data)
			if err != nil {
				t.Fatal(err)
			}
			for n := range int(whole.End) {
				if _, err := inspect(data[:n]); !errors.Is(err, ErrIncomplete) {
					t.Fatalf("cut at %d of %d: %v", n, whole.End, err)
				}
				// Preallocated: the size is right, the rest is still zeros.
				sparse := append(bytes.Clone(data[:n]), make([]byte, len(data)-n)...)
				if _, err := inspect(sparse); !errors.Is(err, ErrIncomplete) && !bytes.Equal(sparse[:whole.End], data[:whole.End]) {
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
		"empty":              {"", ErrIncomplete, "empty"},
		"one zero":           {"\x00", ErrIncomplete, "zeros"},
		"zeros":              {strings.Repeat("\x00", 5000), ErrIncomplete, "zeros"},
		"zero head":          {strings.Repeat("\x00", 64) + "late", ErrIncomplete, "zeros"},
		"text":               {"hello, this is no photo at all", ErrUnknownFormat, "no photo"},
		"short text":         {"hi", ErrUnknownFormat, "no photo"},
		"PDF":                {"%PDF-1.7", ErrUnknownFormat, "export it as JPEG or PNG"},
		"film":               {"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", ErrUnknownFormat, "no photo"},
		"HEIC":               {"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", ErrUnsupported, "pinfold cannot post HEIC yet: export it as JPEG or PNG"},
		"HEIC, general":      {"\x00\x00\x00\x14ftypmif1\x00\x00\x00\x00miaf", ErrUnsupported, "HEIC"},
		"AVIF":               {"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00miafavif", ErrUnsupported, "AVIF"},
		"TIFF":               {"II*\x00\x08\x00\x00\x00", ErrUnsupported, "TIFF"},
		"big-endian TIFF":    {"MM\x00*\x00\x00\x00\x08", ErrUnsupported, "TIFF"},
		"WebP":               {"RIFF\x10\x00\x00\x00WEBPVP8 ", ErrUnsupported, "WebP"},
		"WAVE":               {"RIFF\x10\x00\x00\x00WAVEfmt ", ErrUnknownFormat, "no photo"},
		"GIF":                {"GIF89a\x10\x00", ErrUnsupported, "GIF"},
		"BMP":                {"BM\x00\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00", ErrUnsupported, "BMP"},
		"text that is BM":    {"BMW is a maker of cars, and more", ErrUnknownFormat, "no photo"},
		"narrow":             {string(resize(plain, frame, 99, 100)), ErrTooSmall, "99 × 100"},
		"low":                {string(plainPNG(t, 100, 99)), ErrTooSmall, "100 × 99"},
		"no height":          {string(resize(plain, frame, 100, 0)), ErrTooSmall, "100 × 0"},
		"bomb":               {string(resize(plain, frame, 65000, 65000)), ErrTooBig, "65000 × 65000"},
		"just over 100 MP":   {string(resize(plain, frame, 10001, 10000)), ErrTooBig, "100 megapixels"},
		"arithmetic":         {string(coded), ErrUnsupported, "arithmetic"},
		"12 bit":             {string(deep), ErrUnsupported, "8 bits"},
		"two photos":         {string(plain[:len(plain)-50]) + string(plain), ErrIncomplete, "second photo"},
		"no scan":            {"\xff\xd8\xff\xd9", ErrIncomplete, "no picture"},
		"scan before header": {"\xff\xd8" + string(segment(0xDA, "x")) + "\xff\xd9", ErrIncomplete, "damaged"},
		"length below two":   {"\xff\xd8\xff\xe0\x00\x01\xff\xd9", ErrIncomplete, "damaged"},
		"length past end":    {"\xff\xd8\xff\xe0\xff\xff\xff\xd9", ErrIncomplete, "cut off"},
		"no IHDR":            {pngMagic + string(appendChunk(nil, "IEND", nil)), ErrIncomplete, "header"},
		"no IDAT":            {string(plainPNG(t, 100, 100)[:33]) + string(appendChunk(nil, "IEND", nil)), ErrIncomplete, "no picture"},
		"huge chunk":         {string(plainPNG(t, 100, 100)[:33]) + "\x7f\xff\xff\xffIDAT", ErrIncomplete, "cut off"},
		"Apple's PNG":        {pngMagic + string(appendChunk(nil, "CgBI", nil)), ErrUnsupported, "Apple"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := inspect([]byte(c.data))
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

func TestAPhotoOverTheByteLimitIsTooBigButATrailerDoesNotCount(t *testing.T) {
	data := progressiveJPEG()
	trailing := append(bytes.Clone(data), make([]byte, MaxBytes)...)
	if _, err := inspect(trailing); err != nil {
		t.Errorf("small photo with a long film behind it: %v", err)
	}
	at := len(data) - 2
	for n, want := range map[int]error{MaxBytes: nil, MaxBytes + 1: ErrTooBig} {
		grown := append(append(bytes.Clone(data[:at]), make([]byte, n-len(data))...), 0xFF, 0xD9)
		if _, err := inspect(grown); !errors.Is(err, want) {
			t.Errorf("%d bytes: got %v, want %v", n, err, want)
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
	f.Add([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"))
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
