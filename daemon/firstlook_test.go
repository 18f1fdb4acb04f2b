package daemon

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatCanWaitWaitsForTheFirstLook(t *testing.T) {
	t.Parallel()
	for name, looks := range map[string]struct {
		folders, looked int
		want            time.Duration
	}{
		"no folder":  {0, 0, 0},
		"all of two": {2, 2, 2 * time.Second},
		"one hangs":  {2, 1, patience},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l, began := newFirstLook(looks.folders, nil), time.Now()
				go func() {
					for range looks.looked {
						time.Sleep(time.Second)
						l.folder()
					}
				}()
				l.wait(t.Context())
				if waited := time.Since(began); waited != looks.want {
					t.Errorf("waited %v, want %v", waited, looks.want)
				}
			})
		})
	}
}
