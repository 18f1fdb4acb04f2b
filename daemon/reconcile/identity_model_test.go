package reconcile_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
)

// pair is what the model thinks lies under a name: the words of the language, "" for what is not there.
type pair struct{ photo, text string }

func (p pair) whole() bool { return p.photo != "" && p.text != "" }

// key is what may be posted once, "" while it cannot be posted at all.
func (p pair) key() string {
	if !p.whole() || p.text[0] == 'X' || strings.HasSuffix(p.text, "?") {
		return ""
	}
	return p.photo + boardOf(p.text)
}

// model is what the rules of identity promise, told of names and words alone: it knows no stamps, no directories,
// no transactions, and not how a post is recognised again.
type model struct {
	t      *testing.T
	story  *story
	steps  []string
	disk   map[string]pair
	pins   map[string]int  // made, by key
	wanted map[string]bool // keys of which another pin was asked for, ever
	origin map[string]pair // what was posted from a name, until both are gone or changed
	as     map[string]pair // as what a key was posted
}

var (
	modelNames  = []string{"a", "b", "sub/a", "@/a"}
	modelPhotos = []string{"A", "B"}
	modelTexts  = []string{"L1", "L2", "M1", "X", "L1?", "L3!"}
)

func newModel(t *testing.T) *model {
	return &model{
		t: t, story: newStory(t), disk: map[string]pair{}, pins: map[string]int{}, wanted: map[string]bool{}, origin: map[string]pair{}, as: map[string]pair{},
	}
}

func (m *model) tell(format string, args ...any) {
	step := fmt.Sprintf(format, args...)
	m.steps = append(m.steps, step)
	m.story.tell(step)
}

func (m *model) fail(format string, args ...any) {
	m.t.Helper()
	m.t.Fatalf("%s\n\n%s\n\n%s", strings.Join(m.steps, "\n"), fmt.Sprintf(format, args...), m.story.list(true))
}

// do does one random thing.
func (m *model) do(r *rand.Rand) {
	pick := func(words []string) string { return words[r.IntN(len(words))] }
	name, other := pick(modelNames), pick(modelNames)
	was, there := m.disk[name]
	switch r.IntN(9) {
	case 0, 1:
		m.set(name, pair{pick(modelPhotos), pick(modelTexts)})
	case 2:
		m.set(name, pair{pick(modelPhotos), was.text})
	case 3:
		m.set(name, pair{was.photo, pick(modelTexts)})
	case 4, 5:
		if _, taken := m.disk[other]; there && !taken {
			m.tell("rename %s %s", name, other)
			delete(m.disk, name)
			m.disk[other] = was
			if o, posted := m.origin[name]; posted {
				m.origin[other] = o
				delete(m.origin, name)
				m.settle() // else it would be renamed and changed at once
			}
		}
	case 6:
		if _, taken := m.disk[other]; there && !taken {
			m.tell("copy %s %s", name, other)
			m.disk[other] = was
			m.settle() // else one could go before anybody has seen that there were two
		}
	case 7:
		if there {
			m.tell("remove %s", name)
			delete(m.disk, name)
			m.settle() // else what comes under the name next is judged by how soon it came
			delete(m.origin, name)
		}
	default:
		m.tell("restart")
	}
	if r.IntN(2) == 0 {
		m.tell("wait 5s")
	}
}

// set writes what differs.
func (m *model) set(name string, next pair) {
	was := m.disk[name]
	if next.photo != "" && next.photo != was.photo {
		m.tell("photo %s %s", name, next.photo)
	}
	if next.text != "" && next.text != was.text {
		m.tell("text %s %s", name, next.text)
	}
	m.disk[name] = next
	if o, posted := m.origin[name]; posted && next.photo != o.photo && next.text != o.text {
		delete(m.origin, name)
	}
	m.settle() // one thing changed at a time, so that it is certain what the rules say
}

// settle waits until nothing is left to happen, and checks what was promised.
func (m *model) settle() {
	m.tell("wait 5m")
	m.check()
}

// publish posts what is due.
func (m *model) publish(r *rand.Rand) {
	for _, name := range modelNames {
		record, ok := m.recordOf(name)
		if !ok || record.State != post.Scheduled || r.IntN(2) == 0 {
			continue
		}
		p := m.disk[name]
		m.tell("post %s", name)
		m.pins[p.key()]++
		m.wanted[p.key()] = m.wanted[p.key()] || strings.HasSuffix(p.text, "!")
		m.origin[name], m.as[p.key()] = p, p
		if m.pins[p.key()] > 1 && !m.wanted[p.key()] {
			m.fail("%s was posted twice", p.key())
		}
	}
}

// recordOf is the post that a name stands for.
func (m *model) recordOf(name string) (store.Record, bool) {
	folder, rel, _ := m.story.at(name)
	for _, r := range m.story.records() {
		if r.Current && r.Folder == m.story.folders[folder].Path && r.Photo == rel+".jpg" {
			return r, true
		}
	}
	return store.Record{}, false
}

// check compares the store with the promises.
func (m *model) check() {
	m.t.Helper()
	m.checkDisk()
	served := map[string]bool{} // keys that are on their way
	for _, name := range modelNames {
		if r, ok := m.recordOf(name); ok && r.State == post.Scheduled {
			m.checkScheduled(name, r, served)
		}
	}
	for _, name := range modelNames {
		p := m.disk[name]
		if !p.whole() {
			continue
		}
		r, ok := m.recordOf(name)
		if !ok {
			m.fail("nothing stands for %s", name)
		}
		m.checkState(name, p, r.State, served)
	}
}

// checkScheduled: what is to be posted is what lies there, is there only once, and nobody has it yet.
func (m *model) checkScheduled(name string, r store.Record, served map[string]bool) {
	m.t.Helper()
	p := m.disk[name]
	sum := sha256.Sum256(m.story.photoOf(p.photo + " "))
	wanted := strings.HasSuffix(p.text, "!")
	key := p.key()
	switch {
	case key == "":
		m.fail("%s is scheduled, but there is %+v", name, p)
	case r.Hash != hex.EncodeToString(sum[:]) || r.Board != boardOf(p.text) || r.Title != strings.TrimRight(p.text, "!?"):
		m.fail("%s is scheduled as something else than %+v", name, p)
	case served[key] && !wanted && !m.wanted[key]:
		m.fail("%s is scheduled twice", key)
	case m.pins[key] > 0 && !wanted && !m.wanted[key]:
		m.fail("%s is scheduled again", name)
	}
	if o, posted := m.origin[name]; posted && !wanted {
		m.fail("%s is scheduled although only one file has changed since it was posted as %+v", name, o)
	}
	served[key] = served[key] || !wanted
	m.wanted[key] = m.wanted[key] || wanted
}

// checkState: every pair stands where its words and what was posted before put it; none is lost.
func (m *model) checkState(name string, p pair, state post.State, served map[string]bool) {
	m.t.Helper()
	key := p.key()
	if _, posted := m.origin[name]; posted {
		if state != post.Posted && !m.wanted[key] {
			m.fail("%s was posted and is %s", name, state)
		}
		return
	}
	switch {
	case state == post.Posted:
		if m.pins[key] == 0 {
			m.fail("%s is posted, but there is no such pin", name)
		}
		m.origin[name] = m.as[key] // the post has found its way here
	case p.text[0] == 'X' && state != post.Invalid, strings.HasSuffix(p.text, "?") && state != post.Draft:
		m.fail("%s is %s", name, state)
	case key == "":
	case state == post.Duplicate:
		if !served[key] && m.pins[key] == 0 && !m.wanted[key] {
			m.fail("%s is a duplicate of nothing", name)
		}
	case state != post.Scheduled:
		m.fail("%s is %s", name, state)
	}
}

// checkDisk makes sure that the model knows what lies there.
func (m *model) checkDisk() {
	m.t.Helper()
	for _, name := range modelNames {
		_, _, full := m.story.at(name)
		text, err := os.ReadFile(full + ".yaml")
		if p := m.disk[name]; (err == nil) != (p.text != "") || err == nil && string(text) != textOf(p.text) {
			m.fail("the model thinks that %s holds %q", name, p.text)
		}
	}
}

// TestIdentityHoldsInAnyOrder runs random stories against the model.
func TestIdentityHoldsInAnyOrder(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 5))
			m := newModel(t)
			for range 15 {
				m.do(r)
				if r.IntN(3) == 0 {
					m.settle()
					m.publish(r)
				}
			}
			m.settle()
		})
	}
}
