package reconcile_test

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/divitio/pinfold/daemon/reconcile"
)

// shortLooks counts the looks of all tests that did not read posts.
var shortLooks atomic.Int64

// lookAt looks at one directory and writes at once what it finds. changed tells that a post is different. A look
// that reads no posts is compared with one that reads them all: that is an error if it would find anything.
func lookAt(ctx context.Context, f *reconcile.Folder, dir string) (result reconcile.Result, changed bool, err error) {
	short, err := f.Agrees(ctx, dir)
	if err != nil {
		return result, false, err
	}
	if short {
		shortLooks.Add(1)
		full, differs, failed := f.InFull(ctx, dir)
		if failed != nil || differs || full.Again != 0 || len(full.Also)+len(full.Away)+len(full.Busy) > 0 {
			return result, false, fmt.Errorf("%q agrees, but its posts say: differs %v, again in %s, also look at %q (%w)", dir, differs, full.Again, full.Also, failed)
		}
		defer func() {
			if err == nil && result.Waiting != full.Waiting {
				err = fmt.Errorf("%d photos wait in %q, it says %d", full.Waiting, dir, result.Waiting)
			}
		}()
	}
	if result, err = f.Look(ctx, dir); err != nil {
		return result, false, err
	}
	for _, w := range f.Write(ctx) {
		changed, err = changed || w.Changed, w.Err
		result.Also = append(result.Also, w.Also...)
		if result.Again == 0 || w.Again != 0 && w.Again < result.Again {
			result.Again = w.Again
		}
	}
	return result, changed, err
}
