package watcher

import (
	"log/slog"
	"strings"
	"testing"
)

func TestTheMountTableNamesWhatLiesInTheFolder(t *testing.T) {
	table, ok := mountTable("/proc")
	if !ok || !strings.Contains(table, " /proc\n") {
		t.Errorf("%v, %q", ok, table)
	}
	if table, ok := mountTable(t.TempDir()); !ok || table != "" {
		t.Errorf("in an ordinary directory: %v, %q", ok, table)
	}
	if got := unescapeMount(`/mnt/my\040pins\134x\0`); got != `/mnt/my pins\x\0` {
		t.Errorf("got %s", got)
	}
}

func TestAnotherMountTableIsAReasonToWatchAnew(t *testing.T) {
	m := &tree{root: folder(t, "a/"), log: slog.New(slog.DiscardHandler)}
	_, err := m.start(t.Context(), "")
	must(t, err)
	defer m.close()
	if _, stale, err := m.check(); stale || err != nil {
		t.Errorf("nothing was mounted: %v, %v", stale, err)
	}
	m.table = "36 98:0 " + m.root + "/a\n" // and unmounted since
	if _, stale, err := m.check(); !stale || err != nil {
		t.Errorf("stale %v, %v", stale, err)
	}
}
