package service

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon/rights"

	"github.com/kardianos/service"
)

// ErrNotInstalled is the error of what needs an installed service.
var ErrNotInstalled = service.ErrNotInstalled

// timeout bounds a program of the system's that helps.
const timeout = time.Minute

// Manager is what starts services on this system.
type Manager struct {
	kind string // systemd, openrc, sysv, launchd, windows; "" for one that we have no file for
	own  bool   // a user's own service is meant
	home string
}

// ThisSystem is this machine's manager: for one's own services if own is true.
func ThisSystem(own bool) Manager {
	detect()
	home, err := os.UserHomeDir()
	if err != nil {
		home = ""
	}
	return Manager{kind: kindOf(service.Platform()), own: own, home: home}
}

// kindOf translates the names that kardianos/service has for systems.
func kindOf(platform string) string {
	for end, kind := range map[string]string{
		"systemd": "systemd", "openrc": "openrc", "systemv": "sysv", "launchd": "launchd", "windows-service": "windows",
	} {
		if strings.HasSuffix(platform, end) {
			return kind
		}
	}
	return ""
}

// File is where the service is written down; "" on Windows, which keeps that itself, and for one's own where there are none.
func (m Manager) File() string {
	const file = Name + ".service"
	switch {
	case m.kind == "systemd" && m.own:
		return filepath.Join(m.home, ".config", "systemd", "user", file)
	case m.kind == "systemd":
		return "/etc/systemd/system/" + file
	case m.kind == "launchd" && m.own:
		return filepath.Join(m.home, "Library", "LaunchAgents", Name+".plist")
	case m.kind == "launchd":
		return "/Library/LaunchDaemons/" + Name + ".plist"
	case !m.own && (m.kind == "openrc" || m.kind == "sysv"):
		return "/etc/init.d/" + Name
	}
	return ""
}

// Installed reports whether the service is there, be it by a package or by Install.
func (m Manager) Installed() bool { return isThere(m.File()) || m.packaged() != "" }

// packaged is the service file that a package has brought, "" if there is none.
func (m Manager) packaged() string {
	if m.own {
		return ""
	}
	var files []string
	switch m.kind {
	case "systemd":
		files = []string{"/usr/lib/systemd/system/" + Name + ".service", "/lib/systemd/system/" + Name + ".service"}
	case "openrc":
		if isThere("/etc/logrotate.d/" + Name) { // the package's, too
			files = []string{m.File()}
		}
	}
	for _, file := range files {
		if isThere(file) {
			return file
		}
	}
	return ""
}

func isThere(file string) bool {
	if file == "" {
		return false
	}
	_, err := os.Lstat(file)
	return err == nil
}

// MayInstall says what is in the way of an installation.
func (m Manager) MayInstall() error {
	if file := m.packaged(); file != "" {
		return fmt.Errorf("a package has installed the service already, as %s: `%s`", file, m.says("start"))
	}
	if file := m.File(); isThere(file) {
		return fmt.Errorf("the service is installed already, as %s: `pinfold service uninstall` first", file)
	}
	if m.kind == "" {
		return fmt.Errorf("pinfold has no service file for this system (%s): let it start `pinfold run`", service.Platform())
	}
	if m.own && (m.kind == "openrc" || m.kind == "sysv") {
		return errors.New("this system knows services of the machine only: use sudo")
	}
	return nil
}

// Install makes it a service that starts with the machine, or when its user signs in. password is the user's, on Windows.
func (m Manager) Install(ctx context.Context, s Settings, password string) error {
	if err := errors.Join(s.check(m.kind, rights.Mapped), s.mayRead()); err != nil {
		return err
	}
	if m.own && m.File() != "" {
		const private = 0o700
		if err := os.MkdirAll(filepath.Dir(m.File()), private); err != nil {
			return fmt.Errorf("make directory of services: %w", err)
		}
	}
	if err := m.makeDirs(s); err != nil {
		return err
	}
	one, err := m.service(s, password)
	if err != nil {
		return err
	}
	if err := one.Install(); err != nil {
		if m.File() != "" {
			err = errors.Join(err, ignoreMissing(os.Remove(m.File()))) // half a service is none
		}
		return fmt.Errorf("install service: %w", err)
	}
	if m.kind == "sysv" {
		return enrol(ctx)
	}
	return nil
}

// makeDirs makes the directories of the machine's service, or else root would, by the first command with sudo, and for
// itself.
func (m Manager) makeDirs(s Settings) error {
	if m.own {
		return nil
	}
	for _, dir := range s.Dirs {
		if err := s.makeDir(dir); err != nil {
			return err
		}
	}
	return nil
}

// Uninstall takes away what Install has made. State, tokens and config stay.
func (m Manager) Uninstall(ctx context.Context) error {
	if file := m.packaged(); file != "" {
		return fmt.Errorf("the service %s belongs to a package: remove that", file)
	}
	if m.kind != "windows" && !isThere(m.File()) {
		return ErrNotInstalled
	}
	one, err := m.service(Settings{}, "")
	if err != nil {
		return err
	}
	if err := one.Stop(); err != nil && m.runs(one) {
		return fmt.Errorf("stop service: %w", err)
	}
	err = one.Uninstall()
	if m.kind == "sysv" {
		err = errors.Join(err, strike(ctx))
	}
	if err != nil {
		return fmt.Errorf("uninstall service: %w", err)
	}
	return nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// Control starts, stops or restarts the service.
func (m Manager) Control(action string) error {
	if m.kind != "windows" && !m.Installed() {
		return ErrNotInstalled
	}
	one, err := m.service(Settings{}, "")
	if err != nil {
		return err
	}
	return service.Control(one, action)
}

// Status tells how the service is doing, in one word or a few; running says whether it works.
func (m Manager) Status() (says string, running bool, err error) {
	if m.kind != "windows" && !m.Installed() {
		return "", false, ErrNotInstalled
	}
	one, err := m.service(Settings{}, "")
	if err != nil {
		return "", false, err
	}
	status, err := one.Status()
	switch {
	case errors.Is(err, ErrNotInstalled) && m.kind == "windows":
		return "", false, err
	case status == service.StatusRunning:
		return "running", true, nil
	case m.kind == "systemd" && err != nil:
		return "failed", false, nil //nolint:nilerr // it is there, and systemd has given it up
	}
	return "stopped", false, nil
}

func (m Manager) runs(one service.Service) bool {
	status, err := one.Status()
	return err == nil && status == service.StatusRunning
}

// service is the one that kardianos/service handles, with our own files.
func (m Manager) service(s Settings, password string) (service.Service, error) {
	c := &service.Config{
		Name: Name, DisplayName: Name, Description: "Posts photos from folders to Pinterest on schedule",
		Executable: s.Program, Arguments: s.arguments(),
		Option: service.KeyValue{
			"UserService":   m.own,
			"SystemdScript": s.unit(), "OpenRCScript": s.openRC(), "SysvScript": s.sysV(), "LaunchdConfig": s.plist(),
			"OnFailure": "restart", "OnFailureDelayDuration": "5s", "DelayedAutoStart": true,
		},
	}
	if m.kind == "windows" && password != "" {
		c.UserName, c.Option["Password"] = s.User, password
	}
	one, err := service.New(nothing{}, c)
	if err != nil {
		return nil, fmt.Errorf("this system's services are not known: %w", err)
	}
	return one, nil
}

// nothing is the program that is handed to the library where a service is only handled and not run.
type nothing struct{}

func (nothing) Start(service.Service) error { return nil }
func (nothing) Stop(service.Service) error  { return nil }

// says is the command by which a person does something with the service.
func (m Manager) says(action string) string {
	if m.kind == "windows" || m.own {
		return "pinfold service " + action
	}
	return "sudo pinfold service " + action
}

// Lacks says how to get the rights that this process lacks to change the service, "" if it lacks none.
func (m Manager) Lacks() string {
	if may, how := mayAdminister(); !may && !m.own {
		return how
	}
	return ""
}

// Missing says how to install a service.
func (m Manager) Missing() string {
	_, how := mayAdminister()
	return "the service is not installed: `pinfold service install`; for the machine's, " + how
}

// Reload says how a person lets the service read its config again; "" where there is no service.
func (m Manager) Reload() string {
	switch {
	case !m.Installed():
		return ""
	case m.kind == "systemd" && m.own:
		return "systemctl --user reload " + Name
	case m.kind == "systemd":
		return "sudo systemctl reload " + Name
	case m.kind == "openrc":
		return "sudo rc-service " + Name + " reload"
	case m.kind == "sysv":
		return "sudo service " + Name + " reload"
	}
	return m.says("restart")
}

// Where says where the service is written down.
func (m Manager) Where() string {
	switch packaged := m.packaged(); {
	case packaged != "":
		return packaged
	case m.File() != "":
		return m.File()
	default:
		return "the machine's services: services.msc"
	}
}

// Next says what a person does after Install.
func (m Manager) Next() string {
	next := "start it: " + m.says("start")
	if m.own && m.kind == "systemd" {
		next += "\nit runs while you are signed in; to let it run from the machine's start on: sudo loginctl enable-linger"
	}
	return next
}

// command runs a program of the system's.
func command(ctx context.Context, name string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if said, err := exec.CommandContext(ctx, name, args...).CombinedOutput(); err != nil { //nolint:gosec // name and args are those of this package
		return fmt.Errorf("run %s: %w: %s", name, err, strings.TrimSpace(string(said)))
	}
	return nil
}
