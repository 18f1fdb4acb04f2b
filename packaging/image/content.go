package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// nobody is who pinfold works as where nothing else is said: no user of the host's, as in other images without root.
const nobody = 65532

// image makes the image of one program: a layer of directories that hardly ever changes, and one of the program.
func (r release) image(p program) (v1.Image, error) {
	code, err := os.ReadFile(p.path)
	if err != nil {
		return nil, err
	}
	base, err := r.layer(skeleton())
	if err != nil {
		return nil, err
	}
	top, err := r.layer([]entry{{name: "usr/bin/pinfold", mode: 0o755, data: code}})
	if err != nil {
		return nil, err
	}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	created := v1.Time{Time: r.date}
	image, err = mutate.Append(image,
		mutate.Addendum{Layer: base, History: v1.History{Created: created, CreatedBy: "directories"}},
		mutate.Addendum{Layer: top, History: v1.History{Created: created, CreatedBy: "pinfold " + r.version}})
	if err != nil {
		return nil, err
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.Created, file.OS, file.Architecture, file.Variant = created, p.platform.OS, p.platform.Architecture, p.platform.Variant
	file.Config = r.config()
	return mutate.ConfigFile(image, file)
}

// config is how the image is run. State and keys are in a directory of their own each, because pinfold closes them
// to everybody else: the mounted ones may belong to another user who lets it in.
func (r release) config() v1.Config {
	return v1.Config{
		User:       fmt.Sprintf("%d:%d", nobody, nobody),
		Entrypoint: []string{"/usr/bin/pinfold"},
		Cmd:        []string{"run"},
		WorkingDir: "/",
		Env: []string{
			"PATH=/usr/bin",
			"container=oci", // as systemd's container interface has it; the fixes that pinfold names depend on it
			"PINFOLD_CONFIG=/config/config.yaml",
			"PINFOLD_LISTEN=0.0.0.0:7478",
			"STATE_DIRECTORY=/state/pinfold:/keys/pinfold",
		},
		ExposedPorts: map[string]struct{}{"7478/tcp": {}},
		Volumes:      map[string]struct{}{"/config": {}, "/state": {}, "/keys": {}},
		Healthcheck: &v1.HealthConfig{
			Test: []string{"CMD", "/usr/bin/pinfold", "health"}, Interval: time.Minute, Timeout: 10 * time.Second, StartPeriod: 30 * time.Second,
		},
		Labels: map[string]string{
			"org.opencontainers.image.title":       "pinfold",
			"org.opencontainers.image.description": "posts photos from folders to Pinterest on schedule",
			"org.opencontainers.image.source":      "https://github.com/divitio/pinfold",
			"org.opencontainers.image.licenses":    "MIT",
			"org.opencontainers.image.vendor":      "Divitio",
			"org.opencontainers.image.version":     r.version,
			"org.opencontainers.image.revision":    r.commit,
			"org.opencontainers.image.created":     r.date.Format(time.RFC3339),
		},
	}
}

// entry is a file or, without data, a directory.
type entry struct {
	name string
	mode fs.FileMode
	data []byte
}

// skeleton is all that there is besides the program. Any user may be chosen for the container, so each can write
// where a volume takes its place, and nobody can take away what is another's.
func skeleton() []entry {
	open, sticky := fs.FileMode(0o777), 0o777|fs.ModeSticky
	return []entry{
		{name: "config", mode: sticky},
		{name: "etc", mode: 0o755},
		{name: "etc/group", mode: 0o644, data: fmt.Appendf(nil, "root:x:0:\npinfold:x:%d:\n", nobody)},
		{name: "etc/passwd", mode: 0o644, data: fmt.Appendf(nil, "root:x:0:0:root:/:/nonexistent\npinfold:x:%d:%d:pinfold:/:/nonexistent\n", nobody, nobody)},
		{name: "keys", mode: sticky},
		{name: "pins", mode: open},
		{name: "state", mode: sticky},
		{name: "tmp", mode: sticky},
		{name: "usr", mode: 0o755},
		{name: "usr/bin", mode: 0o755},
	}
}

// layer packs entries, all of root's and of the release's time.
func (r release) layer(entries []entry) (v1.Layer, error) {
	var packed bytes.Buffer
	w := tar.NewWriter(&packed)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: int64(e.mode.Perm()), ModTime: r.date, Size: int64(len(e.data)), Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}
		if e.mode&fs.ModeSticky != 0 {
			const sticky = 0o1000
			h.Mode |= sticky
		}
		if e.data == nil {
			h.Typeflag, h.Name = tar.TypeDir, e.name+"/"
		}
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := w.Write(e.data); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(packed.Bytes())), nil },
		tarball.WithMediaType(types.OCILayer))
}

// pack writes a directory tree as a tar file that depends on nothing but the names and bytes.
func pack(to io.Writer, dir string, date time.Time) error {
	w := tar.NewWriter(to)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		h := &tar.Header{Name: name, Mode: 0o644, ModTime: date, Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}
		if d.IsDir() {
			h.Name, h.Mode, h.Typeflag = name+"/", 0o755, tar.TypeDir
			return w.WriteHeader(h)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		h.Size = int64(len(data))
		if err := w.WriteHeader(h); err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	})
	if err != nil {
		return err
	}
	return w.Close()
}
