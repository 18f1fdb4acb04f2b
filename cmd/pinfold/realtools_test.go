//go:build realtools

package main

// These tests need programs that a machine with only Go lacks; `.ci/run tools` installs them. They fail without them.

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tool runs a program of somebody else's to its end.
func tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// shell runs a script; $1, $2 … are its arguments.
func shell(t *testing.T, script string, args ...string) {
	t.Helper()
	tool(t, "sh", append([]string{"-euc", script, "sh"}, args...)...)
}

// rclone runs rclone with a config of its own.
func rclone(t *testing.T, args ...string) string {
	t.Helper()
	return tool(t, "rclone", append([]string{"--config", filepath.Join(t.TempDir(), "none.conf"), "--bwlimit", "400k"}, args...)...)
}

// realWriters put the photo at from into the place to, each in the way of one tool.
var realWriters = map[string]func(t *testing.T, from, to string){
	"cp":      func(t *testing.T, from, to string) { tool(t, "cp", from, to) },
	"cp -p":   func(t *testing.T, from, to string) { tool(t, "cp", "-p", from, to) },
	"install": func(t *testing.T, from, to string) { tool(t, "install", "-m", "600", from, to) },
	"rsync":   func(t *testing.T, from, to string) { tool(t, "rsync", "-a", "--bwlimit=400", from, to) },
	"rsync --inplace": func(t *testing.T, from, to string) {
		tool(t, "rsync", "-a", "--inplace", "--bwlimit=400", from, to)
	},
	"rsync --inplace over an older photo": func(t *testing.T, from, to string) {
		if err := os.WriteFile(to, largePhoto(t, 99), 0o600); err != nil {
			t.Fatal(err)
		}
		tool(t, "rsync", "-a", "--inplace", "--no-whole-file", "--bwlimit=400", from, to)
	},
	"rsync --inplace, preallocated": func(t *testing.T, from, to string) {
		tool(t, "rsync", "-a", "--inplace", "--preallocate", "--bwlimit=400", from, to)
	},
	"rsync --partial-dir --delay-updates": func(t *testing.T, from, to string) {
		tool(t, "rsync", "-a", "--partial-dir=.rsync-partial", "--delay-updates", "--bwlimit=400", from, to)
	},
	"rclone copy": func(t *testing.T, from, to string) {
		if strings.Contains(rclone(t, "help", "flags"), "--inplace") {
			rclone(t, "copy", from, filepath.Dir(to))
			return
		}
		// Before 1.63 rclone always wrote in place. What it does since then, with its own commands:
		rclone(t, "copyto", from, to+".9f86d081.partial")
		rclone(t, "moveto", to+".9f86d081.partial", to)
	},
	"rclone copy --inplace": func(t *testing.T, from, to string) {
		args := []string{"copy", from, filepath.Dir(to)}
		if strings.Contains(rclone(t, "help", "flags"), "--inplace") {
			args = append(args, "--inplace")
		}
		rclone(t, args...)
	},
	"mv across file systems": func(t *testing.T, from, to string) {
		memory, err := os.MkdirTemp("/dev/shm", "pinfold") //nolint:usetesting // it must be another file system
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(memory)
		tool(t, "cp", from, memory)
		tool(t, "mv", filepath.Join(memory, filepath.Base(from)), to)
	},
	"mv within the file system": func(t *testing.T, from, to string) {
		tool(t, "cp", from, from+".own")
		tool(t, "mv", from+".own", to)
	},
	"dd in small blocks": func(t *testing.T, from, to string) { tool(t, "dd", "if="+from, "of="+to, "bs=512", "status=none") },
	"fallocate, then dd": func(t *testing.T, from, to string) {
		shell(t, `fallocate -l "$(stat -c %s "$1")" "$2"; sleep 1; dd if="$1" of="$2" bs=64k conv=notrunc status=none`, from, to)
	},
	"torn: paused in the middle": func(t *testing.T, from, to string) {
		shell(t, `head -c 100000 "$1" > "$2"; sleep 2; tail -c +100001 "$1" >> "$2"`, from, to)
	},
	"paused eight times, reopened each time": func(t *testing.T, from, to string) {
		shell(t, `size=$(stat -c %s "$1"); for i in 0 1 2 3 4 5 6 7; do
			dd if="$1" bs=$((size / 7 + 1)) skip=$i count=1 status=none >> "$2"; sleep 0.4; done`, from, to)
	},
	"tar": func(t *testing.T, from, to string) {
		shell(t, `tar -C "$(dirname "$1")" -cf - "$(basename "$1")" | tar -C "$(dirname "$2")" -xf -`, from, to)
	},
	"an editor's atomic rename": func(t *testing.T, from, to string) {
		shell(t, `cp "$1" "$(dirname "$2")/.$(basename "$2").swp"; sleep 1; mv "$(dirname "$2")/.$(basename "$2").swp" "$2"`, from, to)
	},
}

func TestRealToolsWriteAPhotoAndOnePinIsMadeOfTheWhole(t *testing.T) {
	t.Parallel()
	for name, write := range realWriters {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := connectedSite(t)
			s.start()
			photo := largePhoto(t, 7)
			from := filepath.Join(s.root, "camera", "fog.jpg")
			s.writeTo(from, string(photo))
			s.write("fog.yaml", rightNow("fog"))
			if strings.Contains(name, "older photo") { // it is not to be posted before
				s.write("fog.yaml", inAMonth("fog"))
			}
			write(t, from, s.in("fog.jpg"))
			if strings.Contains(name, "older photo") {
				s.write("fog.yaml", rightNow("fog"))
			}
			s.awaitWhole(photo)
			s.onlyPins("fog")
		})
	}
}

// The same for a whole directory of pairs, written by a tool at its own speed.
func TestRealRsyncOfADirectoryPostsEachPairOnce(t *testing.T) {
	t.Parallel()
	for _, flags := range [][]string{nil, {"--inplace"}} {
		t.Run(fmt.Sprint(flags), func(t *testing.T) {
			t.Parallel()
			s := connectedSite(t)
			s.start()
			const n = 20
			var want []string
			for i := range n {
				name := fmt.Sprintf("camera/%d/%02d", i%3, i)
				s.writeTo(filepath.Join(s.root, name+".jpg"), string(largePhoto(t, uint64(i))))
				s.writeTo(filepath.Join(s.root, name+".yaml"), rightNow(fmt.Sprintf("%02d", i)))
				want = append(want, fmt.Sprintf("%02d", i))
			}
			tool(t, "rsync", append(append([]string{"-a", "--bwlimit=4000"}, flags...), filepath.Join(s.root, "camera")+"/", s.folder)...)
			s.awaitTitles(want...)
			tool(t, "rsync", "-a", "--ignore-times", filepath.Join(s.root, "camera")+"/", s.folder) // all once more
			time.Sleep(2 * pause)
			s.onlyPins(want...)
		})
	}
}
