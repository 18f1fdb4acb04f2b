//go:build unix

package reconcile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What a link shows that leaves the folder is never read, nor sent as an image.
func TestAnImageThatLeavesTheFolderIsNotRead(t *testing.T) {
	p := newPins(t)
	p.photo("fog.jpg", 1)
	p.photo("fog-2.jpg", 2)
	p.yaml("fog.yaml", mist)
	outside := filepath.Join(t.TempDir(), "secret.jpg")
	if err := os.WriteFile(outside, jpegOf(t, 3), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(p.Path, "fog-3.jpg")); err != nil {
		t.Fatal(err)
	}
	p.after(settle)
	p.after(20 * time.Minute)
	p.want()
	c, err := p.Check(".", nil)
	if err != nil || !strings.Contains(c.Findings.Error(), "fog-3.jpg") {
		t.Errorf("check does not tell: %v, %v", c.Findings, err)
	}
	p.remove("fog-3.jpg")
	if err := os.Symlink("fog-2.jpg", filepath.Join(p.Path, "fog-3.jpg")); err != nil {
		t.Fatal(err)
	}
	p.after(settle)
	p.want("fog.jpg scheduled")
}
