package reconcile_test

import (
	"context"
	"strings"
	"testing"

	"github.com/divitio/pinfold/daemon/store"
)

// queue is the posts that wait in the queue, in its order, by name.
func (s *story) queue() string {
	s.t.Helper()
	var names []string
	s.ok(s.store.View(context.Background(), func(tx *store.Tx) error {
		records, err := tx.Queue("main", func(store.Record) bool { return false })
		for _, r := range records {
			names = append(names, strings.TrimSuffix(r.Photo, ".jpg"))
		}
		return err
	}))
	return strings.Join(names, " ")
}

// What is posted without a time of its own goes out in the order in which it came. Whatever becomes of it meanwhile, it
// keeps its place; only what was taken out of the queue on purpose joins it anew.
func TestTheOrderOfTheQueue(t *testing.T) {
	const three = "put a A L1~\nwait 3s\nput b B L1~\nwait 3s\nput c C L1~\nwait 3s\n"
	for _, test := range []struct{ name, steps, want string }{
		{"by arrival", "put c A L1~\nwait 3s\nput a B L1~\nwait 3s\nput b C L1~\nwait 3s", "c a b"},
		{"then by path", "put c A L1~\nput a B L1~\nput b C L1~\nwait 3s", "a b c"},
		{"the photo or the text comes later", "photo a A\nput b B L1~\nwait 3s\ntext a L1~\nwait 3s\ntext d L1~\nwait 3s\nphoto d D\nwait 3s", "b a d"},
		{"edits", three + "text a L2~\nphoto b D\nwait 3s", "a b c"},
		{"another board", three + "text a M1~\nwait 3s", "a b c"},
		{"renames", three + "rename a z\nrename b sub/y\nwait 4m", "z sub/y c"},
		{"renamed and edited", three + "rename a z\ntext z L2~\nwait 4m", "z b c"},
		{"restarts", three + "restart\nwait 3s", "a b c"},
		{"away for a moment", three + "rename a .away/a\nwait 30s\nrename .away/a a\nwait 3s", "a b c"},
		{"away for long", three + "rename a .away/a\nwait 1h\nrename .away/a a\nwait 3s", "a b c"},
		{"back under another name", three + "rename a .away/a\nwait 1h\nrename .away/a z\nwait 3s", "z b c"},
		{"it is not there", three + "rename b .away/b\nwait 3s", "a c"},
		{"wrong for a while", three + "text a X\nwait 3s\ntext a L1~\nwait 3s", "a b c"},
		{"wrong from the beginning", "put a A X\nwait 3s\nput b B L1~\nwait 3s\ntext a L1~\nwait 3s", "a b"},
		{"failed, then put right", three + "move a publishing\nmove a failed\ntext a M1~\nwait 3s", "a b c"},
		{"a duplicate that takes over", three + "put d A L1~\nwait 3s\nput e E L1~\nwait 3s\nremove a\nwait 4m", "b c d e"},
		{"a draft joins when it is none any more", "put a A L1?\nwait 3s\nput b B L1~\nwait 3s\ntext a L1~\nwait 3s", "b a"},
		{"made a draft, it leaves, and joins anew", three + "text a L1?\nwait 3s\ntext a L1~\nwait 3s", "b c a"},
		{"given a time, it leaves, and joins anew", three + "text a L1\nwait 3s\ntext a L1~\nwait 3s", "b c a"},
		{"given a time and wrong, then in the queue", three + "text a L1\nwait 3s\ntext a X\nwait 3s\nput d D L1~\nwait 3s\ntext a L1~\nwait 3s", "b c a d"},
		{"a posted one is in nobody's way", three + "post a\nwait 3s\nput d D L1~\nwait 3s", "b c d"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t)
			s.tell(test.steps)
			if got := s.queue(); got != test.want {
				t.Errorf("%s\n\ngives %s\nnot   %s\n%s", test.steps, got, test.want, s.list(true))
			}
		})
	}
}
