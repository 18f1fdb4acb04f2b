package service

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/divitio/pinfold/packaging"
)

var update = flag.Bool("update", false, "write the golden files of this package anew")

// packaged are the settings of the packages' service.
func packaged() Settings {
	return Settings{
		User: "pinfold", Group: "pinfold", Home: "/var/lib/pinfold", Program: "/usr/bin/pinfold", Config: "/etc/pinfold/config.yaml",
		Folders: []string{"/srv/pins"},
	}
}

// odd are settings that need quoting everywhere.
func odd() Settings {
	return Settings{
		User: "ann", Group: "staff", Home: "/Users/Ann & Bo", Program: "/opt/pin fold/100% $HOME",
		Config: `/etc/pin"fold's/config.yaml`, StateDir: "/data/<state>",
		Folders: []string{"/srv/pins", "/data/Pins and more", "/home/ann/Pins"}, State: []string{"/data/<state>", "/data/key s"},
	}
}

// own are those of a user's service.
func own() Settings {
	return Settings{
		Own: true, Home: "/home/ann", Program: "/home/ann/bin/pinfold", Config: "/home/ann/.config/pinfold/config.yaml",
		StateDir: "/home/ann/.local/state/pinfold", Folders: []string{"/home/ann/Pins"},
	}
}

func TestWhatIsWrittenForEachSystem(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]Settings{"odd": odd(), "own": own()} {
		for system, text := range s.Files() {
			if s.Own && system != "systemd" && system != "launchd" {
				continue // they know no services of users
			}
			golden := filepath.Join("testdata", name+"."+system)
			if *update {
				if err := os.WriteFile(golden, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil || string(want) != text {
				t.Errorf("%s: %v, got\n%s", golden, err, text)
			}
		}
	}
}

func TestThePackagesServiceIsWhatInstallWrites(t *testing.T) {
	t.Parallel()
	files := packaged().Files()
	for system, want := range map[string]string{"systemd": packaging.Unit, "openrc": packaging.OpenRC, "sysv": packaging.SysV} {
		got := files[system]
		if system == "openrc" || system == "sysv" { // quotes that are not needed are not written
			got, want = strings.ReplaceAll(got, "'", `"`), strings.ReplaceAll(want, "'", `"`)
			got, want = unquoted(got), unquoted(want)
		}
		if got != want {
			t.Errorf("%s: got\n%s", system, got)
		}
	}
}

func unquoted(script string) string {
	var b strings.Builder
	for line := range strings.Lines(script) {
		if name, value, ok := strings.Cut(line, "="); ok && slices.Contains([]string{"command", "command_args", "command_user", "config"}, name) {
			line = name + "=" + strings.Trim(value, "\"\n") + "\n"
		}
		b.WriteString(line)
	}
	return b.String()
}

// words runs a script's assignments in a shell and gives the words that its service's command line would have.
func words(t *testing.T, script string) []string {
	t.Helper()
	var top strings.Builder
	for line := range strings.Lines(script) {
		if name, _, ok := strings.Cut(line, "="); ok && (name == "command" || name == "command_args" || name == "state_dirs") {
			top.WriteString(line)
		}
	}
	out, err := exec.Command("sh", "-c", top.String()+`eval "set -- \"\$command\" $command_args $state_dirs"; printf '%s\n' "$@"`).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

func TestOddPathsComeThroughShells(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no shell here")
	}
	s := odd()
	want := []string{s.Program, "run", "--config", s.Config, "--state-dir", s.StateDir, s.State[0], s.State[1]}
	for _, system := range []string{"openrc", "sysv"} {
		if got := words(t, s.Files()[system]); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", system, got, want)
		}
	}
}

func TestThePropertyListIsWhole(t *testing.T) {
	t.Parallel()
	var texts []string
	for d := xml.NewDecoder(strings.NewReader(odd().plist())); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if text, ok := token.(xml.CharData); ok && strings.TrimSpace(string(text)) != "" {
			texts = append(texts, string(text))
		}
	}
	for _, want := range []string{odd().Program, odd().Config, odd().StateDir, odd().Home, odd().Home + "/Library/Logs/pinfold.log"} {
		if !slices.Contains(texts, want) {
			t.Errorf("%q is not in it: %q", want, texts)
		}
	}
}

// onZ is a machine on which Z: is one person's share.
func onZ(path string) bool { return strings.HasPrefix(path, "Z:") }

func TestWhatTheServiceWouldNotSeeIsRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Settings){
		"sudo install /root/pinfold /usr/local/bin": func(s *Settings) { s.Program = "/root/pinfold" },
		"/etc/pinfold/config.yaml":                  func(s *Settings) { s.Config = "/home/ann/config.yaml" },
		"another name":                              func(s *Settings) { s.Folders = []string{"/srv/two\nlines"} },
		`\\nas\photos`:                              func(s *Settings) { s.Folders = []string{`Z:\Pins`} },
		"give it":                                   func(s *Settings) { s.Program = "/opt/{{pinfold" },
	} {
		s := packaged()
		change(&s)
		if err := s.check("systemd", onZ); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, s := range []Settings{packaged(), odd(), own()} {
		if err := s.check("systemd", onZ); err != nil {
			t.Error(err)
		}
	}
	if err := odd().check("openrc", onZ); err == nil || !strings.Contains(err.Error(), "move it") {
		t.Errorf("a program with blanks in its path, under OpenRC: %v", err)
	}
}

func TestEverySystemThatTheLibraryKnowsIsNamed(t *testing.T) {
	t.Parallel()
	for platform, want := range map[string]string{
		"linux-systemd": "systemd", "linux-openrc": "openrc", "unix-systemv": "sysv", "darwin-launchd": "launchd", "windows-service": "windows",
		"linux-upstart": "", "linux-procd": "", "": "",
	} {
		if got := kindOf(platform); got != want {
			t.Errorf("%s: %q", platform, got)
		}
	}
}

func TestTheMachinesServiceNeverWorksAsRoot(t *testing.T) {
	t.Parallel()
	for _, m := range []Manager{{kind: "systemd"}, {kind: "launchd"}} {
		for _, name := range []string{"root", ""} {
			if m.kind == "systemd" && name == "" {
				continue // that is pinfold, who would be made
			}
			if _, err := m.AsUser(t.Context(), Settings{}, name, "root"); err == nil || !strings.Contains(err.Error(), "--as USER") {
				t.Errorf("%s %q: %v", m.kind, name, err)
			}
		}
	}
}
