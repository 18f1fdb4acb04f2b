package publish_test

import (
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// Pinterest's lists may show a pin late; a clock that jumps ahead is no reason to stop waiting for it.
func TestAClockPutForwardDoesNotHurryLookUps(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	b.ConfirmAfter = []time.Duration{0, time.Minute, 10 * time.Minute}
	b.server.Fault(createPin, rehearsal.Trouble(500))
	r := b.publish(b.add("fog.jpg", 10, nil))
	b.wantState(r, post.Unconfirmed)
	b.later(3 * time.Hour)
	r = b.confirm(r)
	b.wantState(r, post.Unconfirmed)
	if wait := r.NotBefore.Sub(b.now()); wait < 50*time.Second {
		t.Errorf("the next look-up is in %v, want a minute", wait)
	}
}
