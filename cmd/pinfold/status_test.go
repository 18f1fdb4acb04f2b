package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon"
	"github.com/divitio/pinfold/daemon/post"
)

// someStatus is one with so many problems.
func someStatus(problems int) daemon.Status {
	s := daemon.Status{
		Version: "1.0", Environment: "production", Running: true,
		Accounts: []daemon.AccountView{{Name: "main", Connected: true}, {Name: "shop", Connected: true, Paused: true}},
		Folders:  []daemon.FolderView{{Path: "/home/ann/Pins", State: "watching", Watch: "events", Why: "ext4", Counts: map[post.State]int{post.Scheduled: 2}}},
	}
	for i := range problems {
		s.Problems = append(s.Problems, fmt.Sprintf("Pins/fog-%d.jpg (failed): Pinterest refused it\nfog-%d.yaml:2:1: and more", i, i))
	}
	return s
}

func TestStatusFitsOneScreen(t *testing.T) {
	t.Parallel()
	for _, width := range []int{30, 80, 200} {
		for problems := range 12 {
			on := screen{width: width, height: 24}
			var b strings.Builder
			if err := printStatus(&b, someStatus(problems), time.UTC, on); err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
			if rows := on.rows(lines); rows >= on.height {
				t.Errorf("%d problems take %d rows of %d:\n%s", problems, rows, on.height, b.String())
			}
			shown := strings.Count(b.String(), "(failed)")
			if more := strings.Contains(b.String(), fmt.Sprintf("and %d more", problems-shown)); more != (shown < problems) {
				t.Errorf("%d of %d problems are shown:\n%s", shown, problems, b.String())
			}
		}
	}
}

func TestStatusSaysAllWhereNobodyLooks(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := printStatus(&b, someStatus(100), time.UTC, screen{}); err != nil {
		t.Fatal(err)
	}
	if strings.Count(b.String(), "(failed)") != 100 || strings.Contains(b.String(), "\x1b") {
		t.Error(b.String())
	}
	wantText(t, "status", b.String(), "pinfold 1.0, running (production)", "account shop: paused", "folder /home/ann/Pins: watching by events (ext4); 2 scheduled")
}

func TestAWatchedListStaysOnTheScreen(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("line\n", 100)
	if got := framed(text, screen{}); got != text {
		t.Errorf("piped: %q", got)
	}
	got := framed(text, screen{width: 80, height: 10})
	if n := strings.Count(got, "\n"); n != 9 || !strings.Contains(got, "… 92 more lines") || !strings.HasPrefix(got, "\x1b[H") {
		t.Errorf("%d lines: %q", n, got)
	}
}
