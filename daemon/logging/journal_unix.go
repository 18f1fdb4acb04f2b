//go:build unix

package logging

import (
	"fmt"
	"os"
	"syscall"
)

// isJournal reports whether what is written to f goes to systemd's journal: then $JOURNAL_STREAM names f's device
// and inode. It may be inherited by a process whose output goes elsewhere.
func isJournal(f *os.File, stream string) bool {
	if stream == "" {
		return false
	}
	info, err := f.Stat()
	if err != nil {
		return false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && stream == fmt.Sprintf("%d:%d", st.Dev, st.Ino)
}
