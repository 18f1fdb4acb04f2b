package vault_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/divitio/pinfold/daemon/vault"
)

func TestASaveFromAnOldGenerationWritesNothing(t *testing.T) {
	d := newDirs(t)
	v := d.open(t)
	first := save(t, v, "main", record())
	newer := first
	newer.Tokens.Access = "sesame-newer"
	newer = save(t, v, "main", newer)
	before := content(t, d.one(t, ".vault"))
	for name, r := range map[string]vault.Record{"the one before": first, "none": record()} {
		if _, err := trySave(t, v, "main", r); !errors.Is(err, vault.ErrStale) || errors.Is(err, vault.ErrGone) {
			t.Errorf("from %s: %v", name, err)
		}
	}
	if !bytes.Equal(before, content(t, d.one(t, ".vault"))) {
		t.Error("the file was changed")
	}
	if r, err := v.Load(env, "main"); err != nil || !reflect.DeepEqual(r, newer) {
		t.Errorf("the newer record is lost: %v", err)
	}
}

func TestASaveAfterDestroyBringsNothingBack(t *testing.T) {
	d := newDirs(t)
	v := d.open(t)
	saved := save(t, v, "main", record())
	if err := v.Destroy(env, "main"); err != nil {
		t.Fatal(err)
	}
	if _, err := trySave(t, v, "main", saved); !errors.Is(err, vault.ErrGone) || !errors.Is(err, vault.ErrStale) {
		t.Errorf("got %v", err)
	}
	nothingLeft(t, d)
	// An answer to the former connection does not fit the next one either.
	save(t, v, "main", record())
	if _, err := trySave(t, v, "main", saved); !errors.Is(err, vault.ErrStale) {
		t.Errorf("an answer to a former connection was stored: %v", err)
	}
}

// nothingLeft checks that neither keys nor records nor temporary files are there.
func nothingLeft(t *testing.T, d dirs) {
	t.Helper()
	for _, ending := range []string{".key", ".vault", ".tmp"} {
		if files := d.files(t, ending); len(files) != 0 {
			t.Fatalf("left behind: %v", files)
		}
	}
}

func TestDestroyWinsAgainstEverySave(t *testing.T) {
	d := newDirs(t)
	v := d.open(t)
	gone := 0
	for range 200 {
		saved := save(t, v, "main", record())
		entry, err := v.Lock(t.Context(), env, "main")
		if err != nil {
			t.Fatal(err)
		}
		var both sync.WaitGroup
		both.Go(func() {
			if _, err := entry.Save(saved); errors.Is(err, vault.ErrGone) {
				gone++
			} else if err != nil {
				t.Error(err)
			}
		})
		both.Go(func() {
			if err := v.Destroy(env, "main"); err != nil {
				t.Error(err)
			}
		})
		both.Wait()
		entry.Unlock()
		nothingLeft(t, d)
	}
	t.Logf("the save came too late %d times of 200", gone)
}

func TestDestroyWorksTwiceWhileLockedAndOnDamage(t *testing.T) {
	d := newDirs(t)
	v := d.open(t)
	if err := v.Destroy(env, "main"); err != nil {
		t.Errorf("nothing stored: %v", err)
	}
	save(t, v, "main", record())
	other := save(t, v, "other", record())
	entry, err := v.Lock(t.Context(), env, "main")
	if err != nil {
		t.Fatal(err)
	}
	defer entry.Unlock()
	for _, file := range d.files(t, ".key") {
		if filepath.Base(file) == filepath.Base(d.files(t, ".key")[0]) {
			write(t, file+".123.tmp", content(t, file))
		}
	}
	for range 2 {
		if err := v.Destroy(env, "main"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := v.Load(env, "main"); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if r, err := v.Load(env, "other"); err != nil || !reflect.DeepEqual(r, other) {
		t.Errorf("the other account went too: %v", err)
	}
	write(t, d.one(t, ".vault"), []byte("junk"))
	write(t, filepath.Join(d.state, "account-elsewhere-00.vault"), nil)
	if err := v.DestroyAll(); err != nil {
		t.Fatal(err)
	}
	nothingLeft(t, d)
}

func TestACopyOfADestroyedRecordStaysDead(t *testing.T) {
	d := newDirs(t)
	v := d.open(t)
	save(t, v, "main", record())
	file := d.one(t, ".vault")
	backup := content(t, file)
	if err := v.Destroy(env, "main"); err != nil {
		t.Fatal(err)
	}
	write(t, file, backup)
	_, err := v.Load(env, "main")
	wantDamaged(t, err, file)
	save(t, v, "main", record()) // a new connection has a new key
	write(t, file, backup)
	_, err = v.Load(env, "main")
	wantDamaged(t, err, file)
}

func TestTheLockIsSharedByAllWhoOpenTheDirectories(t *testing.T) {
	d := newDirs(t)
	one, two := d.open(t), d.open(t)
	synctest.Test(t, func(t *testing.T) {
		entry, err := one.Lock(t.Context(), env, "main")
		if err != nil {
			t.Fatal(err)
		}
		if other, err := two.Lock(t.Context(), env, "other"); err != nil {
			t.Error("another account waits too")
		} else {
			other.Unlock()
		}
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := two.Lock(impatient, env, "main"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		time.AfterFunc(time.Minute, entry.Unlock)
		later, err := two.Lock(t.Context(), env, "main")
		if err != nil {
			t.Fatal(err)
		}
		later.Unlock()
		later.Unlock()
	})
}

func TestWhatACrashLeftIsRemovedUnlessItIsBeingWritten(t *testing.T) {
	d := newDirs(t)
	v := d.open(t)
	saved := save(t, v, "main", record())
	leftovers := []string{d.one(t, ".vault") + ".1234.tmp", d.one(t, ".key") + ".99.tmp"}
	foreign := []string{
		filepath.Join(d.state, "state.db.tmp"), filepath.Join(d.keys, "account.tmp"), filepath.Join(d.keys, ".tmp"),
	}
	for _, file := range append(leftovers, foreign...) {
		write(t, file, []byte("x"))
	}
	entry, err := v.Lock(t.Context(), env, "main")
	if err != nil {
		t.Fatal(err)
	}
	d.open(t)
	if got := len(d.files(t, ".tmp")); got != 5 {
		t.Errorf("%d of 5 files are left while the lock is held", got)
	}
	entry.Unlock()
	v = d.open(t)
	if got := d.files(t, ".tmp"); len(got) != len(foreign) {
		t.Errorf("left: %v", got)
	}
	if r, err := v.Load(env, "main"); err != nil || !reflect.DeepEqual(r, saved) {
		t.Errorf("got %v", err)
	}
}

// TestAKillLosesNothing kills a process that saves without pause; the record has to open each time.
func TestAKillLosesNothing(t *testing.T) {
	if dir := os.Getenv("VAULT_TEST_SAVER"); dir != "" {
		saveForever(t, dirs{filepath.Join(dir, "pinfold"), filepath.Join(dir, "pinfold-keys")})
	}
	d := newDirs(t)
	last := save(t, d.open(t), "main", record())
	for range 15 {
		saver := exec.Command(os.Args[0], "-test.run=^TestAKillLosesNothing$")
		saver.Env = append(os.Environ(), "VAULT_TEST_SAVER="+filepath.Dir(d.state))
		started, err := saver.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := saver.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := started.Read(make([]byte, 1)); err != nil { // one save is done
			t.Fatal(err)
		}
		_ = saver.Process.Kill()
		_ = saver.Wait()
		r, err := d.open(t).Load(env, "main")
		if err != nil || r.Generation <= last.Generation || r.Tokens.Access != last.Tokens.Access {
			t.Fatalf("generation %d after %d, %v", r.Generation, last.Generation, err)
		}
		last = r
		if files := d.files(t, ".tmp"); len(files) != 0 {
			t.Errorf("left behind: %v", files)
		}
	}
}

func saveForever(t *testing.T, d dirs) {
	v := d.open(t)
	for {
		r, err := v.Load(env, "main")
		if err != nil {
			t.Fatal(err)
		}
		save(t, v, "main", r)
		_, _ = os.Stdout.WriteString("saved\n")
	}
}
