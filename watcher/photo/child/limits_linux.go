package child

import (
	"fmt"
	"math"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// limit bounds this process: memory, processor time, and that it writes no file and leaves no core. It stands
// back behind all other processes, and is the first to go when the machine runs out of memory.
func limit(memory, seconds int64) error {
	if raced {
		memory = math.MaxInt64
	}
	for _, l := range []struct {
		resource int
		most     int64
	}{
		// Not the address space: Go reserves much more of it than it uses.
		{unix.RLIMIT_DATA, memory},
		{unix.RLIMIT_CPU, seconds},
		{unix.RLIMIT_FSIZE, 0},
		{unix.RLIMIT_CORE, 0},
	} {
		if err := lower(l.resource, uint64(l.most)); err != nil {
			return fmt.Errorf("%w: %w", errLimits, err)
		}
	}
	const outOfMemoryFirst = "1000"
	// Both are courtesy only; some sandboxes allow neither. Priority belongs to a thread on Linux.
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte(outOfMemoryFirst), 0)
	_, _, _ = syscall.AllThreadsSyscall(unix.SYS_SETPRIORITY, unix.PRIO_PROCESS, 0, niceness)
	return nil
}

// lower sets a limit, or keeps a lower one that was there.
func lower(resource int, most uint64) error {
	var old unix.Rlimit
	if err := unix.Getrlimit(resource, &old); err != nil {
		return fmt.Errorf("read limit %d: %w", resource, err)
	}
	most = min(most, old.Max)
	if err := unix.Setrlimit(resource, &unix.Rlimit{Cur: most, Max: most}); err != nil {
		return fmt.Errorf("set limit %d: %w", resource, err)
	}
	return nil
}
