package child

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/watcher/photo"
	"github.com/divitio/pinfold/watcher/photo/convert"
)

var options = convert.Options{MaxSide: 300, MaxBytes: 1 << 20, Credit: true}

// converter has children that do as the play says.
func converter(t *testing.T, play ...string) *Converter {
	t.Helper()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	if len(play) > 0 {
		c.Program = append(c.Program[:1], play...)
	}
	return c
}

func file(t *testing.T, b []byte) *os.File {
	t.Helper()
	name := filepath.Join(t.TempDir(), "photo")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func hashOf(t *testing.T, b []byte) string {
	t.Helper()
	sum, err := photo.Hash(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// picture is a PNG of width × height, red above and blue below.
func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	m := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.RGBA{255, 0, 0, 255}, color.RGBA{0, 0, 255, 255}})
	for i := len(m.Pix) / 2; i < len(m.Pix); i++ {
		m.Pix[i] = 1
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAPhotoIsConvertedInAChild(t *testing.T) {
	t.Parallel()
	data := picture(t, 900, 600)
	f := file(t, data)
	if _, err := f.Seek(5, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	made, err := converter(t).Convert(t.Context(), f, hashOf(t, data), options)
	if err != nil {
		t.Fatal(err)
	}
	m, err := jpeg.Decode(bytes.NewReader(made.JPEG))
	if err != nil || m.Bounds() != image.Rect(0, 0, 300, 200) || made.Width != 300 || made.Height != 200 {
		t.Fatalf("made %v %d × %d, %v", m.Bounds(), made.Width, made.Height, err)
	}
	if r, _, b, _ := m.At(150, 50).RGBA(); r>>8 < 240 || b>>8 > 15 {
		t.Errorf("above it is %d red and %d blue", r>>8, b>>8)
	}
	if at, err := f.Seek(0, io.SeekCurrent); at != 5 || err != nil {
		t.Errorf("the file's position moved to %d, %v", at, err)
	}
}

func TestOnlyTheBytesOfThatHashAreConverted(t *testing.T) {
	t.Parallel()
	data := picture(t, 200, 200)
	hash := hashOf(t, data)
	for name, changed := range map[string][]byte{
		"another photo":     picture(t, 210, 200),
		"a damaged one":     data[:len(data)/2],
		"something after":   append(bytes.Clone(data), 0),
		"no photo any more": []byte("gone"),
		"empty":             nil,
	} {
		_, err := converter(t).Convert(t.Context(), file(t, changed), hash, options)
		if !errors.Is(err, photo.ErrChanged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	grown := append(bytes.Clone(data), "motion"...)
	if _, err := converter(t).Convert(t.Context(), file(t, grown), hashOf(t, grown), options); err != nil {
		t.Errorf("with bytes after its end: %v", err)
	}
}

func TestFaultsAreInOurOwnWords(t *testing.T) {
	t.Parallel()
	large := picture(t, 200, 200)
	copy(large[16:], "\x00\x01\x86\xa0\x00\x01\x86\xa0") // 100,000 × 100,000; its CRC is wrong now
	for _, c := range []struct {
		what string
		data []byte
		kind error
		says string
	}{
		{"a cut PNG", picture(t, 200, 200)[:120], photo.ErrIncomplete, "the PNG is damaged"},
		{"a bomb", large, photo.ErrIncomplete, "the PNG is damaged"},
		{"a text", []byte(strings.Repeat("no photo at all ", 20)), photo.ErrIncomplete, "damaged"},
		{"a stamp", picture(t, 99, 200), photo.ErrTooSmall, "99 × 200 pixels"},
	} {
		_, err := converter(t).Convert(t.Context(), file(t, c.data), hashOf(t, c.data), options)
		if fault, ok := errors.AsType[*photo.Error](err); !ok || !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.says) || fault.Fix == "" {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

func TestNothingThatAChildDoesHarmsItsParent(t *testing.T) {
	t.Parallel()
	for play, want := range map[string]error{
		"crash": ErrPoison, "eat": ErrPoison, "eatUnheld": ErrPoison, "hang": ErrPoison, "end": ErrPoison, "babble": ErrPoison, "promise": ErrPoison,
		"more": ErrPoison, "less": ErrPoison, "garbage": ErrPoison, "words": ErrPoison,
		"told": ErrEnded, "stranger": ErrEnded, "killed": ErrEnded, "wordyFault": photo.ErrIncomplete,
	} {
		if raced && play == "eat" {
			continue // nothing holds its memory
		}
		t.Run(play, func(t *testing.T) {
			t.Parallel()
			c := converter(t, play)
			c.Memory = 256 << 20
			if play == "hang" {
				c.Time = 50 * time.Millisecond
			}
			_, err := c.Convert(t.Context(), file(t, []byte("x")), "h", options)
			if !errors.Is(err, want) {
				t.Fatalf("%v, want %v", err, want)
			}
			if strings.ContainsAny(err.Error(), "<>") || strings.Contains(err.Error(), "555") {
				t.Errorf("the child speaks: %v", err)
			}
		})
	}
}

func TestAnAccidentIsTriedAgain(t *testing.T) {
	t.Parallel()
	data := picture(t, 200, 200)
	mark := filepath.Join(t.TempDir(), "mark")
	if _, err := converter(t, "once", mark).Convert(t.Context(), file(t, data), hashOf(t, data), options); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(mark); err != nil {
		t.Fatal("nothing happened the first time")
	}
}

func TestAProgramThatIsGoneIsNotThePhotosFault(t *testing.T) {
	t.Parallel()
	c := converter(t)
	c.Program[0] = filepath.Join(t.TempDir(), "gone")
	if _, err := c.Convert(t.Context(), file(t, []byte("x")), "h", options); !errors.Is(err, ErrEnded) {
		t.Error(err)
	}
}

func TestConvertEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c := converter(t, "hang")
	ended := make(chan error, 2)
	for range 2 { // the second waits for its turn
		go func() {
			_, err := c.Convert(ctx, file(t, []byte("x")), "h", options)
			ended <- err
		}()
	}
	cancel()
	for range 2 {
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
}

func TestSpareWorkMakesWayAndBeginsAgain(t *testing.T) {
	t.Parallel()
	data := picture(t, 200, 200)
	mark := filepath.Join(t.TempDir(), "mark")
	c := converter(t, "firstHangs", mark)
	spare := make(chan error, 1)
	go func() {
		_, err := c.Spare(t.Context(), file(t, data), hashOf(t, data), options)
		spare <- err
	}()
	for range 3000 { // until it works, and hangs
		if _, err := os.Stat(mark); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if _, err := c.Convert(t.Context(), file(t, data), hashOf(t, data), options); err != nil {
		t.Errorf("what is urgent: %v", err)
	}
	if err := <-spare; err != nil {
		t.Errorf("what made way: %v", err)
	}
}

func TestSpareWorkEndsWithItsContextAndSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := converter(t).Spare(ctx, file(t, nil), "h", options); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	bad := []byte("no photo")
	if _, err := converter(t).Spare(t.Context(), file(t, bad), hashOf(t, bad), options); !errors.Is(err, photo.ErrIncomplete) {
		t.Error(err)
	}
}

// failing is a disk that gives up behind the first block.
type failing struct{ bytes.Reader }

func (f *failing) ReadAt(b []byte, off int64) (int, error) {
	if off > 0 {
		return 0, fs.ErrInvalid
	}
	return f.Reader.ReadAt(b, off)
}

func TestASourceIsTheSameToItsEnd(t *testing.T) {
	t.Parallel()
	data := bytes.Repeat([]byte("0123456789abcdef"), 3*blockSize/16)
	data = append(data, "tail"...)
	live := bytes.Clone(data)
	s, err := newSource(bytes.NewReader(live), int64(len(live)))
	if err != nil || s.hash != hashOf(t, data) {
		t.Fatalf("hash %s, %v", s.hash, err)
	}
	got := make([]byte, blockSize+10)
	if _, err := s.ReadAt(got, blockSize-5); err != nil || !bytes.Equal(got, data[blockSize-5:][:len(got)]) {
		t.Fatalf("across blocks: %v", err)
	}
	if n, err := s.ReadAt(got, int64(len(data))-2); n != 2 || !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %d, %v", n, err)
	}
	live[3*blockSize-1] ^= 1
	if _, err := s.ReadAt(got[:1], 2*blockSize); !errors.Is(err, photo.ErrChanged) {
		t.Errorf("a changed block: %v", err)
	}
	if _, err := s.ReadAt(got[:1], 0); err != nil {
		t.Errorf("another block: %v", err)
	}
	if _, err := newSource(bytes.NewReader(live), int64(len(live))+1); !errors.Is(err, photo.ErrChanged) {
		t.Errorf("a file that became shorter: %v", err)
	}
	if _, err := newSource(&failing{*bytes.NewReader(live)}, int64(len(live))); err == nil || errors.Is(err, photo.ErrChanged) {
		t.Errorf("a failing disk: %v", err)
	}
}
