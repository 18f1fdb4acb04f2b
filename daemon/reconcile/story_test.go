package reconcile_test

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/reconcile"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
)

// story is two watched folders with one store, real files, and a clock that is moved by hand. It is told in a
// small language, one step a line:
//
//	put NAME PHOTO TEXT    write NAME.jpg and NAME.yaml
//	photo NAME PHOTO       write or edit the photo
//	text NAME TEXT         write or edit the sidecar
//	copy FROM TO           both files
//	rename FROM TO         a file, a directory, or a pair; what goes to .away/ is hidden
//	remove NAME            a file, a directory, or a pair
//	defaults DIR TEXT      write DIR/_pinfold.yaml; the top is .
//	post NAME [BOARD]      what is scheduled there is posted
//	move NAME STATE [BOARD] the publisher puts it into a state
//	wait DURATION          with the looks that happen meanwhile
//	say STATE              what the first folder's worker said last
//	restart                the process forgets all but the store
//
// A NAME that begins with @/ is in the second folder. PHOTOs are letters. A TEXT is a board's letter and a number
// for everything else: L1, L2, M1, or L+M1 for two boards; with ! it allows duplicates, with ? it is a draft, with ~ it has no time, X is not
// right. Without a board (1) that comes from the defaults.
type story struct {
	t       testing.TB
	store   *store.Store
	ahead   time.Duration
	folders []*reconcile.Folder
	dirs    []map[string]bool
}

func newStory(t testing.TB) *story {
	t.Helper()
	s := &story{t: t}
	db, err := store.Empty(context.Background(), "production")
	s.ok(err)
	t.Cleanup(func() { _ = db.Close() })
	s.store = db
	db.Now = s.now
	for range 2 {
		s.folders = append(s.folders, &reconcile.Folder{Path: t.TempDir()})
		s.dirs = append(s.dirs, map[string]bool{".": true})
	}
	s.restart()
	s.ok(db.Update(context.Background(), func(tx *store.Tx) error {
		return tx.KeepFolders([]string{s.folders[0].Path, s.folders[1].Path})
	}))
	return s
}

func (s *story) now() time.Time { return time.Now().Add(s.ahead) }

func (s *story) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *story) restart() {
	for i, f := range s.folders {
		s.folders[i] = &reconcile.Folder{
			Path: f.Path,
			Rules: reconcile.Rules{
				Account: "main", Timezone: "Europe/Oslo", DefaultTime: schedule.Clock{Hour: 9}, Queue: true, QueueZone: "Europe/Oslo",
			},
			Settle: 2 * time.Second, PublishGrace: 10 * time.Second, GoneAfter: 2 * time.Minute, Store: s.store, Now: s.now,
		}
	}
}

// at is a name's folder, its path there, and its place on the disk.
func (s *story) at(name string) (folder int, rel, full string) {
	rel, second := strings.CutPrefix(name, "@/")
	if second {
		folder = 1
	}
	return folder, rel, filepath.Join(s.folders[folder].Path, filepath.FromSlash(rel))
}

// photoOf is the JPEG that a letter stands for.
func (s *story) photoOf(letter string) []byte { return jpegData(letter[0]) }

// textOf is the YAML that a word stands for.
func textOf(word string) string {
	if strings.HasPrefix(word, "X") {
		return "titel: wrong " + word + "\n"
	}
	text := "title: " + strings.TrimRight(word, "!?~") + "\n"
	if !strings.HasSuffix(word, "~") {
		text += "publish_at: 2036-12-01 18:30\n"
	}
	if boards := strings.Split(strings.TrimRight(word, "0123456789!?~"), "+"); len(boards) > 1 {
		text += "boards: [" + strings.Join(boards, ", ") + "]\nboard_gap: 7d\n"
	} else if board := boardOf(word); board != "" {
		text += "board: " + board + "\n"
	}
	if strings.HasSuffix(word, "!") {
		text += "allow_duplicate: true\n"
	}
	if strings.HasSuffix(word, "?") {
		text += "draft: true\n"
	}
	return text
}

// boardOf is the letter of a TEXT's board, "" if it has none.
func boardOf(word string) string {
	if word[0] < 'A' {
		return ""
	}
	return word[:1]
}

func (s *story) write(name string, data []byte) {
	s.t.Helper()
	folder, rel, full := s.at(name)
	s.ok(os.MkdirAll(filepath.Dir(full), 0o700))
	s.ok(os.WriteFile(full, data, 0o600))
	s.dirs[folder][path.Dir(rel)] = true
}

// files are the files that a name stands for: itself, or the pair.
func (s *story) files(name string) []string {
	s.t.Helper()
	var found []string
	for _, end := range []string{"", ".jpg", ".yaml"} {
		if _, _, full := s.at(name + end); exists(full) {
			found = append(found, end)
		}
	}
	if len(found) == 0 {
		s.t.Fatalf("there is no %s", name)
	}
	return found
}

func exists(full string) bool {
	_, err := os.Lstat(full)
	return err == nil
}

// tell runs the steps.
func (s *story) tell(steps string) {
	s.t.Helper()
	for _, line := range strings.Split(strings.TrimSpace(steps), "\n") {
		words := strings.Fields(line)
		if len(words) > 0 {
			s.step(words[0], words[1:])
		}
	}
}

func (s *story) step(verb string, args []string) {
	s.t.Helper()
	switch verb {
	case "put":
		s.write(args[0]+".jpg", s.photoOf(args[1]))
		s.write(args[0]+".yaml", []byte(textOf(args[2])))
	case "photo":
		s.write(args[0]+".jpg", s.photoOf(args[1]))
	case "text":
		s.write(args[0]+".yaml", []byte(textOf(args[1])))
	case "defaults":
		s.write(path.Join(args[0], "_pinfold.yaml"), []byte(strings.ReplaceAll(strings.Join(args[1:], " "), ";", "\n")+"\n"))
	case "copy", "rename", "remove":
		s.shift(verb, args)
	case "post":
		s.move(args[0], post.Publishing, args[1:]...)
		s.move(args[0], post.Posted, args[1:]...)
	case "move":
		s.move(args[0], post.State(args[1]), args[2:]...)
	case "wait":
		d, err := time.ParseDuration(args[0])
		s.ok(err)
		s.wait(d)
	case "say":
		s.ok(s.store.Update(context.Background(), func(tx *store.Tx) error {
			return tx.SaveFolder(store.Folder{Path: s.folders[0].Path, State: args[0]})
		}))
	case "restart":
		s.restart()
	default:
		s.t.Fatalf("no step is called %s", verb)
	}
}

func (s *story) shift(verb string, args []string) {
	s.t.Helper()
	for _, end := range s.files(args[0]) {
		_, _, from := s.at(args[0] + end)
		if verb == "remove" {
			s.ok(os.RemoveAll(from))
			continue
		}
		folder, rel, to := s.at(args[1] + end)
		s.ok(os.MkdirAll(filepath.Dir(to), 0o700))
		if verb == "copy" {
			data, err := os.ReadFile(from)
			s.ok(err)
			s.ok(os.WriteFile(to, data, 0o600))
		} else {
			s.ok(os.Rename(from, to))
		}
		s.dirs[folder][path.Dir(rel)] = true
		if info, err := os.Stat(to); err == nil && info.IsDir() {
			s.dirs[folder][rel] = true
		}
	}
}

// move does what the publisher would, to the post for a board if one is given.
func (s *story) move(name string, state post.State, board ...string) {
	s.t.Helper()
	folder, rel, _ := s.at(name)
	s.ok(s.store.Update(context.Background(), func(tx *store.Tx) error {
		records, err := tx.List(store.Filter{Folder: s.folders[folder].Path, Paths: []string{rel + ".jpg"}})
		records = slices.DeleteFunc(records, func(r store.Record) bool { return !r.Current || len(board) > 0 && r.Board != board[0] })
		if err != nil || len(records) != 1 {
			return fmt.Errorf("%d posts are called %s (%w)", len(records), name, err)
		}
		next := records[0]
		if next.State = state; state == post.Posted {
			next.PostedAt = tx.Now()
		}
		return tx.Save(records[0], &next)
	}))
}

// wait lets time pass, and has everything looked at before, meanwhile and after.
func (s *story) wait(d time.Duration) {
	s.t.Helper()
	s.look()
	for d > 0 {
		step := min(d, time.Minute)
		s.ahead += step
		d -= step
		s.look()
	}
}

func (s *story) look() {
	s.t.Helper()
	for i, f := range s.folders {
		for dir := range s.dirs[i] { // in any order
			if _, _, err := lookAt(context.Background(), f, dir); err != nil {
				s.t.Fatalf("look at %s: %v", dir, err)
			}
		}
		v, err := f.Judge(context.Background(), false)
		s.ok(err)
		if v.Absent != nil { // a person says that it is meant
			_, err := f.Accept(context.Background())
			s.ok(err)
		}
	}
}

// records are all posts, by id.
func (s *story) records() (records []store.Record) {
	s.t.Helper()
	s.ok(s.store.View(context.Background(), func(tx *store.Tx) (err error) {
		records, err = tx.List(store.Filter{})
		return err
	}))
	return records
}

// String lists all posts: "name state", with # and the id of the post, and * if it was changed after posting.
func (s *story) list(ids bool) string {
	var lines []string
	for _, r := range s.records() {
		name := strings.TrimSuffix(r.Path(), ".jpg")
		if r.Folder == s.folders[1].Path {
			name = "@/" + name
		}
		line := name + " " + string(r.State)
		if r.ChangedAfter {
			line += "*"
		}
		if !r.Current {
			line = "(" + line + ")"
		}
		if ids {
			line = fmt.Sprintf("#%d %s", r.ID, line)
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return strings.Join(lines, ", ")
}
