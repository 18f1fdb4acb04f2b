package reconcile

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"github.com/divitio/pinfold/watcher"
	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// chain is the _pinfold.yaml files that apply to a directory, from the folder's top down.
type chain struct {
	links []link
}

// link is one _pinfold.yaml, present or absent.
type link struct {
	path  string // in the folder
	stamp string // "" if it is absent
}

// seen is the stamps of the chain, absent files included: one that appears changes it.
func (c chain) seen() string {
	stamps := make([]string, len(c.links))
	for i, l := range c.links {
		stamps[i] = l.stamp
	}
	return strings.Join(stamps, ",")
}

// upwards lists a directory and all above it, to the folder's top ".".
func upwards(dir string) []string {
	dirs := []string{dir}
	for dir != "." {
		dir = path.Dir(dir)
		dirs = append(dirs, dir)
	}
	return dirs
}

// stampOf is a file's stamp, "" if there is none.
func stampOf(root, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	entry, err := watcher.Stat(root, name)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	} else if err != nil {
		return "", fmt.Errorf("look at defaults: %w", err)
	}
	return entry.Stamp(), nil
}

// read reads and merges the chain over the config's defaults; deeper files win. digest stands for all that
// was read.
func (c chain) read(root string, defaults sidecar.Sidecar) (merged sidecar.Sidecar, digest string, fs strictyaml.Findings, err error) {
	merged = defaults
	sums := make([]string, 0, len(c.links))
	for _, l := range c.links {
		if l.stamp == "" {
			continue
		}
		data, err := readSmall(root, l.path)
		if err != nil {
			return merged, "", nil, err
		}
		s, found := sidecar.ParseDefaults(l.path, data)
		fs = append(fs, found...)
		merged = s.Over(merged)
		sums = append(sums, sum(data))
	}
	return merged, sum([]byte(strings.Join(sums, ","))), fs, nil
}

// readSmall reads a YAML file, and no more of it than it takes to know that it is too big.
func readSmall(root, name string) ([]byte, error) {
	f, err := watcher.Open(root, name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, strictyaml.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return data, nil
}

// sum is the SHA-256 of some bytes, in hex.
func sum(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}
