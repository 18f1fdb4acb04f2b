package doctor

import "golang.org/x/sys/unix"

// unsynchronised is STA_UNSYNC of timex.h: no time service has set the clock for long.
const unsynchronised = 0x40

// steady asks the kernel whether a time service keeps the clock.
func steady() (steady, known bool) {
	var t unix.Timex // no modes: it is only read
	if _, err := unix.Adjtimex(&t); err != nil {
		return false, false
	}
	return t.Status&unsynchronised == 0, true
}
