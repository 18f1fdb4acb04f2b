package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// envConfig is the environment variable that names the config file.
const envConfig = "PINFOLD_CONFIG"

// etc is the directory of machine-wide configs.
const etc = "/etc"

// ErrNone is what NoneError is, for errors.Is.
var ErrNone = errors.New("no config file")

// NoneError says that there is no config file, where it was looked for, and which one to write.
type NoneError struct {
	Looked []string // the paths, in the order of precedence
	Write  string   // the one to write for this user
}

// Error says all of it.
func (e *NoneError) Error() string {
	return fmt.Sprintf("there is no config file (looked for %s); write %s", strings.Join(e.Looked, ", "), e.Write)
}

// Unwrap gives ErrNone.
func (e *NoneError) Unwrap() error { return ErrNone }

// Find gives the path of the config file: the explicit one (--config), else $PINFOLD_CONFIG, else the first
// that exists of the system's own place and /etc/pinfold/config.yaml. The first must exist, and of the second its
// directory: what is not there yet is written there. Without any file it is a *NoneError.
func Find(explicit string) (string, error) { return thisSystem().find(explicit, etc) }

// find is Find on any system, with its directory of machine-wide configs.
func (s system) find(explicit, etc string) (string, error) {
	from := "--config"
	if explicit == "" {
		explicit, from = s.getenv(envConfig), "$"+envConfig
	}
	if explicit != "" {
		err := isFile(explicit)
		if from != "--config" && errors.Is(err, fs.ErrNotExist) && isDirectory(filepath.Dir(explicit)) {
			return "", &NoneError{Looked: []string{explicit}, Write: explicit} // a container's first start
		}
		if err != nil {
			return "", fmt.Errorf("find config named by %s: %w", from, err)
		}
		return explicit, nil
	}
	places := s.places(etc)
	for _, path := range places {
		err := isFile(path)
		if err == nil {
			return path, nil
		}
		// One that is there but cannot be read is not passed over for another.
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
			return "", fmt.Errorf("find config: %w", err)
		}
	}
	none := &NoneError{Looked: places}
	if len(places) > 0 {
		none.Write = places[0]
	}
	return "", none
}

// places lists where a config may be, in order; the first is the one to write.
func (s system) places(etc string) []string {
	var dirs []string
	if dir := s.configDir(); dir != "" {
		dirs = append(dirs, dir)
	}
	if s.goos != "windows" {
		dirs = append(dirs, filepath.Join(etc, "pinfold"))
	}
	for i := range dirs {
		dirs[i] = filepath.Join(dirs[i], "config.yaml")
	}
	return dirs
}

// isFile is nil for anything but a directory that can be stat'ed.
func isFile(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return fmt.Errorf("%s is a directory: name the file in it", path)
	}
	return nil
}

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// Minimal is the text of the smallest config that is useful, for whoever has none yet.
func Minimal() string {
	return `# pinfold's config. Only the folder's path is required; config.example.yaml explains every setting.
folders:
  - path: ~/Pins

# The time zone of the times you write, if it is not this machine's own:
#timezone: Europe/Oslo
`
}
