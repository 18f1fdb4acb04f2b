package daemon

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/divitio/pinfold/daemon/ledger"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest/rehearsal"
	"github.com/divitio/pinfold/watcher/photo/convert"
)

// chaosLasts is how long everything fails now and then, before it is calm.
const chaosLasts = 45 * time.Minute

// TestWhateverHappensEachPostIsOnePin lets posts, Pinterest's failures, slow answers, stops and crashes come at
// random. PINFOLD_RUNS sets how many times (12), PINFOLD_SEED with which seed to begin (1).
func TestWhateverHappensEachPostIsOnePin(t *testing.T) {
	first, runs := fromEnvironment(t, "PINFOLD_SEED", 1), fromEnvironment(t, "PINFOLD_RUNS", 12)
	for seed := first; seed < first+runs; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			chaos(t, seed)
		})
	}
}

func fromEnvironment(t *testing.T, name string, otherwise uint64) uint64 {
	text, set := os.LookupEnv(name)
	if !set {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

func chaos(t *testing.T, seed uint64) {
	dice := rand.New(rand.NewPCG(seed, 0))
	options := rehearsal.Options{
		ListDelay: pick(dice, 0, 3*time.Second, 40*time.Second), ClockSkew: pick(dice, 0, 50*time.Second, -50*time.Second),
		OldestFirst: dice.IntN(4) == 0, NoZone: dice.IntN(2) == 0,
	}
	inBubble(t, options, func(b *bench) {
		b.connect("shop")
		for m := range 24 * 12 {
			for d := time.Sunday; d <= time.Saturday; d++ {
				b.pacing.Slots = append(b.pacing.Slots, schedule.Slot{Day: d, At: schedule.Clock{Hour: m / 12, Minute: m % 12 * 5}})
			}
		}
		b.book = &ledger.Book{Folder: b.folder, Installation: "one", Environment: "production", Now: b.now}
		b.ok(b.book.Claim())
		f := &fate{seed: seed, began: b.began, times: map[string]int{}}
		b.net.lag = f.lag
		for i := range 3 + dice.IntN(7) {
			b.randomPost(dice, i)
		}
		b.server.FaultFunc(f.fault)
		b.start()
		for end := b.began.Add(chaosLasts); time.Now().Before(end); {
			b.pass(time.Duration(dice.Int64N(int64(12 * time.Minute))))
			switch dice.IntN(3) {
			case 0:
				b.stop()
				b.pass(time.Duration(dice.Int64N(int64(5 * time.Minute))))
				b.start()
			case 1:
				b.crash()
				b.pass(time.Duration(dice.Int64N(int64(time.Minute))))
				b.start()
			}
		}
		b.calm()
		b.judge()
	})
}

func pick[T any](dice *rand.Rand, from ...T) T { return from[dice.IntN(len(from))] }

// fate rolls dice for what happens to a request. They depend on the request and its instant alone, so that a seed
// means the same whichever account asks first.
type fate struct {
	seed  uint64
	began time.Time
	mu    sync.Mutex
	times map[string]int
}

func (f *fate) dice(what string, r *http.Request) *rand.Rand {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := fmt.Sprint(what, time.Since(f.began), r.Method, r.URL.Path)
	f.times[key]++
	hash := fnv.New64a()
	_, _ = fmt.Fprint(hash, key, f.times[key])
	return rand.New(rand.NewPCG(f.seed, hash.Sum64()))
}

// lag is the time that a request or its answer takes.
func (f *fate) lag(r *http.Request) time.Duration {
	return pick(f.dice("lag", r), 0, time.Millisecond, 300*time.Millisecond, 3*time.Second)
}

func (b *bench) randomPost(dice *rand.Rand, i int) {
	due := time.Duration(dice.Int64N(int64(chaosLasts))) - 10*time.Minute
	record := func(change func(*store.Record)) {
		b.post(fmt.Sprintf("photo-%d", i), due.Round(pick(dice, time.Second, 5*time.Minute)), change)
	}
	queue := dice.IntN(3) == 0
	if queue {
		record = func(change func(*store.Record)) { b.queue(fmt.Sprintf("photo-%d", i), change) }
	}
	record(func(r *store.Record) {
		r.Account = pick(dice, "main", "main", "shop")
		r.Board = pick(dice, "Landscapes", "Landscapes", "Fog", "Fog", "Nowhere")
		if r.Board == "Fog" {
			r.Section = pick(dice, "", "Dawn")
		}
		// Both accounts are one at the rehearsal: their texts must differ.
		fog := post.Text{Title: "Fog of " + r.Account}
		r.Text = pick(dice, r.Text, r.Text, fog, post.Text{Title: fog.Title, Description: "Frost"}, post.Text{})
		r.Now = dice.IntN(5) == 0 && !queue
	})
}

// fault is one after which nobody can know more than Pinterest tells: a refusal means that no pin was made, all
// else may mean either.
func (f *fate) fault(r *http.Request) *rehearsal.Fault {
	if time.Since(f.began) > chaosLasts {
		return nil
	}
	dice, often := f.dice("fault", r), 6
	if r.Method == http.MethodPost {
		often = 2
	}
	switch {
	case dice.IntN(often) > 0:
		return nil
	case dice.IntN(4) == 0 && r.Method == http.MethodPost:
		return new(pick(dice, rehearsal.Busy(), rehearsal.Busy("Retry-After", "100"), rehearsal.Spam(), rehearsal.Expired(),
			rehearsal.Invalid("link"), rehearsal.NoBoard(), rehearsal.TooLarge(), rehearsal.Trial(), rehearsal.MissingScope("pins:write")))
	case dice.IntN(4) == 0:
		return new(pick(dice, rehearsal.Busy("Retry-After", "100"), rehearsal.Expired()))
	}
	fault := pick(dice,
		rehearsal.Reset(), rehearsal.Trouble(500), rehearsal.Trouble(503), rehearsal.Trouble(408), rehearsal.Garbage(),
		rehearsal.NoID(), rehearsal.Cut(), rehearsal.HTML(), rehearsal.Hang(), rehearsal.Endless(201, time.Second),
		rehearsal.Redirect(http.StatusTemporaryRedirect, "/v5/pins"))
	return new(fault.At(pick(dice, rehearsal.BeforeBody, rehearsal.AfterBody, rehearsal.AfterCommit)))
}

// crash ends the loop as a power cut does: what it has written stays, what it has sent is on its way.
func (b *bench) crash() {
	b.t.Helper()
	synctest.Wait()
	state := b.t.TempDir()
	for _, end := range []string{"", "-wal"} {
		data, err := os.ReadFile(filepath.Join(b.state, store.FileName+end))
		b.ok(err)
		b.ok(os.WriteFile(filepath.Join(state, store.FileName+end), data, 0o600))
	}
	halt, dead := b.halt, b.store
	gone := make(chan struct{})
	go func() { // it lives on for nobody
		defer close(gone)
		halt()
		_ = dead.Close()
	}()
	b.t.Cleanup(func() { <-gone })
	b.state, b.halt = state, func() {}
	var err error
	b.store, err = store.Create(context.Background(), state, "production")
	b.ok(err)
}

// calm lets a person put right what only a person can, and then everything come to an end.
func (b *bench) calm() {
	b.t.Helper()
	b.server.Calm()
	for range 40 {
		for _, name := range []string{"main", "shop"} {
			if !b.accounts.Status(name).Connected {
				b.connect(name)
			}
			b.update(func(tx *store.Tx) error {
				a, err := tx.Account(name)
				if err == nil && a.Holds(b.now()) && (a.Until.IsZero() || a.Until.Sub(b.now()) > 20*time.Minute) {
					return publish.Resume(tx, name)
				}
				return err
			})
		}
		b.loop.Wake()
		b.pass(10 * time.Minute)
		if b.settled() {
			return
		}
	}
}

func (b *bench) settled() bool {
	for _, r := range b.records() {
		if r.State.ToCome() && !waitsForPerson(r) {
			return false
		}
	}
	return true
}

// waitsForPerson reports whether only a person can settle a post, or another one with the same text.
func waitsForPerson(r store.Record) bool {
	return asks(r) || r.Problem != nil && r.Problem.ID == "twin"
}

// reduced is the hash of what is sent where Pinterest found the photo itself too big.
func (b *bench) reduced(r store.Record) string {
	b.t.Helper()
	f, err := os.Open(filepath.Join(r.Folder, r.Photo))
	b.ok(err)
	defer f.Close()
	made, err := inProcess(b.t.Context(), f, r.Hash, convert.Options{MaxSide: 2400, MaxBytes: 512 << 10, Credit: true})
	b.ok(err)
	return fmt.Sprintf("%x", sha256.Sum256(made.JPEG))
}

// judge checks that each post is one pin, or none and somebody is told, and that the folder remembers it.
func (b *bench) judge() {
	b.t.Helper()
	pins := map[string]int{}
	for _, p := range b.server.Pins() {
		pins[p.SHA256]++
	}
	memory, err := b.book.Read()
	b.ok(err)
	for _, r := range b.records() {
		made := 0
		for _, hash := range []string{r.Hash, b.reduced(r)} {
			made += pins[hash]
			delete(pins, hash)
		}
		if noted := len(memory.Made(r.Key())); noted > made || r.State == post.Posted && noted != made {
			b.t.Errorf("%s is %s and %d times on Pinterest, the folder remembers %d", r.Path(), r.State, made, noted)
		}
		switch {
		case made > 1:
			b.t.Errorf("%s is on Pinterest %d times", r.Path(), made)
		case r.State == post.Posted && made == 1:
		case asks(r), waitsForPerson(r) && made == 0:
		case r.State.NeedsPerson() && r.Problem != nil && made == 0:
		default:
			b.t.Errorf("%s is %s (%v), with %d pins", r.Path(), r.State, r.Problem, made)
		}
	}
	if len(pins) > 0 {
		b.t.Errorf("%d pins are of no post", len(pins))
	}
	b.eachSlotIsOnePost()
	if n := b.looks.Load(); n > 5000 {
		b.t.Errorf("the loop looked at the clock %d times", n)
	}
}

// eachSlotIsOnePost checks that no slot of an account was ever used by two posts, and that each was one.
func (b *bench) eachSlotIsOnePost() {
	b.t.Helper()
	b.view(func(tx *store.Tx) error {
		for _, account := range []string{"main", "shop"} {
			attempts, err := tx.Attempts(account, time.Time{})
			if err != nil {
				return err
			}
			used := map[time.Time]int64{}
			for _, a := range attempts {
				if a.Slot.IsZero() {
					continue
				}
				if other, ok := used[a.Slot]; ok && other != a.Post || a.Slot.Minute()%5 != 0 || a.Slot.Second() != 0 {
					b.t.Errorf("the slot %v of %s was used by %d and %d", a.Slot, account, other, a.Post)
				}
				used[a.Slot] = a.Post
			}
		}
		return nil
	})
}
