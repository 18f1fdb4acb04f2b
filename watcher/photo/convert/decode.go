package convert

import (
	"bufio"
	"errors"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"github.com/divitio/pinfold/watcher/photo"
	unusual "github.com/divitio/pinfold/watcher/photo/tiff"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// decode gives the photo's first frame as it is stored. The header decides before anything is decoded.
func decode(in *input, format photo.Format) (picture, error) {
	switch format {
	case photo.JPEG:
		return plain(in, jpeg.DecodeConfig, jpeg.Decode)
	case photo.PNG:
		return plain(in, png.DecodeConfig, png.Decode)
	case photo.GIF:
		return decodeGIF(in)
	case photo.BMP:
		return plain(in, bmp.DecodeConfig, bmp.Decode)
	case photo.TIFF:
		return decodeTIFF(in)
	case photo.WebP:
		return decodeWebP(in)
	case photo.HEIC, photo.AVIF:
		return decodeHEIF(in, format)
	}
	return picture{}, &Fault{Cause: Unsupported}
}

// plain is for the decoders that read once, front to back.
func plain(in *input, config func(io.Reader) (image.Config, error), decode func(io.Reader) (image.Image, error)) (picture, error) {
	header, err := config(bufio.NewReader(in.reader()))
	if err != nil {
		return picture{}, err
	}
	if err := checkSize(header.Width, header.Height); err != nil {
		return picture{}, err
	}
	img, err := decode(bufio.NewReaderSize(in.reader(), 1<<16))
	return picture{image: img}, err
}

// decodeTIFF hands over the file itself: the decoder goes from place to place. What the library refuses is for our own.
func decodeTIFF(in *input) (picture, error) {
	if page, err := unusual.Open(in, in.size); err == nil && !page.IsUsual() {
		if err := checkSize(page.Width, page.Height); err != nil {
			return picture{}, err
		}
		img, err := page.Decode()
		return picture{image: img}, err
	}
	header, err := tiff.DecodeConfig(in.reader())
	if err != nil {
		return picture{}, err
	}
	if err := checkSize(header.Width, header.Height); err != nil {
		return picture{}, err
	}
	img, err := tiff.Decode(in.reader())
	return picture{image: img}, err
}

// decodeGIF lays the first frame on the animation's canvas, where it need not fill it.
func decodeGIF(in *input) (picture, error) {
	p, err := plain(in, gif.DecodeConfig, gif.Decode)
	if err != nil {
		return p, err
	}
	header, err := gif.DecodeConfig(bufio.NewReader(in.reader()))
	if canvas := image.Rect(0, 0, header.Width, header.Height); err == nil && p.image.Bounds() != canvas {
		whole := image.NewNRGBA(canvas) // transparent
		draw.Draw(whole, p.image.Bounds(), p.image, p.image.Bounds().Min, draw.Src)
		p.image = whole
	}
	return p, err
}

// unsupported reports whether a decoder says that it understands a file and cannot decode its kind.
func unsupported(err error) bool {
	for _, is := range []func(error) bool{
		isA[jpeg.UnsupportedError], isA[png.UnsupportedError], isA[tiff.UnsupportedError], isA[unusual.UnsupportedError],
		func(err error) bool { return errors.Is(err, bmp.ErrUnsupported) },
	} {
		if is(err) {
			return true
		}
	}
	return false
}

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
