//go:build realtools

package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// syncer is a Syncthing that talks to one other on this machine only.
type syncer struct {
	t       *testing.T
	home    string
	folder  string
	id      string
	listen  string // its peers' address
	api     string
	process *exec.Cmd
	said    output
}

const syncerKey = "a-key-for-this-test-only"

// freeAddress is an address on loopback that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func newSyncer(t *testing.T, home, folder string) *syncer {
	t.Helper()
	for _, dir := range []string{home, folder} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	y := &syncer{t: t, home: home, folder: folder, listen: freeAddress(t), api: freeAddress(t)}
	tool(t, "syncthing", "generate", "--home="+home, "--no-default-folder")
	y.id = strings.TrimSpace(tool(t, "syncthing", "serve", "--home="+home, "--device-id"))
	return y
}

// pairWith writes the config: the folder, the peer, and nobody else.
func (y *syncer) pairWith(peer *syncer) {
	y.t.Helper()
	type device struct {
		XMLName xml.Name `xml:"device"`
		ID      string   `xml:"id,attr"`
		Name    string   `xml:"name,attr,omitempty"`
		Address string   `xml:"address,omitempty"`
	}
	type folder struct {
		ID      string `xml:"id,attr"`
		Path    string `xml:"path,attr"`
		Type    string `xml:"type,attr"`
		Rescan  int    `xml:"rescanIntervalS,attr"`
		Watch   bool   `xml:"fsWatcherEnabled,attr"`
		Delay   int    `xml:"fsWatcherDelayS,attr"`
		Copies  int    `xml:"maxConflicts"`
		Devices []device
	}
	config := struct {
		XMLName xml.Name `xml:"configuration"`
		Version int      `xml:"version,attr"`
		Folder  folder   `xml:"folder"`
		Devices []device
		GUI     struct {
			Enabled bool   `xml:"enabled,attr"`
			Address string `xml:"address"`
			Key     string `xml:"apikey"`
		} `xml:"gui"`
		Options struct {
			Listen  string `xml:"listenAddress"`
			Global  bool   `xml:"globalAnnounceEnabled"`
			Local   bool   `xml:"localAnnounceEnabled"`
			Relays  bool   `xml:"relaysEnabled"`
			NAT     bool   `xml:"natEnabled"`
			Browser bool   `xml:"startBrowser"`
			Usage   int    `xml:"urAccepted"`
			Upgrade int    `xml:"autoUpgradeIntervalH"`
			Crashes bool   `xml:"crashReportingEnabled"`
			Redial  int    `xml:"reconnectionIntervalS"`
		} `xml:"options"`
	}{Version: 36}
	config.Folder = folder{
		ID: "pins", Path: y.folder, Type: "sendreceive", Rescan: 3600, Watch: true, Delay: 1, Copies: -1,
		Devices: []device{{ID: y.id}, {ID: peer.id}},
	}
	config.Devices = []device{{ID: y.id, Name: "own", Address: "dynamic"}, {ID: peer.id, Name: "peer", Address: "tcp://" + peer.listen}}
	config.GUI.Enabled, config.GUI.Address, config.GUI.Key = true, y.api, syncerKey
	config.Options.Listen, config.Options.Usage, config.Options.Redial = "tcp://"+y.listen, -1, 1
	text, err := xml.MarshalIndent(config, "", "  ")
	if err != nil {
		y.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(y.home, "config.xml"), text, 0o600); err != nil {
		y.t.Fatal(err)
	}
}

func (y *syncer) start() {
	y.t.Helper()
	y.process = exec.Command("syncthing", "serve", "--home="+y.home, "--no-browser", "--no-restart", "--no-upgrade")
	y.process.Stdout, y.process.Stderr = &y.said, &y.said
	if err := y.process.Start(); err != nil {
		y.t.Fatal(err)
	}
	y.t.Cleanup(func() {
		y.stop()
		if y.t.Failed() {
			y.t.Logf("Syncthing of %s:\n%s", y.folder, y.said.String())
		}
	})
}

func (y *syncer) stop() {
	if y.process != nil {
		_ = y.process.Process.Signal(syscall.SIGTERM)
		_ = y.process.Wait()
		y.process = nil
	}
}

// ask asks its API; the zero value if it does not answer.
func (y *syncer) ask(path string, answer any) {
	y.t.Helper()
	r, err := http.NewRequestWithContext(y.t.Context(), http.MethodGet, "http://"+y.api+path, http.NoBody)
	if err != nil {
		y.t.Fatal(err)
	}
	r.Header.Set("X-API-Key", syncerKey)
	response, err := browser().Do(r)
	if err != nil {
		return
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode == http.StatusOK {
		_ = json.Unmarshal(body, answer)
	}
}

// awaitPeer waits until the other is connected.
func (y *syncer) awaitPeer(peer *syncer) {
	y.t.Helper()
	deadline := time.Now().Add(3 * patience)
	for {
		var answer struct {
			Connections map[string]struct{ Connected bool }
		}
		y.ask("/rest/system/connections", &answer)
		if answer.Connections[peer.id].Connected {
			return
		}
		if time.Now().After(deadline) {
			y.t.Fatalf("the two never met:\n%s", y.said.String())
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// later waits, with more patience than for our own program.
func (s *site) later(what string, holds func() bool) {
	s.t.Helper()
	deadline := time.Now().Add(6 * patience)
	for !holds() {
		if time.Now().After(deadline) {
			s.t.Fatalf("waited in vain: %s\n%s\n%s", what, s.run("list").stdout, tool(s.t, "find", s.root, "-name", "*.yaml", "-newermt", "-200 seconds", "-printf", "%p %s %T@\n"))
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func TestRealSyncthingPairSyncsIntoTheFolder(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	laptop := newSyncer(t, filepath.Join(s.root, "laptop"), filepath.Join(s.root, "laptop pins"))
	nas := newSyncer(t, filepath.Join(s.root, "nas"), s.folder)
	laptop.pairWith(nas)
	nas.pairWith(laptop)
	s.start()
	for _, y := range []*syncer{laptop, nas} {
		if err := os.Mkdir(filepath.Join(y.folder, ".stfolder"), 0o700); err != nil {
			t.Fatal(err)
		}
		y.start()
	}
	laptop.awaitPeer(nas)
	onLaptop := func(name, text string) { s.writeTo(filepath.Join(laptop.folder, name), text) }

	photo := largePhoto(t, 11)
	onLaptop("2026/fog.yaml", rightNow("fog"))
	onLaptop("2026/fog.jpg", string(photo))
	s.later("the pair is synced and posted", func() bool { return len(s.pinterest.Pins()) > 0 })
	s.awaitWhole(photo)
	onLaptop("2026/fog.jpg", string(photo)) // touched, synced again
	for i := range 10 {
		onLaptop(fmt.Sprintf("burst/%d.jpg", i), string(largePhoto(t, uint64(20+i))))
		onLaptop(fmt.Sprintf("burst/%d.yaml", i), inAMonth(fmt.Sprint(i)))
	}
	s.later("the burst is synced and recorded", func() bool { return len(s.posts("--state", "scheduled")) == 10 })

	// Syncthing syncs what the folder remembers, too.
	s.later("the folder's memory is on the laptop", func() bool {
		ledgers, _ := filepath.Glob(filepath.Join(laptop.folder, ".pinfold", "posted-*.jsonl"))
		_, err := os.Stat(filepath.Join(laptop.folder, ".pinfold", "owner.json"))
		return err == nil && len(ledgers) == 1
	})

	// Both sides edit the same sidecar while they cannot see each other.
	laptop.stop()
	onLaptop("burst/3.yaml", inAMonth("as the laptop has it"))
	s.write("burst/3.yaml", inAMonth("as the NAS has it"))
	s.awaitPost("the NAS's own edit is taken", "burst/3.jpg", func(p listed) bool { return p.Title == "as the NAS has it" })
	laptop.start()
	var held listed
	s.later("the conflict holds the post", func() bool {
		held = s.post("burst/3.jpg")
		return held.State == post.Invalid
	})
	wantText(t, "problem", held.Problem, "3.sync-conflict-", "3.yaml")
	copies, err := filepath.Glob(s.in("burst/3.sync-conflict-*.yaml"))
	if err != nil || len(copies) != 1 {
		t.Fatalf("conflict copies %q, %v", copies, err)
	}
	if err := os.Remove(copies[0]); err != nil {
		t.Fatal(err)
	}
	s.await("burst/3.jpg", post.Scheduled)

	// And a photo: its second version is never a post of its own.
	laptop.stop()
	onLaptop("burst/4.jpg", string(largePhoto(t, 40)))
	s.write("burst/4.jpg", string(largePhoto(t, 41)))
	laptop.start()
	s.later("the conflict is there", func() bool {
		copies, _ := filepath.Glob(s.in("burst/4.sync-conflict-*.jpg"))
		return len(copies) == 1
	})
	s.onlyPins("fog")
	for _, p := range s.posts() {
		if strings.Contains(p.Path, "sync-conflict") {
			t.Errorf("%s is a post", p.Path)
		}
	}
}
