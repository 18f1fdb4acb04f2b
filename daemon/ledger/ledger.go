// Package ledger is what a folder remembers about itself, in .pinfold/ at its top, so that it travels with the
// photos: owner.json says which installation publishes from the folder, and posted-<installation>.jsonl is an
// append-only record that only that installation writes. An intent line is on disk before a pin is sent, an
// outcome line follows when it is known.
//
// Lines hold what the user supplied, and times: content hash, account, environment, board and section as
// written. Nothing that Pinterest returned is in them.
package ledger

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
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
	At          time.Time `json:"at"`
}

// key is the identity of the post that a line is about.
func (l Line) key() string {
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
	stamps string // of the files that memory was read from
	memory Memory
}

// Memory is what all ledgers of a folder say, by the key of a post.
type Memory struct {
	made    map[string][]time.Time // when pins were made
	open    map[string][]Line      // intents without an outcome
	foreign bool                   // another installation has written here
}

// Made are the times at which pins with this key were made, by any installation.
func (m Memory) Made(key string) []time.Time { return m.made[key] }

// Open are the intents with this key whose outcome no line tells.
func (m Memory) Open(key string) []Line { return m.open[key] }

// Foreign reports whether another installation has written into the folder.
func (m Memory) Foreign() bool { return m.foreign }

// Unsettled names the attempts, of any installation, that have no outcome line.
func (m Memory) Unsettled() []string {
	var attempts []string
	for _, lines := range m.open {
		for _, l := range lines {
			attempts = append(attempts, l.Attempt)
		}
	}
	return attempts
}

// Read reads all ledgers of the folder, again only if one of them has changed.
func (b *Book) Read() (Memory, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	names, err := filepath.Glob(filepath.Join(glob(b.Folder), Dir, prefix+"*"+suffix))
	if err != nil {
		return Memory{}, fmt.Errorf("list ledgers: %w", err)
	}
	stamps, err := stampsOf(names)
	if err != nil {
		return Memory{}, err
	}
	if b.memory.made != nil && stamps == b.stamps {
		return b.memory, nil
	}
	m := Memory{made: map[string][]time.Time{}, open: map[string][]Line{}}
	lines := map[string]Line{}
	for _, name := range names {
		if filepath.Base(name) != b.name() {
			m.foreign = true
		}
		if err := read(name, lines); err != nil {
			return Memory{}, err
		}
	}
	for _, l := range lines {
		m.add(l, b)
	}
	b.memory, b.stamps = m, stamps
	return m, nil
}

// add takes up what is known of one attempt.
func (m *Memory) add(l Line, b *Book) {
	if l.Environment != b.Environment {
		return
	}
	switch l.Result {
	case Made:
		m.made[l.key()] = append(m.made[l.key()], l.At)
	case Open:
		m.open[l.key()] = append(m.open[l.key()], l)
	}
}

func (b *Book) name() string { return prefix + b.Installation + suffix }

// glob keeps a folder's name from being read as a pattern.
func glob(path string) string {
	return strings.NewReplacer(`[`, `\[`, `*`, `\*`, `?`, `\?`, `\`, `\\`).Replace(path)
}

func stampsOf(names []string) (string, error) {
	var b strings.Builder
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return "", fmt.Errorf("look at ledger: %w", err)
		}
		fmt.Fprintf(&b, "%s:%d:%d|", name, info.Size(), info.ModTime().UnixNano())
	}
	return b.String(), nil
}

// read adds a file's lines, of each attempt the last. Lines that are not whole are skipped: the last one of a
// file may be torn, or still on its way through a sync tool.
func read(name string, lines map[string]Line) error {
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("read ledger: %w", err)
	}
	defer func() { _ = f.Close() }()
	s := bufio.NewScanner(f)
	s.Buffer(nil, maxLine)
	for s.Scan() {
		var l Line
		if json.Unmarshal(s.Bytes(), &l) != nil || l.Attempt == "" || l.Hash == "" {
			continue
		}
		if have, known := lines[l.Attempt]; known && have.Result != Open && l.Result == Open {
			continue // an intent never takes an outcome back
		}
		lines[l.Attempt] = l
	}
	if err := s.Err(); err != nil && !errors.Is(err, bufio.ErrTooLong) {
		return fmt.Errorf("read ledger: %w", err)
	}
	return nil
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
	if err := b.append(append(text, '\n')); err != nil {
		return fmt.Errorf("write ledger: %w", err)
	}
	return nil
}

func (b *Book) append(line []byte) (err error) {
	if err := b.makeDir(); err != nil {
		return err
	}
	path := filepath.Join(b.Folder, Dir, b.name())
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600) // then given the folder's rights
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
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
		return syncDir(filepath.Dir(path))
	}
	return nil
}
