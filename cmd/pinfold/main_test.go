package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// parallel is how many tests run side by side: they wait for child processes much more than they work.
const parallel = "8"

func TestMain(m *testing.M) {
	testscript.Main(suite{m}, map[string]func(){"pinfold": main})
}

// suite cleans up after all tests, which testscript.Main alone would not.
type suite struct{ m *testing.M }

func (s suite) Run() int {
	flag.Parse()
	if err := flag.Set("test.parallel", parallel); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var err error
	if buildDir, err = os.MkdirTemp("", "pinfold-e2e"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(buildDir) }()
	return s.m.Run()
}

// buildDir holds the binary while the tests run.
var buildDir string

// built is the program as users get it, from the same `go build`; $PINFOLD_BUILT names one where there is no Go, as under
// Wine.
var built = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("PINFOLD_BUILT"); path != "" {
		return path, nil
	}
	path := filepath.Join(buildDir, "pinfold.exe") // the ending does no harm elsewhere
	args := []string{"build", "-o", path}
	if raced {
		args = append(args, "-race")
	}
	out, err := exec.Command("go", append(args, ".")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build pinfold: %w\n%s", err, out)
	}
	return path, nil
})
