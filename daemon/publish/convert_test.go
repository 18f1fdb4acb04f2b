package publish_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest/rehearsal"
	"github.com/divitio/pinfold/watcher/photo"
	"github.com/divitio/pinfold/watcher/photo/child"
	"github.com/divitio/pinfold/watcher/photo/convert"

	"golang.org/x/image/bmp"
)

// bitmap is a photo that cannot be sent as it is.
func bitmap(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := bmp.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// addBitmap records a post whose photo has to be converted.
func (b *bench) addBitmap(t *testing.T) store.Record {
	t.Helper()
	return b.add("fog.bmp", 10, func(r *store.Record) {
		data := bitmap(t, 128, 128)
		b.overwrite("fog.bmp", data)
		hash, err := photo.Hash(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		r.Hash = hash
	})
}

func TestAPhotoOfAnotherFormatIsSentAsJPEG(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	b.MaxSide = 100
	b.wantState(b.publish(b.addBitmap(t)), post.Posted)
	if pin := b.server.Pins()[0]; pin.ContentType != "image/jpeg" || pin.Width != 100 || pin.Height != 100 {
		t.Errorf("the pin is %s, %d × %d", pin.ContentType, pin.Width, pin.Height)
	}
}

func TestInACarouselAllPhotosAreConvertedOrNone(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	b.MaxSide = 100
	r := b.addCarousel(t)
	data := bitmap(t, 120, 160)
	hash, err := photo.Hash(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	b.overwrite("fog-3.jpg", data)
	next := r
	next.Hash = post.JoinHashes([]string{r.Hashes()[0], r.Hashes()[1], hash})
	if err := b.Store.Update(t.Context(), func(tx *store.Tx) error { return tx.Save(r, &next) }); err != nil {
		t.Fatal(err)
	}
	b.wantState(b.publish(next), post.Posted)
	if pin := b.server.Pins()[0]; len(pin.SHA256s) != 3 || pin.Width != 100 || pin.Height != 133 {
		t.Errorf("the pin has %d images of %d × %d", len(pin.SHA256s), pin.Width, pin.Height)
	}
}

// A conversion that the system ended says nothing about the photo: it is tried again, less and less often.
func TestAConversionThatWasEndedIsTriedAgain(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	calm := b.Convert
	b.Convert = func(context.Context, *os.File, string, convert.Options) (convert.Result, error) {
		return convert.Result{}, child.ErrEnded
	}
	r := b.addBitmap(t)
	var last time.Duration
	for range 4 {
		r = b.publish(r)
		b.wantState(r, post.Scheduled)
		wait := r.NotBefore.Sub(b.now())
		if problemID(r.Problem) != "conversion" || r.Attempts != 0 || wait <= last {
			t.Fatalf("%d attempts, problem %v, it waits %v after %v", r.Attempts, r.Problem, wait, last)
		}
		last = wait
		b.later(wait)
	}
	b.Convert = calm
	b.wantState(b.publish(r), post.Posted)
	b.wantPins(1)
}

func TestAPhotoThatCannotBeConvertedFailsInWords(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	b.Convert = func(context.Context, *os.File, string, convert.Options) (convert.Result, error) {
		return convert.Result{}, &photo.Error{Kind: child.ErrPoison, Message: "it brought two down", Fix: "export it again"}
	}
	r := b.publish(b.addBitmap(t))
	b.wantState(r, post.Failed)
	if problemID(r.Problem) != "photo" || !strings.Contains(r.Problem.Message, "brought two down") || r.Problem.File != "fog.bmp" {
		t.Errorf("the problem is %v", r.Problem)
	}
	b.wantPins(0)
}

func TestAPhotoThatChangesBeforeItIsConvertedIsReadAgain(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	b.Convert = func(context.Context, *os.File, string, convert.Options) (convert.Result, error) {
		return convert.Result{}, &photo.Error{Kind: photo.ErrChanged}
	}
	b.wantState(b.publish(b.addBitmap(t)), post.Scheduled)
	if b.reread != 1 || b.server.Count(createPin) != 0 {
		t.Errorf("read again %d times, %d requests", b.reread, b.server.Count(createPin))
	}
}

func TestADaemonThatStopsWhileItConvertsRecordsNothing(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	r := b.addBitmap(t)
	ctx, cancel := context.WithCancel(t.Context())
	b.Convert = func(ctx context.Context, _ *os.File, _ string, _ convert.Options) (convert.Result, error) {
		cancel()
		return convert.Result{}, ctx.Err()
	}
	if err := b.Publish(ctx, b.read(r.ID), schedule.Planned{ID: r.ID, At: b.now(), Pace: post.PaceOnTime}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
