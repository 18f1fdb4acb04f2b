package reconcile_test

import (
	"testing"
	"time"
)

// A listing that was made ahead is used at once or not at all, and for its own directory only.
func TestAListingMadeAheadIsGoodForAMoment(t *testing.T) {
	t.Parallel()
	p := newPins(t)
	now := time.Now()
	p.Now = func() time.Time { return now }
	p.photo("a/fog.jpg", 1)
	p.photo("b/fog.jpg", 1)
	photos := func(dir string) int {
		t.Helper()
		result, err := p.Look(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(result.Listing.Items)
	}
	ahead := func() {
		p.Ahead("a")
		p.AwaitAhead()
	}
	ahead()
	p.photo("a/rain.jpg", 2)
	if got := photos("a"); got != 1 {
		t.Errorf("%d photos: it was not listed ahead", got)
	}
	if got := photos("a"); got != 2 {
		t.Errorf("%d photos: the listing is used twice", got)
	}
	ahead()
	p.photo("a/snow.jpg", 3)
	if got := photos("b"); got != 1 {
		t.Errorf("%d photos: another directory's", got)
	}
	if got := photos("a"); got != 3 {
		t.Errorf("%d photos: the listing was kept", got)
	}
	ahead()
	p.photo("a/frost.jpg", 4)
	now = now.Add(time.Second)
	if got := photos("a"); got != 4 {
		t.Errorf("%d photos: the listing is old", got)
	}
}
