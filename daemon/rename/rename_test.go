package rename

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

var (
	errHeld = errors.New("another program has it open")
	errFull = errors.New("no space left on device")
)

func held(err error) bool { return errors.Is(err, errHeld) }

// refused is a rename that fails by these errors, one after the other, and then works.
type refused struct {
	errs  []error
	tries int
}

func (r *refused) rename() error {
	r.tries++
	if len(r.errs) < r.tries {
		return nil
	}
	return r.errs[r.tries-1]
}

func TestARenameWaitsForWhoHasTheFileOpen(t *testing.T) {
	t.Parallel()
	always := make([]error, 100)
	for i := range always {
		always[i] = errHeld
	}
	for name, tt := range map[string]struct {
		errs  []error
		want  error
		tries int
		took  time.Duration
	}{
		"nobody has it":          {nil, nil, 1, 0},
		"somebody, for a moment": {[]error{errHeld, errHeld, errHeld}, nil, 4, 70 * time.Millisecond},
		"somebody, for good":     {always, errHeld, 9, 2550 * time.Millisecond},
		"another reason":         {[]error{errFull}, errFull, 1, 0},
		"first one, then other":  {[]error{errHeld, errFull}, errFull, 2, 10 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := refused{errs: tt.errs}
				began := time.Now()
				err := patiently(r.rename, held)
				if took := time.Since(began); !errors.Is(err, tt.want) || r.tries != tt.tries || took != tt.took {
					t.Errorf("%v after %d tries in %v, want %v after %d in %v", err, r.tries, took, tt.want, tt.tries, tt.took)
				}
			})
		})
	}
}

func TestOneFileTakesThePlaceOfAnother(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	for name, over := range map[string]func() error{
		"by its path":    func() error { return Over(filepath.Join(dir, "new"), filepath.Join(dir, "old")) },
		"in a directory": func() error { return OverIn(root, "new", "old") },
	} {
		for _, file := range []string{"old", "new"} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(file), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := over(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		text, err := os.ReadFile(filepath.Join(dir, "old"))
		if _, gone := os.Stat(filepath.Join(dir, "new")); err != nil || string(text) != "new" || !errors.Is(gone, os.ErrNotExist) {
			t.Errorf("%s: %q, %v, %v", name, text, err, gone)
		}
	}
}
