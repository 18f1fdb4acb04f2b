package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/vault"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// ailment is something wrong, and what the doctor has to find of it.
type ailment struct {
	make   func(*sick)
	id     string
	status Status
	says   string
}

// ailments are all that the doctor finds, each with what makes it so.
func ailments() map[string]ailment {
	return map[string]ailment{
		"no config": {func(s *sick) {
			s.ConfigFault = &config.NoneError{Looked: []string{"/a"}, Write: "/a"}
		}, "config", Problem, "no config yet"},
		"a wrong config": {func(s *sick) {
			_, findings := config.Parse("c.yaml", []byte("folder: x\n"))
			s.ConfigFault = findings.Err()
		}, "config", Problem, `unknown key "folder"`},
		"a closed config": {func(s *sick) { s.ConfigFault = fs.ErrPermission }, "config", Problem, "cannot be read"},
		"a setting of the last version": {func(s *sick) {
			s.Config.Warnings = strictyaml.Findings{{File: "c.yaml", Line: 3, Column: 1, Message: "zone is called timezone now", Fix: "write timezone"}}
		}, "config", Note, "c.yaml:3:1: zone is called timezone now"},
		"another fault": {func(s *sick) { s.ConfigFault = errors.New("no such file") }, "config", Problem, "no such file"},
		"an open config": {func(s *sick) {
			s.Config.Notify.URLs = []string{"ntfy://secret"}
			s.ok(os.Chmod(s.ConfigFile, 0o644))
		}, "config-open", Note, "every user"},
		"directories in each other": {func(s *sick) { s.DirsFault = errors.New("must lie apart") }, "state", Problem, "must lie apart"},
		"an open state directory":   {func(s *sick) { s.ok(os.Chmod(s.Dirs.State, 0o755)) }, "state", Problem, "open to others"},
		"an open key":               {func(s *sick) { s.ok(os.WriteFile(filepath.Join(s.Dirs.Keys, "x"), nil, 0o644)) }, "state", Problem, "open to others, such as"},
		"a file for a directory": {func(s *sick) {
			s.Dirs.Keys = s.ConfigFile
		}, "state", Problem, "no directory"},
		"no directory yet": {func(s *sick) { s.Dirs.Keys += "-none" }, "state", Note, "at the first start"},
		"a full disk": {func(s *sick) {
			s.Machine.Free = func(string) (uint64, error) { return 3 << 20, nil }
		}, "disk", Problem, "only 3 MB"},
		"no store yet":        {func(s *sick) { s.Store, s.StoreFault = nil, store.ErrNoStore }, "store", Note, "no store yet"},
		"a newer store":       {func(s *sick) { s.Store, s.StoreFault = nil, store.ErrNewer }, "store", Problem, "newer pinfold"},
		"a damaged store":     {func(s *sick) { s.Store, s.StoreFault = nil, &store.DamagedError{Path: "/s", Problem: "is damaged"} }, "store", Problem, "is damaged"},
		"a store that breaks": {func(s *sick) { s.ok(damage(filepath.Join(s.Dirs.State, store.FileName), s.Store)) }, "store", Problem, "damaged"},
		"a store on a bad disk": {func(s *sick) {
			s.Store, s.StoreFault = nil, errors.New("input/output error")
		}, "store", Problem, "input/output error"},
		"not running": {func(s *sick) { s.Running, s.Page = false, "" }, "running", Note, "not running"},
		"no folder":   {func(s *sick) { s.ok(os.Remove(s.folder)) }, "folder", Problem, "not there"},
		"a file for a folder": {func(s *sick) {
			s.ok(errors.Join(os.Remove(s.folder), os.WriteFile(s.folder, nil, 0o600)))
		}, "folder", Problem, "not a directory"},
		"a drive letter of a person's": {func(s *sick) {
			s.Machine.Mapped = func(path string) bool { return path == s.folder }
		}, "folder", Note, "a drive letter"},
		"a folder that is polled": {func(s *sick) { s.Config.Folders[0].Watch = config.WatchPoll }, "folder-watch", OK, "looking every 30s, as the config says"},
		"a share that tells no changes": {func(s *sick) {
			s.Machine.Events = func(string) (bool, string) { return false, "NFS tells no changes" }
		}, "folder-watch", Note, "looking every 30s: NFS"},
		"a full folder": {func(s *sick) {
			s.Machine.Free = func(dir string) (uint64, error) {
				if dir == s.folder {
					return 4096, nil
				}
				return 1 << 30, nil
			}
		}, "folder-room", Problem, "disk is full"},
		"what the daemon sees": {func(s *sick) {
			s.tell(store.Folder{Path: s.folder, State: "absent", Problem: &post.Problem{ID: "sandbox", Message: "hides it", Fix: "[Service]\nBindPaths=/x"}})
		}, "folder-state", Problem, "hides it"},
		"many directories": {func(s *sick) {
			s.Machine.Watches = func() (int, string) { return 3, "raise it" }
			for i := range 5 {
				s.ok(os.Mkdir(filepath.Join(s.folder, strconv.Itoa(i)), 0o700))
			}
		}, "inotify", Note, "more than 3 directories"},
		"a record without its key": {func(s *sick) {
			s.store()
			s.ok(os.RemoveAll(s.Dirs.Keys))
			s.ok(os.Mkdir(s.Dirs.Keys, 0o700))
		}, "vault", Problem, "nothing opens it"},
		"a key without its record": {func(s *sick) {
			s.store()
			records, err := filepath.Glob(filepath.Join(s.Dirs.State, "*.vault"))
			s.ok(err)
			s.ok(os.Remove(records[0]))
		}, "vault", Note, "a key to a connection that is not there"},
		"not connected": {func(s *sick) {
			s.Accounts[0] = account.Status{Account: "main", Problem: &post.Problem{ID: "not-connected", Message: "not connected", Fix: "connect"}}
		}, "account", Problem, "not connected"},
		"a connection that ends": {func(s *sick) { s.Accounts[0].Ends = now.Add(10 * 24 * time.Hour) }, "tokens", Problem, "11 December 2026"},
		"one that has ended":     {func(s *sick) { s.Accounts[0].Ends = now.Add(-time.Hour) }, "tokens", Problem, "ended"},
		"a pasted token": {func(s *sick) {
			s.Accounts[0].Renewable, s.Accounts[0].Ends = false, now.Add(20*24*time.Hour)
		}, "tokens", Note, "cannot be renewed"},
		"trial access":    {func(s *sick) { s.account(store.Account{Paused: store.PauseTrial}) }, "trial", Problem, "trial access"},
		"trial, in order": {func(s *sick) { s.update(func(tx *store.Tx) error { return tx.SetTrial("main", true) }) }, "trial", Note, "trial access"},
		"a pause":         {func(s *sick) { s.account(store.Account{Paused: store.PauseUser}) }, "pause", Note, "you paused"},
		"Pinterest's pause": {func(s *sick) {
			s.account(store.Account{Paused: store.PauseSpam, Until: now.Add(time.Hour), Problem: &post.Problem{Message: "took the pins for spam", Fix: "wait"}})
		}, "pause", Problem, "for spam (until"},
		"posts that need somebody": {func(s *sick) {
			s.update(func(tx *store.Tx) error {
				return tx.Insert(&store.Record{Post: post.Post{Folder: s.folder, Photo: "fog.jpg", State: post.Invalid}, Name: "fog"})
			})
		}, "posts", Problem, "1 post(s) need you"},
		"wrong files, no store yet": {func(s *sick) {
			s.Store, s.StoreFault = nil, store.ErrNoStore
			s.Sidecars = func() (int, error) { return 2, nil }
		}, "posts", Problem, "2 thing(s)"},
		"nobody's zone":     {func(s *sick) { s.Zone = Zone{} }, "timezone", Problem, "nobody chose a time zone"},
		"another zone":      {func(s *sick) { s.Zone = Zone{Stored: "Europe/Oslo", System: "Europe/Paris"} }, "timezone", Note, "now it is Europe/Paris"},
		"a page that fails": {func(s *sick) { s.Page = "http://127.0.0.1:1" }, "page", Problem, "does not answer"},
		"an unwell daemon": {func(s *sick) {
			s.Machine.HTTP = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}
		}, "page", Problem, "not well"},
		"a port in use": {func(s *sick) {
			s.Running, s.Page = false, ""
			l, err := net.Listen("tcp", "127.0.0.1:0")
			s.ok(err)
			s.t.Cleanup(func() { _ = l.Close() })
			s.Config.Web.Listen = l.Addr().String()
		}, "page", Problem, "in use"},
		"no address": {func(s *sick) {
			s.Running, s.Page, s.Config.Web.Listen = false, "", "127.0.0.1:http-nonsense"
		}, "page", Problem, "nothing can listen there"},
		"an open page": {func(s *sick) {
			s.Running, s.Page, s.Config.Web.Listen = false, "", "0.0.0.0:0"
		}, "page", Problem, "no password"},
		"no name service": {func(s *sick) {
			s.Machine.Lookup = func(context.Context, string) ([]string, error) { return nil, errors.New("no such host") }
		}, "network", Problem, "the name cannot be found"},
		"no way": {func(s *sick) { s.APIURL = "http://127.0.0.1:1" }, "network", Problem, "cannot be reached"},
		"another's certificate": {func(s *sick) {
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
			server.StartTLS()
			s.t.Cleanup(server.Close)
			s.APIURL = server.URL
		}, "network", Problem, "certificate"},
		"a clock that is wrong": {func(s *sick) { s.pinterest = now.Add(10 * time.Minute) }, "clock", Problem, "Pinterest's 2026-12-01 09:10"},
		"a clock that went back": {func(s *sick) {
			s.APIURL = ""
			s.update(func(tx *store.Tx) error {
				return tx.SetMeta(store.MetaDate, strconv.FormatInt(now.Add(time.Hour).UnixMilli(), 10))
			})
		}, "clock", Problem, "said 2026-12-01 10:00"},
		"a clock that was never set": {func(s *sick) {
			s.APIURL, s.Machine.Now = "", func() time.Time { return time.Unix(1000, 0) }
		}, "clock", Problem, "before this pinfold was made"},
		"a clock from the future": {func(s *sick) {
			s.APIURL, s.Machine.Now = "", func() time.Time { return now.AddDate(90, 0, 0) }
		}, "clock", Problem, "2116"},
		"nobody keeps the clock": {func(s *sick) { s.Machine.Steady = func() (bool, bool) { return false, true } }, "clock-sync", Note, "no time service"},
	}
}

// account notes how the account stands.
func (s *sick) account(a store.Account) {
	s.t.Helper()
	a.Name = "main"
	s.update(func(tx *store.Tx) error { return tx.SaveAccount(a) })
}

// store seals a connection.
func (s *sick) store() {
	s.t.Helper()
	v, err := vault.Open(s.Dirs.State, s.Dirs.Keys)
	s.ok(err)
	entry, err := v.Lock(s.t.Context(), config.Production, "main")
	s.ok(err)
	defer entry.Unlock()
	_, err = entry.Save(vault.Record{AppID: "1"})
	s.ok(err)
}

// damage breaks a store's file while it is open.
func damage(path string, s *store.Store) error {
	err := s.Update(context.Background(), func(tx *store.Tx) error {
		for n := range 300 {
			r := store.Record{Post: post.Post{Folder: "/f", Photo: strconv.Itoa(n), State: post.Draft}, Name: strconv.Itoa(n)}
			if err := tx.Insert(&r); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, s.Close()); err != nil { // what is in the log goes into the file
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		_, err = f.WriteAt(make([]byte, 8192), info.Size()/2)
	}
	return errors.Join(err, f.Close())
}
