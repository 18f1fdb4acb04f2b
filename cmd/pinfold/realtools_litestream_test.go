//go:build realtools

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// litestream is the program; $PINFOLD_LITESTREAM names one that was built for the tests.
func litestream() string {
	if built := os.Getenv("PINFOLD_LITESTREAM"); built != "" {
		return built
	}
	return "litestream"
}

// TestRealLitestreamBringsBackWhatWasPosted copies the store by the configuration in packaging/, kills pinfold and
// Litestream in the midst of posting, and goes on with the copy on another machine.
func TestRealLitestreamBringsBackWhatWasPosted(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	old := s.start()
	text, err := os.ReadFile("../../packaging/litestream.yml")
	if err != nil {
		t.Fatal(err)
	}
	db, config := filepath.Join(s.state, "pinfold.db"), filepath.Join(s.root, "litestream.yml")
	s.writeTo(config, strings.NewReplacer("/var/lib/pinfold/pinfold.db", db, "/mnt/backup/pinfold", filepath.Join(s.root, "copy")).Replace(string(text)))
	copying := exec.Command(litestream(), "replicate", "-config", config)
	var said output
	copying.Stdout, copying.Stderr = &said, &said
	if err := copying.Start(); err != nil {
		t.Fatal(err)
	}
	kill := func() {
		_ = copying.Process.Kill()
		_ = copying.Wait()
	}
	defer kill()

	s.pair("first", 1, rightNow("the first"))
	s.awaitTitles("the first")
	s.await("first.jpg", post.Posted)
	probe := filepath.Join(s.root, "probe.db")
	s.eventually(200*time.Millisecond, "the copy knows of the first post", func() bool {
		_ = os.Remove(probe)
		out, err := exec.Command(litestream(), "restore", "-config", config, "-o", probe, db).CombinedOutput()
		copied, readErr := os.ReadFile(probe)
		if err != nil || readErr != nil {
			t.Logf("%v: %s\n%s", err, out, said.String())
		}
		return bytes.Contains(copied, []byte("the first"))
	})

	titles := []string{"the first"}
	for n := 2; n <= 6; n++ {
		title := fmt.Sprintf("number %d", n)
		titles = append(titles, title)
		s.pair(fmt.Sprintf("p%d", n), n, rightNow(title))
	}
	s.eventually(time.Millisecond, "it is in the midst of posting", func() bool { return len(s.pinterest.Pins()) >= 3 })
	if code := old.stop(os.Kill); code == 0 {
		t.Error("it was not killed")
	}
	kill()

	restored := filepath.Join(s.root, "restored.db")
	tool(t, litestream(), "restore", "-config", config, "-o", restored, db)
	b := s.another()
	if got := b.want(0, "restore", restored); strings.HasPrefix(got.stdout, "0 post(s) posted") || !strings.Contains(got.stdout, "post(s) posted") {
		t.Errorf("the copy knows of nothing posted: %s", got.stdout)
	}
	b.connect("--client-id", rehearsal.DefaultAppID, "--client-secret-file", b.secretFile(rehearsal.DefaultAppSecret))
	b.start()
	for n := 2; n <= 6; n++ {
		b.await(fmt.Sprintf("p%d.jpg", n), post.Posted)
	}
	b.awaitTitles(titles...)
}
