package photo

import (
	"fmt"
	"io"
)

// FormatOf tells the format of r by its first bytes. The faults are those of Inspect; an error of r is wrapped.
func FormatOf(r io.ReaderAt, size int64) (Format, error) {
	head := make([]byte, min(headSize, max(size, 0)))
	if n, err := r.ReadAt(head, 0); n < len(head) {
		return "", fmt.Errorf("read photo: %w", err)
	}
	return sniff(head)
}

// Credit is an Exif block, without the header that JPEG puts before it, that says whose a picture is and nothing
// else; nil if nobody's. Texts are cut at 4096 bytes.
func Credit(artist, copyright string) []byte {
	t := tags{orientation: 1, artist: cut(artist), copyright: cut(copyright)}
	if t.none() {
		return nil
	}
	return t.block()
}

// cut shortens a text to maxText bytes, at a character.
func cut(text string) []byte {
	n := 0
	for i := range text {
		if i > maxText {
			break
		}
		n = i
	}
	if len(text) <= maxText {
		n = len(text)
	}
	return []byte(text[:n])
}
