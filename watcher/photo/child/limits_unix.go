//go:build unix && !linux

package child

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// limit bounds this process as far as the system lets it: processor time, and that it writes no file and leaves
// no core. Memory has no limit that these systems hold; the process looks at its own, and ends.
func limit(memory, seconds int64) error {
	holdMemory(memory)
	for resource, most := range map[int]int64{unix.RLIMIT_CPU: seconds, unix.RLIMIT_FSIZE: 0, unix.RLIMIT_CORE: 0} {
		var old unix.Rlimit
		err := unix.Getrlimit(resource, &old)
		if err == nil {
			old.Cur = lower(old.Cur, most)
			err = unix.Setrlimit(resource, &old)
		}
		if err != nil {
			return fmt.Errorf("%w: %w", errLimits, err)
		}
	}
	_ = unix.Setpriority(unix.PRIO_PROCESS, 0, niceness) // courtesy only
	return nil
}

// lower is the lower of two limits; its type is another one on each system.
func lower[T int64 | uint64](old T, most int64) T { return min(old, T(most)) }
