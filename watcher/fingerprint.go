package watcher

import (
	"encoding/binary"
	"hash/maphash"
)

// seed makes fingerprints of one process comparable.
var seed = maphash.MakeSeed()

// Fingerprint stands for all that the listing tells, in this process only: two listings of a directory with the
// same one are the same. That of a directory with nothing in it is 0.
func (l Listing) Fingerprint() uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	none := h.Sum64()
	for _, item := range l.Items {
		fingerprint(&h, item.Photo)
		fingerprint(&h, item.Sidecar)
		if item.Problem != nil {
			write(&h, item.Problem.Message)
		}
		write(&h, item.NotDownloaded...)
	}
	fingerprint(&h, l.Defaults)
	if l.DefaultsProblem != nil {
		write(&h, l.DefaultsProblem.Message)
	}
	for _, paths := range [][]string{l.Dirs, l.Unsupported, l.Placeholders, l.Conflicts, l.LeftOut} {
		write(&h, paths...)
	}
	for _, m := range l.Misnamed {
		write(&h, m.File)
	}
	for _, err := range l.Errors {
		write(&h, err.Error())
	}
	if sum := h.Sum64(); sum != none {
		return sum
	}
	return 0
}

func fingerprint(h *maphash.Hash, e *Entry) {
	if e == nil {
		return
	}
	var state [24]byte
	binary.LittleEndian.PutUint64(state[:], uint64(e.Size))
	binary.LittleEndian.PutUint64(state[8:], uint64(e.ModTime.UnixNano()))
	binary.LittleEndian.PutUint64(state[16:], e.Inode)
	write(h, e.Path)
	_, _ = h.Write(state[:]) // never fails
}

// write adds texts that cannot run into each other: no path holds a zero byte.
func write(h *maphash.Hash, texts ...string) {
	for _, s := range texts {
		_, _ = h.WriteString(s)
		_ = h.WriteByte(0)
	}
}
