package child

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"io"

	"github.com/divitio/pinfold/watcher/photo"
)

// blockSize is how much of the source is read, and checked, at a time.
const blockSize = 64 << 10

// source is a file that was read once, whole, for its hash. Whatever is read of it later is the same bytes, or
// an error: a file that is written to meanwhile is never taken for the one with that hash.
type source struct {
	r    io.ReaderAt
	size int64
	hash string // SHA-256 of all of it
	seed maphash.Seed
	sums []uint64 // of each block

	block []byte // the last one that was read
	at    int64  // its number
}

// newSource reads the first size bytes of r, to the end of what was there.
func newSource(r io.ReaderAt, size int64) (*source, error) {
	s := &source{r: r, size: size, seed: maphash.MakeSeed(), at: -1}
	whole, buf := sha256.New(), make([]byte, blockSize)
	for off := int64(0); off < size; off += blockSize {
		block, err := s.read(buf, off)
		if err != nil {
			return nil, err
		}
		whole.Write(block)
		s.sums = append(s.sums, maphash.Bytes(s.seed, block))
	}
	s.hash = hex.EncodeToString(whole.Sum(nil))
	return s, nil
}

// read reads a whole block.
func (s *source) read(buf []byte, off int64) ([]byte, error) {
	block := buf[:min(blockSize, s.size-off)]
	n, err := s.r.ReadAt(block, off)
	switch {
	case n == len(block):
		return block, nil
	case errors.Is(err, io.EOF):
		return nil, photo.ErrChanged // it became shorter
	}
	return nil, fmt.Errorf("read photo: %w", err)
}

// ReadAt gives the bytes that were hashed. It is not for use by several goroutines at once.
func (s *source) ReadAt(b []byte, off int64) (n int, err error) {
	for n < len(b) && off < s.size {
		if err := s.load(off / blockSize); err != nil {
			return n, err
		}
		k := copy(b[n:], s.block[off-s.at*blockSize:])
		n, off = n+k, off+int64(k)
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// load makes a block the current one.
func (s *source) load(number int64) error {
	if s.at == number {
		return nil
	}
	s.at = -1
	if s.block == nil {
		s.block = make([]byte, blockSize)
	}
	block, err := s.read(s.block[:cap(s.block)], number*blockSize)
	if err != nil {
		return err
	}
	if maphash.Bytes(s.seed, block) != s.sums[number] {
		return photo.ErrChanged
	}
	s.block, s.at = block, number
	return nil
}
