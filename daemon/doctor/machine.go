package doctor

import (
	"context"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/divitio/pinfold/daemon/rights"
	"github.com/divitio/pinfold/watcher"
)

// Machine is what the system is asked. Tests make their own.
type Machine struct {
	Now    func() time.Time
	Getenv func(string) string
	// Free is the room on the disk of a directory, in bytes.
	Free func(dir string) (uint64, error)
	// Steady reports whether something keeps the clock right; known is false where the system does not say.
	Steady func() (steady, known bool)
	// Watches is how many directories a folder may watch, 0 if there is no limit, with advice for who needs more.
	Watches func() (most int, advice string)
	// Events reports whether a directory's file system tells changes, and why or why not.
	Events func(dir string) (sends bool, why string)
	// Mapped reports whether a path is on a drive letter that only this user has.
	Mapped func(path string) bool
	Lookup func(ctx context.Context, host string) ([]string, error)
	HTTP   *http.Client // without redirects and with a time limit
}

// The longest times that answers are waited for.
const (
	lookupWait = 5 * time.Second
	answerWait = 10 * time.Second
	folderWait = 10 * time.Second
)

// ThisMachine asks the real one.
func ThisMachine() Machine {
	return Machine{
		Now: time.Now, Getenv: os.Getenv, Free: free, Steady: steady, Watches: watcher.WatchLimit, Events: watcher.SendsEvents, Mapped: rights.Mapped,
		Lookup: net.DefaultResolver.LookupHost,
		HTTP: &http.Client{
			Timeout:       answerWait,
			Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}
