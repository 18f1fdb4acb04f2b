package watcher

import (
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// What the system allows each user, all programs together; a namespace may allow less.
const (
	watchLimit     = "/proc/sys/fs/inotify/max_user_watches"
	watchLimitHere = "/proc/sys/user/max_inotify_watches"
	instanceLimit  = "/proc/sys/fs/inotify/max_user_instances"
	instancesHere  = "/proc/sys/user/max_inotify_instances"
)

// Limits that are advised where the present ones are too low.
const (
	plentyOfWatches   = 524_288 // about half a gigabyte of memory if all were used
	plentyOfInstances = 1024
)

// shareError means that a folder needs more watches than may be taken from the others of this user.
type shareError struct{ most int }

func (e *shareError) Error() string {
	return fmt.Sprintf("more than %d directories, half of the watches that the system allows", e.most)
}

// watchShare is how many watches one folder may take: half of what the system allows, as other programs need
// some, too.
func watchShare() int {
	share := math.MaxInt
	for _, file := range []string{watchLimit, watchLimitHere} {
		if n, ok := readLimit(file); ok {
			share = min(share, n/2)
		}
	}
	return share
}

// readLimit reads a number that the system keeps in a file.
func readLimit(file string) (n int, ok bool) {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0, false
	}
	n, err = strconv.Atoi(strings.TrimSpace(string(b)))
	return n, err == nil
}

// isLimit reports whether the system refuses more watches.
func isLimit(err error) bool {
	if _, ok := errors.AsType[*shareError](err); ok {
		return true
	}
	for _, errno := range []error{syscall.ENOSPC, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}

// limitReason says which limit was reached and what to do. The system's own words for it, "no space left on
// device", mislead.
func limitReason(err error) string {
	if runtime.GOOS != "linux" {
		return fmt.Sprintf("the system allows no more watches (%v)", err)
	}
	reason, name, file, here, plenty := "the system allows no more watches", "max_user_watches", watchLimit, watchLimitHere, plentyOfWatches
	if share, ok := errors.AsType[*shareError](err); ok {
		reason = share.Error()
	}
	if errors.Is(err, syscall.EMFILE) {
		name, file, here, plenty = "max_user_instances", instanceLimit, instancesHere, plentyOfInstances
	}
	now := "unknown"
	if n, ok := readLimit(file); ok {
		if least, ok := readLimit(here); ok {
			n = min(n, least)
		}
		now, plenty = strconv.Itoa(n), max(plenty, 4*n)
	}
	return fmt.Sprintf("%s: fs.inotify.%s is %s; to get events, raise it with `sudo sysctl fs.inotify.%s=%d` and put fs.inotify.%s=%d into a file in /etc/sysctl.d/; pinfold tries again each hour",
		reason, name, now, name, plenty, name, plenty)
}
