//go:build !unix

package footprint

import (
	"errors"
	"io/fs"
	"os"
)

func group(fs.FileInfo) (gid int, ok bool) { return 0, false }

// syncDir: names are durable with the file here.
func syncDir(*os.File) error { return nil }

func unsupported(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, errors.ErrUnsupported)
}

func chown(*os.File, fs.FileInfo) {}
