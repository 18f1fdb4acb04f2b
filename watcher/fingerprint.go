package watcher

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// Fingerprint stands for all that a listing tells, now and in later processes: two listings of a directory with the
// same one are the same. That of a directory with nothing in it is the zero value.
type Fingerprint [16]byte

// Fingerprint computes the listing's.
func (l Listing) Fingerprint() (f Fingerprint) {
	w := fingerprinter{hash: sha256.New(), line: make([]byte, 0, 512)}
	for _, item := range l.Items {
		w.entry('p', item.Photo)
		w.entry('s', item.Sidecar)
		w.problem(item.Problem)
		w.texts('n', item.NotDownloaded)
	}
	w.entry('d', l.Defaults)
	w.problem(l.DefaultsProblem)
	w.texts('D', l.Dirs)
	w.texts('U', l.Unsupported)
	w.texts('P', l.Placeholders)
	w.texts('C', l.Conflicts)
	w.texts('L', l.LeftOut)
	for _, m := range l.Misnamed {
		w.text('M', m.File)
	}
	for _, err := range l.Errors {
		w.text('E', err.Error())
	}
	if w.any {
		copy(f[:], w.hash.Sum(nil))
	}
	return f
}

// fingerprinter hashes records that cannot run into each other: each begins with a letter for its kind, and no path
// holds a zero byte.
type fingerprinter struct {
	hash hash.Hash
	line []byte
	any  bool
}

func (w *fingerprinter) text(kind byte, s string, more ...byte) {
	w.line = append(append(append(append(w.line[:0], kind), s...), 0), more...)
	_, _ = w.hash.Write(w.line) // never fails
	w.any = true
}

func (w *fingerprinter) texts(kind byte, all []string) {
	for _, s := range all {
		w.text(kind, s)
	}
}

func (w *fingerprinter) entry(kind byte, e *Entry) {
	if e == nil {
		return
	}
	var state [24]byte
	binary.LittleEndian.PutUint64(state[:], uint64(e.Size))
	binary.LittleEndian.PutUint64(state[8:], uint64(e.ModTime.UnixNano()))
	binary.LittleEndian.PutUint64(state[16:], e.Inode)
	w.text(kind, e.Path, state[:]...)
}

func (w *fingerprinter) problem(p *Problem) {
	if p != nil {
		w.text('!', p.Message)
	}
}
