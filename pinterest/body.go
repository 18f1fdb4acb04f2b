package pinterest

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// chunk is how much of the image is read and encoded at once, a multiple of 3 so that no padding falls between.
// It is small, so that progress shows on a slow uplink.
const chunk = 12 << 10

var (
	errStopped = errors.New("the request was ended")
	errSize    = errors.New("the image is not as long as it was said to be")
)

// pinBody streams the JSON of a new pin: all texts first, then the image in base64, then the closing bytes. It
// knows at any moment whether those last bytes were handed over, and never hands them over after stop, nor if the
// image could not be read to its exact end.
type pinBody struct {
	size  int64           // of the whole body
	moved func(sent bool) // called as reading goes on, never after stop has returned

	image io.Reader
	left  int64  // bytes of the image still to read
	next  []byte // encoded and not yet handed over
	raw   []byte
	coded []byte
	tail  []byte // the closing bytes of the JSON; nil once they are in next

	mu      sync.Mutex
	stopped bool
	sent    bool
	failure error         // of the image
	over    chan struct{} // closed by finish
	once    sync.Once
}

// pinJSON is the request's body. Pinterest's names; data comes last, and media_source last of all.
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
	SourceType  string `json:"source_type"`
	ContentType string `json:"content_type"`
	Data        string `json:"data"`
}

// newPinBody refuses what cannot be a pin: no board, or an image without a size or of another type.
func newPinBody(pin NewPin) (*pinBody, error) {
	m := pin.Media
	switch {
	case pin.BoardID == "":
		return nil, errors.New("no board id")
	case m.Body == nil || m.Size <= 0:
		return nil, errors.New("no image")
	case m.ContentType != "image/jpeg" && m.ContentType != "image/png":
		return nil, fmt.Errorf("content type %q: Pinterest takes image/jpeg and image/png", m.ContentType)
	}
	whole, err := json.Marshal(pinJSON{
		BoardID: pin.BoardID, SectionID: pin.SectionID, Title: pin.Title, Description: pin.Description,
		Link: pin.Link, AltText: pin.AltText, Media: mediaSource{"image_base64", m.ContentType, ""},
	})
	if err != nil {
		return nil, err
	}
	const tail = `"}}`
	head := whole[:len(whole)-len(tail)]
	return &pinBody{
		size:  int64(len(whole)) + (m.Size+2)/3*4,
		moved: func(bool) {},
		image: m.Body, left: m.Size, next: head,
		raw: make([]byte, chunk), coded: make([]byte, base64.StdEncoding.EncodedLen(chunk)),
		tail: []byte(tail), over: make(chan struct{}),
	}, nil
}

// Read implements io.Reader for the transport.
func (b *pinBody) Read(p []byte) (int, error) {
	if !b.move() {
		return b.refuse()
	}
	if len(b.next) == 0 && b.tail == nil {
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

// fill makes sure that there is something to hand over. The image may be slow: no lock is held here.
func (b *pinBody) fill() error {
	if len(b.next) > 0 {
		return nil
	}
	if b.left == 0 {
		// The image must end here; a reader may also only now find out that it must not be sent.
		if n, err := io.ReadFull(b.image, b.raw[:1]); n > 0 {
			return errSize
		} else if !errors.Is(err, io.EOF) {
			return err
		}
		b.next, b.tail = b.tail, nil
		return nil
	}
	n, err := io.ReadFull(b.image, b.raw[:min(int64(len(b.raw)), b.left)])
	if err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = fmt.Errorf("%w: %w", errSize, io.ErrUnexpectedEOF)
		}
		return err
	}
	b.left -= int64(n)
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
	if len(b.next) == 0 && b.tail == nil {
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

// failed returns why the image could not be read, nil if it could.
func (b *pinBody) failed() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failure
}

// finish releases a Read that waits since stop.
func (b *pinBody) finish() { b.once.Do(func() { close(b.over) }) }

// Close implements io.Closer for the transport. The image is the caller's to close.
func (b *pinBody) Close() error { return nil }
