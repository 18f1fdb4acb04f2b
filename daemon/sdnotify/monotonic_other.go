//go:build !linux

package sdnotify

import "time"

// monotonic is asked for by systemd only, which runs on Linux.
func monotonic() time.Duration { return 0 }
