package pinterest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"
)

// send makes one request that has no body or a short one, waits for its answer and reads at most limit bytes of it.
// An error means that there is no answer; it is then of class Offline.
func (h Host) send(ctx context.Context, req *http.Request, op string, limit int64) (answer, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	waits := h.waits()
	watch := time.AfterFunc(waits.Reply, func() { cancel(errSilence) })
	defer watch.Stop()

	req = req.WithContext(ctx)
	req.GetBody = nil // nothing may send it again
	req.Header.Set("User-Agent", h.userAgent())
	req.Header.Set("Accept", "application/json")
	resp, err := h.transport().RoundTrip(req)
	if err != nil {
		return answer{}, unsent(ctx, op, err)
	}
	defer func() { _ = resp.Body.Close() }()
	watch.Stop()
	a := readAnswer(resp, limit, waits, cancel)
	h.tell(a.date)
	return a, nil
}

// tell hands Pinterest's clock to whoever wants to know it.
func (h Host) tell(date time.Time) {
	if h.OnDate != nil && !date.IsZero() {
		h.OnDate(date)
	}
}

// unsent makes the error for a request without an answer.
func unsent(ctx context.Context, op string, err error) *Error {
	e := &Error{Class: Offline, Op: op, reason: reason(ctx, err)}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, errSilence) {
		e.cause = cause // the caller's own end of it
	}
	return e
}

// reason words a transport's error. Its own text may quote what the other side sent, so it is never passed on.
func reason(ctx context.Context, err error) string {
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, errSilence), errors.Is(cause, errDrip):
		return cause.Error()
	case cause != nil:
		return "given up: the program stops or has no more time for it"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection to Pinterest was refused; check the network, proxy and firewall"
	case errors.Is(err, os.ErrDeadlineExceeded), isTimeout(err):
		return "Pinterest could not be reached in time; check the network"
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return fmt.Sprintf("the name %s was not found; check the network and its DNS", dns.Name)
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "the certificate that answered is not Pinterest's or not valid now; check this machine's clock and what lies between"
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return "no connection to Pinterest; check the network"
	}
	return "the connection broke off"
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}
