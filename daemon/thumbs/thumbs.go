// Package thumbs makes small pictures of photos for the page and keeps them, within a bound, in a directory of its
// own. They are made one by one in the background, the one that was asked for last first, and hold nothing of a
// photo but its picture and colours.
package thumbs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/divitio/pinfold/watcher/photo"
)

// Side is how long the longest side of a picture is, in pixels; of a long panorama it is longer.
type Side int

// The sizes that are made.
const (
	Small Side = 320 // for lists
	Large Side = 960 // for the post's own page
)

// Errors that callers tell apart.
var (
	// ErrLater says that the picture is still to be made: ask again.
	ErrLater = errors.New("the picture is not made yet")
	// ErrNone says that there is no picture to be had of this photo.
	ErrNone = errors.New("there is no picture of this photo")
)

const (
	mostWaiting = 200              // pictures to be made; the one that was asked for first is dropped
	mostFaults  = 1000             // photos that are remembered as those of which none can be made
	mostHashes  = 1000             // that are remembered
	patience    = 10 * time.Second // that somebody waits for a picture
)

// Shelf keeps pictures. The fields are set before first use.
type Shelf struct {
	Dir  string // made when it is needed, open to nobody else
	Most int64  // bytes of all pictures together
	// Make makes a JPEG of the photo with this hash. A *photo.Error says that none can be made.
	Make func(ctx context.Context, f *os.File, hash string, side Side) ([]byte, error)

	mu      sync.Mutex
	jobs    map[key]*job
	stack   []*job // those that nobody works on; the last is the next
	working bool
	closed  bool
	faults  map[key]bool
	hashes  map[string]string // of photos that were asked for by another name
	size    int64             // of all that is kept, about; 0: not counted yet. Only used by the worker
	halt    context.CancelFunc
	worker  sync.WaitGroup
}

// key names one picture.
type key struct {
	name string // the photo's, as Picture has it
	side Side
}

// job is a picture to be made.
type job struct {
	key
	open func() (*os.File, error)
	done chan struct{} // closed at its end
	jpeg []byte
	err  error
}

// Picture gives the picture of a photo, as a JPEG. name is the photo's SHA-256 in hex or, where that is not known,
// any text that stands for what the file holds, such as its path with its stamp. If the picture is not kept, open
// opens the photo, and the picture is that of what the file holds by now. Errors: ErrLater, ErrNone, ctx's.
func (s *Shelf) Picture(ctx context.Context, name string, side Side, open func() (*os.File, error)) ([]byte, error) {
	if kept, err := s.kept(s.known(name), side); err == nil {
		return kept, nil
	}
	j, err := s.ask(key{name, side}, open) //nolint:contextcheck // it is made although who asked has left
	if err != nil {
		return nil, err
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-j.done:
		return j.jpeg, j.err
	case <-timer.C:
		return nil, ErrLater
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// ask puts a picture on top of those to be made.
func (s *Shelf) ask(k key, open func() (*os.File, error)) (*job, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch j := s.jobs[k]; {
	case s.closed:
		return nil, ErrLater
	case s.faults[k]:
		return nil, ErrNone
	case j != nil:
		return j, nil
	}
	j := &job{key: k, open: open, done: make(chan struct{})}
	if s.jobs == nil {
		s.jobs = map[key]*job{}
	}
	s.jobs[k] = j
	s.stack = append(s.stack, j)
	if len(s.stack) > mostWaiting {
		oldest := s.stack[0]
		s.stack = s.stack[1:]
		oldest.err = ErrLater
		s.end(oldest)
	}
	if !s.working {
		ctx, halt := context.WithCancel(context.Background())
		s.working, s.halt = true, halt
		s.worker.Go(func() { s.work(ctx) })
	}
	return j, nil
}

// end tells those who wait for a job. s.mu is held.
func (s *Shelf) end(j *job) {
	delete(s.jobs, j.key)
	close(j.done)
}

// work makes pictures until there are none to be made.
func (s *Shelf) work(ctx context.Context) {
	for {
		s.mu.Lock()
		if len(s.stack) == 0 || s.closed {
			for _, j := range s.stack {
				j.err = ErrLater
				s.end(j)
			}
			s.stack, s.working = nil, false
			s.mu.Unlock()
			return
		}
		j := s.stack[len(s.stack)-1]
		s.stack = s.stack[:len(s.stack)-1]
		s.mu.Unlock()
		jpeg, err := s.make(ctx, j)
		s.mu.Lock()
		j.jpeg, j.err = jpeg, err
		if errors.Is(err, ErrNone) {
			s.fault(j.key)
		}
		s.end(j)
		s.mu.Unlock()
	}
}

// make makes one picture and keeps it.
func (s *Shelf) make(ctx context.Context, j *job) ([]byte, error) {
	f, err := j.open()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLater, err)
	}
	defer func() { _ = f.Close() }()
	hash, err := photo.Hash(f)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLater, err)
	}
	s.learn(j.name, hash)
	if kept, err := s.kept(hash, j.side); err == nil {
		return kept, nil
	}
	jpeg, err := s.Make(ctx, f, hash, j.side)
	if bad, ok := errors.AsType[*photo.Error](err); ok && !errors.Is(err, photo.ErrChanged) {
		return nil, fmt.Errorf("%w: %w", ErrNone, bad)
	} else if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLater, err)
	}
	s.keep(hash, j.side, jpeg)
	return jpeg, nil
}

// fault remembers that there is no picture to be had. s.mu is held.
func (s *Shelf) fault(k key) {
	if s.faults == nil || len(s.faults) >= mostFaults {
		s.faults = map[key]bool{}
	}
	s.faults[k] = true
}

// known is the hash of the photo with a name; "" if it is not known.
func (s *Shelf) known(name string) string {
	if isHash(name) {
		return name
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hashes[name]
}

// learn remembers the hash of a photo that was asked for by another name.
func (s *Shelf) learn(name, hash string) {
	if isHash(name) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hashes == nil || len(s.hashes) >= mostHashes {
		s.hashes = map[string]string{}
	}
	s.hashes[name] = hash
}

// isHash reports whether a text is a SHA-256 in hex, and so may become a file's name.
func isHash(text string) bool {
	sum, err := hex.DecodeString(text)
	return err == nil && len(sum) == sha256.Size
}

// Close ends what is being made, and waits for it.
func (s *Shelf) Close() {
	s.mu.Lock()
	s.closed = true
	if s.halt != nil {
		s.halt()
	}
	s.mu.Unlock()
	s.worker.Wait()
}
