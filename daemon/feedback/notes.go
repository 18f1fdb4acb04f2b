package feedback

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"slices"

	"github.com/divitio/pinfold/daemon/crash"
	"github.com/divitio/pinfold/daemon/footprint"
)

// Note is a note that should be there.
type Note struct {
	Beside string // path of the file that it is about: it gives the mode, and without it there is no note
	Text   string
}

// Folder gives feedback in one watched folder. It is for one goroutine. Paths are in the folder, slash
// separated.
type Folder struct {
	Path string // absolute
	Log  *slog.Logger

	notes  map[string]map[string]state // that are there, by directory and name
	failed bool                        // the last time; it is told once
	remote map[string]bool             // directories on another file system than posted/
}

// state is what is known of a note that is there.
type state struct {
	sum     [sha256.Size]byte // of its text, if it was read or written; else it was only seen
	foreign bool              // pinfold did not write it
}

// Saw takes note of the notes that a directory holds, whoever wrote them. It reports whether that was news.
func (f *Folder) Saw(dir string, paths []string) (news bool) {
	was := f.notes[dir]
	if len(was)+len(paths) == 0 {
		return false
	}
	is := make(map[string]state, len(paths))
	for _, p := range paths {
		known, ok := was[path.Base(p)]
		news = news || !ok
		is[path.Base(p)] = known
	}
	news = news || len(is) != len(was)
	f.set(dir, is)
	return news
}

func (f *Folder) set(dir string, notes map[string]state) {
	if f.notes == nil {
		f.notes = map[string]map[string]state{}
	}
	if f.notes[dir] = notes; len(notes) == 0 {
		delete(f.notes, dir)
	}
}

// know takes note of one note.
func (f *Folder) know(note string, s state) {
	dir := path.Dir(note)
	if f.notes[dir] == nil {
		f.set(dir, map[string]state{})
		f.notes[dir] = map[string]state{}
	}
	f.notes[dir][path.Base(note)] = s
}

// forget is know for one that is gone.
func (f *Folder) forget(note string) {
	dir := path.Dir(note)
	delete(f.notes[dir], path.Base(note))
	if len(f.notes[dir]) == 0 {
		delete(f.notes, dir)
	}
}

// difference lists the paths of notes to write and to delete, without a look at the disk.
func (f *Folder) difference(wanted map[string]Note) (write, remove []string) {
	for p, note := range wanted {
		s, there := f.notes[path.Dir(p)][path.Base(p)]
		if !there || !s.foreign && s.sum != sha256.Sum256([]byte(note.Text)) {
			write = append(write, p)
		}
	}
	for dir, notes := range f.notes {
		for name, s := range notes {
			p := path.Join(dir, name)
			if _, ok := wanted[p]; !ok && !s.foreign {
				remove = append(remove, p)
			}
		}
	}
	slices.Sort(write)
	slices.Sort(remove)
	return write, remove
}

// Differs reports whether Notes has something to do. It does not look at the disk.
func (f *Folder) Differs(wanted map[string]Note) bool {
	write, remove := f.difference(wanted)
	return len(write)+len(remove) > 0
}

// Notes makes the folder's notes those that are wanted, by path. It reports whether all could be done; that it
// could not is logged once.
func (f *Folder) Notes(wanted map[string]Note) bool {
	write, remove := f.difference(wanted)
	root, err := os.OpenRoot(f.Path)
	if err != nil {
		return f.told(fmt.Errorf("open folder: %w", err))
	}
	defer func() { _ = root.Close() }()
	for _, p := range remove {
		err = errors.Join(err, f.in(root, p, f.remove))
	}
	for _, p := range write {
		err = errors.Join(err, f.in(root, p, func(dir *os.Root, p string) error { return f.write(dir, p, wanted[p]) }))
	}
	return f.told(err)
}

// told logs that feedback cannot be given, once until it can, and reports whether it can.
func (f *Folder) told(err error) bool {
	if err != nil && !f.failed {
		f.Log.Warn("Cannot leave notes in the folder; see to its rights and to the room on its disk, "+
			"or set `error_notes: false` in the config", "error", err)
	}
	f.failed = err != nil
	return err == nil
}

// in does something about a note in its directory. One whose directory is gone is gone itself.
func (f *Folder) in(root *os.Root, note string, do func(dir *os.Root, note string) error) error {
	dir, err := root.OpenRoot(path.Dir(note))
	if errors.Is(err, fs.ErrNotExist) {
		f.forget(note)
		return nil
	}
	if err == nil {
		err = errors.Join(do(dir, note), dir.Close())
	}
	if err != nil {
		return fmt.Errorf("%s: %w", note, err)
	}
	return nil
}

// read opens a note that is there and reads it. ours is false if pinfold did not write it: a person's own file,
// a link, something that is no file.
func read(dir *os.Root, name string, flag int) (file *os.File, text []byte, ours bool, err error) {
	before, err := dir.Lstat(name)
	if err != nil || !before.Mode().IsRegular() || before.Size() > maxNote {
		return nil, nil, false, err
	}
	if file, err = dir.OpenFile(name, flag, 0); errors.Is(err, fs.ErrPermission) {
		return nil, nil, false, nil // somebody does not want it touched
	} else if err != nil {
		return nil, nil, false, err
	}
	now, err := file.Stat()
	if err == nil && os.SameFile(before, now) {
		text, err = io.ReadAll(io.LimitReader(file, maxNote))
		ours = err == nil && isOurs(text)
	}
	if !ours {
		return nil, nil, false, errors.Join(err, file.Close())
	}
	return file, text, true, nil
}

// remove deletes a note that pinfold wrote.
func (f *Folder) remove(dir *os.Root, note string) error {
	file, _, ours, err := read(dir, path.Base(note), os.O_RDONLY)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case !ours:
		f.know(note, state{foreign: true})
		return nil
	default:
		_ = file.Close()
		if err := dir.Remove(path.Base(note)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	f.forget(note)
	return nil
}

// write makes a note say a text. It is written in place: its first line stays as it is, so that it is ours at
// any instant, and a death in between is made good at the next start.
func (f *Folder) write(dir *os.Root, note string, n Note) error {
	name := path.Base(note)
	beside, err := dir.Lstat(relative(n.Beside, note))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it went just now; the next look tells
	} else if err != nil {
		return err
	}
	file, text, ours, err := read(dir, name, os.O_RDWR)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f.create(dir, note, beside, n.Text)
	case err != nil:
		return err
	case !ours:
		f.know(note, state{foreign: true})
		f.Log.Info("A file has the name of a note of pinfold's and is left as it is", "file", note)
		return nil
	}
	if !bytes.Equal(text, []byte(n.Text)) {
		f.know(note, state{}) // until it is written
		_, err = file.WriteAt([]byte(n.Text), 0)
		err = errors.Join(err, file.Truncate(int64(len(n.Text))))
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	f.know(note, state{sum: sha256.Sum256([]byte(n.Text))})
	return nil
}

// create makes a note that is not there. Without room on the disk none is left.
func (f *Folder) create(dir *os.Root, note string, beside fs.FileInfo, text string) error {
	const private = 0o600 // until it is dressed
	in, err := dir.Stat(".")
	if err != nil {
		return err
	}
	file, err := dir.OpenFile(path.Base(note), os.O_WRONLY|os.O_CREATE|os.O_EXCL, private)
	if err != nil {
		return err
	}
	crash.At("note/created")
	err = footprint.Dress(file, in, beside)
	if err == nil {
		_, err = file.WriteString(text)
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, dir.Remove(path.Base(note)))
	}
	crash.At("note/written")
	f.know(note, state{sum: sha256.Sum256([]byte(text))})
	return nil
}

// relative is the path of a file as seen from the directory that a note is in, in or below which it lies.
func relative(file, note string) string {
	dir := path.Dir(note)
	if dir == "." {
		return file
	}
	return file[len(dir)+1:]
}
