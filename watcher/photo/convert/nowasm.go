//go:build !amd64 && !arm64

package convert

import "github.com/divitio/pinfold/watcher/photo"

// decodeItem: the decoders of HEIC and AVIF would be interpreted here; a phone's photo would take minutes.
func decodeItem(_ *input, h heifHead, _ photo.Format) (picture, error) {
	return picture{}, &Fault{Cause: NoDecoder, Width: h.width, Height: h.height}
}
