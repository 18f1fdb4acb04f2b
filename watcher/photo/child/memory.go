package child

import (
	"os"
	"runtime/metrics"
	"time"
)

// exitMemory is the exit code of a child that took too much where the system holds nobody to a limit.
const exitMemory = 70

// memoryLook is how often such a child looks at what it takes: a decoder fills some hundred megabytes in a second.
const memoryLook = 20 * time.Millisecond

// holdMemory ends the process once it has more than most bytes. It stands in for a limit of the system's.
func holdMemory(most int64) {
	go func() {
		for range time.Tick(memoryLook) {
			if overMemory(most) {
				os.Exit(exitMemory)
			}
		}
	}()
}

// overMemory reports whether the process has more than most bytes of memory, by Go's own count: decoders in WebAssembly
// have theirs from Go, too.
func overMemory(most int64) bool {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return int64(samples[0].Value.Uint64()-samples[1].Value.Uint64()) > most
}
