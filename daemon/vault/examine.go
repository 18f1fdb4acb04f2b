package vault

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Look gives the vault in two directories without making or changing anything: it is for reading.
func Look(stateDir, keyDir string) *Vault { return &Vault{stateDir: stateDir, keyDir: keyDir} }

// Stray is a key or a record without the other.
type Stray struct {
	File    string
	Account string // "" if the file does not tell
	IsKey   bool   // a key without a record, else a record without its key
}

// Strays lists keys and records that lack each other: a crash leaves such a key, and a copy of the state directory
// alone such records.
func (v *Vault) Strays() ([]Stray, error) {
	keys, keyErr := v.stems(v.keyDir, kindKey)
	records, recordErr := v.stems(v.stateDir, kindVault)
	if err := errors.Join(keyErr, recordErr); err != nil {
		return nil, err
	}
	var strays []Stray
	for _, name := range keys {
		if !slices.Contains(records, name) {
			strays = append(strays, stray(v.keyFile(name), true))
		}
	}
	for _, name := range records {
		if !slices.Contains(keys, name) {
			strays = append(strays, stray(v.vaultFile(name), false))
		}
	}
	return strays, nil
}

func stray(file string, isKey bool) Stray {
	s := Stray{File: file, IsKey: isKey}
	var e envelope
	if data, err := read(file); err == nil && json.Unmarshal(data, &e) == nil {
		s.Account = e.Account
	}
	return s
}

// stems lists the names of a kind's files in a directory, which need not be there.
func (v *Vault) stems(dir, kind string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		if name, is, temporary := parseName(filepath.Base(e.Name())); is == kind && !temporary {
			names = append(names, name)
		}
	}
	return names, err
}
