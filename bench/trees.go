package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/divitio/pinfold/daemon/store"
)

func (b *bench) ready() error {
	s, err := b.site("ready")
	if err != nil {
		return err
	}
	var all []time.Duration
	for range 4 * b.times {
		p, err := s.start()
		if err != nil {
			return err
		}
		took, err := p.until(isReady)
		if err := errors.Join(err, p.stop()); err != nil {
			return err
		}
		all = append(all, took)
	}
	slices.Sort(all)
	row("start to ready", "≤ 200 ms", "%v, at the slowest %v", millis(all[len(all)/2]), millis(all[len(all)-1]))
	return nil
}

// compare measures two things in turns, and gives the fastest of each.
func (b *bench) compare(ours, theirs func() (took, error)) (us, them took, err error) {
	for i := range b.times {
		other, err := theirs()
		if err != nil {
			return us, them, err
		}
		own, err := ours()
		if err != nil {
			return us, them, err
		}
		if i == 0 {
			us, them = own, other
		}
		us = took{min(us.wall, own.wall), min(us.cpu, own.cpu)}
		them = took{min(them.wall, other.wall), min(them.cpu, other.cpu)}
	}
	return us, them, nil
}

// ratio compares two times by the clock.
func ratio(us, them took) float64 { return us.wall.Seconds() / them.wall.Seconds() }

// restart: all that is there is known already.
func (b *bench) restart() error {
	for _, posts := range []int{1, 100} {
		s, err := b.site("restart")
		if err != nil {
			return err
		}
		t := tree{photos: b.n(100_000), perDir: 100, side: 104, posts: posts}
		if err := t.plant(s.folder); err != nil {
			return err
		}
		s.settle = "0s"
		first, err := s.lookAtAll()
		if err != nil {
			return err
		}
		if err := s.keepCopy(); err != nil {
			return err
		}
		us, them, err := b.compare(s.lookAtAll, func() (took, error) {
			return b.command(`find . -printf '%s %T@\n' >/dev/null`, s.folder)
		})
		if err != nil {
			return err
		}
		row(fmt.Sprintf("restart on %d photos, %d of them posts", t.photos, t.photos/posts), "≤ 2 × `find`",
			"%v, find %v: %.1f × (the first scan took %v)", us, them, ratio(us, them), first)
		if err := os.RemoveAll(s.root); err != nil {
			return err
		}
	}
	return nil
}

// keepCopy lets the daemon make the day's copy of its store, which it would be busy with otherwise.
func (s *site) keepCopy() error {
	p, err := s.start()
	if err != nil {
		return err
	}
	_, err = p.until(isLooked)
	for err == nil {
		time.Sleep(100 * time.Millisecond) //nolint:forbidigo // another process has no way to tell us
		if _, missing := os.Stat(filepath.Join(s.state(), store.GoodName)); missing == nil {
			break
		}
		err = s.ctx.Err()
	}
	return errors.Join(err, p.stop())
}

// scan: nothing that is there is known.
func (b *bench) scan() error {
	for _, size := range []struct {
		name, budget string
		side         int
	}{{"2 MB", "≤ 1 × `sha256sum`", 1195}, {"35 KB", "≤ 1.5 × `sha256sum`", 156}} {
		s, err := b.site("scan")
		if err != nil {
			return err
		}
		t := tree{photos: b.n(10_000), perDir: 100, side: size.side, posts: 1}
		if err := t.plant(s.folder); err != nil {
			return err
		}
		s.settle = "0s"
		us, them, err := b.compare(
			func() (took, error) {
				if err := s.forget(); err != nil {
					return took{}, err
				}
				return s.lookAtAll()
			},
			func() (took, error) {
				return b.command("find . -type f -print0 | xargs -0 sha256sum >/dev/null", s.folder)
			})
		if err != nil {
			return err
		}
		row(fmt.Sprintf("first scan of %d photos of %s with sidecars", t.photos, size.name), size.budget,
			"%v, sha256sum %v: %.2f ×", us, them, ratio(us, them))
		if err := os.RemoveAll(s.root); err != nil {
			return err
		}
	}
	return nil
}
