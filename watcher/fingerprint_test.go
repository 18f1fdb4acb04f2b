package watcher

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestAFingerprintChangesWithAllThatAListingTells(t *testing.T) {
	root := folder(t, "d/fog.jpg", "d/fog.yaml", "d/_pinfold.yaml", "empty/")
	last := mustList(t, root, "d").Fingerprint()
	if again := mustList(t, root, "d").Fingerprint(); again != last || last == (Fingerprint{}) {
		t.Errorf("twice the same: %x, %x", last, again)
	}
	if none := mustList(t, root, "empty").Fingerprint(); none != (Fingerprint{}) {
		t.Errorf("an empty directory has %x", none)
	}
	at := func(name string) string { return filepath.Join(root, "d", name) }
	for _, change := range []struct {
		what string
		do   func() error
	}{
		{"a photo's size", func() error { return os.WriteFile(at("fog.jpg"), []byte("longer than before"), 0o644) }},
		{"a sidecar's time", func() error { return os.Chtimes(at("fog.yaml"), time.Time{}, time.Unix(1_000_000_000, 0)) }},
		{"a sidecar goes", func() error { return os.Remove(at("fog.yaml")) }},
		{"a name", func() error { return os.Rename(at("fog.jpg"), at("mist.jpg")) }},
		{"a directory", func() error { return os.Mkdir(at("below"), 0o755) }},
		{"a film", func() error { return touch(root, "d/film.mp4") }},
		{"defaults", func() error { return os.WriteFile(at("_pinfold.yaml"), []byte("board: B"), 0o644) }},
		{"a conflict", func() error { return touch(root, "d/mist.sync-conflict-20260102-030405-A.jpg") }},
		{"a directory in a film's place", func() error { return errors.Join(os.Remove(at("film.mp4")), os.Mkdir(at("film.mp4"), 0o755)) }},
		{"two sidecars", func() error { return errors.Join(touch(root, "d/mist.yaml"), touch(root, "d/mist.yml")) }},
		{"a misnamed file", func() error {
			return errors.Join(os.Remove(at("mist.yaml")), os.Remove(at("mist.yml")), touch(root, "d/mist.yaml.txt"))
		}},
		{"a name that is left out", func() error { return touch(root, "d/@me.jpg") }},
		{"a link that leads out", func() error { return os.Symlink("/etc/hostname", at("out.jpg")) }},
		{"a placeholder", func() error { return touch(root, "d/.cloud.jpg.icloud") }},
	} {
		must(t, change.do())
		now := mustList(t, root, "d").Fingerprint()
		if now == last {
			t.Errorf("%s: still %x", change.what, now)
		}
		last = now
	}
}
