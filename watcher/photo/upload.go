package photo

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
)

const (
	chunkSize = 64 << 10 // bytes of the source that are held at a time
	holdBack  = 1 << 10  // bytes at the end that wait for the hash
)

// Upload is the plan of the bytes that are sent for one photo. It may be read as often as needed, also at the
// same time.
type Upload struct {
	ContentType string // image/jpeg or image/png
	Size        int64  // exactly as many bytes as a Reader gives
	Info        Info   // of the source, or of what was made

	made   []byte   // the bytes themselves, if they are not read from file
	file   *os.File // the source
	source int64    // its size
	hash   string
	pieces []piece
}

// Made is an upload of a JPEG that was made from a photo and is held in memory; info is the JPEG's. That it was made
// from the right photo is for the caller to know.
func Made(jpeg []byte, info Info) *Upload {
	return &Upload{ContentType: JPEG.ContentType(), Size: int64(len(jpeg)), Info: info, made: jpeg}
}

// Reader gives the bytes that are sent, Size of them, from the start. All of the source is hashed on the way,
// also what is left out and what follows the photo's end, and the last bytes are held back until the hash is the
// one that was given to Open: otherwise ErrChanged comes in their place. A failure to read the source is wrapped.
// It holds 64 KiB, whatever the size.
func (u *Upload) Reader() io.Reader {
	if u.made != nil {
		return bytes.NewReader(u.made)
	}
	r := &reader{upload: u, pieces: u.pieces, sum: sha256.New(), buf: make([]byte, chunkSize)}
	r.free = max(u.Size-holdBack, 0)
	return r
}

type reader struct {
	upload *Upload
	sum    hash.Hash
	pieces []piece // what is still to come
	pos    int64   // within pieces[0]
	free   int64   // bytes that may be given before the hash is known
	tail   []byte  // the bytes that were held back, once the hash is right
	done   bool    // the tail is in place
	err    error   // stays

	buf []byte // source bytes [at, at+n), read and hashed
	at  int64
	n   int
}

// Read gives the next bytes.
func (r *reader) Read(b []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	if len(b) == 0 {
		return 0, nil
	}
	if r.free > 0 {
		n, err := r.next(b[:min(int64(len(b)), r.free)])
		r.free -= int64(n)
		r.err = err
		return n, err
	}
	if !r.done {
		if r.err = r.hold(); r.err != nil {
			return 0, r.err
		}
	}
	if len(r.tail) == 0 {
		r.err = io.EOF
		return 0, io.EOF
	}
	n := copy(b, r.tail)
	r.tail = r.tail[n:]
	return n, nil
}

// hold takes the last bytes, hashes the rest of the source and compares.
func (r *reader) hold() error {
	r.tail = make([]byte, 0, holdBack)
	for len(r.pieces) > 0 {
		n, err := r.next(r.tail[len(r.tail):cap(r.tail)])
		if err != nil {
			return err
		}
		r.tail = r.tail[:len(r.tail)+n]
	}
	for {
		err := r.fill()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	if hex.EncodeToString(r.sum.Sum(nil)) != r.upload.hash {
		return changed()
	}
	r.done = true
	return nil
}

// next gives bytes of the first piece, at least one.
func (r *reader) next(b []byte) (int, error) {
	p := r.pieces[0]
	var n int
	if p.literal != nil {
		n = copy(b, p.literal[r.pos:])
	} else {
		off := p.off + r.pos
		for off >= r.at+int64(r.n) {
			err := r.fill()
			if errors.Is(err, io.EOF) {
				return 0, changed() // it became shorter
			}
			if err != nil {
				return 0, err
			}
		}
		have := r.buf[off-r.at : r.n]
		n = copy(b, have[:min(int64(len(have)), p.end-off)])
	}
	if r.pos += int64(n); r.pos == p.size() {
		r.pieces, r.pos = r.pieces[1:], 0
	}
	return n, nil
}

// fill reads and hashes the next bytes of the source; io.EOF at its end. A source that grew is not read for ever.
func (r *reader) fill() error {
	r.at, r.n = r.at+int64(r.n), 0
	if r.at > r.upload.source {
		return changed()
	}
	n, err := r.upload.file.ReadAt(r.buf, r.at)
	r.n = n
	r.sum.Write(r.buf[:n])
	switch {
	case n > 0: // an error comes again
		return nil
	case errors.Is(err, io.EOF):
		return io.EOF
	default:
		return fmt.Errorf("read photo: %w", err)
	}
}
