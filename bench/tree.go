package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// tree is what a folder is filled with.
type tree struct {
	photos, perDir int
	side           int // of the photos, in pixels; noise takes 1.4 bytes for each
	posts          int // one photo in so many has a sidecar
}

// far is when the post of a number is due: another day, ten minutes after the one before.
func far(i int) string {
	const gap = 10 * time.Minute
	return time.Now().AddDate(0, 6, 0).Add(time.Duration(i) * gap).UTC().Format(time.RFC3339)
}

// plant makes the tree: directories of photos, each of which is another file.
func (t tree) plant(root string) error {
	picture, err := noise(t.side)
	if err != nil {
		return err
	}
	for i := range t.photos {
		dir := filepath.Join(root, fmt.Sprintf("%04d", i/t.perDir))
		if i%t.perDir == 0 {
			if err := os.MkdirAll(dir, 0o700); err != nil {
				return err
			}
		}
		name := filepath.Join(dir, fmt.Sprintf("IMG_%06d", i))
		if err := os.WriteFile(name+".jpg", numbered(picture, i), 0o600); err != nil {
			return err
		}
		if i%t.posts == 0 {
			if err := os.WriteFile(name+".yaml", sidecar(i, far(i)), 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

func sidecar(i int, at string) []byte {
	return fmt.Appendf(nil, "title: Morning fog over the lake %d\ndescription: First frost of the year.\nboard: Landscapes\npublish_at: %s\n", i, at)
}

// noise is a JPEG that is as large as one of its size can be.
func noise(side int) ([]byte, error) {
	random := rand.New(rand.NewPCG(1, 2))
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			v := random.Uint32()
			img.SetRGBA(x, y, color.RGBA{R: uint8(v), G: uint8(v >> 8), B: uint8(v >> 16), A: 255})
		}
	}
	var data bytes.Buffer
	err := jpeg.Encode(&data, img, &jpeg.Options{Quality: 97})
	return data.Bytes(), err
}

// numbered gives a JPEG a comment of its own.
func numbered(photo []byte, n int) []byte {
	const marks = 2 // bytes of the mark that every JPEG begins with
	comment := append([]byte{0xff, 0xfe, 0, 10}, binary.BigEndian.AppendUint64(nil, uint64(n))...)
	return append(append(append([]byte(nil), photo[:marks]...), comment...), photo[marks:]...)
}
