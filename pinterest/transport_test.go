package pinterest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
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

// HTTP/2 repeats requests by itself after GOAWAY and REFUSED_STREAM. A server that would speak it is not even asked.
func TestHTTP2IsNotSpokenToAServerThatOffersIt(t *testing.T) {
	var (
		mu      sync.Mutex
		offered []string // by the client
		spoken  []int
	)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		spoken = append(spoken, r.ProtoMajor)
		w.WriteHeader(http.StatusTeapot)
	}))
	server.EnableHTTP2 = true
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		mu.Lock()
		defer mu.Unlock()
		offered = append(offered, hello.SupportedProtos...)
		return nil, nil
	}}
	server.StartTLS()
	t.Cleanup(server.Close)
	response, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if !slices.Equal(spoken, []int{2}) {
		t.Fatalf("others speak HTTP/%v with this server, it should be 2", spoken)
	}
	offered, spoken = nil, nil

	stranger := &Client{Host: Host{APIURL: server.URL}, Token: withToken("t")} // its certificate is not believed
	if _, err := stranger.Boards(t.Context()); classOf(err) != Offline {
		t.Errorf("got %v", err)
	}
	transport := newTransport(dialPatiently)
	transport.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	transport.TLSClientConfig.NextProtos = nil // what it offers is not to be the other client's
	c := &Client{Host: Host{APIURL: server.URL, Transport: transport}, Token: withToken("t")}
	if _, err := c.Boards(t.Context()); classOf(err) != Content {
		t.Errorf("got %v", err)
	}
	if _, err := c.CreatePin(t.Context(), pinOn("5", photo(t))); classOf(err) != Content {
		t.Errorf("got %v", err)
	}
	if slices.Contains(offered, "h2") || !slices.Equal(spoken, []int{1, 1}) {
		t.Errorf("the client offers %q and speaks HTTP/%v", offered, spoken)
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
