// Package rename gives files other names. It is the only room that does: Windows refuses to take a name from a file that
// another program has open, such as a virus scanner or a sync client that looks at what was just written, and all that
// pinfold puts in place waits for them here alike. Elsewhere nobody has to be waited for.
package rename

import (
	"os"
	"time"
)

// Over gives a file another name, in place of the file that bears it.
func Over(from, to string) error {
	return Patiently(func() error { return os.Rename(from, to) }) //nolint:forbidigo // the one place
}

// OverIn is Over in a directory that is open.
func OverIn(dir *os.Root, from, to string) error {
	return Patiently(func() error { return dir.Rename(from, to) }) //nolint:forbidigo // the one place
}

// The waits between the tries double from firstWait on: 2.5 seconds together. Who only reads a file is done in
// milliseconds, a virus scanner mostly in tenths of a second; and a right that is missing for good looks the same.
const (
	firstWait = 10 * time.Millisecond
	mostWaits = 8
)

// Patiently does what takes a name from a file, and again for 2.5 seconds while that fails only because another program
// has the file open. do must not mind being called again.
func Patiently(do func() error) error { return patiently(do, busy) }

// patiently is Patiently on any system: busy tells which errors pass by themselves.
func patiently(do func() error, busy func(error) bool) error {
	err := do()
	for wait, n := firstWait, 0; n < mostWaits && busy(err); wait, n = 2*wait, n+1 {
		<-time.After(wait)
		err = do()
	}
	return err
}
