package config

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// on is a system with an environment.
func on(goos, home string, env map[string]string) system {
	return system{goos: goos, home: home, getenv: func(key string) string { return env[key] }}
}

func TestDirsFollowTheirOrder(t *testing.T) {
	systemd := map[string]string{"STATE_DIRECTORY": "/var/lib/pinfold:/var/lib/pinfold-keys"}
	tests := map[string]struct {
		sys      system
		config   Config
		override string
		want     Dirs
	}{
		"linux":        {sys: on("linux", "/home/ann", nil), want: Dirs{"/home/ann/.local/state/pinfold", "/home/ann/.local/state/pinfold-keys"}},
		"XDG":          {sys: on("linux", "/home/ann", map[string]string{"XDG_STATE_HOME": "/x"}), want: Dirs{"/x/pinfold", "/x/pinfold-keys"}},
		"relative XDG": {sys: on("linux", "/home/ann", map[string]string{"XDG_STATE_HOME": "x"}), want: Dirs{"/home/ann/.local/state/pinfold", "/home/ann/.local/state/pinfold-keys"}},
		"macOS":        {sys: on("darwin", "/Users/ann", nil), want: Dirs{"/Users/ann/Library/Application Support/pinfold", "/Users/ann/Library/Application Support/pinfold-keys"}},
		"Windows":      {sys: on("windows", "/c/ann", map[string]string{"ProgramData": "/c/data", "STATE_DIRECTORY": "C:/x"}), want: Dirs{"/c/data/pinfold/state", "/c/data/pinfold/state-keys"}},
		"systemd":      {sys: on("linux", "", systemd), want: Dirs{"/var/lib/pinfold", "/var/lib/pinfold-keys"}},
		"systemd, one directory": {
			sys:  on("linux", "", map[string]string{"STATE_DIRECTORY": "/var/lib/pinfold"}),
			want: Dirs{"/var/lib/pinfold", "/var/lib/pinfold-keys"},
		},
		"state_dir":              {sys: on("linux", "/h", nil), config: Config{StateDir: "/s"}, want: Dirs{"/s", "/s-keys"}},
		"state_dir over systemd": {sys: on("linux", "/h", systemd), config: Config{StateDir: "/s"}, want: Dirs{"/s", "/var/lib/pinfold-keys"}},
		"both set":               {sys: on("linux", "/h", systemd), config: Config{StateDir: "/s", KeyDir: "/k"}, want: Dirs{"/s", "/k"}},
		"the machine's config":   {sys: on("linux", "/h", map[string]string{"XDG_STATE_HOME": "/x"}), config: Config{File: "/etc/pinfold/config.yaml"}, want: Dirs{"/var/lib/pinfold", "/var/lib/pinfold-keys"}},
		"the machine's on macOS": {sys: on("darwin", "/Users/ann", nil), config: Config{File: "/etc/pinfold/config.yaml"}, want: Dirs{"/Library/Application Support/pinfold", "/Library/Application Support/pinfold-keys"}},
		"the machine's, systemd": {sys: on("linux", "/h", systemd), config: Config{File: "/etc/pinfold/config.yaml"}, want: Dirs{"/var/lib/pinfold", "/var/lib/pinfold-keys"}},
		"below the machine's":    {sys: on("linux", "/h", nil), config: Config{File: "/etc/pinfold/mine/config.yaml"}, want: Dirs{"/h/.local/state/pinfold", "/h/.local/state/pinfold-keys"}},
		"override":               {sys: on("linux", "/h", systemd), config: Config{StateDir: "/s"}, override: "/o", want: Dirs{"/o", "/o-keys"}},
		"override with key_dir":  {sys: on("linux", "/h", systemd), config: Config{KeyDir: "/k"}, override: "/o/", want: Dirs{"/o", "/k"}},
		"beside a folder":        {sys: on("linux", "/h", nil), config: Config{StateDir: "/pins-state", Folders: []Folder{{Path: "/pins"}}}, want: Dirs{"/pins-state", "/pins-state-keys"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := tt.config.dirsOn(tt.sys, tt.override)
			if err != nil || got != tt.want {
				t.Errorf("got %+v, %v; want %+v", got, err, tt.want)
			}
		})
	}
}

func TestOverrideIsRelativeToTheWorkingDirectory(t *testing.T) {
	t.Chdir(t.TempDir())
	want, err := filepath.Abs("state")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Default().Dirs("state"); err != nil || got.State != want || got.Keys != want+"-keys" {
		t.Errorf("got %+v, %v; want %s", got, err, want)
	}
}

func TestDirsThatTouchAreRefused(t *testing.T) {
	pins := []Folder{{Path: "/pins"}}
	tests := map[string]struct {
		config Config
		want   string
	}{
		"keys in state":   {Config{StateDir: "/s", KeyDir: "/s/keys"}, "set key_dir"},
		"state in keys":   {Config{StateDir: "/s/state", KeyDir: "/s"}, "set key_dir"},
		"the same":        {Config{StateDir: "/s", KeyDir: "/s"}, "set key_dir"},
		"state in folder": {Config{StateDir: "/pins/.state", KeyDir: "/k", Folders: pins}, "set state_dir"},
		"folder in state": {Config{StateDir: "/", KeyDir: "/k", Folders: pins}, "set state_dir"},
		"keys in folder":  {Config{StateDir: "/s", KeyDir: "/pins", Folders: pins}, "key directory /pins and folder /pins"},
		"no home":         {Config{}, "$STATE_DIRECTORY"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := tt.config.dirsOn(on("linux", "", nil), "")
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
	_, err := Config{StateDir: "/PINS/s", Folders: pins}.dirsOn(on("darwin", "/h", nil), "")
	if err == nil {
		t.Error("letter case hides a state directory in a folder on macOS")
	}
}

func TestPathsBecomeAbsolute(t *testing.T) {
	sys := on("linux", "/home/ann", nil)
	for path, want := range map[string]string{
		"~": "/home/ann", "~/Pins/": "/home/ann/Pins", "~/": "/home/ann", "/a/../b//c": "/b/c", "Pins": "/etc/p/Pins",
		"../x": "/etc/x", ".": "/etc/p", "a~": "/etc/p/a~", "$HOME/x": "/etc/p/$HOME/x",
	} {
		if got, ok := sys.absolute("/etc/p", path); !ok || got != want {
			t.Errorf("%s: got %q, %v; want %q", path, got, ok, want)
		}
	}
	if got, ok := sys.absolute("/", "~bob/x"); ok {
		t.Errorf("~bob/x: got %q", got)
	}
	if got, ok := on("linux", "", nil).absolute("/", "~/x"); ok {
		t.Errorf("~/x without a home: got %q", got)
	}
}

func TestFoldersRelativeToTheConfigFile(t *testing.T) {
	t.Chdir(t.TempDir())
	wd, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{"c.yaml": "x", "sub/c.yaml": "sub/x", "/etc/c.yaml": "/etc/x"} {
		if !filepath.IsAbs(want) {
			want = filepath.Join(wd, want)
		}
		c, fs := parse(testSystem(), file, []byte("folders: [{path: x}]"))
		if len(fs) > 0 || c.Folders[0].Path != want {
			t.Errorf("%s: got %+v, %v; want %s", file, c.Folders, fs, want)
		}
	}
}

func TestNestedFoldersByLetterCase(t *testing.T) {
	for goos, want := range map[string]bool{"linux": false, "darwin": true, "windows": true} {
		_, fs := parse(on(goos, "/h", nil), "/c.yaml", []byte("folders: [{path: /Pins}, {path: /pins/a}]"))
		if fs.Has(IDNestedFolder) != want {
			t.Errorf("%s: got %v", goos, fs)
		}
	}
}

func TestPlacesOfTheConfig(t *testing.T) {
	xdg := map[string]string{"XDG_CONFIG_HOME": "/x"}
	tests := map[string]struct {
		sys  system
		want []string
	}{
		"linux":            {on("linux", "/home/ann", nil), []string{"/home/ann/.config/pinfold/config.yaml", "/etc/pinfold/config.yaml"}},
		"XDG":              {on("linux", "/home/ann", xdg), []string{"/x/pinfold/config.yaml", "/etc/pinfold/config.yaml"}},
		"no home":          {on("linux", "", nil), []string{"/etc/pinfold/config.yaml"}},
		"macOS":            {on("darwin", "/Users/ann", xdg), []string{"/Users/ann/Library/Application Support/pinfold/config.yaml", "/etc/pinfold/config.yaml"}},
		"Windows":          {on("windows", "/c/ann", map[string]string{"ProgramData": "/c/data"}), []string{"/c/data/pinfold/config.yaml"}},
		"Windows stripped": {on("windows", "", nil), nil},
	}
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		if got := tests[name].sys.places("/etc"); !slices.Equal(got, tests[name].want) {
			t.Errorf("%s: got %q, want %q", name, got, tests[name].want)
		}
	}
}
