//go:build crashpoints

package crash

import (
	"context"
	"net/http/httptrace"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
)

// passed counts how often the wanted point was passed.
var passed atomic.Int64

// At kills this process if $PINFOLD_CRASH names the point and this is the passing that it names.
func At(name string) {
	wanted, nth, _ := strings.Cut(os.Getenv("PINFOLD_CRASH"), ":")
	if name != wanted {
		return
	}
	n, err := strconv.ParseInt(nth, 10, 64)
	if err != nil {
		n = 1
	}
	if passed.Add(1) != n {
		return
	}
	_, _ = os.Stderr.WriteString("dies at " + name + "\n") // for the tests
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		os.Exit(1)
	}
	select {} // the signal is on its way: nothing after the point is done
}

// During kills at the request's points.
func During(ctx context.Context, name string) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:              func(httptrace.GotConnInfo) { At(name + "/connected") },
		WroteHeaders:         func() { At(name + "/head-sent") },
		WroteRequest:         func(httptrace.WroteRequestInfo) { At(name + "/body-sent") },
		GotFirstResponseByte: func() { At(name + "/answer-begins") },
	})
}
