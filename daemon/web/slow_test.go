package web

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener whose connections live in memory, so that their deadlines follow the bubble's clock.
type pipes struct {
	incoming chan net.Conn
	closed   chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.incoming:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}
func (p pipes) Close() error   { close(p.closed); return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// sink is a daemon that takes files and keeps none.
type sink struct{ Backend }

func (sink) Upload(_ context.Context, _ string, next func() (string, io.Reader, error)) ([]Uploaded, error) {
	for {
		_, content, err := next()
		if err == nil {
			_, err = io.Copy(io.Discard, content)
		}
		if err != nil {
			return nil, err
		}
	}
}

// Whoever sends a request drop by drop is hung up on: neither its head, nor its body, nor a silence holds a connection.
// Photos take as long as their line is slow, but not longer.
func TestSlowPeersAreHungUpOn(t *testing.T) {
	const upload = "POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 60000\r\n\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"fog.jpg\"\r\n\r\n"
	for name, tt := range map[string]struct {
		opening       string
		drop          string // sent every second; "" for silence
		after, within time.Duration
	}{
		"a head without end":   {"GET / HTTP/1.1\r\nHost: localhost\r\n", "X-A: 1\r\n", 0, 15 * time.Second},
		"nothing at all":       {"", "", 0, 15 * time.Second},
		"a body without end":   {"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n", "x", 0, 35 * time.Second},
		"silence after all":    {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "", 0, 3 * time.Minute},
		"a photo on its way":   {upload, "x", 290 * time.Second, 10 * time.Minute},
		"silence in the midst": {upload, "", 50 * time.Second, 2 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				page := &Server{Backend: sink{}}
				page.templates, _ = parseTemplates()
				mux := http.NewServeMux()
				mux.HandleFunc("/", func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
				mux.Handle(uploadPath, page.answer(page.upload))
				s := page.serverOf(mux)
				listener := pipes{make(chan net.Conn), make(chan struct{})}
				go func() { _ = s.Serve(listener) }()
				client, server := net.Pipe()
				listener.incoming <- server
				ended := make(chan time.Duration, 1)
				began := time.Now()
				var both sync.WaitGroup
				both.Go(func() { _, _ = io.Copy(io.Discard, client); ended <- time.Since(began) })
				both.Go(func() {
					_, err := io.Copy(client, strings.NewReader(tt.opening))
					for range 300 { // enough to see that nobody hangs up
						if time.Sleep(time.Second); err == nil && tt.drop != "" {
							_, err = io.WriteString(client, tt.drop)
						}
					}
					_ = client.Close()
				})
				if took := <-ended; took > tt.within || took < tt.after {
					t.Errorf("it held a connection for %s", took)
				}
				_ = client.Close()
				both.Wait()
				if err := s.Shutdown(context.Background()); err != nil && !errors.Is(err, net.ErrClosed) {
					t.Error(err)
				}
			})
		})
	}
}
