//go:build unix

package logging

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestStderrThatIsTheJournalIsKnown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var st syscall.Stat_t
	if err := syscall.Fstat(int(f.Fd()), &st); err != nil {
		t.Fatal(err)
	}
	t.Setenv("JOURNAL_STREAM", fmt.Sprintf("%d:%d", st.Dev, st.Ino))
	New(f, "info", "text").Info("ready")
	fmt.Fprint(Errors(f), "two\nlines\n")
	text, err := os.ReadFile(path)
	if err != nil || string(text) != "<6>msg=ready\n<3>two\n<3>lines\n" {
		t.Errorf("got %q, %v", text, err)
	}
}
