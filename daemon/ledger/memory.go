package ledger

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Memory is what all ledgers of a folder say. It is safe for concurrent use; the zero value knows of nothing.
type Memory struct{ *index }

// index is what has been read, by the key of a post. What this installation writes is added as it goes, so that a
// long ledger is read once.
type index struct {
	mu      sync.RWMutex
	made    map[string][]time.Time // when pins were made, in order
	open    map[string][]Line      // intents without an outcome
	foreign bool                   // another installation has written here
}

// Made are the times at which pins with this key were made, by any installation, in order.
func (m Memory) Made(key string) []time.Time {
	if m.index == nil {
		return nil
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	return slices.Clone(m.made[key])
}

// Open are the intents with this key whose outcome no line tells.
func (m Memory) Open(key string) []Line {
	if m.index == nil {
		return nil
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	return slices.Clone(m.open[key])
}

// Foreign reports whether another installation has written into the folder.
func (m Memory) Foreign() bool { return m.index != nil && m.foreign }

// Unsettled are the intents, of any installation, that have no outcome line.
func (m Memory) Unsettled() (open []Line) {
	if m.index == nil {
		return nil
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, lines := range m.open {
		open = append(open, lines...)
	}
	return open
}

// identity tells attempts apart. Names alone do not: a store that was put back to an older copy gives its numbers
// again.
type identity struct {
	attempt, key string
	at           int64 // Unix milliseconds
}

func (l Line) identity() identity { return identity{l.Attempt, l.Key(), l.At.UnixMilli()} }

// Same reports whether two lines are about the same attempt.
func (l Line) Same(other Line) bool { return l.identity() == other.identity() }

// outweighs reports whether a line with this result stands, where another one tells the other result of the same
// attempt. Two installations may come to different ends: what was seen of a pin counts more than what was not.
func (r Result) outweighs(other Result) bool {
	weight := map[Result]int{None: 1, Made: 2}
	return weight[r] > weight[other]
}

// stamp tells whether a file has changed.
type stamp struct {
	size int64
	mod  time.Time
}

func stampOf(f *os.File) (stamp, error) {
	info, err := f.Stat()
	switch {
	case err != nil:
		return stamp{}, err
	case !info.Mode().IsRegular():
		return stamp{}, notAFile(f.Name())
	}
	return stamp{info.Size(), info.ModTime()}, nil
}

func notAFile(path string) error { return fmt.Errorf("%s is not a file", path) }

func (s stamp) equal(other stamp) bool { return s.size == other.size && s.mod.Equal(other.mod) }

// Read reads all ledgers of the folder, again only if one of them has changed.
func (b *Book) Read() (Memory, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	files, err := b.openAll()
	if err != nil {
		return Memory{}, fmt.Errorf("read ledger: %w", err)
	}
	defer closeAll(files)
	stamps := make(map[string]stamp, len(files))
	for name, f := range files {
		if stamps[name], err = stampOf(f); err != nil {
			return Memory{}, fmt.Errorf("read ledger: %w", err)
		}
	}
	if b.stamps != nil && maps.EqualFunc(stamps, b.stamps, stamp.equal) {
		return b.memory, nil
	}
	m := &index{made: map[string][]time.Time{}, open: map[string][]Line{}}
	lines := map[identity]Line{}
	for name, f := range files {
		m.foreign = m.foreign || name != b.name()
		if err := readLines(f, b.Environment, lines); err != nil {
			return Memory{}, fmt.Errorf("read ledger: %w", err)
		}
	}
	for _, l := range lines {
		m.add(l)
	}
	for _, at := range m.made {
		slices.SortFunc(at, time.Time.Compare)
	}
	b.memory, b.stamps = Memory{m}, stamps
	return b.memory, nil
}

// openAll opens all ledgers of the folder. They are opened each time that they are asked about, because a network
// file system looks at the server then, but may tell what it remembers of a file that is only named.
func (b *Book) openAll() (files map[string]*os.File, err error) {
	dir := filepath.Join(b.Folder, Dir)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	files = map[string]*os.File{}
	defer func() {
		if err != nil {
			closeAll(files)
		}
	}()
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, prefix) || !strings.HasSuffix(name, suffix) {
			continue
		}
		if !e.Type().IsRegular() { // a pipe would be waited for without end
			return nil, notAFile(filepath.Join(dir, name))
		}
		if files[name], err = os.Open(filepath.Join(dir, name)); err != nil {
			delete(files, name)
			return nil, err
		}
	}
	return files, nil
}

func closeAll(files map[string]*os.File) {
	for _, f := range files {
		_ = f.Close() // opened for reading
	}
}

// add takes up what is known of one attempt.
func (m *index) add(l Line) {
	switch l.Result {
	case Made:
		m.made[l.Key()] = append(m.made[l.Key()], l.At)
	case Open:
		m.open[l.Key()] = append(m.open[l.Key()], l)
	}
}

// learn adds a line that was just written to what has been read, if that is all that there was. A line that is not
// the next of an attempt that is known lets everything be read anew.
func (b *Book) learn(l Line, f *os.File, before stamp) {
	after, err := stampOf(f)
	read, known := b.stamps[b.name()]
	if err != nil || b.stamps == nil || known != (before.size > 0) || known && !read.equal(before) || !b.memory.next(l, b.Environment) {
		b.stamps = nil
		return
	}
	b.stamps[b.name()] = after
}

// next adds an intent that is new or the outcome of one that is open, and reports whether l was such a line.
func (m *index) next(l Line, environment string) bool {
	if l.Environment != environment {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	key, id := l.Key(), l.identity()
	at := slices.IndexFunc(m.open[key], func(open Line) bool { return open.identity() == id })
	switch {
	case l.Result == Open && at < 0:
		m.open[key] = append(m.open[key], l)
	case l.Result != Open && at >= 0:
		if m.open[key] = slices.Delete(m.open[key], at, at+1); len(m.open[key]) == 0 {
			delete(m.open, key)
		}
		if l.Result == Made {
			m.made[key] = append(m.made[key], l.At)
			slices.SortFunc(m.made[key], time.Time.Compare)
		}
	default:
		return false
	}
	return true
}

func (b *Book) name() string { return prefix + b.Installation + suffix }

// readLines adds a file's lines of one environment, of each attempt the one that outweighs the others. Lines that are not whole are skipped:
// the last one of a file may be torn, or still on its way through a sync tool, and a power cut may leave a stretch of
// anything at all.
func readLines(f io.Reader, environment string, lines map[identity]Line) error {
	r := bufio.NewReaderSize(f, maxLine)
	for end := false; !end; {
		text, err := r.ReadSlice('\n')
		for errors.Is(err, bufio.ErrBufferFull) {
			text = nil // none of ours is so long
			_, err = r.ReadSlice('\n')
		}
		if end = errors.Is(err, io.EOF); err != nil && !end {
			return err
		}
		var l Line
		if json.Unmarshal(text, &l) == nil && l.Attempt != "" && l.Hash != "" && l.Environment == environment {
			if have, known := lines[l.identity()]; !known || l.Result.outweighs(have.Result) {
				lines[l.identity()] = l
			}
		}
	}
	return nil
}
