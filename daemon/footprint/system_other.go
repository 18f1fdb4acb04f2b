//go:build !unix

package footprint

import (
	"errors"
	"io/fs"
	"os"
)

// giveAway does nothing: files have what their directory gives them.
func giveAway(*os.File, fs.FileInfo, fs.FileInfo) {}

// syncDir: names are durable with the file here.
func syncDir(*os.File) error { return nil }

func unsupported(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, errors.ErrUnsupported)
}

func chown(*os.File, fs.FileInfo) {}
