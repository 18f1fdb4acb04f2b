//go:build unix

package watcher

import (
	"net"
	"path/filepath"
	"syscall"
	"testing"
)

func TestSpecialFilesAreLeftOutAndNeverBlock(t *testing.T) {
	root := folder(t, "fog.jpg")
	fifo := filepath.Join(root, "fifo.jpg")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	socket, err := net.Listen("unix", filepath.Join(root, "s.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	l := mustList(t, root, ".")
	if got := short(l.Items); got != "fog.jpg" || len(l.Errors) != 0 {
		t.Errorf("items %s, errors %v", got, l.Errors)
	}
	for _, name := range []string{"fifo.jpg", "s.jpg"} {
		if f, err := Open(root, name); err == nil {
			t.Errorf("%s opens", name)
			f.Close()
		}
	}
}
