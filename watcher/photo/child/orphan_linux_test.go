package child

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// start starts a child as the Converter does, but for what ends it. Its first line has been read.
func start(t *testing.T, play string, source []byte, seconds int64) (cmd *exec.Cmd, stdin io.Closer) {
	t.Helper()
	cmd = exec.Command("/proc/self/exe", play)
	cmd.ExtraFiles = []*os.File{file(t, source)}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	line, err := json.Marshal(request{Source: 3, Options: options, Memory: defaultMemory(), Seconds: seconds})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
	if said, err := bufio.NewReader(out).ReadString('\n'); said != hello {
		t.Fatalf("the child says %q, %v", said, err)
	}
	return cmd, in
}

func TestAChildEndsWithStdin(t *testing.T) {
	t.Parallel()
	cmd, stdin := start(t, Command, picture(t, 9900, 9900), 600) // takes a while
	if err := stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != exitTold {
		t.Errorf("it ends with %v", err)
	}
}

func TestAChildThatSpinsEndsByItself(t *testing.T) {
	t.Parallel()
	cmd, _ := start(t, "spin", nil, 1)
	_ = cmd.Wait() // which returns only if it ended
	if used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(); used < time.Second/2 {
		t.Errorf("it ended before its time: %v", cmd.ProcessState)
	}
}

func TestNoChildOutlivesAKilledParent(t *testing.T) {
	t.Parallel()
	for _, play := range []string{"hang", "spin"} {
		parent := exec.Command("/proc/self/exe", "parent", play)
		if err := parent.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = parent.Process.Kill() })
		var child int
		await(t, "a child", func() bool {
			child = childOf(t, parent.Process.Pid)
			return child != 0
		})
		if err := parent.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = parent.Wait() // by a signal
		await(t, "the child's end", func() bool {
			state, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(child), "stat"))
			return err != nil || strings.Contains(string(state), ") Z ")
		})
	}
}

// childOf is the process that another one started, 0 if there is none.
func childOf(t *testing.T, pid int) int {
	t.Helper()
	lists, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "task", "*", "children"))
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			continue // the thread is gone
		}
		for _, word := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(word); err == nil && syscall.Kill(child, 0) == nil {
				return child
			}
		}
	}
	return 0
}

func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
