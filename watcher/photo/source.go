package photo

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
)

// window is how much a walker can look at at once: a whole JPEG segment.
const window = 1<<16 + 1<<10

// source reads a file once, front to back, in a constant window. It knows where it is and, where asked to,
// hashes all that passes. Formats that are not made to be read so are also looked into by offset.
type source struct {
	r    io.ReaderAt
	buf  *bufio.Reader
	off  int64
	size int64     // as the caller knows it; the file may turn out shorter
	sum  hash.Hash // nil: not hashed; then what is skipped is not read either
	// known: the photo was found whole before, and only its texts are asked for; pixels are not looked at again.
	known bool
}

func newSource(r io.ReaderAt, size int64, sum hash.Hash) *source {
	size = max(size, 0)
	var in io.Reader = io.NewSectionReader(r, 0, size)
	if sum != nil {
		in = io.TeeReader(in, sum)
	}
	return &source{r: r, buf: bufio.NewReaderSize(in, int(min(window, size+1))), size: size, sum: sum}
}

func (s *source) fault(err error) error { return readFault(err, s.size) }

// readFault turns the end of a file of some size into "not complete"; other errors are the disk's.
func readFault(err error, size int64) error {
	if errors.Is(err, io.EOF) {
		return incomplete("the photo is cut off after %d bytes", size)
	}
	return fmt.Errorf("read photo: %w", err)
}

// peek shows the next n bytes, n ≤ window, without passing them; they stay valid until the next call.
func (s *source) peek(n int) ([]byte, error) {
	if int64(n) > s.size-s.off {
		return nil, s.fault(io.EOF)
	}
	b, err := s.buf.Peek(n)
	if err != nil {
		return nil, s.fault(err)
	}
	return b, nil
}

// some shows what is at hand, at least one byte.
func (s *source) some() ([]byte, error) {
	if _, err := s.peek(1); err != nil {
		return nil, err
	}
	b, err := s.buf.Peek(s.buf.Buffered())
	if err != nil {
		return nil, s.fault(err)
	}
	return b, nil
}

// skip passes n bytes.
func (s *source) skip(n int64) error {
	if n > s.size-s.off {
		return s.fault(io.EOF)
	}
	if s.sum == nil && n > int64(s.buf.Buffered()) {
		s.off += n
		s.buf.Reset(io.NewSectionReader(s.r, s.off, s.size-s.off))
		n = 0
	}
	for n > 0 {
		k, err := s.buf.Discard(int(min(n, 1<<30)))
		s.off += int64(k)
		n -= int64(k)
		if err != nil {
			return s.fault(err)
		}
	}
	if s.off > MaxSource {
		return tooManyBytes(MaxSource)
	}
	return nil
}

// take passes n bytes, n ≤ window, and shows them; they stay valid until the next call.
func (s *source) take(n int) ([]byte, error) {
	b, err := s.peek(n)
	if err != nil {
		return nil, err
	}
	return b, s.skip(int64(n)) // Discard only moves an index: b stays as it is
}

// at reads n bytes from an offset, whatever was passed so far. n is bounded by the caller.
func (s *source) at(off, n int64) ([]byte, error) { return readAt(s.r, s.size, off, n) }

// readAt reads n bytes from an offset of a file of some size.
func readAt(r io.ReaderAt, size, off, n int64) ([]byte, error) {
	if off < 0 || n < 0 || off > size-n {
		return nil, readFault(io.EOF, size)
	}
	b := make([]byte, n)
	if k, err := r.ReadAt(b, off); int64(k) < n {
		return nil, readFault(err, size)
	}
	return b, nil
}

// zeroTail is how many zero bytes at the end of compressed data mean that it was never written.
const zeroTail = 64

// written makes sure that compressed data at [off, end) is there, and not only room for it.
func (s *source) written(off, end int64) error {
	n := min(end-off, zeroTail)
	b, err := s.at(end-n, n)
	if err != nil {
		return err
	}
	if len(bytes.Trim(b, "\x00")) == 0 {
		return incomplete("the photo is not written to its end yet: there are zeros before byte %d", end)
	}
	return nil
}

// ends makes sure that the file reaches as far as was found.
func (s *source) ends(end int64) error {
	if end > MaxSource {
		return tooManyBytes(MaxSource)
	}
	_, err := s.at(end-1, 1)
	return err
}

// finish reads on to the end of the file and gives the hash of all of it.
func (s *source) finish() (string, error) {
	n, err := io.Copy(io.Discard, s.buf)
	if err != nil {
		return "", fmt.Errorf("read photo: %w", err)
	}
	if s.off+n != s.size {
		return "", incomplete("the photo became shorter while it was read")
	}
	return hex.EncodeToString(s.sum.Sum(nil)), nil
}

func tooManyBytes(limit int64) error {
	return &Error{Kind: ErrTooBig, Message: fmt.Sprintf("the photo is over %d MB", limit>>20), Fix: "export it smaller"}
}
