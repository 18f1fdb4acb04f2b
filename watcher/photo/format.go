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
