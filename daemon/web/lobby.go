package web

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net"
	"sync"
	"time"
)

const (
	sessionLife = 30 * 24 * time.Hour // since it was last used
	maxSessions = 100                 // the oldest goes
)

// Lobby is what of the page outlasts one server of it: who is signed in, and the port. While one server has ended and
// the next has not begun, browsers wait in the lobby instead of being turned away. The zero Lobby is empty; it may be
// used by one server after the other, and is closed at the end.
type Lobby struct {
	mu       sync.Mutex
	sessions map[[sha256.Size]byte]time.Time // their ends, by the hash of the cookie, so that time tells nothing of one
	address  string                          // that the listener was asked for
	listener *net.TCPListener
}

// Close closes the port.
func (l *Lobby) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.listener == nil {
		return nil
	}
	err := l.listener.Close()
	l.listener = nil
	return err
}

// listen gives the port of the server before if it is the one that is asked for, else another.
func (l *Lobby) listen(address string) (net.Listener, error) {
	resolved, err := resolve(address)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	before := l.listener
	kept := l.address == address && before != nil
	l.mu.Unlock()
	if kept {
		return stayingOpen{before}, before.SetDeadline(time.Time{})
	}
	listener, err := net.ListenTCP("tcp", resolved)
	if inUse(err) && before != nil && portOf(before) == resolved.Port {
		_ = l.Close() // it is ours: one address of a port, and all of them, exclude each other
		listener, err = net.ListenTCP("tcp", resolved)
	}
	if err != nil {
		return nil, listenError(resolved, err)
	}
	_ = l.Close() // the one before was elsewhere
	l.mu.Lock()
	defer l.mu.Unlock()
	l.address, l.listener = address, listener
	return stayingOpen{listener}, nil
}

// portOf is the port that a listener has.
func portOf(l *net.TCPListener) int {
	if address, ok := l.Addr().(*net.TCPAddr); ok {
		return address.Port
	}
	return 0
}

// stayingOpen is a listener whose Close ends Accept and leaves the port open.
type stayingOpen struct{ *net.TCPListener }

// Close ends Accept.
func (l stayingOpen) Close() error { return l.SetDeadline(time.Unix(1, 0)) }

// admit makes a session and gives its cookie.
func (l *Lobby) admit() string {
	var random [32]byte
	_, _ = rand.Read(random[:])
	cookie := base64.RawURLEncoding.EncodeToString(random[:])
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sessions == nil {
		l.sessions = map[[sha256.Size]byte]time.Time{}
	}
	if len(l.sessions) >= maxSessions {
		dropEarliest(l.sessions, func(end time.Time) time.Time { return end })
	}
	l.sessions[sha256.Sum256([]byte(cookie))] = time.Now().Add(sessionLife)
	return cookie
}

// dropEarliest removes the entry whose time is the earliest.
func dropEarliest[K comparable, V any](m map[K]V, at func(V) time.Time) {
	var earliest K
	first := true
	for key, value := range m {
		if first || at(value).Before(at(m[earliest])) {
			earliest, first = key, false
		}
	}
	delete(m, earliest)
}

// knows reports whether a cookie is a session's, and prolongs it.
func (l *Lobby) knows(cookie string) bool {
	key := sha256.Sum256([]byte(cookie))
	l.mu.Lock()
	defer l.mu.Unlock()
	end, ok := l.sessions[key]
	if !ok || !time.Now().Before(end) {
		delete(l.sessions, key)
		return false
	}
	l.sessions[key] = time.Now().Add(sessionLife)
	return true
}

func (l *Lobby) forget(cookie string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.sessions, sha256.Sum256([]byte(cookie)))
}

// clear signs everybody out.
func (l *Lobby) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.sessions)
}
