package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWhereNobodyLooksTheLogIsWrittenToItsOwnFile(t *testing.T) {
	t.Parallel()
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	p := &program{stderr: f}
	if got := p.newProgress("reading").aside(f); got != f {
		t.Errorf("it is %T, so the log cannot tell whether it is the journal", got)
	}
}
