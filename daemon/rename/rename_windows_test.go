package rename

import (
	"os"
	"path/filepath"
	"testing"
)

// TestAFileThatIsBeingReadIsReplaced has each file open until its replacement was refused once.
func TestAFileThatIsBeingReadIsReplaced(t *testing.T) {
	t.Parallel()
	for _, held := range []string{"old", "new"} {
		dir := t.TempDir()
		from, to := filepath.Join(dir, "new"), filepath.Join(dir, "old")
		for _, file := range []string{from, to} {
			if err := os.WriteFile(file, []byte(filepath.Base(file)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		reader, err := os.Open(filepath.Join(dir, held))
		if err != nil {
			t.Fatal(err)
		}
		refusals := 0
		err = patiently(func() error {
			err := os.Rename(from, to)
			if err != nil && refusals == 0 {
				_ = reader.Close()
			}
			if err != nil {
				refusals++
			}
			return err
		}, busy)
		if text, readErr := os.ReadFile(to); err != nil || refusals != 1 || readErr != nil || string(text) != "new" {
			t.Errorf("while %s is open: refused %d times, then %v; it holds %q, %v", held, refusals, err, text, readErr)
		}
	}
}
