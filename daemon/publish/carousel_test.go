package publish_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest/rehearsal"
	"github.com/divitio/pinfold/watcher/photo"
)

// addCarousel records fog.jpg with two more photos, due now.
func (b *bench) addCarousel(t *testing.T) store.Record {
	t.Helper()
	return b.add("fog.jpg", 10, func(r *store.Record) {
		hashes := []string{r.Hash}
		names := []string{"fog-2.jpg", "fog-3.jpg"}
		for i, name := range names {
			data := picture(t, uint8(11+i))
			b.overwrite(name, data)
			hash, err := photo.Hash(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			hashes = append(hashes, hash)
		}
		r.Images, r.Hash = post.JoinImages(names), post.JoinHashes(hashes)
	})
}

// overwrite changes a file in place.
func (b *bench) overwrite(name string, data []byte) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.folder, name), data, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

func TestACarouselBecomesOnePinWithAllItsPhotosInOrder(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	r := b.publish(b.addCarousel(t))
	b.wantState(r, post.Posted)
	b.wantPins(1)
	var want []string
	for shade := range 3 {
		want = append(want, fmt.Sprintf("%x", sha256.Sum256(picture(t, uint8(10+shade)))))
	}
	if pin := b.server.Pins()[0]; !slices.Equal(pin.SHA256s, want) || pin.Title != r.Title {
		t.Errorf("the pin %q has the images %v, want %v", pin.Title, pin.SHA256s, want)
	}
}

// Whichever photo is no longer the recorded one, nothing of the carousel may become a pin.
func TestACarouselOneOfWhosePhotosChangesIsNotSent(t *testing.T) {
	for i, name := range []string{"fog.jpg", "fog-2.jpg", "fog-3.jpg"} {
		for when, nth := range map[string]int{"before it is prepared": 1, "after it is prepared": 2} {
			t.Run(name+" "+when, func(t *testing.T) {
				b := newBench(t, rehearsal.Options{})
				r := b.addCarousel(t)
				looks := 0
				b.Unchanged = func(store.Record) (bool, error) {
					if looks++; looks == nth { // the look itself is too early to see it
						b.overwrite(name, picture(t, uint8(10+i+100)))
					}
					return true, nil
				}
				r = b.publish(r)
				b.wantState(r, post.Scheduled)
				b.wantPins(0)
				if b.reread != 1 || r.Attempts != 0 {
					t.Errorf("read again %d times, %d attempts spent", b.reread, r.Attempts)
				}
				b.overwrite(name, picture(t, uint8(10+i)))
				b.wantState(b.publish(r), post.Posted)
				b.wantPins(1)
			})
		}
	}
}

func TestACarouselThatLosesAPhotoIsReadAgain(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	r := b.addCarousel(t)
	if err := os.Remove(filepath.Join(b.folder, "fog-3.jpg")); err != nil {
		t.Fatal(err)
	}
	r = b.publish(r)
	b.wantState(r, post.Scheduled)
	b.wantPins(0)
	if b.reread != 1 || b.server.Count(createPin) != 0 {
		t.Errorf("read again %d times, %d requests were sent", b.reread, b.server.Count(createPin))
	}
}

func TestABrokenPhotoOfACarouselIsNamed(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	r := b.addCarousel(t)
	broken := []byte("no photo")
	hash, err := photo.Hash(bytes.NewReader(broken))
	if err != nil {
		t.Fatal(err)
	}
	b.overwrite("fog-2.jpg", broken)
	next := r
	next.Hash = post.JoinHashes([]string{r.Hashes()[0], hash, r.Hashes()[2]})
	if err := b.Store.Update(t.Context(), func(tx *store.Tx) error { return tx.Save(r, &next) }); err != nil {
		t.Fatal(err)
	}
	r = b.publish(next)
	b.wantState(r, post.Failed)
	if problemID(r.Problem) != "photo" || r.Problem.File != "fog-2.jpg" {
		t.Errorf("the problem is %v", r.Problem)
	}
	const what, fix = "the photo cannot be sent: the file is no photo, whatever its name says", "export it as JPEG or PNG; the new file is posted by itself"
	if r.Problem.Message != what || r.Problem.Fix != fix {
		t.Errorf("it is told as %q, %q", r.Problem.Message, r.Problem.Fix)
	}
}

func TestALostAnswerToACarouselIsLookedUp(t *testing.T) {
	for name, fault := range map[string]rehearsal.Fault{"made": rehearsal.LosesAnswer(), "not made": rehearsal.Trouble(500)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, rehearsal.Options{})
			book := b.remember("ours")
			b.server.Fault(createPin, fault)
			r := b.publish(b.addCarousel(t))
			b.wantState(r, post.Unconfirmed)
			for r.State == post.Unconfirmed {
				r = b.confirm(r)
			}
			if r.State == post.Scheduled {
				r = b.publish(r)
			}
			b.wantState(r, post.Posted)
			b.wantPins(1)
			if made, open := b.memory(book, r); made != 1 || open != 0 {
				t.Errorf("the folder remembers %d made and %d open, want 1 and 0", made, open)
			}
			alone := r
			alone.Hash, alone.Images = r.Hashes()[0], ""
			if made, _ := b.memory(book, alone); made != 0 {
				t.Error("the folder takes the first photo alone for posted")
			}
		})
	}
}

func TestACarouselThatWasNotReadWholeIsReadAgain(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	r := b.addCarousel(t)
	next := r
	next.Hash = r.Hashes()[0]
	if err := b.Store.Update(t.Context(), func(tx *store.Tx) error { return tx.Save(r, &next) }); err != nil {
		t.Fatal(err)
	}
	b.wantState(b.publish(next), post.Scheduled)
	b.wantPins(0)
	if b.reread != 1 {
		t.Errorf("read again %d times", b.reread)
	}
}
