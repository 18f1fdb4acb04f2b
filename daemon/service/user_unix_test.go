//go:build unix

package service

import (
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
)

func TestAConfigThatTheServiceMayNotReadIsSaidBeforeItStarts(t *testing.T) {
	t.Parallel()
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Skip("there is no user nobody")
	}
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := Settings{User: nobody.Username, Group: "nogroup", Config: file}
	if err := s.mayRead(); err == nil || !strings.Contains(err.Error(), "sudo chgrp nogroup "+file) {
		t.Errorf("closed: %v", err)
	}
	s.Own = true
	if err := s.mayRead(); err != nil {
		t.Errorf("one's own: %v", err)
	}
	s.Own = false
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := s.mayRead(); err != nil {
		t.Errorf("open: %v", err)
	}
	s.Config += ".none"
	if err := s.mayRead(); err == nil {
		t.Error("one that is not there can be read")
	}
}
