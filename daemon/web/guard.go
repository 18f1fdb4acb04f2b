package web

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// guard is around every request: the rules that hold whatever is asked for.
func (s *Server) guard(next http.Handler) http.Handler {
	sameOrigin := http.NewCrossOriginProtection()
	sameOrigin.SetDenyHandler(s.answer(func(http.ResponseWriter, *http.Request) error {
		return &refusal{http.StatusForbidden, "another page tried to change something here, and was refused. If you pressed " +
			"the button yourself, open this page by the address that it was opened by before, and press it there"}
	}))
	inner := sameOrigin.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header())
		if r.URL.Path != uploadPath { // which bounds its own, piece by piece
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		}
		if problem := s.unwelcome(r); problem != "" {
			s.answer(func(http.ResponseWriter, *http.Request) error {
				return &refusal{http.StatusForbidden, problem}
			}).ServeHTTP(w, r)
			return
		}
		inner.ServeHTTP(w, r)
	})
}

// secure sets what every answer carries. The referrer policy is not no-referrer: browsers would then send
// `Origin: null` with our own forms, which cannot be told from another page's.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "+
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store") // the page shows what must not be kept
}

// unwelcome says why a password-less page does not answer a request; "" if it does.
func (s *Server) unwelcome(r *http.Request) string {
	if s.door.Load() != nil {
		return ""
	}
	for name := range r.Header {
		if name == "Forwarded" || name == "X-Real-Ip" || strings.HasPrefix(name, "X-Forwarded-") {
			return "a proxy passed this request on, and without a password anybody behind it could use this page. Set one on the " +
				"machine that runs pinfold: `pinfold web password`, or a file that $" + PasswordVariable + " names"
		}
	}
	host := hostName(r.Host)
	if s.answersTo(host) {
		return ""
	}
	return fmt.Sprintf("this page does not answer to the name %q, since a page elsewhere could take such a name to get in. "+
		"If the name is yours, add it to the config: `web: {hosts: [%q]}`", host, host)
}

// hostName is a Host header without its port.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

func (s *Server) answersTo(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil || host == "localhost" {
		return true
	}
	for _, name := range s.Hosts {
		if host != "" && host == hostName(name) {
			return true
		}
	}
	return false
}
