// Package ledger is what a folder remembers about itself, in .pinfold/ at its top, so that it travels with the
// photos: owner.json says which installation publishes from the folder, and posted-<installation>.jsonl is an
// append-only record that only that installation writes. An intent line is on disk before a pin is sent, an
// outcome line follows when it is known.
//
// Lines hold what the user supplied, and times: content hash, account, environment, board and section as
// written. Nothing that Pinterest returned is in them.
package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/divitio/pinfold/daemon/crash"
	"github.com/divitio/pinfold/daemon/post"
)

// Dir is the directory at the folder's top, OwnerFile what it always holds.
const (
	Dir       = ".pinfold"
	OwnerFile = "owner.json"
)

const (
	prefix  = "posted-"
	suffix  = ".jsonl"
	maxLine = 64 << 10 // bytes; a longer line is none of ours
)

// Result is what came of an attempt.
type Result string

// The results. An intent without one may have made a pin.
const (
	Open Result = ""
	Made Result = "made" // the pin is on Pinterest
	None Result = "none" // it is certain that no pin was made
)

// Line is one line of a ledger.
type Line struct {
	Attempt     string    `json:"attempt"`          // the installation's name and its number of the attempt
	Result      Result    `json:"result,omitempty"` // missing in an intent
	Hash        string    `json:"hash"`             // SHA-256 of the photo, hex; of a carousel's photos in order, with commas
	Account     string    `json:"account"`
	Environment string    `json:"environment"`
	Board       string    `json:"board"`
	Section     string    `json:"section,omitempty"`
	At          time.Time `json:"at"` // when the attempt began, by Pinterest's clock where it is known: machines share it
}

// Key is the identity of the post that a line is about.
func (l Line) Key() string {
	p := post.Post{Hash: l.Hash, Target: post.Target{Account: l.Account, Board: l.Board, Section: l.Section}}
	return p.Key()
}

// Book is the ledger of one folder, as one installation sees it. It is safe for concurrent use.
type Book struct {
	Folder       string // absolute
	Installation string
	Machine      string // fingerprint, "" if there is none to compare
	Environment  string
	Now          func() time.Time

	mu     sync.Mutex
	stamps map[string]stamp // of the files that memory was read from; nil: not read
	memory Memory
}

// Attempt names an attempt of this installation.
func (b *Book) Attempt(id int64) string { return fmt.Sprintf("%s/%d", b.Installation, id) }

// Append writes a line and makes it durable.
func (b *Book) Append(l Line) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	text, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("write ledger: %w", err)
	}
	if err := b.append(l, append(text, '\n')); err != nil {
		return fmt.Errorf("write ledger: %w", err)
	}
	return nil
}

func (b *Book) append(l Line, text []byte) (err error) {
	if err := b.makeDir(); err != nil {
		return err
	}
	path := filepath.Join(b.Folder, Dir, b.name())
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600) // then given the folder's rights
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	before, err := stampOf(f)
	if err != nil {
		return err
	}
	if err := b.write(f, before.size, text); err != nil {
		return err
	}
	b.learn(l, f, before)
	return nil
}

// write appends to the ledger, which ends at a byte, and makes it durable.
func (b *Book) write(f *os.File, end int64, line []byte) error {
	if end > 0 {
		var last [1]byte
		if _, err := f.ReadAt(last[:], end-1); err != nil {
			return err
		}
		if last[0] != '\n' { // a crash tore the line before
			line = append([]byte{'\n'}, line...)
		}
	} else if err := like(f, b.Folder); err != nil {
		return err
	}
	crash.At("ledger/before-line")
	if _, err := f.Write(line); err != nil {
		return err
	}
	crash.At("ledger/line-written")
	if err := f.Sync(); err != nil {
		return err
	}
	if end == 0 {
		return syncDir(filepath.Dir(f.Name()))
	}
	return nil
}
