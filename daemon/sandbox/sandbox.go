// Package sandbox knows what systemd's sandbox keeps from the service, and the drop-in that lets it in. Seen from
// inside, what ProtectHome= hides looks as if it were not there, and what ProtectSystem=strict covers like a disk that is
// mounted read-only; neither is what a person has to know.
package sandbox

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Seal is what keeps the service from a directory.
type Seal struct {
	Path   string
	Hidden bool // it cannot be seen at all; else it cannot be written to
}

// homes are the directories that ProtectHome= is about.
var homes = []string{"/home", "/root", "/run/user"}

// Lines are the lines of a drop-in that lets the service in.
func (s Seal) Lines() string { return "[Service]\n" + Line(s.Path) }

// Line is the line of a drop-in's [Service] section that lets the packaged unit read and write a directory. By the - it
// starts without one that is not there.
func Line(path string) string {
	if InHome(path) {
		return "BindPaths=-" + quote(path)
	}
	return "ReadWritePaths=-" + quote(path)
}

// InHome reports whether a path is in a home directory, where the packaged unit sees nothing.
func InHome(path string) bool {
	for _, home := range homes {
		if within(home, path) {
			return true
		}
	}
	return false
}

// Open reports whether the packaged unit lets the service in without a drop-in.
func Open(path string) bool {
	return within("/srv", path) || within("/mnt", path) || within("/media", path)
}

// quote writes a path as a unit file's list has it.
func quote(path string) string {
	path = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `%`, `%%`).Replace(path)
	if strings.ContainsAny(path, " \t\\\"'") {
		return `"` + path + `"`
	}
	return path
}

// Find gives what keeps this process from a directory; nil where nothing does, or where it is no service of systemd's. It
// follows links, and may wait for a file system that hangs.
func Find(path string) *Seal {
	if os.Getenv("INVOCATION_ID") == "" && os.Getenv("NOTIFY_SOCKET") == "" {
		return nil
	}
	table, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil
	}
	if followed, err := filepath.EvalSymlinks(path); err == nil {
		path = followed
	}
	return judge(string(table), path)
}

// mount is one line of proc_pid_mountinfo(5).
type mount struct {
	root, point, kind string
	readOnly          bool // the mount is
	diskReadOnly      bool // the file system is, whoever mounts it
}

// judge is Find with this table of mounts.
func judge(table, path string) *Seal {
	m, ok := covering(table, path)
	if !ok {
		return nil
	}
	for _, home := range homes {
		emptied := m.kind == "tmpfs" && m.readOnly || strings.Contains(m.root, "/systemd/inaccessible/")
		if m.point == home && within(home, path) && emptied {
			return &Seal{Path: path, Hidden: true}
		}
	}
	asked := m.root != "/" && within(path, m.point) // BindReadOnlyPaths=: somebody wants it so
	if m.readOnly && !m.diskReadOnly && !asked {
		return &Seal{Path: path}
	}
	return nil
}

// covering is the mount that a path lies on: of several at one point the last is on top.
func covering(table, path string) (top mount, ok bool) {
	lines := bufio.NewScanner(strings.NewReader(table))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		m, read := parse(lines.Text())
		if read && within(m.point, path) && len(m.point) >= len(top.point) {
			top, ok = m, true
		}
	}
	return top, ok
}

// parse reads a line: id parent major:minor root point options … - kind source options.
func parse(line string) (m mount, ok bool) {
	before, after, found := strings.Cut(line, " - ")
	head, tail := strings.Fields(before), strings.Fields(after)
	if !found || len(head) < 6 || len(tail) < 3 {
		return m, false
	}
	return mount{
		root: unescape(head[3]), point: unescape(head[4]), kind: tail[0],
		readOnly: has(head[5], "ro"), diskReadOnly: has(tail[2], "ro"),
	}, true
}

func has(options, one string) bool {
	for option := range strings.SplitSeq(options, ",") {
		if option == one {
			return true
		}
	}
	return false
}

// unescape undoes the kernel's octal escapes of blanks and backslashes.
func unescape(s string) string {
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

// within reports whether a path is dir or lies in it.
func within(dir, path string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
}
