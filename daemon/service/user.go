package service

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
)

// usual is the user that the packages' service works as.
const usual = "pinfold"

// AsUser completes the settings of the machine's service with the user whom it works as: the one that is named, else on
// macOS, where users are not made by programs, the one who called sudo, and elsewhere pinfold, who is made if
// need be. On Windows it is the system itself, unless one is named.
func (m Manager) AsUser(ctx context.Context, s Settings, name, sudoUser string) (Settings, error) {
	if m.own || m.kind == "windows" {
		s.User, s.Home = name, m.home
		return s, nil
	}
	if name == "" {
		name = usual
		if m.kind == "launchd" {
			name = sudoUser
		}
	}
	if name == "" || name == "root" {
		return s, errors.New("the machine's service must not work as root: name a user, `pinfold service install --as USER`")
	}
	u, err := user.Lookup(name)
	if _, unknown := errors.AsType[user.UnknownUserError](err); unknown && name == usual {
		if err = makeUser(ctx); err == nil {
			u, err = user.Lookup(name)
		}
	}
	if err != nil {
		return s, fmt.Errorf("look up the user that the service is to work as: %w", err)
	}
	s.User, s.Home, s.Group = u.Username, u.HomeDir, u.Gid
	if g, err := user.LookupGroupId(u.Gid); err == nil {
		s.Group = g.Name
	}
	return s, nil
}

// makeUser makes the user pinfold, as the packages do.
func makeUser(ctx context.Context) error {
	const home = "/var/lib/pinfold"
	if _, err := exec.LookPath("useradd"); err == nil {
		group := []string{"--user-group"}
		if _, err := user.LookupGroup(usual); err == nil { // of an earlier installation, with people in it
			group = []string{"--gid", usual}
		}
		return command(ctx, "useradd", append(group, "--system", "--home-dir", home, "--no-create-home",
			"--shell", "/usr/sbin/nologin", "--comment", "pinfold posts photos to Pinterest", usual)...)
	}
	if _, err := user.LookupGroup(usual); err != nil {
		if err := command(ctx, "addgroup", "-S", usual); err != nil { // BusyBox
			return err
		}
	}
	return command(ctx, "adduser", "-S", "-D", "-H", "-h", home, "-s", "/sbin/nologin", "-G", usual, usual)
}

// mayRead says how the service's user gets to read the config, if it may not yet.
func (s Settings) mayRead() error {
	file := s.Config
	info, err := os.Stat(file)
	if err != nil {
		return fmt.Errorf("look at config: %w", err)
	}
	if s.Own || s.User == "" || allows(info, s.User) {
		return nil
	}
	return fmt.Errorf("the user %s, whom the service works as, may not read %s: `sudo chgrp %s %s && sudo chmod 640 %s`",
		s.User, file, s.Group, file, file)
}
