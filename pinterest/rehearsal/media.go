package rehearsal

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // Pinterest takes both
	"strings"
)

const (
	// decodeLimit is how many pixels are decoded: a broken image within is found, a bigger one is believed.
	decodeLimit = 40_000_000
	smallWidth  = 420 // of the copies on the wall, in pixels
)

// readMedia checks media_source and notes what it holds.
func (s *Server) readMedia(source object, pin *Pin) *refusal {
	kind, refused := source.text("source_type", 0, nil)
	if refused != nil {
		return refused
	}
	switch kind {
	case "image_base64":
		return s.readImage(source, pin)
	case "multiple_image_base64":
		return s.readCarousel(source, pin)
	}
	return invalid("media_source.source_type %q is not known here: image_base64 or multiple_image_base64.", kind)
}

// readCarousel checks 2 to 5 images of one size.
func (s *Server) readCarousel(source object, pin *Pin) *refusal {
	items, _ := source["items"].([]any)
	delete(source, "items")
	n, isNumber := source["index"].(float64)
	if _, given := source["index"]; given && (!isNumber || n < 0 || n != float64(int(n)) || int(n) >= len(items)) {
		return invalid("media_source.index is not one of the items.")
	}
	delete(source, "index")
	if refused := source.nothingElse(nil); refused != nil {
		return refused
	}
	if len(items) < 2 || len(items) > 5 {
		return invalid("media_source.items must hold 2 to 5 images.")
	}
	for i, item := range items {
		one, refused := s.readItem(item)
		if refused != nil {
			return refused
		}
		if i == 0 {
			pin.ContentType, pin.SHA256, pin.Width, pin.Height = one.ContentType, one.SHA256, one.Width, one.Height
			pin.small = one.small
		}
		pin.SHA256s = append(pin.SHA256s, one.SHA256)
		if one.Width != pin.Width || one.Height != pin.Height {
			return invalid("All images of a carousel must have the same size.")
		}
	}
	pin.Images = len(items)
	return nil
}

// readItem checks one image of a carousel.
func (s *Server) readItem(item any) (Pin, *refusal) {
	o, ok := item.(object)
	if !ok {
		return Pin{}, invalid("media_source.items holds something that is no object.")
	}
	var refused *refusal
	for _, name := range []string{"title", "description", "link"} {
		_, refused = o.text(name, 0, refused)
	}
	if refused != nil {
		return Pin{}, refused
	}
	var pin Pin
	refused = s.readImage(o, &pin)
	return pin, refused
}

// readImage checks one image: its type, its base64 and every pixel.
func (s *Server) readImage(o object, pin *Pin) *refusal {
	contentType, refused := o.text("content_type", 0, nil)
	data, refused := o.text("data", 0, refused)
	if refused = o.nothingElse(refused); refused != nil {
		return refused
	}
	if contentType != "image/jpeg" && contentType != "image/png" {
		return invalid("media_source.content_type must be image/jpeg or image/png.")
	}
	if data == "" || strings.ContainsAny(data, "\r\n") {
		return invalid("media_source.data does not match '^[a-zA-Z0-9+/=]+$'.")
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(data)
	if err != nil {
		return invalid("media_source.data is not valid base64.")
	}
	if len(raw) > s.options.MaxImage {
		return tooLarge()
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil || "image/"+format != contentType {
		return invalid("The image in media_source.data is not of the type %s.", contentType)
	}
	sum := sha256.Sum256(raw)
	pin.ContentType, pin.SHA256, pin.Images = contentType, hex.EncodeToString(sum[:]), 1
	pin.SHA256s = []string{pin.SHA256}
	if pin.Width, pin.Height = config.Width, config.Height; onItsSide(raw) {
		pin.Width, pin.Height = pin.Height, pin.Width
	}
	if config.Width*config.Height > decodeLimit {
		return nil
	}
	picture, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return invalid("The image in media_source.data is broken.")
	}
	pin.small = small(picture)
	return nil
}

// small makes a copy for the wall: averaged over up to 4 × 4 points for each pixel, transparency on white.
func small(picture image.Image) []byte {
	const points = 4
	bounds := picture.Bounds()
	width := max(1, min(smallWidth, bounds.Dx()))
	height := max(1, min(3*smallWidth, bounds.Dy()*width/max(1, bounds.Dx())))
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			var sum [3]uint32
			for i := range points * points {
				px := bounds.Min.X + (x*points+i%points)*bounds.Dx()/(width*points)
				py := bounds.Min.Y + (y*points+i/points)*bounds.Dy()/(height*points)
				r, g, b, a := picture.At(px, py).RGBA()
				white := 0xffff - a
				sum[0], sum[1], sum[2] = sum[0]+(r+white)>>8, sum[1]+(g+white)>>8, sum[2]+(b+white)>>8
			}
			const n = points * points
			out.SetRGBA(x, y, color.RGBA{uint8(sum[0] / n), uint8(sum[1] / n), uint8(sum[2] / n), 0xff})
		}
	}
	var buffer bytes.Buffer
	if jpeg.Encode(&buffer, out, &jpeg.Options{Quality: 82}) != nil {
		return nil
	}
	return buffer.Bytes()
}
