package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// page looks whether the running daemon's page answers, or else whether its address can be had.
func (e *examination) page(ctx context.Context) {
	if e.Running && e.Page != "" {
		e.answers(ctx)
		return
	}
	listen := e.Config.Web.Listen
	if e.ConfigFault != nil || listen == "" || e.Running { // then it holds the port
		return
	}
	address, err := net.ResolveTCPAddr("tcp", listen)
	if err != nil {
		e.problem("page", listen, "correct web.listen in the config", "nothing can listen there: %v", err)
		return
	}
	if !address.IP.IsLoopback() && !e.Password {
		e.problem("page", listen, "`pinfold web password`, or listen on this machine only: `web: {listen: \"127.0.0.1:7478\"}`",
			"others can reach the page there, and it has no password; pinfold does not start so")
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	switch {
	case err == nil:
		_ = l.Close()
		e.ok("page", listen, "the page's port is free")
	case errors.Is(err, syscall.EADDRINUSE):
		e.problem("page", listen, "stop the program that has it, or set web.listen to another port", "the page's port is in use by another program")
	default:
		e.problem("page", listen, "set web.listen to an address of this machine and a port from 1024 on", "nothing can listen there: %v", err)
	}
}

// answers asks the running daemon how it is.
func (e *examination) answers(ctx context.Context) {
	code, _, err := e.ask(ctx, http.MethodGet, e.Page+"/healthz")
	switch {
	case err != nil:
		e.problem("page", e.Page, "restart pinfold", "the daemon runs, but its page does not answer: %v", err)
	case code != http.StatusOK:
		e.problem("page", e.Page, "look at its log", "the daemon says that it is not well")
	default:
		e.ok("page", e.Page, "the page answers, and the daemon is well")
	}
}

// ask makes a request and gives the status and the answer's date.
func (e *examination) ask(ctx context.Context, method, address string) (code int, date time.Time, err error) {
	request, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return 0, date, err
	}
	response, err := e.Machine.HTTP.Do(request)
	if err != nil {
		return 0, date, err
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.CopyN(io.Discard, response.Body, 4096) // nothing of it is looked at
	date, _ = http.ParseTime(response.Header.Get("Date"))
	return response.StatusCode, date, nil
}

// network looks whether Pinterest's API can be reached. Any answer will do; nothing is asked for.
func (e *examination) network(ctx context.Context) {
	u, err := url.Parse(e.APIURL)
	if err != nil || u.Host == "" || e.ConfigFault != nil { // the config says whom to ask
		return
	}
	host := u.Hostname()
	looking, cancel := context.WithTimeout(ctx, lookupWait)
	_, err = e.Machine.Lookup(looking, host)
	cancel()
	if err != nil {
		e.problem("network", host, "look at this machine's network and DNS servers; pinfold goes on by itself when the name is found",
			"the name cannot be found: %v", err)
		return
	}
	_, date, err := e.ask(ctx, http.MethodHead, u.Scheme+"://"+u.Host+"/")
	if err != nil {
		fix := "look at the network, and at firewalls and filters in it; pinfold goes on by itself"
		if certificate(err) {
			fix = "look at the clock; else something in the network pretends to be Pinterest, such as a virus scanner or a filter"
		}
		e.problem("network", host, fix, "it cannot be reached: %v", bare(err))
		return
	}
	e.date, e.heard = date, e.Machine.Now()
	e.ok("network", host, "it can be reached")
}

// certificate reports whether a connection failed because the other side could not show who it is.
func certificate(err error) bool {
	_, verify := errors.AsType[*tls.CertificateVerificationError](err)
	_, authority := errors.AsType[x509.UnknownAuthorityError](err)
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	return verify || authority || noTLS
}

// bare is an error without the address that was asked, which is named already.
func bare(err error) string {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	return strings.TrimSpace(err.Error())
}
