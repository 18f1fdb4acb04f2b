package pinterest

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// trip is a RoundTripper made of a function.
type trip func(*http.Request) (*http.Response, error)

func (f trip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// withToken gives one token for ever.
func withToken(token string) func(context.Context) (Secret, error) {
	return func(context.Context) (Secret, error) { return Secret(token), nil }
}

// rehearse starts a rehearsal behind a socket and a client for it.
func rehearse(t *testing.T, options rehearsal.Options) (*rehearsal.Server, *Client) {
	t.Helper()
	server := rehearsal.New(options)
	web := httptest.NewServer(server)
	t.Cleanup(func() { server.Close(); web.Close() })
	access, _ := server.Issue()
	return server, &Client{Host: Host{APIURL: web.URL, Version: "1.2.3"}, Token: withToken(access)}
}

// inMemory does the same without sockets, for a synctest bubble; end closes everything within it.
func inMemory(options rehearsal.Options) (server *rehearsal.Server, client *Client, end func()) {
	server = rehearsal.New(options)
	wire := rehearsal.NewWire(server)
	access, _ := server.Issue()
	client = &Client{Host: Host{APIURL: "http://pinterest.test", Transport: newTransport(wire.Dial)}, Token: withToken(access)}
	return server, client, func() { server.Close(); wire.Close() }
}

// answering is a client that gets this answer to everything.
func answering(status int, body string, headers ...string) *Client {
	return &Client{Token: withToken("t"), Host: Host{Transport: trip(func(*http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.WriteString(body)
		return w.Result(), nil
	})}}
}

func photo(t *testing.T) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 120, 180))
	for i := range 120 * 180 {
		img.SetRGBA(i%120, i/120, color.RGBA{uint8(i), uint8(i / 120), uint8(i / 7), 255})
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// pinOn is a good pin on a board.
func pinOn(board string, image []byte) NewPin {
	return NewPin{BoardID: board, Title: "Fog", Media: []Media{jpegMedia(image)}}
}

// jpegMedia is an image to send.
func jpegMedia(image []byte) Media {
	return Media{ContentType: "image/jpeg", Size: int64(len(image)), Body: bytes.NewReader(image)}
}

// firstBoard asks the rehearsal for one.
func firstBoard(t *testing.T, c *Client) string {
	t.Helper()
	boards, err := c.Boards(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return boards.Items[0].ID
}
