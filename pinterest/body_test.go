package pinterest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

func TestBodyIsTheJSONOfThePinInAnyPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		images := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 1, 3*chunk+2), 1, MaxImages).Draw(t, "images")
		text := rapid.OneOf(rapid.String(), rapid.Just(`x","data":"`))
		pin := NewPin{
			BoardID: "5", SectionID: rapid.SampledFrom([]string{"", "6"}).Draw(t, "section"), Title: text.Draw(t, "title"),
			Description: text.Draw(t, "description"), AltText: text.Draw(t, "alt"), Link: text.Draw(t, "link"),
		}
		var items []mediaData
		for _, image := range images {
			pin.Media = append(pin.Media, Media{"image/png", int64(len(image)), iotest.OneByteReader(bytes.NewReader(image))})
			items = append(items, mediaData{"image/png", base64.StdEncoding.EncodeToString(image)})
		}
		source := mediaSource{SourceType: "multiple_image_base64", Items: items}
		if len(items) == 1 {
			source = mediaSource{SourceType: "image_base64", mediaData: &items[0]}
		}
		body, err := newPinBody(pin)
		if err != nil {
			t.Fatal(err)
		}
		step := rapid.IntRange(1, 2*chunk).Draw(t, "step")
		var got bytes.Buffer
		for p := make([]byte, step); ; {
			n, err := body.Read(p)
			got.Write(p[:n])
			if done := int64(got.Len()) == body.size; isSent(body) != done {
				t.Fatalf("after %d of %d bytes sent is %v", got.Len(), body.size, !done)
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		want, _ := json.Marshal(pinJSON{
			pin.BoardID, pin.SectionID, pin.Title, pin.Description, pin.Link, pin.AltText, source,
		})
		if !bytes.Equal(got.Bytes(), want) {
			t.Fatalf("got %.200q, want %.200q", got.Bytes(), want)
		}
	})
}

func isSent(b *pinBody) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sent
}

func TestACarouselIsSentAsAListOfImages(t *testing.T) {
	body, err := newPinBody(NewPin{BoardID: "5", Media: []Media{jpegMedia([]byte("x")), {"image/png", 2, strings.NewReader("yz")}}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(body)
	want := `{"board_id":"5","media_source":{"source_type":"multiple_image_base64","items":[` +
		`{"content_type":"image/jpeg","data":"eA=="},{"content_type":"image/png","data":"eXo="}]}}`
	if err != nil || string(got) != want || int64(len(got)) != body.size {
		t.Errorf("got %s %v of %d bytes", got, err, body.size)
	}
}

func TestEmptyTextsAreNotSent(t *testing.T) {
	body, err := newPinBody(NewPin{BoardID: "5", Media: []Media{{ContentType: "image/jpeg", Size: 1, Body: strings.NewReader("x")}}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(body)
	want := `{"board_id":"5","media_source":{"source_type":"image_base64","content_type":"image/jpeg","data":"eA=="}}`
	if err != nil || string(got) != want {
		t.Errorf("got %s %v", got, err)
	}
}

// The closing bytes must never leave if the image is not exactly what was announced, or its reader objects.
func TestClosingBytesAreWithheldFromABrokenImage(t *testing.T) {
	changed := errors.New("the photo changed")
	text := func(s string) io.Reader { return strings.NewReader(s) }
	for name, tc := range map[string]struct {
		image func() io.Reader
		size  int64
		want  error
	}{
		"shorter":               {func() io.Reader { return text("1234567") }, 9, io.ErrUnexpectedEOF},
		"empty":                 {func() io.Reader { return text("") }, 9, io.ErrUnexpectedEOF},
		"longer":                {func() io.Reader { return text("1234567890") }, 9, errSize},
		"fails at once":         {func() io.Reader { return iotest.ErrReader(changed) }, 9, changed},
		"fails in the middle":   {func() io.Reader { return io.MultiReader(text("12345"), iotest.ErrReader(changed)) }, 9, changed},
		"fails in place of EOF": {func() io.Reader { return io.MultiReader(text("123456789"), iotest.ErrReader(changed)) }, 9, changed},
		"fails with the last": {func() io.Reader {
			return iotest.DataErrReader(io.MultiReader(text("12345678"), iotest.ErrReader(changed)))
		}, 9, changed},
	} {
		for before := range MaxImages { // how many good ones come first
			pin := NewPin{BoardID: "5"}
			for range before {
				pin.Media = append(pin.Media, jpegMedia([]byte("whole")))
			}
			pin.Media = append(pin.Media, Media{ContentType: "image/jpeg", Size: tc.size, Body: tc.image()})
			if before < 3 {
				pin.Media = append(pin.Media, jpegMedia([]byte("whole, but after it")))
			}
			wantWithheld(t, fmt.Sprintf("%s, image %d", name, before+1), pin, tc.want)
		}
	}
}

// wantWithheld sends a pin one of whose images is broken.
func wantWithheld(t *testing.T, name string, pin NewPin, want error) {
	t.Helper()
	body, err := newPinBody(pin)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(body)
	if !errors.Is(err, want) || !errors.Is(body.failed(), want) {
		t.Errorf("%s: got %v", name, err)
	}
	if isSent(body) || bytes.HasSuffix(got, []byte("}")) || bytes.Contains(got, []byte("d2hvbGUsIGJ1dCBhZnRlciBpdA")) || json.Valid(got) {
		t.Errorf("%s: sent %q", name, got)
	}
}

func TestNothingIsHandedOverAfterStop(t *testing.T) {
	image := bytes.Repeat([]byte("x"), 5*chunk)
	for cut := range 12 {
		body, err := newPinBody(pinOn("5", image))
		if err != nil {
			t.Fatal(err)
		}
		p := make([]byte, chunk)
		for range cut {
			if _, err := body.Read(p); err != nil && !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
		}
		sent := body.stop()
		body.finish()
		if n, err := body.Read(p); n != 0 || !errors.Is(err, errStopped) {
			t.Errorf("after %d reads: %d bytes more, %v", cut, n, err)
		}
		if body.stop() != sent {
			t.Errorf("after %d reads: sent changed", cut)
		}
	}
}

func TestImpossiblePinsAreNotBegun(t *testing.T) {
	image := strings.NewReader("x")
	for name, pin := range map[string]NewPin{
		"no board":      {Media: []Media{{"image/jpeg", 1, image}}},
		"no image":      {BoardID: "5"},
		"no body":       {BoardID: "5", Media: []Media{{"image/jpeg", 1, nil}}},
		"no size":       {BoardID: "5", Media: []Media{{"image/jpeg", 0, image}}},
		"other one":     {BoardID: "5", Media: []Media{{"image/webp", 1, image}}},
		"second no jpg": {BoardID: "5", Media: []Media{{"image/jpeg", 1, image}, {"image/gif", 1, image}}},
		"six":           {BoardID: "5", Media: slices.Repeat([]Media{{"image/jpeg", 1, image}}, 6)},
	} {
		if _, err := new(Client).CreatePin(t.Context(), pin); classOf(err) != Content {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestImageThatComesAfterStopIsNotHandedOver(t *testing.T) {
	var body *pinBody
	stopping := trickling(func(p []byte) (int, error) {
		body.stop()
		body.finish()
		return copy(p, "x"), nil
	})
	body, err := newPinBody(NewPin{BoardID: "5", Media: []Media{{ContentType: "image/jpeg", Size: 1, Body: stopping}}})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(body); !errors.Is(err, errStopped) || bytes.HasSuffix(got, []byte("==")) {
		t.Errorf("got %s %v", got, err)
	}
}

// trickling is a reader made of a function.
type trickling func([]byte) (int, error)

func (f trickling) Read(p []byte) (int, error) { return f(p) }
