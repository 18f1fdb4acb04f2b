package publish_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest"
	"github.com/divitio/pinfold/pinterest/rehearsal"
	"github.com/divitio/pinfold/watcher/photo"
)

// slowReader takes uploads a few kilobytes at a time and tells how far each is. It notes the images of all
// requests that came whole, good or broken: Pinterest might make a pin of any.
type slowReader struct {
	next http.Handler

	mu     sync.Mutex
	moved  func(n int)
	images []string // SHA-256 of each
}

func (s *slowReader) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method+" "+r.URL.Path == createPin {
		body, err := s.read(r.Body)
		if err != nil {
			return // the rest was withheld
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	s.next.ServeHTTP(w, r)
}

func (s *slowReader) read(body io.Reader) ([]byte, error) {
	var all []byte
	piece := make([]byte, 8<<10)
	for {
		n, err := body.Read(piece)
		all = append(all, piece[:n]...)
		s.mu.Lock()
		if s.moved != nil {
			s.moved(len(all))
		}
		s.mu.Unlock()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
	}
	var pin struct {
		Media struct {
			Data string `json:"data"`
		} `json:"media_source"`
	}
	if err := json.Unmarshal(all, &pin); err != nil {
		return nil, err
	}
	image, err := base64.StdEncoding.DecodeString(pin.Media.Data)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.images = append(s.images, fmt.Sprintf("%x", sha256.Sum256(image)))
	return all, err
}

// slowly puts a slowReader between publisher and rehearsal.
func (b *bench) slowly() *slowReader {
	s := &slowReader{next: b.server}
	api := httptest.NewUnstartedServer(s)
	api.Listener = narrow{api.Listener}
	api.Start()
	b.t.Cleanup(func() { api.CloseClientConnections(); api.Close() })
	b.Accounts.Host.APIURL = api.URL
	b.Accounts.Host.Waits = pinterest.Waits{}
	return s
}

// scribble writes into a file without changing its size or, as far as that can be done, its time.
func scribble(t *testing.T, path string, at int64, data []byte) {
	t.Helper()
	was, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt(data, at)
	if err := errors.Join(err, f.Close(), os.Chtimes(path, was.ModTime(), was.ModTime())); err != nil {
		t.Fatal(err)
	}
}

// A photo that changes while it is sent is never sent changed; what became of it goes out once it was read again.
func TestNoPinIsMadeFromOtherBytesThanTheRecordedOnes(t *testing.T) {
	t.Parallel()
	recorded, other := noise(t, 1), noise(t, 2)
	other = append(other, bytes.Repeat([]byte{0}, max(0, len(recorded)-len(other)))...)[:max(len(recorded), len(other))]
	size := int64(len(recorded))
	for name, change := range map[string]func(t *testing.T, path string, n int){
		"all over, at every piece": func(t *testing.T, path string, n int) {
			scribble(t, path, int64(n*7919)%size, []byte{byte(n >> 13)})
		},
		"to and fro": func(t *testing.T, path string, n int) {
			all := [][]byte{recorded, other}[n>>13&1]
			at := min(int64(n)/4*3, size)
			scribble(t, path, at, all[at:min(at+400<<10, size)])
		},
		"shrinks":    func(t *testing.T, path string, n int) { truncate(t, path, max(0, size-int64(n))) },
		"is emptied": func(t *testing.T, path string, _ int) { truncate(t, path, 0) },
		"grows":      func(t *testing.T, path string, n int) { truncate(t, path, size+int64(n)) },
		"is truncated and written again, same size and time": func(t *testing.T, path string, _ int) {
			was, err := os.Stat(path)
			if err == nil {
				err = os.WriteFile(path, other[:size], 0o600)
			}
			if err := errors.Join(err, os.Chtimes(path, was.ModTime(), was.ModTime())); err != nil {
				t.Fatal(err)
			}
		},
		"is replaced by rename": func(t *testing.T, path string, _ int) {
			if err := errors.Join(os.WriteFile(path+".new", other, 0o600), os.Rename(path+".new", path)); err != nil {
				t.Fatal(err)
			}
		},
		"is removed":    func(_ *testing.T, path string, _ int) { _ = os.Remove(path) },
		"its last byte": func(t *testing.T, path string, _ int) { scribble(t, path, size-1, []byte{0xd8}) },
	} {
		for _, from := range []int{0, 50, 95} {
			t.Run(fmt.Sprintf("%s from %d %%", name, from), func(t *testing.T) {
				t.Parallel()
				b := newBench(t, rehearsal.Options{})
				server := b.slowly()
				r := b.add("fog.jpg", 10, func(r *store.Record) { b.replace(r, recorded) })
				path := filepath.Join(b.folder, r.Photo)
				server.moved = func(n int) {
					if n >= len(recorded)*4/3*from/100 {
						change(t, path, n)
					}
				}
				r = b.publish(r)
				server.mu.Lock()
				server.moved = nil
				server.mu.Unlock()
				b.publishWhatItBecame(server, r)
			})
		}
	}
}

func truncate(t *testing.T, path string, size int64) {
	t.Helper()
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
}

// publishWhatItBecame checks a post whose photo changed while it was sent, reads the photo again as the watcher
// does, and sends it.
func (b *bench) publishWhatItBecame(server *slowReader, r store.Record) {
	b.t.Helper()
	for _, image := range server.images {
		if image != r.Hash {
			b.t.Errorf("an image came whole that is not the recorded one")
		}
	}
	b.wantPins(len(server.images))
	if r.State == post.Posted { // all of it had been read before
		b.wantPins(1)
		return
	}
	b.wantState(r, post.Scheduled)
	b.wantPins(0)
	if a := b.account(); r.Attempts != 0 || b.reread != 1 || a.Paused != store.PauseNone {
		b.t.Errorf("%d attempts, read again %d times, paused by %q", r.Attempts, b.reread, a.Paused)
	}
	data := noise(b.t, 3) // what whoever wrote there was about
	b.decide(r, func(tx *store.Tx, old store.Record) error {
		next := old
		b.replace(&next, data)
		return tx.Save(old, &next)
	})
	b.later(r.NotBefore.Sub(b.now()))
	r = b.publish(b.read(r.ID))
	b.wantState(r, post.Posted)
	b.wantPins(1)
	if pin := b.server.Pins()[0]; pin.SHA256 != fmt.Sprintf("%x", sha256.Sum256(data)) {
		b.t.Error("the pin is not the new photo")
	}
}

// A change at any boundary between two reads, in what is still to be read or in what was read already, through
// the real client.
func TestAChangeAtAnyBoundaryIsNoticedOrTooLate(t *testing.T) {
	t.Parallel()
	b := newBench(t, rehearsal.Options{})
	server := b.slowly()
	recorded := noise(t, 1)[:150_000] // cut off, and nobody decodes it here
	recorded = append(recorded, 0xff, 0xd9)
	hash, err := photo.Hash(bytes.NewReader(recorded))
	if err != nil {
		t.Fatal(err)
	}
	for _, ahead := range []bool{true, false} {
		for boundary, more := 0, true; more; boundary++ {
			server.images = nil
			path := filepath.Join(t.TempDir(), "fog.jpg")
			var err error
			more, err = b.sendChanging(path, recorded, hash, boundary, ahead)
			whole := len(server.images)
			switch {
			case whole > 0 && server.images[0] != hash:
				t.Errorf("boundary %d, ahead %v: other bytes came whole", boundary, ahead)
			case whole == 0 && !errors.Is(err, photo.ErrChanged):
				t.Errorf("boundary %d, ahead %v: %v", boundary, ahead, err)
			case boundary == 0 && ahead && whole > 0:
				t.Error("a change of what was still to be read was not noticed")
			}
		}
	}
}

// sendChanging sends a photo of which a byte changes just before a read: its last, or one that was just read. more is
// false if there was no such read.
func (b *bench) sendChanging(path string, data []byte, hash string, boundary int, ahead bool) (more bool, err error) {
	b.t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		b.t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	upload, err := photo.Open(f, hash, photo.Options{})
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
	defer cancel()
	reads, read, image := 0, 0, upload.Reader()
	_, err = b.Accounts.Client("main").CreatePin(ctx, pinterest.NewPin{BoardID: "1", Media: []pinterest.Media{{
		ContentType: upload.ContentType, Size: upload.Size, Body: readerFunc(func(p []byte) (int, error) {
			if reads == boundary && read < len(data) {
				more = true
				at := max(0, read-2)
				if ahead {
					at = len(data) - 1
				}
				scribble(b.t, path, int64(at), []byte{^data[at]})
			}
			reads++
			n, err := image.Read(p)
			read += n
			return n, err
		}),
	}}})
	return more, err
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
