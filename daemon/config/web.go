package config

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/divitio/pinfold/daemon/notify"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// envListen is the environment variable that sets web.listen where no file does.
const envListen = "PINFOLD_LISTEN"

// hostName is the shape of a host's name: labels of letters, digits, - and _ (which private networks use).
var hostName = regexp.MustCompile(`^([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$`)

// web reads the local page's settings.
func (r reader) web(m *strictyaml.Map) {
	w := &r.c.Web
	if f := m.Get("listen"); f != nil {
		if v := f.Text(strictyaml.TextRule{}); v != nil && !validListen(v.Text) {
			f.Add(IDBadListen, badListen, listenFix)
		} else {
			setText(&w.Listen, v)
		}
		r.c.listenGiven = true
	}
	for _, item := range m.Get("hosts").List(false, maxEntries, "write [pins.example.org]") {
		v := item.Text(strictyaml.TextRule{Max: 253})
		switch {
		case v == nil:
		case !validHost(v.Text):
			item.Add(IDBadHost, "is not a host's name", "write the name alone, such as pins.example.org")
		default:
			w.Hosts = append(w.Hosts, strings.ToLower(v.Text))
		}
	}
	setFlag(&w.Metrics, m.Get("metrics"))
}

const (
	badListen = "is not an address to listen on"
	listenFix = `write host:port, such as "127.0.0.1:7478" (this machine only) or "0.0.0.0:7478" (every network)`
)

// validListen reports whether a text is host:port; the host may be missing, the port may be 0 (any free one).
func validListen(text string) bool {
	host, port, err := net.SplitHostPort(text)
	return err == nil && validPort(port) && (host == "" || validHost(host))
}

// validPort reports a number up to 65535.
func validPort(port string) bool {
	_, err := strconv.ParseUint(port, 10, 16)
	return err == nil
}

// validHost reports an IP address or a host's name; one that ends in a number is no name.
func validHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	last := host[strings.LastIndex(host, ".")+1:]
	return hostName.MatchString(host) && strings.Trim(last, "0123456789") != ""
}

// WithEnv adds what the environment says: $PINFOLD_LISTEN sets web.listen where the file does not. The error
// is strictyaml.Findings.
func (c Config) WithEnv(getenv func(string) string) (Config, error) {
	listen := getenv(envListen)
	if listen == "" || c.listenGiven {
		return c, nil
	}
	if !validListen(listen) {
		at := strictyaml.Place{File: "$" + envListen}
		return c, strictyaml.Findings{at.Finding(IDBadListen, strconv.Quote(listen)+" "+badListen, listenFix)}
	}
	c.Web.Listen = listen
	return c, nil
}

// notify reads who is told of what.
func (r reader) notify(m *strictyaml.Map) {
	n := &r.c.Notify
	for _, item := range m.Get("urls").List(false, maxEntries, `write ["ntfy://ntfy.sh/my-topic"]`) {
		v := item.Text(strictyaml.TextRule{})
		switch {
		case v == nil:
		case !notifyURL.MatchString(v.Text): // it holds a secret, so it is not shown
			item.Add(IDBadURL, "is not an address to send to", "write service://…")
		default:
			if _, err := notify.NewTarget(len(n.URLs)+1, v.Text); err != nil {
				item.Add(IDBadURL, err.Error(), "see docs/notifications.md for the form of each service")
			}
			n.URLs = append(n.URLs, v.Text)
		}
	}
	if f := m.Get("on"); f != nil {
		n.On = nil
		for _, item := range f.List(false, maxEntries, "write [failed, missed]") {
			if v := item.Choice(Events()...); v != nil {
				n.On = append(n.On, v.Text)
			}
		}
	}
	setFlag(&n.Weekly, m.Get("weekly"))
}

// notifyURL is the shape of a notification target; each service knows its own form.
var notifyURL = regexp.MustCompile(`^[a-z][a-z0-9+.-]*://\S+$`)

// urlRule says what else a web address must be, and how to write it.
type urlRule struct {
	query  bool   // ? is allowed
	ending string // the path must not end so
	fix    string
}

// The rules of the addresses under pinterest.
var (
	redirectRule  = urlRule{query: true, fix: "write it as it is registered with the app, such as " + DefaultRedirectURL}
	authorizeRule = urlRule{fix: "write it without ? and #, such as " + pinterestConsent}
	apiRule       = urlRule{ending: "/v5", fix: "write it without /v5, ? and #, such as http://localhost:8080"}
)

// readURL reads an http or https address with a host; "" means none.
func readURL(f *strictyaml.Field, rule urlRule) string {
	v := f.Text(strictyaml.TextRule{Empty: true})
	if v == nil || v.Text == "" {
		return ""
	}
	if !rule.allows(v.Text) {
		f.Add(IDBadURL, "is not a web address that can be used here", rule.fix)
		return ""
	}
	return v.Text
}

// allows reports whether a text is http or https with a host, without a user or fragment, and keeps the rule.
func (r urlRule) allows(text string) bool {
	u, err := url.Parse(text)
	if err != nil || strings.ContainsAny(text, " \\#") || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	if !validHost(u.Hostname()) || u.User != nil || u.Port() != "" && !validPort(u.Port()) {
		return false
	}
	path := strings.TrimRight(u.Path, "/")
	return (r.query || !strings.Contains(text, "?")) && (r.ending == "" || !strings.HasSuffix(path, r.ending))
}
