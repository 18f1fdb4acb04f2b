package daemon

import (
	"os"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// unmapProgram lets go of the program's own file: starting walks through most of it, idling needs little. What is
// needed again is mapped again from the system's cache. Nothing is lost by it where the system knows that the memory
// is as the file has it.
func unmapProgram() {
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return
	}
	for _, m := range cleanMaps(string(maps), programFile()) {
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, m.begin, m.end-m.begin, unix.MADV_DONTNEED) // it stays mapped, then
	}
}

// programFile is the program's path as the system's list of mappings has it, "" if unknown.
func programFile() string {
	path, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return ""
	}
	return path
}

// mapping is a range of addresses.
type mapping struct{ begin, end uintptr }

// mappingHead is the first line of what smaps tells of a mapping of a file.
var mappingHead = regexp.MustCompile(`^([0-9a-f]+)-([0-9a-f]+) (....) \S+ \S+ \S+ +(.+)$`)

// cleanMaps finds in the text of smaps (proc_pid_smaps(5)) where a file is mapped, cannot be written and was not
// changed in memory.
func cleanMaps(smaps, file string) (clean []mapping) {
	var now mapping
	for line := range strings.Lines(smaps) {
		line = strings.TrimSuffix(line, "\n")
		if name, value, _ := strings.Cut(line, ":"); name == "Anonymous" && now != (mapping{}) {
			if strings.TrimSpace(value) == "0 kB" {
				clean = append(clean, now)
			}
			now = mapping{}
		}
		if head := mappingHead.FindStringSubmatch(line); head != nil {
			now = mapping{}
			if head[4] == file && head[3][:2] == "r-" {
				now = mapping{address(head[1]), address(head[2])}
			}
		}
	}
	return clean
}

func address(hex string) uintptr {
	n, _ := strconv.ParseUint(hex, 16, 64) // of hexadecimal digits only
	return uintptr(n)
}
