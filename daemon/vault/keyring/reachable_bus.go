//go:build linux || netbsd || openbsd || (freebsd && cgo) || (dragonfly && cgo)

package keyring

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/godbus/dbus/v5"
)

// The Secret Service's names, of freedesktop.org's specification 0.2.
const (
	serviceName = "org.freedesktop.secrets"
	servicePath = "/org/freedesktop/secrets"
	collections = "org.freedesktop.Secret.Service.Collections"
	isLocked    = "org.freedesktop.Secret.Collection.Locked"
	loginPath   = "/org/freedesktop/secrets/collection/login"
	defaultPath = "/org/freedesktop/secrets/aliases/default"
)

// busVariable names the session's bus. Without it, or with "autolaunch:", the library would start a bus of its own by
// dbus-launch, which may hang where there is no desktop.
const busVariable = "DBUS_SESSION_BUS_ADDRESS"

// absent says why there can be no keyring, "" if there may be one. It asks nobody.
func absent() string {
	if address := os.Getenv(busVariable); address == "" || strings.HasPrefix(address, "autolaunch:") {
		return "there is no desktop session ($" + busVariable + " names no bus)"
	}
	return ""
}

// reachable says why the keyring cannot be used just now. One that is locked is left alone: unlocking it would put a
// window on somebody's screen, at a time of our choice.
func reachable() error {
	bus, err := dbus.Connect(os.Getenv(busVariable))
	if err != nil {
		return fmt.Errorf("the session's bus does not answer: %w", err)
	}
	defer func() { _ = bus.Close() }()
	var owned bool
	if err := bus.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, serviceName).Store(&owned); err != nil {
		return fmt.Errorf("the session's bus does not answer: %w", err)
	}
	if !owned {
		return errors.New("no secret service runs in the session")
	}
	locked, err := bus.Object(serviceName, collection(bus)).GetProperty(isLocked)
	if err != nil {
		return fmt.Errorf("it has no collection to keep anything in: %w", err)
	}
	if closed, ok := locked.Value().(bool); !ok || closed {
		return errors.New("it is locked; log in to the desktop, or unlock it")
	}
	return nil
}

// collection is where the library keeps its entries.
func collection(bus *dbus.Conn) dbus.ObjectPath {
	all, err := bus.Object(serviceName, servicePath).GetProperty(collections)
	if err == nil {
		paths, _ := all.Value().([]dbus.ObjectPath)
		for _, path := range paths {
			if path == loginPath {
				return loginPath
			}
		}
	}
	return defaultPath
}
