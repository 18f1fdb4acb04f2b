// Command image puts pinfold's static programs for Linux into a container image, without a container engine. It is a
// module of its own, so that what images need is no dependency of pinfold's.
//
//	image -version 1.2.3 -commit 4888b74… -date 2026-11-27T07:00:00Z -dir dist linux/amd64=PROGRAM linux/arm64=PROGRAM …
//
// It writes pinfold_1.2.3_oci.tar, an OCI layout with one image for each platform, for registries (`skopeo copy`,
// `crane push`), and for each platform pinfold_1.2.3_image_arm64.tar, for `docker load` and `podman load`. The same
// programs give the same bytes.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

// release is what the images are of.
type release struct {
	version, commit string
	date            time.Time
}

// program is one built for a platform.
type program struct {
	platform v1.Platform
	path     string
}

// name is the platform's in a file's name.
func (p program) name() string { return p.platform.Architecture + p.platform.Variant }

func run(args []string) error {
	var (
		r    release
		dir  string
		date string
	)
	flags := flag.NewFlagSet("image", flag.ContinueOnError)
	flags.StringVar(&r.version, "version", "", "pinfold's")
	flags.StringVar(&r.commit, "commit", "", "of the source")
	flags.StringVar(&date, "date", "", "of the commit, RFC 3339: the time of everything in the image")
	flags.StringVar(&dir, "dir", ".", "where the images go")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var err error
	if r.date, err = time.Parse(time.RFC3339, date); err != nil {
		return fmt.Errorf("read -date: %w", err)
	}
	var programs []program
	for _, arg := range flags.Args() {
		p, err := parseProgram(arg)
		if err != nil {
			return err
		}
		programs = append(programs, p)
	}
	if r.version == "" || len(programs) == 0 {
		return errors.New("-version and at least one PLATFORM=PROGRAM are needed")
	}
	return r.write(dir, programs)
}

// parseProgram reads linux/arm/v7=PATH.
func parseProgram(arg string) (program, error) {
	platform, path, ok := strings.Cut(arg, "=")
	if !ok {
		return program{}, fmt.Errorf("%s is not PLATFORM=PROGRAM", arg)
	}
	p, err := v1.ParsePlatform(platform)
	if err != nil {
		return program{}, fmt.Errorf("read platform: %w", err)
	}
	return program{*p, path}, nil
}

// write makes the image of each program, and the index of all.
func (r release) write(dir string, programs []program) error {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, p := range programs {
		image, err := r.image(p)
		if err != nil {
			return fmt.Errorf("make image for %s: %w", p.platform, err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: &p.platform}})
		tag, err := name.NewTag("pinfold:" + strings.ReplaceAll(r.version, "+", "_"))
		if err != nil {
			return fmt.Errorf("name image: %w", err)
		}
		file := filepath.Join(dir, fmt.Sprintf("pinfold_%s_image_%s.tar", r.version, p.name()))
		if err := tarball.WriteToFile(file, tag, image); err != nil {
			return fmt.Errorf("write image for %s: %w", p.platform, err)
		}
	}
	return r.writeLayout(filepath.Join(dir, fmt.Sprintf("pinfold_%s_oci.tar", r.version)), index)
}

// writeLayout packs an OCI layout into one file.
func (r release) writeLayout(file string, index v1.ImageIndex) (err error) {
	dir, err := os.MkdirTemp("", "pinfold-image-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path, err := layout.Write(dir, empty.Index)
	if err != nil {
		return fmt.Errorf("write layout: %w", err)
	}
	reference := map[string]string{"org.opencontainers.image.ref.name": r.version}
	if err := path.AppendIndex(index, layout.WithAnnotations(reference)); err != nil {
		return fmt.Errorf("write layout: %w", err)
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(pack(f, dir, r.date), f.Close())
}
