package publish_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest/rehearsal"
	"github.com/divitio/pinfold/watcher/photo"
)

// carouselOf adds a carousel of two photos with these contents.
func (b *bench) carouselOf(photos ...[]byte) store.Record {
	b.t.Helper()
	return b.add("fog.jpg", 10, func(r *store.Record) {
		var hashes []string
		for i, name := range []string{"fog.jpg", "fog-2.jpg"} {
			b.overwrite(name, photos[i])
			hash, err := photo.Hash(bytes.NewReader(photos[i]))
			if err != nil {
				b.t.Fatal(err)
			}
			hashes = append(hashes, hash)
		}
		r.Images, r.Hash = post.JoinImages([]string{"fog-2.jpg"}), post.JoinHashes(hashes)
	})
}

// Noise does not fit into its share of the bytes, so it is made smaller; the plain photo beside it must follow.
func TestAllPhotosOfACarouselAreMadeAsSmallAsItsHeaviest(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	noise, plain := image.NewGray(image.Rect(0, 0, 1600, 1500)), image.NewGray(image.Rect(0, 0, 1600, 1500))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Pix {
		noise.Pix[i] = byte(random.Uint32())
	}
	record := b.carouselOf(encoded(t, noise), encoded(t, plain))
	b.server.Fault(createPin, rehearsal.TooLarge())
	b.wantState(b.publish(record), post.Posted)
	b.wantPins(1)
	if pin := b.server.Pins()[0]; pin.Width >= 1600 || pin.Images != 2 {
		t.Errorf("%d images of %d × %d pixels were sent", pin.Images, pin.Width, pin.Height)
	}
}

// As stored, one lies and one stands; only as JPEGs made upright are they of one size for everybody.
func TestPhotosOfACarouselThatAreHeldDifferentlyAreMadeUpright(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	standing := encoded(t, image.NewGray(image.Rect(0, 0, 200, 300)))
	lying := onItsSide(encoded(t, image.NewGray(image.Rect(0, 0, 300, 200))))
	r := b.publish(b.carouselOf(standing, lying))
	b.wantState(r, post.Posted)
	b.wantPins(1)
	pin := b.server.Pins()[0]
	for i, hash := range r.Hashes() {
		if pin.SHA256s[i] == hash {
			t.Errorf("photo %d was sent as it is", i+1)
		}
	}
	if pin.Width != 200 || pin.Height != 300 {
		t.Errorf("%d × %d pixels were sent", pin.Width, pin.Height)
	}
}

// encoded is a picture as JPEG.
func encoded(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 98}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// onItsSide is a JPEG with Exif that says orientation 6.
func onItsSide(plain []byte) []byte {
	const exif = "\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
	return slices.Concat(plain[:2], []byte(exif), plain[2:])
}
