package daemon

import "runtime/debug"

// giveBack gives memory back to the system that is not needed again for long, as after the first look at a folder.
func giveBack() {
	debug.FreeOSMemory()
	unmapProgram()
}
