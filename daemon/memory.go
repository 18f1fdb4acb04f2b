package daemon

import (
	"runtime/debug"
	"time"
)

// restAfter is how long nothing was recorded when memory is given back.
const restAfter = time.Minute

// giveBack gives memory back to the system that is not needed again for long, as after the first look at a folder.
func giveBack() {
	debug.FreeOSMemory()
	unmapProgram()
}
