package watcher

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// mountTable tells what is mounted in the folder, one line for each, without asking any of these file systems: it
// changes when something is mounted or unmounted there, of which nobody sends events. ok is false where the system
// does not say.
func mountTable(root string) (table string, ok bool) {
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return "", false
	}
	defer f.Close()
	below := strings.TrimSuffix(root, "/") + "/"
	var b strings.Builder
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		// id parent major:minor root point options … (proc_pid_mountinfo(5))
		fields := strings.Fields(lines.Text())
		if len(fields) < 5 {
			continue
		}
		if point := unescapeMount(fields[4]); point == filepath.Clean(root) || strings.HasPrefix(point, below) {
			b.WriteString(fields[0] + " " + fields[2] + " " + point + "\n")
		}
	}
	return b.String(), lines.Err() == nil
}

// unescapeMount undoes the kernel's octal escapes of blanks and backslashes.
func unescapeMount(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
