package pinterest

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Addresses of Pinterest. The API's are without /v5.
const (
	ProductionURL = "https://api.pinterest.com"
	SandboxURL    = "https://api-sandbox.pinterest.com"
	AuthorizeURL  = "https://www.pinterest.com/oauth/"
)

// Waits after which a request is given up. They measure silence, not slowness: a slow uplink alone never ends a
// request.
const (
	sendWait   = 60 * time.Second  // no byte of a pin's body was taken
	answerWait = 120 * time.Second // the pin's body is sent, no answer begins
	replyWait  = 60 * time.Second  // no answer to any other request begins, or an answer's body stands still
	bodyWait   = 5 * time.Minute   // from an answer's header to its end, against a body that drips for ever
)

// Waits overrides how long silence is borne; a zero field takes the default.
type Waits struct {
	Send   time.Duration // nothing of a pin's body is taken: 60 s
	Answer time.Duration // no answer after a pin's whole body: 120 s
	Reply  time.Duration // silence before any other answer, and inside one: 60 s
	Body   time.Duration // from an answer's header to its end, however it drips: 5 min
}

// Host is the Pinterest to talk to, and how. The zero value is production. Fields must not change once used.
type Host struct {
	APIURL       string               // base address without /v5; default ProductionURL
	AuthorizeURL string               // the page where a person allows the app; default AuthorizeURL
	Version      string               // pinfold's own, for the User-Agent; default "dev"
	Transport    http.RoundTripper    // for tests; default: a fresh HTTP/1.1 connection for each request
	OnDate       func(date time.Time) // told the Date header of each answer that has one: Pinterest's clock
	Waits        Waits
}

// errAddress: the API's address is an override of the user's, and wrong.
var errAddress = errors.New("the API's address must be http(s)://host, without /v5")

// endpoint returns the address of an API path such as "/boards".
func (h Host) endpoint(path string, query url.Values) (string, error) {
	base := strings.TrimRight(cmp.Or(h.APIURL, ProductionURL), "/")
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return "", errAddress
	}
	address := base + "/v5" + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	return address, nil
}

// transport returns the round tripper of this host.
func (h Host) transport() http.RoundTripper {
	if h.Transport != nil {
		return h.Transport
	}
	return newTransport(dialPatiently)
}

// userAgent names us to Pinterest, with a place where to complain.
func (h Host) userAgent() string {
	return "pinfold/" + cmp.Or(h.Version, "dev") + " (+https://github.com/divitio/pinfold)"
}

// waits returns h.Waits with the defaults filled in.
func (h Host) waits() Waits {
	return Waits{
		Send:   cmp.Or(h.Waits.Send, sendWait),
		Answer: cmp.Or(h.Waits.Answer, answerWait),
		Reply:  cmp.Or(h.Waits.Reply, replyWait),
		Body:   cmp.Or(h.Waits.Body, bodyWait),
	}
}
