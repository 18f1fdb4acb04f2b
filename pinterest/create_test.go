package pinterest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/divitio/pinfold/pinterest/rehearsal"
)

func TestPinIsCreatedAsItWasWritten(t *testing.T) {
	server, c := rehearse(t, rehearsal.Options{})
	ended := 0
	pin := pinOn(firstBoard(t, c), photo(t))
	pin.Description, pin.AltText, pin.Link = "Première gelée <&> \"ä\"\n🌫", "A lake\u2028", "https://example.com/?a=1&b=2"
	pin.Ended = func() { ended++ }
	created, err := c.CreatePin(t.Context(), pin)
	if err != nil {
		t.Fatal(err)
	}
	pins := server.Pins()
	if len(pins) != 1 || pins[0].ID != created.ID || created.Date.IsZero() || ended != 1 {
		t.Fatalf("got %+v, %d pins, ended %d times", created, len(pins), ended)
	}
	got := [4]string{pins[0].Title, pins[0].Description, pins[0].AltText, pins[0].Link}
	if want := [4]string{pin.Title, pin.Description, pin.AltText, pin.Link}; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, r := range server.Requests() {
		if r.Method == "POST" && r.ContentLength <= int64(len(photo(t))) {
			t.Errorf("Content-Length %d", r.ContentLength)
		}
	}
}

// Section 7's table, each line, and whether a pin exists after it.
func TestEachFailureHasItsClass(t *testing.T) {
	for name, tc := range map[string]struct {
		fault rehearsal.Fault
		want  Class
		made  int
	}{
		"busy":                   {rehearsal.Busy("Retry-After", "60"), Busy, 0},
		"spam":                   {rehearsal.Spam(), Spam, 0},
		"expired":                {rehearsal.Expired(), Auth, 0},
		"scope 401":              {rehearsal.MissingScope("pins:write"), Scope, 0},
		"scope 403":              {rehearsal.ForbiddenScope("pins:write"), Scope, 0},
		"trial":                  {rehearsal.Trial(), Trial, 0},
		"board":                  {rehearsal.NoBoard(), Board, 0},
		"413":                    {rehearsal.TooLarge(), Size, 0},
		"400 about the image":    {rehearsal.ImageTooBig(), Size, 0},
		"400 about the link":     {rehearsal.Invalid("link"), Content, 0},
		"500":                    {rehearsal.Trouble(500), Unknown, 0},
		"503":                    {rehearsal.Trouble(503), Unknown, 0},
		"408":                    {rehearsal.Trouble(408), Unknown, 0},
		"409":                    {rehearsal.Trouble(409), Unknown, 0},
		"302":                    {rehearsal.Redirect(302, "/v5/pins"), Unknown, 0},
		"307 asks to send again": {rehearsal.Redirect(307, "/v5/pins"), Unknown, 0},
		"308 asks to send again": {rehearsal.Redirect(308, "/v5/pins"), Unknown, 0},
		"page":                   {rehearsal.HTML(), Unknown, 0},
		"no id":                  {rehearsal.NoID(), Unknown, 0},
		"garbage":                {rehearsal.Garbage(), Unknown, 0},
		"cut":                    {rehearsal.Cut(), Unknown, 0},
		"reset after the body":   {rehearsal.Reset(), Unknown, 0},
		"hose":                   {rehearsal.Endless(201, 0), Unknown, 0},
		"lost answer":            {rehearsal.LosesAnswer(), Unknown, 1},
		"lost in a redirect":     {rehearsal.Redirect(307, "/v5/pins").At(rehearsal.AfterCommit), Unknown, 1},
		"lost in a 502":          {rehearsal.Trouble(502).At(rehearsal.AfterCommit), Unknown, 1},
		"cut, but made":          {rehearsal.Cut().At(rehearsal.AfterCommit), Unknown, 1},
	} {
		server, c := rehearse(t, rehearsal.Options{})
		board := firstBoard(t, c)
		server.Fault("POST /v5/pins", tc.fault)
		_, err := c.CreatePin(t.Context(), pinOn(board, photo(t)))
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Class != tc.want || e.Op != "create pin" || !e.Sent {
			t.Errorf("%s: got %v", name, err)
		}
		if n := server.Count("POST /v5/pins"); n != 1 {
			t.Errorf("%s: sent %d times", name, n)
		}
		if len(server.Pins()) != tc.made {
			t.Errorf("%s: %d pins", name, len(server.Pins()))
		}
	}
}

func TestWhatNeverArrivesIsOffline(t *testing.T) {
	down := httptest.NewServer(nil)
	down.Close()
	secure := httptest.NewTLSServer(nil) // its certificate is its own
	secure.Config.ErrorLog = nil
	defer secure.Close()
	for name, address := range map[string]string{
		"refused": down.URL, "unknown name": "http://pinterest.invalid", "certificate": secure.URL,
	} {
		c := &Client{Host: Host{APIURL: address}, Token: withToken("t")}
		_, err := c.CreatePin(t.Context(), pinOn("5", photo(t)))
		if e, ok := errors.AsType[*Error](err); !ok || e.Class != Offline || e.Sent {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestPhotoThatChangesMeanwhileIsNotSent(t *testing.T) {
	changed := errors.New("fog.jpg changed")
	server, c := rehearse(t, rehearsal.Options{})
	board, image := firstBoard(t, c), photo(t)
	for name, body := range map[string]io.Reader{
		"in place of the end": io.MultiReader(bytes.NewReader(image), iotest.ErrReader(changed)),
		"half way":            io.MultiReader(bytes.NewReader(image[:len(image)/2]), iotest.ErrReader(changed)),
		"at once":             iotest.ErrReader(changed),
	} {
		pin := pinOn(board, image)
		pin.Media[0].Body = body
		_, err := c.CreatePin(t.Context(), pin)
		if e, ok := errors.AsType[*Error](err); !ok || e.Class != Offline || e.Sent || !errors.Is(err, changed) || !strings.Contains(err.Error(), "fog.jpg") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if len(server.Pins()) != 0 {
		t.Errorf("%d pins", len(server.Pins()))
	}
}

// An answer that comes while the photo is still being sent is the answer, and the rest stays here.
func TestEarlyAnswerIsUsed(t *testing.T) {
	for name, tc := range map[string]struct {
		fault rehearsal.Fault
		want  Class
	}{
		"413":      {rehearsal.TooLarge(), Size},
		"401":      {rehearsal.Expired(), Auth},
		"503":      {rehearsal.Trouble(503), Offline}, // the body was never whole, so no pin can have been made
		"page":     {rehearsal.HTML(), Offline},
		"hangs up": {rehearsal.Reset(), Offline},
	} {
		server, c := rehearse(t, rehearsal.Options{})
		board := firstBoard(t, c)
		server.Fault("POST /v5/pins", tc.fault.At(rehearsal.BeforeBody))
		image := bytes.Repeat([]byte("abc"), 20<<20/3)
		_, err := c.CreatePin(t.Context(), pinOn(board, image))
		if e, ok := errors.AsType[*Error](err); !ok || e.Class != tc.want || e.Sent {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// trickle is an image that comes slowly.
type trickle struct {
	left  int
	step  int
	pause time.Duration
}

func (s *trickle) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	time.Sleep(s.pause)
	n := min(len(p), s.left, s.step)
	s.left -= n
	return n, nil
}

func TestSilenceEndsTheWaitAndSlownessDoesNot(t *testing.T) {
	size := 8 * chunk
	slow := func() io.Reader { return &trickle{left: size, step: chunk, pause: 50 * time.Second} }
	for name, tc := range map[string]struct {
		fault *rehearsal.Fault
		image io.Reader
		want  Class
		after time.Duration
	}{
		"nobody reads":       {new(rehearsal.Hang().At(rehearsal.BeforeBody)), bytes.NewReader(make([]byte, size)), Offline, sendWait},
		"nobody answers":     {new(rehearsal.Hang()), bytes.NewReader(make([]byte, size)), Unknown, answerWait},
		"made, no answer":    {new(rehearsal.Hang().At(rehearsal.AfterCommit)), bytes.NewReader(make([]byte, size)), Unknown, answerWait},
		"the answer drips":   {new(rehearsal.Endless(201, 10*time.Second)), bytes.NewReader(make([]byte, size)), Unknown, bodyWait},
		"slow photo":         {nil, slow(), Content, 8 * 50 * time.Second}, // refused, for it is no image
		"the photo is stuck": {nil, &trickle{left: size, step: chunk, pause: time.Hour}, Offline, sendWait + abandonAfter},
		"stuck at its end":   {nil, io.MultiReader(bytes.NewReader(make([]byte, size)), &trickle{left: 1, step: 1, pause: time.Hour}), Offline, sendWait + abandonAfter},
	} {
		synctest.Test(t, func(t *testing.T) {
			server, c, end := inMemory(rehearsal.Options{})
			defer end()
			board := firstBoard(t, c)
			if tc.fault != nil {
				server.Fault("POST /v5/pins", *tc.fault)
			}
			began, ended := time.Now(), time.Time{}
			pin := NewPin{
				BoardID: board, Media: []Media{{ContentType: "image/jpeg", Size: int64(size), Body: tc.image}},
				Ended: func() { ended = time.Now() },
			}
			_, err := c.CreatePin(t.Context(), pin)
			if classOf(err) != tc.want {
				t.Errorf("%s: got %v", name, err)
			}
			if took := ended.Sub(began); took != tc.after {
				t.Errorf("%s: ended after %s, want %s", name, took, tc.after)
			}
			time.Sleep(2 * time.Hour) // a stuck read comes back
		})
	}
}

func TestOwnAbortTellsWhetherThePinMayExist(t *testing.T) {
	for name, tc := range map[string]struct {
		when rehearsal.When
		want Class
	}{"while sending": {rehearsal.BeforeBody, Offline}, "while waiting": {rehearsal.AfterBody, Unknown}} {
		synctest.Test(t, func(t *testing.T) {
			server, c, end := inMemory(rehearsal.Options{})
			defer end()
			board := firstBoard(t, c)
			server.Fault("POST /v5/pins", rehearsal.Hang().At(tc.when))
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			_, err := c.CreatePin(ctx, pinOn(board, make([]byte, 5*chunk)))
			if classOf(err) != tc.want || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: got %v", name, err)
			}
		})
	}
}

func TestWaitsCanBeShortened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, c, end := inMemory(rehearsal.Options{})
		defer end()
		board := firstBoard(t, c)
		server.Fault("POST /v5/pins", rehearsal.Hang(), rehearsal.Hang().At(rehearsal.BeforeBody))
		c.Waits = Waits{Send: time.Second, Answer: 3 * time.Second}
		for _, want := range []time.Duration{c.Waits.Answer, c.Waits.Send} {
			began := time.Now()
			if _, err := c.CreatePin(t.Context(), pinOn(board, make([]byte, chunk))); err == nil || time.Since(began) != want {
				t.Errorf("ended after %s with %v, want %s", time.Since(began), err, want)
			}
		}
	})
}

func TestMemoryDoesNotGrowWithThePhoto(t *testing.T) {
	const size = 40 << 20
	var before, during runtime.MemStats
	runtime.ReadMemStats(&before)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"id":"1"}`)
	}))
	defer web.Close()
	c := &Client{Host: Host{APIURL: web.URL}, Token: withToken("t")}
	pin := NewPin{BoardID: "5", Media: []Media{{ContentType: "image/jpeg", Size: size, Body: &trickle{left: size, step: size}}}}
	if _, err := c.CreatePin(t.Context(), pin); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&during)
	if grown := during.TotalAlloc - before.TotalAlloc; grown > 4<<20 {
		t.Errorf("%d KB allocated for a photo of %d KB", grown>>10, size>>10)
	}
}

func TestPinRequestCannotBeRepeated(t *testing.T) {
	c := &Client{Token: withToken("t"), Host: Host{Transport: trip(func(r *http.Request) (*http.Response, error) {
		if r.GetBody != nil || r.Header.Get("Expect") != "" || r.Header.Get("Idempotency-Key") != "" || r.ContentLength < 1 {
			t.Errorf("request %+v", r)
		}
		for name := range r.Header {
			if !strings.Contains("Authorization Content-Type Accept User-Agent", name) {
				t.Errorf("header %s", name)
			}
		}
		return nil, io.EOF
	})}}
	if _, err := c.CreatePin(t.Context(), pinOn("5", photo(t))); classOf(err) != Offline {
		t.Errorf("got %v", err)
	}
}

// While an early answer is read, the transport still asks for the body: it must wait, for an error would close the
// connection under the answer, and more bytes could complete the pin.
func TestRestOfThePhotoStaysHereOnceAnAnswerCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var more int64
		var released time.Duration
		c := &Client{Token: withToken("t"), Host: Host{Transport: trip(func(r *http.Request) (*http.Response, error) {
			_, _ = io.CopyN(io.Discard, r.Body, 1000)
			go func() {
				time.Sleep(time.Second)
				more, _ = io.Copy(io.Discard, r.Body)
				released = time.Since(began)
			}()
			answer := &trickle{left: 5, step: 1, pause: time.Second}
			return &http.Response{StatusCode: 413, Header: http.Header{}, Body: io.NopCloser(answer)}, nil
		})}}
		if _, err := c.CreatePin(t.Context(), pinOn("5", make([]byte, 5*chunk))); classOf(err) != Size {
			t.Errorf("got %v", err)
		}
		synctest.Wait()
		if more != 0 || released != 5*time.Second {
			t.Errorf("%d bytes more, released after %s", more, released)
		}
	})
}

// slowConn is an uplink on which each write takes its time.
type slowConn struct {
	net.Conn
	pause time.Duration
}

func (c slowConn) Write(p []byte) (int, error) {
	time.Sleep(c.pause)
	return c.Conn.Write(p)
}

func TestSlowUplinkAloneEndsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := rehearsal.New(rehearsal.Options{})
		wire := rehearsal.NewWire(server)
		defer wire.Close()
		access, _ := server.Issue()
		uplink := func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := wire.Dial(ctx, network, address)
			return slowConn{conn, 50 * time.Second}, err
		}
		c := &Client{Token: withToken(access), Host: Host{APIURL: "http://pinterest.test", Transport: newTransport(uplink)}}
		board := firstBoard(t, c)
		began := time.Now()
		_, err := c.CreatePin(t.Context(), pinOn(board, bytes.Repeat([]byte("abc"), 10*chunk)))
		if took := time.Since(began); classOf(err) != Content || took < 20*time.Minute {
			t.Errorf("after %s: %v", took, err)
		}
	})
}

func TestWrongAddressIsNotThePinsFault(t *testing.T) {
	for _, address := range []string{"api.pinterest.com", "ftp://x", "://", "http://"} {
		c := &Client{Host: Host{APIURL: address}, Token: withToken("t")}
		_, read := c.Account(t.Context())
		_, created := c.CreatePin(t.Context(), pinOn("5", []byte("x")))
		if classOf(read) != Offline || classOf(created) != Offline {
			t.Errorf("%s: %v, %v", address, read, created)
		}
	}
}
