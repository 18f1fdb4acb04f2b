package pinterest

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"
)

// refuser reads a request's head and a little more, answers 413 and hangs up hard, with most of the body unread.
func refuser(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			reader := bufio.NewReader(conn)
			if _, err := http.ReadRequest(reader); err == nil {
				_, _ = io.CopyN(io.Discard, reader, 64<<10)
				_, _ = io.WriteString(conn, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			}
			_ = conn.Close() // unread bytes make this a reset
		}
	}()
	return "http://" + listener.Addr().String()
}

// net/http alone drops the answer and reports the failed write in about every second of these.
func TestAnswerBeforeAHangUpIsNotLost(t *testing.T) {
	c := &Client{Host: Host{APIURL: refuser(t)}, Token: withToken("t")}
	image := bytes.Repeat([]byte("abc"), 4<<20)
	for range 20 {
		if _, err := c.CreatePin(t.Context(), pinOn("5", image)); classOf(err) != Size {
			t.Fatalf("got %v", err)
		}
	}
}

func TestTransportIsFreshAndPlain(t *testing.T) {
	transport := newTransport(dialPatiently)
	if !transport.DisableKeepAlives || transport.Protocols.HTTP2() || transport.ForceAttemptHTTP2 || !transport.Protocols.HTTP1() {
		t.Errorf("%+v", transport)
	}
	t.Setenv("HTTP_PROXY", "http://proxy.example:3128")
	plain, err := proxy(&http.Request{URL: &url.URL{Scheme: "http", Host: "pinterest.test"}})
	if plain != nil || err != nil {
		t.Errorf("plain http goes through %v (%v)", plain, err)
	}
}

func TestFailedWriteOfAClosedConnectionReturnsAtOnce(t *testing.T) {
	ours, theirs := net.Pipe()
	_ = theirs.Close()
	conn := &patientConn{Conn: ours, closed: make(chan struct{})}
	_ = conn.Close()
	_ = conn.Close()
	if _, err := conn.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
}
