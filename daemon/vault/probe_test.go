package vault_test

import (
	"os"
	"path/filepath"
	"testing"
)

func TestReadyLeavesNothingAndTellsOfADiskThatTakesNothing(t *testing.T) {
	d := newDirs(t)
	v := d.open(t)
	save(t, v, "main", record())
	entry, err := v.Lock(t.Context(), "production", "main")
	if err != nil {
		t.Fatal(err)
	}
	defer entry.Unlock()
	if err := entry.Ready(); err != nil {
		t.Error(err)
	}
	if left, err := filepath.Glob(filepath.Join(d.state, "*.tmp")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if err := os.Rename(d.state, d.state+"-away"); err != nil {
		t.Fatal(err)
	}
	if entry.Ready() == nil {
		t.Error("a directory that is gone takes a record")
	}
}
