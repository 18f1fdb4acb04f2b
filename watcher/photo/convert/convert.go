// Package convert turns a photo of any format into a JPEG that can be posted: its first frame, upright, made
// smaller where it is too large, its colours as they were meant.
//
// It decodes, so hostile bytes may make it slow, large, or crash it. It is meant to be called in a process of its
// own, as package child does.
//
// What is made carries no metadata but the colour profile, and the names of the creator and of the holder of the
// copyright if Options say so. It never carries a place.
package convert

import (
	"errors"
	"fmt"
	"image"
	"io"
	"math"

	"github.com/divitio/pinfold/watcher/photo"
)

// Options say what is to be made.
type Options struct {
	MaxSide  int  // pixels of the longest side; a larger picture is made smaller, a smaller one stays. At least 1
	MaxBytes int  // of the JPEG; quality, and then size, are lowered until it fits
	Credit   bool // names of creator and copyright holder stay
}

// Result is what was made.
type Result struct {
	JPEG          []byte
	Width, Height int // pixels
}

// Cause says what is wrong with a photo that cannot be converted.
type Cause string

// The causes.
const (
	Broken      Cause = "broken"      // the decoder does not understand it
	Unsupported Cause = "unsupported" // a kind of its format that cannot be decoded
	TooLarge    Cause = "too-large"   // over photo.MaxPixels, or more than there is memory for
	TooSmall    Cause = "too-small"   // under photo.MinSide
	TooHeavy    Cause = "too-heavy"   // it does not fit MaxBytes, however small it is made
	NoDecoder   Cause = "no-decoder"  // HEIC and AVIF on a processor that is too slow for them
)

// Fault is a photo that cannot be converted.
type Fault struct {
	Cause         Cause
	Format        photo.Format // "" if unknown
	Width, Height int          // pixels by the header, 0 if unknown
	Detail        error        // the decoder's own words, for tests; nil if there are none
}

// Error is for programmers: people are told in package child's words.
func (f *Fault) Error() string {
	return fmt.Sprintf("convert %s of %d × %d: %s: %v", f.Format, f.Width, f.Height, f.Cause, f.Detail)
}

// Unwrap gives the decoder's error.
func (f *Fault) Unwrap() error { return f.Detail }

// Convert makes a JPEG of the first size bytes of r. It fails with a *Fault of the photo, or with r's own error.
func Convert(r io.ReaderAt, size int64, o Options) (Result, error) {
	in := &input{r: r, size: size}
	result, err := convert(in, o)
	if in.failed != nil {
		return Result{}, fmt.Errorf("read photo: %w", in.failed) // whatever the decoder made of it
	}
	return result, err
}

func convert(in *input, o Options) (Result, error) {
	format, err := photo.FormatOf(in, in.size)
	if err != nil {
		return Result{}, &Fault{Cause: Broken, Detail: err}
	}
	p, err := decode(in, format)
	if p.release != nil {
		defer p.release()
	}
	if err != nil {
		return Result{}, faultOf(err, format)
	}
	p.inspect(in, format, o.Credit)
	result, err := p.make(o)
	if err != nil {
		return Result{}, faultOf(err, format)
	}
	return result, nil
}

// faultOf completes a fault, and makes one of a decoder's error.
func faultOf(err error, format photo.Format) error {
	fault, ok := errors.AsType[*Fault](err)
	if !ok {
		fault = &Fault{Cause: Broken, Detail: err}
		if unsupported(err) {
			fault.Cause = Unsupported
		}
	}
	fault.Format = format
	return fault
}

// picture is a decoded photo.
type picture struct {
	image   image.Image
	colours *matrix // of a YCbCr image that is not JFIF's kind; nil: JFIF's
	turns   []int   // how the image has to be turned, in this order; each as Exif counts orientations, 1 to 8
	profile []byte  // ICC
	credit  []byte  // segments that say whose it is
	release func()  // gives the pixels' memory back; nil: nothing to do
}

// checkSize refuses, by the header, what is not to be decoded.
func checkSize(width, height int) error {
	switch {
	case width < photo.MinSide || height < photo.MinSide:
		return &Fault{Cause: TooSmall, Width: width, Height: height}
	case int64(width)*int64(height) > photo.MaxPixels:
		return &Fault{Cause: TooLarge, Width: width, Height: height}
	}
	return nil
}

// fitted is a size of the same shape whose longest side is at most side; but no side becomes less than Pinterest
// takes, however long a panorama is.
func fitted(width, height, side int) (int, int) {
	scale := max(float64(side)/float64(max(width, height)), photo.MinSide/float64(min(width, height)))
	if scale >= 1 {
		return width, height
	}
	return int(math.Round(float64(width) * scale)), int(math.Round(float64(height) * scale))
}

// input is the file. It remembers an error that is the disk's, which decoders may swallow.
type input struct {
	r      io.ReaderAt
	size   int64
	failed error
}

// ReadAt reads within the file's size.
func (in *input) ReadAt(b []byte, off int64) (int, error) {
	if off >= in.size {
		return 0, io.EOF
	}
	short := false
	if left := in.size - off; int64(len(b)) > left {
		b, short = b[:left], true
	}
	n, err := in.r.ReadAt(b, off)
	if err != nil && !errors.Is(err, io.EOF) && in.failed == nil {
		in.failed = err
	}
	if err == nil && short {
		err = io.EOF
	}
	return n, err
}

// reader reads the file from its start.
func (in *input) reader() *io.SectionReader { return io.NewSectionReader(in, 0, in.size) }
