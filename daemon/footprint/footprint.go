// Package footprint gives what pinfold makes in a photographer's folder the looks of what lies around it: the
// group of the directory, and the mode of the photo or of the directory. So whoever may read and delete the
// photos may read and delete that, too, whoever pinfold runs as.
package footprint

import (
	"errors"
	"io/fs"
	"os"
)

const (
	readWrite  = 0o666
	ownerWrite = 0o200 // what pinfold has made it must be able to change
)

// Dress gives an open file or directory that was just made the group of the directory that it lies in, and the
// mode of another: read and write bits for a file, all for a directory. Root, by sudo, gives it to the other's owner, too,
// or the photographer could not change it. File systems without owners or modes, and groups that this process may not give,
// are no error. The error is that of a file that cannot be looked at.
func Dress(f *os.File, in, like fs.FileInfo) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	giveAway(f, in, like)
	mode := like.Mode().Perm()&readWrite | ownerWrite
	if info.IsDir() {
		const owner = 0o700
		mode = like.Mode()&(fs.ModePerm|fs.ModeSetgid) | owner
	}
	if err := f.Chmod(mode); err != nil && !unsupported(err) {
		return err
	}
	return nil
}

// MakeDir makes a directory in another one, with that one's group and mode, and opens it. One that is there
// already stays as it is. Links that lead out of the root are not followed.
func MakeDir(root *os.Root, name string) (*os.Root, error) {
	const private = 0o700 // until it is dressed
	switch err := root.Mkdir(name, private); {
	case errors.Is(err, fs.ErrExist):
		return root.OpenRoot(name)
	case err != nil:
		return nil, err
	}
	if err := dressDir(root, name); err != nil {
		return nil, err
	}
	return root.OpenRoot(name)
}

func dressDir(root *os.Root, name string) error {
	above, err := root.Stat(".")
	if err != nil {
		return err
	}
	d, err := root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(Dress(d, above, above), d.Close())
}

// SyncDir makes the names in a directory durable, where the file system can do that.
func SyncDir(root *os.Root) error {
	d, err := root.Open(".")
	if err != nil {
		return err
	}
	err = syncDir(d)
	if unsupported(err) {
		err = nil
	}
	return errors.Join(err, d.Close())
}
