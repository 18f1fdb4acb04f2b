//go:build unix

package ledger_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/divitio/pinfold/daemon/ledger"
)

// Whoever may write into the folder must not be able to hang pinfold.
func TestAPipeInPlaceOfAFileIsNotWaitedFor(t *testing.T) {
	for name, use := range map[string]func(*ledger.Book) error{
		"posted-theirs.jsonl": func(b *ledger.Book) error { _, err := b.Read(); return err },
		"posted-ours.jsonl":   func(b *ledger.Book) error { return b.Append(line("ours/1", ledger.Open)) },
		"owner.json":          (*ledger.Book).Claim,
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, ledger.Dir, name)
			if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := syscall.Mkfifo(path, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := use(book(folder, "ours")); err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v, want an error that names the file", err)
			}
		})
	}
}
