package main

import (
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
)

// sampleQuality is the JPEG quality of the samples, 1 to 100.
const sampleQuality = 90

// sample is a photo of the demo, drawn by code, and what its sidecar says. The texts need no quotes in YAML.
type sample struct {
	Name        string // of the file; .jpg or .png
	Title       string
	Description string
	AltText     string
	Board       string // one of the rehearsal's
	Section     string // "" for the board itself
	draw        func() image.Image
}

// samples are the demo's photos in the order in which they are posted. Drawing one takes a quarter of a second on two
// cores, and it always comes out the same.
func samples() []sample {
	return []sample{
		{
			"lake.jpg", "Morning fog over the lake", "First frost of the year, and not a breath of wind.",
			"A low sun over wooded hills, with fog between them and a still lake in front.", "Fog", "Dawn", drawFog,
		},
		{
			"aurora.jpg", "Northern lights over Senja", "Twenty below, two hours of waiting, then the whole sky at once.",
			"Green and violet northern lights above snowy mountains and a dark sea.", "Landscapes", "Norway", drawAurora,
		},
		{
			"rowan.jpg", "Rowan berries after the frost", "They are sweet now; the waxwings know it too.",
			"A bunch of red rowan berries with frost on them under orange leaves.", "Portraits", "", drawRowan,
		},
		{
			"stacks.jpg", "Last light on black sand", "The tide was coming in; I kept one foot dry.",
			"The sun sets into the sea beside dark stacks of rock; foam on a black beach.", "Landscapes", "Iceland", drawBeach,
		},
		{
			"rain.png", "Rain on the window", "The street, seen from a warm kitchen.",
			"Drops on a window pane at night, with the lights of a street out of focus behind it.", "Fog", "", drawRain,
		},
		{
			"birches.jpg", "Birches, standing for a portrait", "October, the week when the whole wood is yellow.",
			"White birch trunks in front of a golden autumn wood.", "Portraits", "", drawBirches,
		},
	}
}

// writePhoto draws the photo into dir.
func (s sample) writePhoto(dir string) error {
	file, err := os.Create(filepath.Join(dir, s.Name))
	if err != nil {
		return fmt.Errorf("make sample photo: %w", err)
	}
	if filepath.Ext(s.Name) == ".png" {
		err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(file, s.draw())
	} else {
		err = jpeg.Encode(file, s.draw(), &jpeg.Options{Quality: sampleQuality})
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write sample photo %s: %w", s.Name, err)
	}
	return nil
}

// writeSidecar puts the YAML file beside the photo.
func (s sample) writeSidecar(dir, text string) error {
	path := filepath.Join(dir, strings.TrimSuffix(s.Name, filepath.Ext(s.Name))+".yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return fmt.Errorf("write sample sidecar: %w", err)
	}
	return nil
}
