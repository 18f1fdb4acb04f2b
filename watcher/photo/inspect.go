package photo

import (
	"crypto/sha256"
	"fmt"
	"io"
)

// Inspect walks the structure of the first size bytes of r, once and in constant memory, and reads no further
// than the format's own end. An error of r itself is wrapped; any other is an *Error. Even then Info holds what
// was found before.
func Inspect(r io.ReaderAt, size int64) (Info, error) {
	info, err := walk(newSource(r, size, nil), nil)
	return info, err
}

// InspectAndHash is Inspect and the SHA-256 of all size bytes, as Hash gives it, in the same one pass.
// With an error there is no hash.
func InspectAndHash(r io.ReaderAt, size int64) (Info, string, error) {
	src := newSource(r, size, sha256.New())
	info, err := walk(src, nil)
	if err != nil {
		return info, "", err
	}
	sum, err := src.finish()
	return info, sum, err
}

// part is one piece of a photo's structure, in the order of the file.
type part struct {
	off, end int64
	marker   byte   // JPEG: the marker; a scan's data belongs to its SOS
	chunk    string // PNG and WebP: the chunk's type; "" for the signature. TIFF, HEIC and AVIF: one of the packets
	data     []byte // the payload, or as much of its beginning as is needed; valid during the call only
}

// walkers go through the parts of a format. Each sets info.End to a byte in the file.
var walkers = map[Format]func(src *source, info *Info, visit func(part) error) error{
	JPEG: walkJPEG, PNG: walkPNG, WebP: walkWebP, GIF: walkGIF, BMP: walkBMP, TIFF: walkTIFF, HEIC: walkHEIF, AVIF: walkHEIF,
}

// walk finds the format and goes through its parts. visit may be nil; an error of it ends the walk.
func walk(src *source, visit func(part) error) (Info, error) {
	if visit == nil {
		visit = func(part) error { return nil }
	}
	head, err := src.peek(int(min(headSize, src.size)))
	if err != nil {
		return Info{}, err
	}
	info := Info{Orientation: 1}
	if info.Format, err = sniff(head); err != nil {
		return info, err
	}
	if err := walkers[info.Format](src, &info, visit); err != nil {
		return info, err
	}
	if err := src.ends(info.End); err != nil {
		return info, err
	}
	return info, checkPixels(info)
}

// checkPixels refuses pictures that Pinterest would not show or nobody could decode.
func checkPixels(info Info) error {
	if info.Width < MinSide || info.Height < MinSide {
		return &Error{
			Kind:    ErrTooSmall,
			Message: fmt.Sprintf("the photo is %d × %d pixels; Pinterest needs at least %d on each side", info.Width, info.Height, MinSide),
			Fix:     "export it larger",
		}
	}
	if info.Width > MaxPixels/info.Height {
		return &Error{
			Kind:    ErrTooBig,
			Message: fmt.Sprintf("the photo is %d × %d pixels, over %d megapixels", info.Width, info.Height, MaxPixels/1_000_000),
			Fix:     "export it smaller",
		}
	}
	return nil
}
