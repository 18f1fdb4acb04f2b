package ledger

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/divitio/pinfold/daemon/crash"
	"github.com/divitio/pinfold/daemon/footprint"
	"github.com/divitio/pinfold/daemon/rename"
)

// Owner is the installation that publishes from a folder.
type Owner struct {
	Installation string    `json:"installation"`
	Machine      string    `json:"machine,omitempty"` // fingerprint; "" is not compared
	Host         string    `json:"host,omitempty"`    // its name, for people
	Since        time.Time `json:"since"`
	Former       string    `json:"former,omitempty"` // installation that it took the folder over from; "" if it was nobody's
}

// Errors of Claim.
var (
	// ErrReadOnly means that nothing can be written into the folder.
	ErrReadOnly = errors.New("the folder is read-only")
)

// StandbyError means that another installation publishes from the folder.
type StandbyError struct {
	Owner    Owner
	Conflict string // a conflict copy of owner.json: two installations claimed the folder at once
}

func (e *StandbyError) Error() string {
	if e.Conflict != "" {
		return "two installations have claimed this folder at once (" + e.Conflict + ")"
	}
	return fmt.Sprintf("another pinfold publishes from this folder (%s, since %s)", e.Owner.Host, e.Owner.Since.Format(time.DateOnly))
}

// Claim makes this installation the folder's owner if there is none. A *StandbyError means that another one is,
// ErrReadOnly that the folder cannot remember anything; then it works without.
func (b *Book) Claim() error {
	err := b.Owned()
	if errors.Is(err, fs.ErrNotExist) {
		return b.TakeOver()
	}
	return err
}

// Owned reports whether this installation owns the folder. A *StandbyError means that another one does,
// fs.ErrNotExist that nobody does.
func (b *Book) Owned() error {
	owner, err := b.Owner()
	switch {
	case err != nil:
		return err
	case !b.is(owner):
		return &StandbyError{Owner: owner}
	}
	return nil
}

// Owner reads who owns the folder; fs.ErrNotExist if nobody does.
func (b *Book) Owner() (Owner, error) {
	var owner Owner
	if second, err := b.conflict(); err != nil || second != "" {
		return owner, errors.Join(err, standby(second))
	}
	return readOwner(filepath.Join(b.Folder, Dir, OwnerFile))
}

// maxOwner bounds what is read of an owner.json, in bytes.
const maxOwner = 64 << 10

func readOwner(path string) (owner Owner, err error) {
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return owner, notAFile(path)
	}
	f, err := os.Open(path)
	if err != nil {
		return owner, fmt.Errorf("read the folder's owner: %w", err)
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, maxOwner))
	if err != nil {
		return owner, fmt.Errorf("read the folder's owner: %w", err)
	}
	if err := json.Unmarshal(text, &owner); err != nil || owner.Installation == "" {
		return owner, fmt.Errorf("%s is not whole yet, or damaged; `pinfold takeover` writes it anew", path)
	}
	return owner, nil
}

func standby(second string) error {
	if second == "" {
		return nil
	}
	return &StandbyError{Conflict: second}
}

// conflict finds a conflict copy of owner.json, whatever the sync tool calls it.
func (b *Book) conflict() (string, error) {
	entries, err := os.ReadDir(filepath.Join(b.Folder, Dir))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	} else if err != nil {
		return "", fmt.Errorf("read %s: %w", Dir, err)
	}
	for _, e := range entries {
		if name := e.Name(); name != OwnerFile && strings.HasPrefix(name, "owner") && strings.Contains(name, ".json") {
			return name, nil
		}
	}
	return "", nil
}

func (b *Book) is(o Owner) bool {
	return o.Installation == b.Installation && (o.Machine == "" || b.Machine == "" || o.Machine == b.Machine)
}

// TakeOver makes this installation the owner, whoever was.
func (b *Book) TakeOver() error {
	if err := b.takeOver(); err != nil {
		if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
			return ErrReadOnly
		}
		return fmt.Errorf("claim folder: %w", err)
	}
	return nil
}

func (b *Book) takeOver() error {
	if err := b.makeDir(); err != nil {
		return err
	}
	dir := filepath.Join(b.Folder, Dir)
	if err := removeNew(dir); err != nil {
		return err
	}
	former := b.former(OwnerFile)
	for second, err := b.conflict(); second != "" || err != nil; second, err = b.conflict() {
		if err != nil {
			return err
		}
		former = cmp.Or(b.former(second), former)
		if err := os.Remove(filepath.Join(dir, second)); err != nil {
			return err
		}
	}
	host, err := os.Hostname()
	if err != nil {
		host = "a machine without a name"
	}
	owner := Owner{b.Installation, b.Machine, host, b.Now().UTC().Truncate(time.Second), former}
	text, err := json.MarshalIndent(owner, "", "  ")
	if err != nil {
		return err
	}
	return replace(filepath.Join(dir, OwnerFile), append(text, '\n'), b.Folder)
}

// nobodyKnows stands for a former owner whose file cannot be read.
const nobodyKnows = "unknown"

// former is whose ledger may still be on its way, as a file of owner.json's kind tells. "" if the folder was nobody's.
func (b *Book) former(name string) string {
	owner, err := readOwner(filepath.Join(b.Folder, Dir, name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ""
	case err != nil:
		return nobodyKnows
	case b.is(owner):
		return owner.Former
	}
	return owner.Installation
}

// newPrefix begins the name of an owner.json that is being written.
const newPrefix = ".new-"

// removeNew removes what a death left of claims that did not come to their end.
func removeNew(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), newPrefix) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// makeDir makes .pinfold in a folder that is there.
func (b *Book) makeDir() error {
	if _, err := os.Stat(filepath.Join(b.Folder, Dir)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	folder, err := os.OpenRoot(b.Folder)
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }()
	dir, err := footprint.MakeDir(folder, Dir)
	if err != nil {
		return err
	}
	return dir.Close()
}

// replace writes a file whole or not at all.
func replace(path string, text []byte, folder string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), newPrefix+"*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if err := like(f, folder); err != nil {
		return errors.Join(err, f.Close())
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	crash.At("ledger/owner-written")
	if err := rename.Over(f.Name(), path); err != nil {
		return err
	}
	crash.At("ledger/owner-in-place")
	return syncDir(filepath.Dir(path))
}

// like gives a file the rights and the group of the folder, so that whoever may read the photos may read it.
func like(f *os.File, folder string) error {
	info, err := os.Stat(folder)
	if err != nil {
		return err
	}
	return footprint.Dress(f, info, info)
}

// syncDir makes a new name in a directory durable.
func syncDir(path string) error {
	dir, err := os.OpenRoot(path)
	if err != nil {
		return err
	}
	return errors.Join(footprint.SyncDir(dir), dir.Close())
}
