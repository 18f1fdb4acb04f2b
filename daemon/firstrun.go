package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/picker"
	"github.com/divitio/pinfold/daemon/rights"
	"github.com/divitio/pinfold/daemon/sdnotify"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/web"
	"github.com/divitio/pinfold/watcher/sidecar"
)

// FirstRun is what `run` does while there is no config: it serves the page that asks for one. All fields but Asked and
// Manager must be set.
type FirstRun struct {
	File     string // the config to write
	StateDir string // in place of the config's; "": none
	Listen   string // host:port
	Lobby    *web.Lobby
	Log      *slog.Logger
	Asked    <-chan struct{} // somebody asks to look whether the config was written by hand
	Manager  sdnotify.Socket
	OnReady  func(page string) // told the setup page's address once it answers; may be nil
}

// Run serves the page until there is a config (nil), or until ctx ends (its error). The port stays open in the lobby,
// so that the page goes on as the daemon's.
func (f *FirstRun) Run(ctx context.Context) error {
	password, err := web.PasswordFromEnvironment()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	written := make(chan struct{}, 1)
	page := &web.Server{
		Listen: f.Listen, Password: password, Log: f.Log, Lobby: f.Lobby,
		FirstRun: &web.FirstRun{
			File: f.File, Folder: proposedFolder(), Timezone: systemZone(), Picker: picker.New(),
			TellCode: func(code string) {
				f.Log.Info("The setup page asks for this code, which is good for one browser", "code", code)
			},
			Begin: func(_ context.Context, b web.Begun) error {
				if err := f.begin(b); err != nil {
					return err
				}
				f.Log.Info("The config was written", "file", f.File)
				written <- struct{}{}
				return nil
			},
		},
	}
	if err := page.Open(); err != nil {
		return err
	}
	f.Log.Info("There is no config yet. Open the setup page in a browser; from another machine, by this one's name or address instead of localhost",
		"page", page.URL()+"/setup", "file", f.File)
	if f.OnReady != nil {
		f.OnReady(page.URL() + "/setup")
	}
	err = f.wait(ctx, written)
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*stopGrace) // browsers open connections ahead
	defer cancel()
	if closed := page.Close(closing); closed != nil && !errors.Is(closed, context.DeadlineExceeded) {
		f.Log.Warn("The setup page has not ended well", "error", closed)
	}
	return err
}

// wait waits for a config, and lets the service manager know that all is well meanwhile.
func (f *FirstRun) wait(ctx context.Context, written <-chan struct{}) error {
	if err := f.Manager.Ready("Waiting for its setup page to be answered"); err != nil {
		f.Log.Warn("The service manager does not hear us", "error", err)
	}
	var feed <-chan time.Time
	if within := f.Manager.Watchdog(); within > 0 {
		ticker := time.NewTicker(within / 2)
		defer ticker.Stop()
		feed = ticker.C
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-written:
			return nil
		case <-f.Asked:
			if _, err := os.Stat(f.File); err == nil {
				return nil
			}
		case <-feed:
			_ = f.Manager.Alive() // it was told above that it does not hear
		}
	}
}

// proposedFolder is the container's, else one in the home directory.
func proposedFolder() string {
	const inImage = "/pins"
	if info, err := os.Stat(inImage); err == nil && info.IsDir() && rights.InContainer() {
		return inImage
	}
	if home, err := os.UserHomeDir(); err == nil && filepath.Dir(home) != home {
		return filepath.Join(home, "Pins")
	}
	return ""
}

// begin makes of the answers a config that works, or says which answer cannot be used.
func (f *FirstRun) begin(b web.Begun) error {
	i, text, err := f.installation(b)
	if err != nil {
		return err
	}
	if err := store.RefuseNetwork(i.Dirs.State); err != nil {
		return &web.AnswerError{Message: err.Error()}
	}
	if err := useFolder(i.Config.Folders[0].Path); err != nil {
		return err
	}
	dir := filepath.Dir(f.File)
	_, isNew := os.Stat(dir) // on Windows it is above the state directory
	if err := i.makeDirs(); err != nil {
		return &web.AnswerError{Message: err.Error()}
	}
	if b.Password != nil {
		if err := i.SavePassword(b.Password); err != nil {
			return &web.AnswerError{Message: err.Error()}
		}
	}
	const private = 0o700
	err = os.MkdirAll(dir, private)
	if err == nil && isNew != nil {
		err = rights.Close(dir) // a config holds secrets, and on Windows directories are everybody's to read
	}
	if err != nil {
		return &web.AnswerError{Message: fmt.Sprintf("The config cannot be written: %v", rights.Explain(err, dir, true))}
	}
	switch err := writePrivately(f.File, []byte(text), false); {
	case errors.Is(err, fs.ErrExist):
		return &web.AnswerError{Message: "There is a config by now: " + f.File + ". Restart pinfold to use it"}
	case err != nil:
		return &web.AnswerError{Message: fmt.Sprintf("The config cannot be written: %v", rights.Explain(err, f.File, true))}
	}
	return nil
}

// installation is the one that the answers would make, with the text of its config. Nothing is written.
func (f *FirstRun) installation(b web.Begun) (i Installation, text string, err error) {
	if b.Folder == "" {
		return i, "", &web.AnswerError{Field: "folder", Message: "Choose the folder that your photos will be dropped into"}
	}
	if !filepath.IsAbs(b.Folder) && b.Folder[0] != '~' {
		return i, "", &web.AnswerError{Field: "folder", Message: "Write the folder's whole path, from the top of the disk"}
	}
	if b.Timezone == "" {
		return i, "", &web.AnswerError{Field: "timezone", Message: "Choose the time zone of the times that you will write, such as Europe/Oslo"}
	}
	text, err = config.Written(b.Folder, b.Timezone)
	if err != nil {
		return i, "", &web.AnswerError{Field: "folder", Message: "This path cannot be used: it has characters in it that cannot be written down"}
	}
	c, found := config.Parse(f.File, []byte(text))
	if len(found) > 0 {
		if found[0].ID == sidecar.IDBadTimezone {
			return i, "", &web.AnswerError{Field: "timezone", Message: fmt.Sprintf("%q is not a time zone that is known; choose one of the list, such as Europe/Oslo", b.Timezone)}
		}
		found[0].File, found[0].Line = "", 0
		return i, "", &web.AnswerError{Field: "folder", Message: "The " + found[0].String()}
	}
	if c, err = c.WithEnv(os.Getenv); err != nil {
		return i, "", &web.AnswerError{Message: err.Error()}
	}
	if folder := c.Folders[0].Path; filepath.Dir(folder) == folder {
		return i, "", &web.AnswerError{Field: "folder", Message: "This is the whole disk; choose a folder in it"}
	}
	if dirs, err := c.Dirs(f.StateDir); err != nil {
		return i, "", &web.AnswerError{Field: "folder", Message: "This folder cannot be used, because pinfold's own files lie in it, or " +
			"around it, in " + dirs.State + "; choose one that is for your photos alone"}
	}
	if i, err = NewInstallation(c, f.StateDir); err != nil {
		return i, "", &web.AnswerError{Message: err.Error()}
	}
	return i, text, nil
}

// useFolder makes sure that there is a folder which can be read. The last part of its path is made if it is missing.
func useFolder(path string) error {
	wrong := func(format string, args ...any) error {
		return &web.AnswerError{Field: "folder", Message: fmt.Sprintf(format, args...)}
	}
	const open = 0o777 // less what the user's own mask takes
	switch err := os.Mkdir(path, open); {
	case err == nil, errors.Is(err, fs.ErrExist):
	case errors.Is(err, fs.ErrNotExist):
		return wrong("There is no folder %s to make this one in; choose another, or make that one first", filepath.Dir(path))
	default:
		if _, missing := os.Stat(path); missing != nil {
			return wrong("The folder cannot be made: %v", rights.Explain(err, filepath.Dir(path), true))
		}
	}
	d, err := os.Open(path)
	if err != nil {
		return wrong("The folder cannot be read: %v", rights.Explain(err, path, false))
	}
	defer func() { _ = d.Close() }()
	if info, err := d.Stat(); err != nil || !info.IsDir() {
		return wrong("%s is no folder; choose the one that it lies in", path)
	}
	if _, err := d.ReadDir(1); err != nil && !errors.Is(err, io.EOF) {
		return wrong("The folder cannot be read: %v", rights.Explain(err, path, false))
	}
	return nil
}
