package main

import (
	"bytes"
	"errors"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/pinterest/rehearsal"
	"github.com/divitio/pinfold/watcher/sidecar"
)

func TestSamplesArePortraitPhotosOfModerateSize(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, s := range samples() {
		if err := errors.Join(s.writePhoto(dir), s.writeSidecar(dir, "title: x\n")); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(dir, s.Name))
		if err != nil {
			t.Fatal(err)
		}
		picture, format, err := image.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
		if want := strings.Replace(filepath.Ext(s.Name), "jpg", "jpeg", 1); "."+format != want {
			t.Errorf("%s is a %s", s.Name, format)
		}
		if size := picture.Bounds().Size(); size != image.Pt(photoWidth, photoHeight) {
			t.Errorf("%s is %v", s.Name, size)
		}
		if len(data) < 50<<10 || len(data) > 5<<20 {
			t.Errorf("%s has %d bytes", s.Name, len(data))
		}
		if darkest, brightest := spread(picture); brightest-darkest < 0x8000 {
			t.Errorf("%s is flat: all its light is between %#x and %#x", s.Name, darkest, brightest)
		}
		text, err := os.ReadFile(filepath.Join(dir, strings.TrimSuffix(s.Name, filepath.Ext(s.Name))+".yaml"))
		if err != nil || string(text) != "title: x\n" {
			t.Errorf("sidecar of %s: %q, %v", s.Name, text, err)
		}
	}
}

// spread is the darkest and the brightest green on a coarse grid.
func spread(picture image.Image) (darkest, brightest uint32) {
	darkest = 0xffff
	for y := 0; y < photoHeight; y += 50 {
		for x := 0; x < photoWidth; x += 50 {
			_, g, _, _ := picture.At(x, y).RGBA()
			darkest, brightest = min(darkest, g), max(brightest, g)
		}
	}
	return darkest, brightest
}

func TestASampleComesOutTheSameEachTime(t *testing.T) {
	t.Parallel()
	dirs := []string{t.TempDir(), t.TempDir()}
	s := samples()[0]
	var photos [2][]byte
	for i, dir := range dirs {
		if err := s.writePhoto(dir); err != nil {
			t.Fatal(err)
		}
		var err error
		if photos[i], err = os.ReadFile(filepath.Join(dir, s.Name)); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(photos[0], photos[1]) {
		t.Error("two drawings differ")
	}
}

func TestSampleSidecarsAreRightAndNameABoardOfTheRehearsal(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, s := range samples() {
		if names[s.Name] || names[s.Title] {
			t.Errorf("%s or its title is there twice", s.Name)
		}
		names[s.Name], names[s.Title] = true, true
		parsed, findings := sidecar.Parse(s.Name, []byte(s.sidecar(time.Now())))
		if len(findings) > 0 {
			t.Errorf("sidecar of %s: %v", s.Name, findings)
			continue
		}
		if parsed.Title.Text != s.Title || parsed.Description.Text != s.Description || parsed.AltText.Text != s.AltText {
			t.Errorf("sidecar of %s says %+v", s.Name, parsed)
		}
		board := slices.IndexFunc(rehearsal.DefaultBoards(), func(b rehearsal.Board) bool { return b.Name == s.Board })
		if board < 0 {
			t.Errorf("%s: the rehearsal has no board %q", s.Name, s.Board)
			continue
		}
		sections := rehearsal.DefaultBoards()[board].Sections
		if s.Section != "" && !slices.ContainsFunc(sections, func(x rehearsal.Section) bool { return x.Name == s.Section }) {
			t.Errorf("%s: the board %s has no section %q", s.Name, s.Board, s.Section)
		}
	}
}
