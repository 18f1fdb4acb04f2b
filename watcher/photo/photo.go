// Package photo looks into image files without decoding them: which format they are, whether they are whole, how
// large the picture is, and which of their bytes may be sent.
//
// Whole means that the format's own end was found by walking its structure: JPEG markers to EOI, PNG chunks with
// their CRC to IEND. Bytes after that end (motion photos, padding) are allowed and never sent. Nothing here
// writes, and nothing trusts a length that a file claims.
//
// Sources: ITU-T T.81 (JPEG), the PNG specification (third edition), Exif 3.0, TIFF 6.0.
package photo

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// Limits of what is posted.
const (
	MaxBytes  = 20 << 20    // bytes up to the format's own end; Pinterest publishes no limit, 20 MB is what others use
	MaxPixels = 100_000_000 // width × height by header; more is never decoded
	MinSide   = 100         // pixels
)

// Format is a file format, by its everyday name.
type Format string

// The formats that are recognised. Only JPEG and PNG can be posted.
const (
	JPEG Format = "JPEG"
	PNG  Format = "PNG"
	HEIC Format = "HEIC"
	AVIF Format = "AVIF"
	TIFF Format = "TIFF"
	WebP Format = "WebP"
	GIF  Format = "GIF"
	BMP  Format = "BMP"
)

// ContentType is the MIME type of a format that can be posted, "" for the others.
func (f Format) ContentType() string {
	switch f {
	case JPEG:
		return "image/jpeg"
	case PNG:
		return "image/png"
	default:
		return ""
	}
}

// Info is what the structure of a photo says.
type Info struct {
	Format        Format
	Width, Height int   // pixels, as stored: before Orientation is applied
	End           int64 // offset of the byte after the format's own end; what follows is never sent
	Orientation   int   // Exif's, 1 to 8; 1 where the photo says nothing
}

// What can be wrong with a photo; an *Error wraps one of them.
var (
	// ErrIncomplete: empty, cut off, damaged, or preallocated and not written yet. The rest may still arrive.
	ErrIncomplete = errors.New("photo is not complete")
	// ErrUnknownFormat: the bytes are no image format that pinfold knows.
	ErrUnknownFormat = errors.New("not a photo")
	// ErrUnsupported: a known format that cannot be posted.
	ErrUnsupported = errors.New("photo format cannot be posted")
	// ErrTooSmall: under MinSide pixels on a side.
	ErrTooSmall = errors.New("photo is too small")
	// ErrTooBig: over MaxBytes or MaxPixels.
	ErrTooBig = errors.New("photo is too big")
	// ErrChanged: the bytes are not those that were recorded.
	ErrChanged = errors.New("photo changed while it was read")
)

// Error is a fault of a photo in words for the photographer.
type Error struct {
	Kind    error  // one of the Err… above
	Message string // what is wrong
	Fix     string // what to do, as an imperative; "" if there is nothing but to wait
}

// Error gives the message and, after a colon, the fix.
func (e *Error) Error() string {
	if e.Fix == "" {
		return e.Message
	}
	return e.Message + ": " + e.Fix
}

// Unwrap makes errors.Is find the kind.
func (e *Error) Unwrap() error { return e.Kind }

func incomplete(format string, args ...any) error {
	return &Error{
		Kind:    ErrIncomplete,
		Message: fmt.Sprintf(format, args...),
		Fix:     "wait until it is copied whole, or copy it again",
	}
}

func unsupported(what string) error {
	return &Error{Kind: ErrUnsupported, Message: "pinfold cannot post " + what + " yet", Fix: "export it as JPEG or PNG"}
}

// Hash is the SHA-256 of everything that r gives, as 64 lower-case hex digits.
func Hash(r io.Reader) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", fmt.Errorf("read photo: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
