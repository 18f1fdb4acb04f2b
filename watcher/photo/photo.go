// Package photo looks into image files without decoding them: which format they are, whether they are whole, how
// large the picture is, what it says about itself, and which of its bytes may be sent.
//
// Whole means that the format's own end was found by walking its structure: JPEG markers to EOI, PNG chunks with
// their CRC to IEND, GIF blocks to the trailer, the lengths of WebP and BMP, all that a TIFF's directories point
// at, the boxes of HEIC and AVIF and the extents of their items. Bytes after that end (motion photos, padding)
// are allowed and never sent. Nothing here writes, and nothing trusts a length that a file claims. What was
// written in size but not yet in content is found where compressed data ends in zeros; in BMP and uncompressed
// TIFF zeros may be black, and cannot be told from a hole.
//
// Sources: ITU-T T.81 (JPEG), the PNG specification (third edition), Exif 3.0, TIFF 6.0, RFC 9649 (WebP), GIF89a,
// ISO/IEC 14496-12 (boxes) and 23008-12 (HEIF), AVIF 1.1, ISO 16684-1 (XMP), IPTC-IIM 4.2.
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
	MaxBytes  = 20 << 20    // bytes that are sent as they are; Pinterest publishes no limit, 20 MB is what others use
	MaxSource = 512 << 20   // bytes up to the format's own end: 60 megapixels in 16-bit TIFF, uncompressed, are 366 MB
	MaxPixels = 100_000_000 // width × height by header; more is never decoded
	MinSide   = 100         // pixels
	GoodWidth = 600         // pixels, as shown; less is posted, and looks soft on Pinterest
)

// Format is a file format, by its everyday name.
type Format string

// The formats that can be posted. Only JPEG and PNG are sent as they are.
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

// ContentType is the MIME type of a format that is sent as it is, "" for the others.
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
	Width, Height int   // pixels, as stored: before Orientation is applied; of an animation, its canvas
	End           int64 // offset of the byte after the format's own end; what follows is never sent
	Orientation   int   // Exif's, 1 to 8; 1 where the photo says nothing. HEIC and AVIF: by irot and imir
}

// What can be wrong with a photo; an *Error wraps one of them.
var (
	// ErrIncomplete: empty, cut off, damaged, or preallocated and not written yet. The rest may still arrive.
	ErrIncomplete = errors.New("photo is not complete")
	// ErrUnknownFormat: the bytes are no image format that pinfold knows.
	ErrUnknownFormat = errors.New("not a photo")
	// ErrUnsupported: a known format, or a kind of one, that cannot be posted.
	ErrUnsupported = errors.New("photo format cannot be posted")
	// ErrTooSmall: under MinSide pixels on a side.
	ErrTooSmall = errors.New("photo is too small")
	// ErrTooBig: over MaxPixels or MaxSource; for Open, over MaxBytes.
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
	return &Error{Kind: ErrUnsupported, Message: "pinfold cannot post " + what, Fix: "export it as JPEG or PNG"}
}

// damaged is a fault at a place. Until the file has had time to arrive, the rest may put it right.
func damaged(off int64) error { return incomplete("the photo is damaged at byte %d", off) }

// Hash is the SHA-256 of everything that r gives, as 64 lower-case hex digits.
func Hash(r io.Reader) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", fmt.Errorf("read photo: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
