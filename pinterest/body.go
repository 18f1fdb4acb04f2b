package pinterest

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
)

// chunk is how much of an image is read and encoded at once, a multiple of 3 so that no padding falls between.
// It is small, so that progress shows on a slow uplink.
const chunk = 12 << 10

var (
	errStopped = errors.New("the request was ended")
	errSize    = errors.New("the image is not as long as it was said to be")
)

// pinBody streams the JSON of a new pin: all texts first, then each image in base64, then the closing bytes. It
// knows at any moment whether those last bytes were handed over, and never hands them over after stop, nor if an
// image could not be read to its exact end.
type pinBody struct {
	size  int64           // of the whole body
	moved func(sent bool) // called as reading goes on, never after stop has returned

	images []inlined // still to be sent, the first maybe in part
	next   []byte    // encoded and not yet handed over
	raw    []byte
	coded  []byte

	mu      sync.Mutex
	stopped bool
	sent    bool
	failure error         // of an image
	over    chan struct{} // closed by finish
	once    sync.Once
}

// pinJSON is the request's body. Pinterest's names; media_source comes last of all, and data last in each image.
type pinJSON struct {
	BoardID     string      `json:"board_id"`
	SectionID   string      `json:"board_section_id,omitempty"`
	Title       string      `json:"title,omitempty"`
	Description string      `json:"description,omitempty"`
	Link        string      `json:"link,omitempty"`
	AltText     string      `json:"alt_text,omitempty"`
	Media       mediaSource `json:"media_source"`
}

type mediaSource struct {
	SourceType string      `json:"source_type"`
	*mediaData             // of one image
	Items      []mediaData `json:"items,omitempty"` // of several
}

type mediaData struct {
	ContentType string `json:"content_type"`
	Data        string `json:"data"`
}

// inlined is an image within the JSON, with the bytes that stand between its own and the next one's.
type inlined struct {
	image io.Reader
	left  int64 // bytes of the image still to read
	after []byte
}

// newPinBody refuses what cannot be a pin: no board, too few or too many images, or one without a size or of
// another type.
func newPinBody(pin NewPin) (*pinBody, error) {
	if pin.BoardID == "" {
		return nil, errors.New("no board id")
	}
	source, err := newMediaSource(pin.Media)
	if err != nil {
		return nil, err
	}
	whole, err := json.Marshal(pinJSON{
		BoardID: pin.BoardID, SectionID: pin.SectionID, Title: pin.Title, Description: pin.Description,
		Link: pin.Link, AltText: pin.AltText, Media: source,
	})
	if err != nil {
		return nil, err
	}
	// The quotes of a text are escaped in JSON, so this stands only where an image belongs.
	const place = `"data":"`
	pieces := strings.SplitAfter(string(whole), place)
	b := &pinBody{
		size:  int64(len(whole)),
		moved: func(bool) {},
		next:  []byte(pieces[0]),
		raw:   make([]byte, chunk), coded: make([]byte, base64.StdEncoding.EncodedLen(chunk)),
		over: make(chan struct{}),
	}
	for i, m := range pin.Media {
		b.images = append(b.images, inlined{m.Body, m.Size, []byte(pieces[i+1])})
		b.size += (m.Size + 2) / 3 * 4
	}
	return b, nil
}

// newMediaSource describes the images, without their data.
func newMediaSource(images []Media) (mediaSource, error) {
	items := make([]mediaData, 0, len(images))
	for _, m := range images {
		switch {
		case m.Body == nil || m.Size <= 0:
			return mediaSource{}, errors.New("no image")
		case m.ContentType != "image/jpeg" && m.ContentType != "image/png":
			return mediaSource{}, fmt.Errorf("content type %q: Pinterest takes image/jpeg and image/png", m.ContentType)
		}
		items = append(items, mediaData{ContentType: m.ContentType})
	}
	switch {
	case len(items) == 0:
		return mediaSource{}, errors.New("no image")
	case len(items) == 1:
		return mediaSource{SourceType: "image_base64", mediaData: &items[0]}, nil
	case len(items) > MaxImages:
		return mediaSource{}, fmt.Errorf("%d images: Pinterest takes up to %d", len(items), MaxImages)
	}
	return mediaSource{SourceType: "multiple_image_base64", Items: items}, nil
}

// Read implements io.Reader for the transport.
func (b *pinBody) Read(p []byte) (int, error) {
	if !b.move() {
		return b.refuse()
	}
	if len(b.next) == 0 && len(b.images) == 0 {
		return 0, io.EOF
	}
	if err := b.fill(); err != nil {
		b.mu.Lock()
		b.failure = err
		b.mu.Unlock()
		return 0, err
	}
	return b.hand(p)
}

// fill makes sure that there is something to hand over. An image may be slow: no lock is held here.
func (b *pinBody) fill() error {
	if len(b.next) > 0 {
		return nil
	}
	current := &b.images[0]
	if current.left == 0 {
		// The image must end here; a reader may also only now find out that it must not be sent.
		if n, err := io.ReadFull(current.image, b.raw[:1]); n > 0 {
			return errSize
		} else if !errors.Is(err, io.EOF) {
			return err
		}
		b.next, b.images = current.after, b.images[1:]
		return nil
	}
	n, err := io.ReadFull(current.image, b.raw[:min(int64(len(b.raw)), current.left)])
	if err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = fmt.Errorf("%w: %w", errSize, io.ErrUnexpectedEOF)
		}
		return err
	}
	current.left -= int64(n)
	base64.StdEncoding.Encode(b.coded, b.raw[:n])
	b.next = b.coded[:base64.StdEncoding.EncodedLen(n)]
	return nil
}

// hand copies what is next into p. From the moment that it hands over the last bytes, the pin may exist.
func (b *pinBody) hand(p []byte) (int, error) {
	b.mu.Lock()
	if b.stopped {
		b.mu.Unlock()
		return b.refuse()
	}
	n := copy(p, b.next)
	b.next = b.next[n:]
	if len(b.next) == 0 && len(b.images) == 0 {
		b.sent = true
	}
	b.moved(b.sent)
	b.mu.Unlock()
	return n, nil
}

// refuse answers a Read after stop. It waits for finish: an error at once would make net/http close the
// connection, on which an early answer may still be coming in.
func (b *pinBody) refuse() (int, error) {
	<-b.over
	return 0, errStopped
}

// move notes progress; false after stop.
func (b *pinBody) move() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.stopped {
		b.moved(b.sent)
	}
	return !b.stopped
}

// stop ends the handing over and reports whether the last bytes had been handed over before.
func (b *pinBody) stop() (sent bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stopped = true
	return b.sent
}

// failed returns why an image could not be read, nil if all could.
func (b *pinBody) failed() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failure
}

// finish releases a Read that waits since stop.
func (b *pinBody) finish() { b.once.Do(func() { close(b.over) }) }

// Close implements io.Closer for the transport. The images are the caller's to close.
func (b *pinBody) Close() error { return nil }
