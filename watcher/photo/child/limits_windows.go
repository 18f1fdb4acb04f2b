package child

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

// limit puts this process into a job of its own, which bounds its memory and its processor time.
func limit(memory, seconds int64) error {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return fmt.Errorf("%w: %w", errLimits, err)
	}
	const ticks = 10_000_000 // of 100 ns in a second
	info := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{
		BasicLimitInformation: windows.JOBOBJECT_BASIC_LIMIT_INFORMATION{
			PerProcessUserTimeLimit: seconds * ticks,
			PriorityClass:           windows.BELOW_NORMAL_PRIORITY_CLASS,
			ActiveProcessLimit:      1,
			LimitFlags: windows.JOB_OBJECT_LIMIT_PROCESS_MEMORY | windows.JOB_OBJECT_LIMIT_PROCESS_TIME |
				windows.JOB_OBJECT_LIMIT_PRIORITY_CLASS | windows.JOB_OBJECT_LIMIT_ACTIVE_PROCESS,
		},
		ProcessMemoryLimit: uintptr(memory),
	}
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)))
	if err == nil {
		err = windows.AssignProcessToJobObject(job, windows.CurrentProcess())
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errLimits, err)
	}
	return nil
}
