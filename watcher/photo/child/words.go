package child

import (
	"fmt"
	"slices"

	"github.com/divitio/pinfold/watcher/photo"
	"github.com/divitio/pinfold/watcher/photo/convert"
)

// explain puts a child's finding into words. None of them are the child's own.
func explain(said reply, o convert.Options) error {
	format := "photo"
	known := []photo.Format{photo.JPEG, photo.PNG, photo.HEIC, photo.AVIF, photo.TIFF, photo.WebP, photo.GIF, photo.BMP}
	if slices.Contains(known, said.Format) {
		format = string(said.Format)
	}
	e := &photo.Error{Kind: photo.ErrUnsupported, Fix: "export it as a JPEG of up to 20 MB"}
	switch said.Cause {
	case convert.Broken:
		e.Kind = photo.ErrIncomplete
		e.Message = "the " + format + " is damaged: it cannot be decoded"
		e.Fix = "copy it again, or export it again as JPEG"
	case convert.Unsupported:
		e.Message = "pinfold cannot convert this kind of " + format
	case convert.NoDecoder:
		e.Message = "this machine is too slow to convert " + format
	case convert.TooLarge:
		e.Kind = photo.ErrTooBig
		e.Message = fmt.Sprintf("the %s is too large to be converted: %d × %d pixels", format, said.Width, said.Height)
		e.Fix = "export it smaller, or as a JPEG of up to 20 MB"
	case convert.TooSmall:
		e.Kind = photo.ErrTooSmall
		e.Message = fmt.Sprintf("the photo is %d × %d pixels; Pinterest needs at least %d on each side", said.Width, said.Height, photo.MinSide)
		e.Fix = "export it larger"
	case convert.TooHeavy:
		e.Kind = photo.ErrTooBig
		e.Message = fmt.Sprintf("the %s does not fit into %d MB, however it is converted", format, o.MaxBytes>>20)
		e.Fix = "export it smaller"
	default:
		return &crashError{"the decoder made no sense"}
	}
	return e
}
