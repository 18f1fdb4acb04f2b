package service

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/kardianos/service"
)

// detect lets kardianos/service look once more for what starts services here. It has looked when the program began, by the
// programs that it found, and those for services are not in the PATH of every user: Debian's are in /usr/sbin.
var detect = sync.OnceFunc(func() {
	if runtime.GOOS != "linux" {
		return
	}
	path := filepath.SplitList(os.Getenv("PATH"))
	for _, dir := range []string{"/usr/local/sbin", "/usr/sbin", "/sbin"} {
		if !slices.Contains(path, dir) {
			path = append(path, dir)
		}
	}
	_ = os.Setenv("PATH", strings.Join(path, string(filepath.ListSeparator))) // no name and no value that it refuses
	service.ChooseSystem(service.AvailableSystems()...)
})
