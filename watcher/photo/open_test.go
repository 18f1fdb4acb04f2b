package photo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// send opens data as a photo and gives what would be sent.
func send(tb testing.TB, data []byte, choice Metadata) []byte {
	tb.Helper()
	u, err := Open(file(tb, data), hashOf(tb, data), Options{Metadata: choice})
	if err != nil {
		tb.Fatalf("open: %v", err)
	}
	sent, err := io.ReadAll(u.Reader())
	if err != nil {
		tb.Fatalf("read: %v", err)
	}
	if int64(len(sent)) != u.Size {
		tb.Fatalf("sent %d bytes, promised %d", len(sent), u.Size)
	}
	return sent
}

func TestStrippingLeavesPixelsAndTakesSecrets(t *testing.T) {
	for name, data := range map[string][]byte{
		"phone JPEG": cameraJPEG(t), "progressive JPEG": progressiveJPEG(), "rich PNG": richPNG(t),
		"plain JPEG": plainJPEG(t, 130, 110), "plain PNG": plainPNG(t, 110, 130),
	} {
		for _, choice := range []Metadata{"", StripLocation, StripAll, Keep} {
			t.Run(name+" "+string(choice), func(t *testing.T) {
				before, err := inspect(data)
				if err != nil {
					t.Fatal(err)
				}
				sent := send(t, data, choice)
				samePixels(t, decode(t, data), decode(t, sent))
				after, err := inspect(sent)
				if err != nil || after.End != int64(len(sent)) || after.Orientation != before.Orientation {
					t.Errorf("sent %+v, %v, of %+v", after, err, before)
				}
				if choice == Keep {
					if !bytes.Equal(sent, data[:before.End]) {
						t.Error("kept bytes differ")
					}
					return
				}
				for _, secret := range secrets {
					if bytes.Contains(sent, []byte(secret)) {
						t.Errorf("%s is sent", secret)
					}
				}
				if again := send(t, sent, choice); !bytes.Equal(again, sent) {
					t.Error("stripping twice changes something")
				}
			})
		}
	}
}

func TestCopyrightAndCreatorStayUnlessAllIsStripped(t *testing.T) {
	for _, data := range [][]byte{cameraJPEG(t), richPNG(t)} {
		kept, bare := send(t, data, StripLocation), send(t, data, StripAll)
		for _, word := range []string{"Ansel Adams", "(c) 2026 A"} {
			if !bytes.Contains(kept, []byte(word)) {
				t.Errorf("%q is lost", word)
			}
			if bytes.Contains(bare, []byte(word)) {
				t.Errorf("%q stays", word)
			}
		}
	}
	png := richPNG(t)
	if !bytes.Contains(send(t, png, StripLocation), []byte("Author\x00Somebody Else")) {
		t.Error("a PNG's author is lost")
	}
	if bytes.Contains(send(t, png, StripAll), []byte("Somebody Else")) {
		t.Error("a PNG's author stays")
	}
}

func TestColoursStay(t *testing.T) {
	for _, word := range []string{"ICC_PROFILE\x00\x01\x01colours", "Adobe\x00", "JFIF\x00\x01\x02"} {
		if !bytes.Contains(send(t, cameraJPEG(t), StripAll), []byte(word)) {
			t.Errorf("JPEG: %q is lost", word)
		}
	}
	// The names as PNG's third edition spells them; case is meaning.
	for chunk := range strings.FieldsSeq("PLTE tRNS gAMA cHRM sRGB iCCP sBIT pHYs bKGD hIST sPLT cICP mDCV cLLI") {
		png := richPNG(t)
		png = slices.Concat(png[:33], appendChunk(nil, chunk, []byte("colours")), png[33:])
		if !bytes.Contains(send(t, png, StripAll), []byte(chunk+"colours")) {
			t.Errorf("PNG: %s is lost", chunk)
		}
	}
}

func TestMetadataGoesBehindTheJFIFHeader(t *testing.T) {
	sent := send(t, cameraJPEG(t), StripLocation)
	const jfif = "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00"
	if !bytes.HasPrefix(sent, []byte(jfif)) || string(sent[len(jfif)+4:len(jfif)+10]) != exifHead {
		t.Errorf("begins with %q", sent[:40])
	}
	sent = send(t, richPNG(t), StripLocation)
	if got := string(sent[8+25+4 : 8+25+8]); got != "eXIf" {
		t.Errorf("behind IHDR comes %q", got)
	}
}

func TestNothingIsWrittenWhereNothingHasToBe(t *testing.T) {
	for _, data := range [][]byte{plainJPEG(t, 100, 100), plainPNG(t, 100, 100)} {
		if sent := send(t, data, StripLocation); !bytes.Equal(sent, data) {
			t.Error("a photo without metadata is sent changed")
		}
	}
	upright := append([]byte{0xFF, 0xD8}, segment(0xE1, exifHead+string(exif(1, "", "")))...)
	upright = append(upright, plainJPEG(t, 100, 100)[2:]...)
	if sent := send(t, upright, StripLocation); !bytes.Equal(sent, plainJPEG(t, 100, 100)) {
		t.Error("an upright photo of nobody needs no Exif")
	}
}

func TestOpenRefusesWhatItCannotSend(t *testing.T) {
	data := cameraJPEG(t)
	other := hashOf(t, []byte("other"))
	if _, err := Open(file(t, data), other, Options{}); !errors.Is(err, ErrChanged) {
		t.Errorf("other hash: %v", err)
	}
	if _, err := Open(file(t, data[:900]), hashOf(t, data[:900]), Options{}); !errors.Is(err, ErrIncomplete) {
		t.Errorf("cut: %v", err)
	}
	if _, err := Open(file(t, data), hashOf(t, data), Options{Metadata: "some"}); err == nil {
		t.Error("an unknown choice is taken")
	}
	for _, other := range [][]byte{movingGIF(t), plainBMP(104), tiffOf(t, binary.LittleEndian), drawn(t, "lake.webp"), drawn(t, "lake.heic")} {
		if _, err := Open(file(t, other), hashOf(t, other), Options{}); !errors.Is(err, ErrUnsupported) {
			t.Errorf("%.12q: %v", other, err)
		}
	}
	many := bytes.Clone(data[:2])
	for range maxPieces + 1 {
		many = append(append(many, segment(0xDD, "ab")...), segment(0xFE, "")...)
	}
	many = append(many, plainJPEG(t, 100, 100)[2:]...)
	if _, err := Open(file(t, many), hashOf(t, many), Options{}); !errors.Is(err, ErrUnsupported) {
		t.Errorf("ten thousand pieces: %v", err)
	}
	closed := file(t, data)
	closed.Close()
	if _, err := Open(closed, hashOf(t, data), Options{}); !errors.Is(err, os.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

func TestReaderObeysTheRulesOfReaders(t *testing.T) {
	data := cameraJPEG(t)
	u, err := Open(file(t, data), hashOf(t, data), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := io.ReadAll(u.Reader())
	if err != nil {
		t.Fatal(err)
	}
	if err := iotest.TestReader(u.Reader(), want); err != nil {
		t.Error(err)
	}
	if got, err := io.ReadAll(iotest.OneByteReader(u.Reader())); err != nil || !bytes.Equal(got, want) {
		t.Errorf("byte by byte: %d bytes, %v", len(got), err)
	}
}

func TestTheLastBytesAreWithheldFromAChangedPhoto(t *testing.T) {
	big := cameraJPEG(t)
	at := bytes.LastIndex(big, []byte("\xff\xd9MOTION"))
	big = slices.Concat(big[:at], bytes.Repeat([]byte("scan"), 50_000), big[at:])
	for name, data := range map[string][]byte{"big": big, "small": cameraJPEG(t)} {
		edits := map[string]func(*os.File) error{
			"pixel":          func(f *os.File) error { _, err := f.WriteAt([]byte{1}, int64(len(data)-100)); return err },
			"left-out part":  func(f *os.File) error { _, err := f.WriteAt([]byte{1}, 60); return err },
			"trailing bytes": func(f *os.File) error { _, err := f.WriteAt([]byte{1}, int64(len(data)-1)); return err },
			"grown":          func(f *os.File) error { _, err := f.WriteAt(make([]byte, 1), int64(len(data))); return err },
			"grown a lot":    func(f *os.File) error { return f.Truncate(1 << 40) },
			"shrunk":         func(f *os.File) error { return f.Truncate(int64(len(data) - 1)) },
			"emptied":        func(f *os.File) error { return f.Truncate(0) },
		}
		for edit, apply := range edits {
			t.Run(name+" "+edit, func(t *testing.T) {
				f := file(t, data)
				u, err := Open(f, hashOf(t, data), Options{})
				if err != nil {
					t.Fatal(err)
				}
				if err := apply(f); err != nil {
					t.Fatal(err)
				}
				r := u.Reader()
				got, err := io.ReadAll(r)
				if !errors.Is(err, ErrChanged) || int64(len(got)) > max(u.Size-holdBack, 0) {
					t.Errorf("got %d of %d bytes, %v", len(got), u.Size, err)
				}
				if n, again := r.Read(make([]byte, 10)); n != 0 || !errors.Is(again, ErrChanged) {
					t.Errorf("read again: %d, %v", n, again)
				}
			})
		}
	}
}

func TestAFailingDiskIsNotAChange(t *testing.T) {
	data := cameraJPEG(t)
	f := file(t, data)
	u, err := Open(f, hashOf(t, data), Options{})
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if _, err := io.ReadAll(u.Reader()); !errors.Is(err, os.ErrClosed) || errors.Is(err, ErrChanged) {
		t.Errorf("got %v", err)
	}
}

func TestReaderHoldsConstantMemory(t *testing.T) {
	data := progressiveJPEG()
	data = slices.Concat(data[:len(data)-2], make([]byte, 8<<20), data[len(data)-2:])
	u, err := Open(file(t, data), hashOf(t, data), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := io.Copy(io.Discard, struct{ io.Reader }{u.Reader()}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	got := after.TotalAlloc - before.TotalAlloc
	if got > 2*chunkSize {
		t.Errorf("%d bytes for a photo of %d", got, len(data))
	}
}

func TestTagsSurviveTheirOwnBlock(t *testing.T) {
	for _, want := range []tags{
		{orientation: 6},
		{orientation: 1, artist: []byte("A")},
		{orientation: 3, artist: []byte("Åse Öst"), copyright: []byte("all rights\x00mine")},
		{orientation: 8, copyright: bytes.Repeat([]byte("x"), maxText)},
	} {
		got := readTags(want.block())
		if got.orientation != want.orientation || !bytes.Equal(got.artist, want.artist) || !bytes.Equal(got.copyright, want.copyright) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func TestBrokenExifCountsAsNone(t *testing.T) {
	whole := exif(6, "Ansel Adams", "(c)")
	for n := range whole {
		readTags(whole[:n]) // must not panic
	}
	wild := bytes.Clone(whole)
	binary.LittleEndian.PutUint32(wild[4:], 0xFFFFFFFF)
	if got := readTags(wild); !got.none() {
		t.Errorf("directory beyond the end: %+v", got)
	}
	for _, orientation := range []uint16{0, 9, 65535} {
		if got := readTags(exif(orientation, " ", "\x00")); !got.none() {
			t.Errorf("orientation %d: %+v", orientation, got)
		}
	}
	long := readTags(exif(1, strings.Repeat("é", maxText), ""))
	if n := len(long.artist); n > maxText || !strings.HasSuffix(string(long.artist), "é") {
		t.Errorf("long artist: %d bytes", n)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(cameraJPEG(f), byte(0))
	f.Add(progressiveJPEG(), byte(1))
	f.Add(richPNG(f), byte(2))
	f.Fuzz(func(t *testing.T, data []byte, choice byte) {
		metadata := []Metadata{StripLocation, StripAll, Keep}[choice%3]
		before, broken := inspect(data)
		u, err := Open(file(t, data), hashOf(t, data), Options{Metadata: metadata})
		if err != nil {
			if broken == nil && !errors.Is(err, ErrUnsupported) {
				t.Fatalf("a whole photo is refused: %v", err)
			}
			return
		}
		sent, err := io.ReadAll(u.Reader())
		if err != nil || int64(len(sent)) != u.Size {
			t.Fatalf("sent %d of %d bytes: %v", len(sent), u.Size, err)
		}
		after, err := inspect(sent)
		before.End, after.End = 0, 0
		if err != nil || after != before {
			t.Fatalf("sent %+v, %v, of %+v", after, err, before)
		}
		if again := send(t, sent, metadata); !bytes.Equal(again, sent) {
			t.Fatal("stripping twice changes something")
		}
	})
}
