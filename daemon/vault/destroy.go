package vault

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/divitio/pinfold/daemon/crash"
)

// Destroy deletes an account's key and then its record, in all copies that this machine made. It needs neither
// lock nor network nor a file that can be read, and does nothing where nothing is stored.
func (v *Vault) Destroy(environment, account string) error {
	name := fileName(environment, account)
	return v.destroy(func(stem string) bool { return stem == name })
}

// DestroyAll is Destroy for everything that is stored, whatever its account and environment.
func (v *Vault) DestroyAll() error {
	return v.destroy(func(string) bool { return true })
}

// destroy removes the keys of all chosen accounts before any record: a half-way stop leaves dead records only. What
// the keyring keeps for them goes last, as it may not answer.
func (v *Vault) destroy(chosen func(name string) bool) error {
	var faults []error
	var entrusted []string // to the keyring
	for _, part := range []struct{ dir, kind string }{{v.keyDir, kindKey}, {v.stateDir, kindVault}} {
		entries, err := os.ReadDir(part.dir)
		if err != nil {
			faults = append(faults, fmt.Errorf("read directory: %w", err))
			continue
		}
		for _, entry := range entries {
			name, kind, _ := parseName(entry.Name())
			if kind != part.kind || !chosen(name) {
				continue
			}
			crash.At("destroy/before-file")
			path := filepath.Join(part.dir, entry.Name())
			if kind == kindKey {
				entrusted = append(entrusted, entryIn(path))
				wipe(path)
			}
			if err := remove(path); err != nil {
				faults = append(faults, fmt.Errorf("delete: %w", err))
			}
		}
		crash.At("destroy/part-deleted")
		if err := syncDir(part.dir); err != nil {
			faults = append(faults, err)
		}
	}
	for _, name := range entrusted {
		v.forgetEntry(name)
	}
	return errors.Join(faults...)
}

// Stored names an account that has a record.
type Stored struct {
	Environment, Account string
}

// List returns what has a record, by environment and account, whether it can be opened or not. Files too
// damaged to tell whose they are come as *DamagedError in the error, beside the rest.
func (v *Vault) List() ([]Stored, error) {
	entries, err := os.ReadDir(v.stateDir)
	if err != nil {
		return nil, fmt.Errorf("read directory: %w", err)
	}
	var list []Stored
	var faults []error
	for _, entry := range entries {
		name, kind, isTemporary := parseName(entry.Name())
		if kind != kindVault || isTemporary {
			continue
		}
		file := filepath.Join(v.stateDir, entry.Name())
		data, err := read(file)
		if err != nil {
			faults = append(faults, fmt.Errorf("read vault: %w", err))
			continue
		}
		var e envelope
		if json.Unmarshal(data, &e) != nil || fileName(e.Environment, e.Account) != name {
			faults = append(faults, &DamagedError{File: file, Problem: damaged, Account: "NAME"})
			continue
		}
		list = append(list, Stored{Environment: e.Environment, Account: e.Account})
	}
	slices.SortFunc(list, func(a, b Stored) int {
		return strings.Compare(a.Environment+"\x00"+a.Account, b.Environment+"\x00"+b.Account)
	})
	return list, errors.Join(faults...)
}
