package publish_test

import (
	"bytes"
	"crypto/tls"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest"
	"github.com/divitio/pinfold/pinterest/rehearsal"
	"github.com/divitio/pinfold/watcher/photo"
)

// outcome is one line of the table of outcomes, as it happens over real HTTP.
type outcome struct {
	fault rehearsal.Fault // of the first requests that make a pin
	times int             // how many; 0: one
	read  rehearsal.Fault // of the first look-up of boards
	setUp func(*bench)

	big      bool // the photo is longer than what the network takes in advance
	posts    int  // requests for a pin that reached Pinterest
	state    post.State
	attempts int
	problem  string // of the post
	pause    store.Pause
	until    time.Duration // 0: it does not end by itself
}

func in(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }

// everywhere serves all of the API with one fault.
func everywhere(fault rehearsal.Fault) func(*bench) {
	return func(b *bench) {
		b.server.FaultFunc(func(*http.Request) *rehearsal.Fault { return &fault })
	}
}

// at sends requests of this kind to another address, over connections of the same kind as ours.
func at(address, method, path string) func(*bench) {
	return func(b *bench) {
		to, err := url.Parse(address)
		if err != nil {
			b.t.Fatal(err)
		}
		b.Accounts.Host.Transport = detour(func(r *http.Request) {
			if r.Method == method && r.URL.Path == path {
				r.URL.Scheme, r.URL.Host = to.Scheme, to.Host
			}
		})
	}
}

// detour is a way to Pinterest that may change where a request goes.
type detour func(*http.Request)

func (d detour) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	d(r)
	return (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
}

const (
	minute    = time.Minute
	boardsGet = "/v5/boards"
)

// Section 7's table, whole: how many requests reached Pinterest, and what became of post and account.
func outcomes(t *testing.T) map[string]outcome {
	t.Helper()
	down := httptest.NewServer(nil)
	down.Close()
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = nil
	untrusted.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)

	all := map[string]outcome{}
	for name, address := range map[string]string{
		"name not found": "http://pinterest.invalid", "refused": down.URL, "untrusted certificate": untrusted.URL,
	} {
		all["offline: "+name+", reading"] = offline(outcome{setUp: at(address, "GET", boardsGet)})
		all["offline: "+name+", sending"] = offline(outcome{setUp: at(address, "POST", "/v5/pins")})
	}
	for name, read := range map[string]rehearsal.Fault{
		"500": rehearsal.Trouble(500), "503": rehearsal.Trouble(503), "403": rehearsal.Refuse(403, 7, "no"),
		"404": rehearsal.Refuse(404, 7, "no"), "reset": rehearsal.Reset(), "silence": rehearsal.Hang(),
		"endless": rehearsal.Endless(200, 0), "cut": rehearsal.CutOff(200, `{"items":[`), "HTML": rehearsal.HTML(),
		"redirect": rehearsal.Redirect(302, "/sign-in"), "garbage": rehearsal.Write(200, "application/json", "{"),
	} {
		all["look-up of boards: "+name] = offline(outcome{read: read})
	}
	all["captive portal everywhere"] = offline(outcome{setUp: everywhere(rehearsal.HTML())})
	all["captive portal's redirect everywhere"] = offline(outcome{setUp: everywhere(rehearsal.Redirect(302, "http://portal.invalid/"))})

	for name, headers := range map[string][]string{
		"seconds":            {"Retry-After", "600"},
		"date":               {"Retry-After", in(10 * minute)},
		"x-ratelimit":        {"X-RateLimit-Limit", "100", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "600"},
		"x-ratelimit, twice": {"X-RateLimit-Remaining", "0, 50", "X-RateLimit-Reset", "600, 86400"},
		"both":               {"Retry-After", "600", "X-RateLimit-Reset", "60"},
	} {
		busy := rehearsal.Busy(headers...)
		all["429 by "+name] = outcome{fault: busy, posts: 1, state: post.Scheduled, pause: store.PauseBusy, until: 10 * minute}
		all["429 by "+name+", reading"] = outcome{read: busy, state: post.Scheduled, pause: store.PauseBusy, until: 10 * minute}
	}
	for name, o := range map[string]outcome{
		"429":                {fault: rehearsal.Busy(), pause: store.PauseBusy, until: 5 * minute},
		"429 in the past":    {fault: rehearsal.Busy("Retry-After", in(-minute)), pause: store.PauseBusy, until: 5 * minute},
		"429 of a week":      {fault: rehearsal.Busy("Retry-After", "604800"), pause: store.PauseBusy, until: 24 * time.Hour},
		"429 of a gateway":   {fault: rehearsal.Write(429, "text/html", "<h1>slow down</h1>"), pause: store.PauseBusy, until: 5 * minute},
		"spam":               {fault: rehearsal.Spam(), pause: store.PauseSpam, until: 12 * time.Hour},
		"spam, reading":      {read: rehearsal.Spam(), pause: store.PauseSpam, until: 12 * time.Hour},
		"missing scope 401":  {fault: rehearsal.MissingScope("pins:write"), attempts: 1, pause: store.PauseScope},
		"missing scope 403":  {fault: rehearsal.ForbiddenScope("pins:write"), attempts: 1, pause: store.PauseScope},
		"missing, reading":   {read: rehearsal.MissingScope("boards:read"), pause: store.PauseScope},
		"trial":              {fault: rehearsal.Trial(), attempts: 1, pause: store.PauseTrial},
		"503 before the end": offline(outcome{fault: rehearsal.Trouble(503).At(rehearsal.BeforeBody), big: true}),
		"reset before":       offline(outcome{fault: rehearsal.Reset().At(rehearsal.BeforeBody), big: true}),
		"silence before":     offline(outcome{fault: rehearsal.Hang().At(rehearsal.BeforeBody), big: true}),
		"drip before":        offline(outcome{fault: rehearsal.Endless(201, 10*time.Millisecond).At(rehearsal.BeforeBody), big: true}),
	} {
		o.state = post.Scheduled
		if o.posts = 1; o.read.Answer != nil {
			o.posts = 0
		}
		all[name] = o
	}
	for name, o := range map[string]outcome{
		"403":            {fault: rehearsal.Refuse(403, 12, "You may not."), problem: "refused"},
		"403 in HTML":    {fault: rehearsal.Write(403, "text/html", "<h1>blocked</h1>"), problem: "refused"},
		"404":            {fault: rehearsal.NoBoard(), problem: "board"},
		"413":            {fault: rehearsal.TooLarge(), problem: "too-big", times: 2},
		"413 early":      {fault: rehearsal.TooLarge().At(rehearsal.BeforeBody), big: true, problem: "too-big", times: 2},
		"400 of a size":  {fault: rehearsal.ImageTooBig(), problem: "too-big", times: 2},
		"400":            {fault: rehearsal.Invalid("title"), problem: "refused"},
		"400 early":      {fault: rehearsal.Invalid("title").At(rehearsal.BeforeBody), big: true, problem: "refused"},
		"415":            {fault: rehearsal.Refuse(415, 1, "no"), problem: "refused"},
		"451 and no end": {fault: rehearsal.CutOff(451, `{"code":`), problem: "refused"},
	} {
		o.times = max(o.times, 1) // those about the image's size are answered by a smaller one
		o.posts, o.state, o.attempts = o.times, post.Failed, o.times
		all[name] = o
	}
	for name, fault := range map[string]rehearsal.Fault{
		"500": rehearsal.Trouble(500), "502": rehearsal.Trouble(502), "503": rehearsal.Trouble(503), "504": rehearsal.Trouble(504),
		"408": rehearsal.Trouble(408), "409": rehearsal.Trouble(409), "599": rehearsal.Trouble(599),
		"301": rehearsal.Redirect(301, "/v5/pins"), "302": rehearsal.Redirect(302, "/v5/pins"), "303": rehearsal.Redirect(303, "/v5/pins"),
		"307": rehearsal.Redirect(307, "/v5/pins"), "308": rehearsal.Redirect(308, "/v5/pins"), "304": rehearsal.Write(304, "", ""),
		"captive portal on the POST": rehearsal.HTML(), "200 without body": rehearsal.Write(200, "application/json", ""),
		"no id": rehearsal.NoID(), "garbage": rehearsal.Garbage(), "cut JSON": rehearsal.Cut(), "204": rehearsal.Write(204, "", ""),
		"reset": rehearsal.Reset(), "silence": rehearsal.Hang(), "endless": rehearsal.Endless(201, 0),
		"drip": rehearsal.Endless(201, 1200*time.Millisecond), "GOAWAY": goAway(), "no HTTP at all": raw("SSH-2.0-OpenSSH_9.6\r\n"),
		"two answers": raw("HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 10\r\n\r\n{\"id\":\"1\"}"),
		"1xx only":    raw("HTTP/1.1 103 Early Hints\r\n\r\n"),
	} {
		all["unknown: "+name] = outcome{fault: fault, posts: 1, state: post.Unconfirmed, attempts: 1, problem: "unconfirmed"}
		all["unknown, but made: "+name] = outcome{
			fault: fault.At(rehearsal.AfterCommit), posts: 1, state: post.Unconfirmed, attempts: 1, problem: "unconfirmed",
		}
	}
	return all
}

// offline is what every failure to reach Pinterest leads to.
func offline(o outcome) outcome {
	o.state, o.pause, o.until = post.Scheduled, store.PauseOffline, 15*time.Second
	return o
}

// raw answers bytes that need not be HTTP.
func raw(answer string) rehearsal.Fault {
	return rehearsal.Fault{Answer: func(_ *rehearsal.Server, w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_, _ = conn.Write([]byte(answer))
		_ = conn.Close()
	}}
}

// goAway answers as an HTTP/2 server that ends the connection and says that no request was processed: SETTINGS,
// GOAWAY with last stream 0, RST_STREAM with REFUSED_STREAM. An HTTP/2 client would send the request again.
func goAway() rehearsal.Fault {
	return raw("\x00\x00\x00\x04\x00\x00\x00\x00\x00" +
		"\x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
		"\x00\x00\x04\x03\x00\x00\x00\x00\x01\x00\x00\x00\x07")
}

func TestEveryOutcome(t *testing.T) {
	t.Parallel()
	for name, o := range outcomes(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, rehearsal.Options{})
			if o.big {
				b.narrow()
			}
			for range max(o.times, 1) {
				if o.fault.Answer != nil {
					b.server.Fault(createPin, o.fault)
				}
			}
			if o.read.Answer != nil {
				b.server.Fault("GET "+boardsGet, o.read)
			}
			if o.setUp != nil {
				o.setUp(b)
			}
			r := b.publish(b.add("fog.jpg", 10, func(r *store.Record) {
				if o.big {
					b.grow(r)
				}
			}))
			o.check(b, r)
			o.end(b, r)
		})
	}
}

// check compares what came of the first attempt.
func (o outcome) check(b *bench, r store.Record) {
	b.t.Helper()
	b.wantState(r, o.state)
	if n := b.server.Count(createPin); n != o.posts {
		b.t.Errorf("%d requests for a pin reached Pinterest, want %d", n, o.posts)
	}
	if r.Attempts != o.attempts || problemID(r.Problem) != o.problem {
		b.t.Errorf("%d attempts, problem %q, want %d, %q", r.Attempts, problemID(r.Problem), o.attempts, o.problem)
	}
	a := b.account()
	if a.Paused != o.pause {
		b.t.Errorf("the account's pause is %q, want %q", a.Paused, o.pause)
	}
	if left := a.Until.Sub(b.now()); o.until > 0 && (left > o.until+time.Second || left < o.until-minute) {
		b.t.Errorf("the pause lasts %v, want %v", left, o.until)
	}
	if o.until == 0 && !a.Until.IsZero() {
		b.t.Errorf("the pause ends by itself at %v", a.Until)
	}
	if o.pause != store.PauseNone && (a.Problem == nil || a.Problem.Fix == "" || !bytes.Contains(b.log.Bytes(), []byte(a.Problem.Message))) {
		b.t.Errorf("the account's problem %v is not said in the log:\n%s", a.Problem, b.log.String())
	}
}

// end brings the outcome to its end: whatever it was, there is one pin in the end, and nothing was in its way.
func (o outcome) end(b *bench, r store.Record) {
	b.t.Helper()
	b.server.Calm()
	b.Accounts.Host.Transport, b.Accounts.Host.APIURL, b.Accounts.Host.Waits = nil, b.api.URL, pinterest.Waits{}
	switch {
	case o.state == post.Unconfirmed:
		for r.State == post.Unconfirmed && problemID(r.Problem) != publish.AskPerson {
			r = b.confirm(r)
		}
	case o.state == post.Failed:
		b.wantState(b.publish(b.add("behind.jpg", 20, nil)), post.Posted) // it is in nobody's way
		b.decide(r, publish.Retry)
	case o.until > 0:
		b.later(b.account().Until.Sub(b.now()) + time.Millisecond)
	case o.pause != store.PauseNone:
		if b.later(30 * 24 * time.Hour); !b.account().Holds(b.now()) {
			b.t.Error("the pause ends by itself")
		}
		b.later(-30 * 24 * time.Hour)
		b.update(func(tx *store.Tx) error { return publish.Resume(tx, "main") })
	}
	if b.account().Holds(b.now()) {
		b.t.Errorf("the account is still held up: %+v", b.account())
	}
	if r = b.read(r.ID); r.State != post.Posted {
		b.wantState(b.publish(r), post.Posted)
	}
	if n := len(b.server.Pins()); n != 1 && (n != 2 || o.state != post.Failed) {
		b.t.Errorf("%d pins", n)
	}
	if a := b.account(); a.Step != 0 || a.Problem != nil {
		b.t.Errorf("after a pin the account is %+v", a)
	}
}

// narrow is a server whose system takes little of an upload in advance.
func (b *bench) narrow() {
	slow := httptest.NewUnstartedServer(b.server)
	slow.Listener = narrow{slow.Listener}
	slow.Start()
	b.t.Cleanup(func() { slow.CloseClientConnections(); slow.Close() })
	b.t.Cleanup(b.server.Close)
	b.Accounts.Host.APIURL = slow.URL
}

type narrow struct{ net.Listener }

func (n narrow) Accept() (net.Conn, error) {
	conn, err := n.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetReadBuffer(64 << 10)
	}
	return conn, err
}

// noise is a photo that does not compress: over 1 MB.
func noise(t *testing.T, seed uint64) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 1000, 1000))
	random := rand.New(rand.NewPCG(seed, 0))
	for i := range img.Pix {
		img.Pix[i] = byte(random.Uint32())
	}
	var data bytes.Buffer
	if err := jpeg.Encode(&data, img, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	return data.Bytes()
}

// grow makes a post's photo a big one.
func (b *bench) grow(r *store.Record) {
	b.t.Helper()
	b.replace(r, noise(b.t, 1))
}

// replace writes another photo and makes the record agree.
func (b *bench) replace(r *store.Record, data []byte) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.folder, r.Photo), data, 0o600); err != nil {
		b.t.Fatal(err)
	}
	var err error
	if r.Hash, err = photo.Hash(bytes.NewReader(data)); err != nil {
		b.t.Fatal(err)
	}
}
