package main

// The failures that users of other folder watchers reported, each as a test of the built binary. F6, F7 and F14, about
// events of the file system, are in watcher/failures_test.go; with real tools, see realtools_test.go.

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// pause is longer than the tests' settle and publish_grace together.
const pause = slow * 700 * time.Millisecond

// largePhoto is a JPEG of some hundred kilobytes, so that half of it is something.
func largePhoto(t *testing.T, seed uint64) []byte {
	t.Helper()
	noise := image.NewGray(image.Rect(0, 0, 640, 800))
	random := rand.New(rand.NewPCG(seed, 1))
	for i := range noise.Pix {
		noise.Pix[i] = byte(random.Uint32())
	}
	var data bytes.Buffer
	if err := jpeg.Encode(&data, noise, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return data.Bytes()
}

// in is a path in the folder.
func (s *site) in(name string) string { return filepath.Join(s.folder, filepath.FromSlash(name)) }

// awaitWhole waits for one pin, of the whole photo.
func (s *site) awaitWhole(photo []byte) {
	s.t.Helper()
	pin := s.awaitPins(1)[0]
	if want := fmt.Sprintf("%x", sha256.Sum256(photo)); pin.SHA256 != want {
		s.t.Errorf("pinned %s, want %s, the whole of %d bytes", pin.SHA256, want, len(photo))
	}
}

// onlyPins fails if there are other pins than those with these titles, also after all is settled.
func (s *site) onlyPins(want ...string) {
	s.t.Helper()
	s.settled(999)
	s.awaitTitles(append(want, "Sentinel 999")...)
}

// writePart writes bytes at an offset, as a writer that opens and closes the file each time.
func (s *site) writePart(name string, offset int, part []byte) {
	s.t.Helper()
	f, err := os.OpenFile(s.in(name), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := f.WriteAt(part, int64(offset)); err != nil {
		s.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		s.t.Fatal(err)
	}
}

func TestF1HalfWrittenFilesAreNotPosted(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(s *site, photo []byte){
		"written with a pause":  func(s *site, photo []byte) { s.writePart("fog.jpg", 0, photo[:len(photo)/2]) },
		"all but the last byte": func(s *site, photo []byte) { s.writePart("fog.jpg", 0, photo[:len(photo)-1]) },
		"preallocated, then filled": func(s *site, photo []byte) {
			s.writePart("fog.jpg", 0, append(photo[:len(photo)/2:len(photo)/2], make([]byte, len(photo)-len(photo)/2)...))
		},
		"preallocated, nothing yet": func(s *site, photo []byte) { s.writePart("fog.jpg", 0, make([]byte, len(photo))) },
		"the end first":             func(s *site, photo []byte) { s.writePart("fog.jpg", len(photo)/2, photo[len(photo)/2:]) },
		"cut, then replaced atomically": func(s *site, photo []byte) {
			s.writePart("fog.jpg", 0, photo[:100])
			s.writePart(".fog.jpg.Xy12Zz", 0, photo)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := connectedSite(t)
			s.start()
			photo := largePhoto(t, 1)
			begin(s, photo)
			s.write("fog.yaml", rightNow("fog"))
			time.Sleep(2 * pause)
			s.settled(1) // a full look later
			if got := s.post("fog.jpg"); got.State == post.Scheduled || got.State == post.Posted || got.State == post.Failed {
				t.Fatalf("half of it is %s", got.State)
			}
			if strings.Contains(name, "atomically") {
				s.rename(".fog.jpg.Xy12Zz", "fog.jpg")
			} else {
				s.writePart("fog.jpg", 0, photo)
			}
			s.awaitTitles("Sentinel 1", "fog")
			for _, pin := range s.pinterest.Pins() {
				if want := fmt.Sprintf("%x", sha256.Sum256(photo)); pin.Title == "fog" && pin.SHA256 != want {
					t.Errorf("pinned %s, want %s", pin.SHA256, want)
				}
			}
		})
	}
}

func TestF2WhatWasNotReadyIsNeverGivenUp(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	d := s.start()
	s.write("nothing.jpg", "")
	s.write("text.jpg", strings.Repeat("an error page of some proxy\n", 20))
	s.write("cut.jpg", photoOf(t, 3)[:200])
	for i, name := range []string{"nothing", "text", "cut"} {
		s.write(name+".yaml", rightNow(fmt.Sprint(i)))
	}
	s.pair("typo", 4, "titel: 3\nboard: Fog\npublish_at: now\n")
	s.write("late.yaml", rightNow("4"))
	s.await("text.jpg", post.Invalid)
	s.await("typo.jpg", post.Invalid)
	d.kill()
	s.start() // a restart gives nothing up, and is not needed either
	s.await("text.jpg", post.Invalid)
	for i, name := range []string{"nothing", "text", "cut"} {
		s.write(name+".jpg", photoOf(t, i+1))
	}
	s.write("typo.yaml", rightNow("3"))
	s.write("late.jpg", photoOf(t, 5))
	s.awaitTitles("0", "1", "2", "3", "4")
}

func TestF3AWriterThatClosesAndReopensMakesOnePin(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	photo := largePhoto(t, 2)
	s.write("fog.yaml", rightNow("fog"))
	const chunks = 8
	for i := range chunks {
		from, to := len(photo)*i/chunks, len(photo)*(i+1)/chunks
		s.writePart("fog.jpg", from, photo[from:to])
		time.Sleep(time.Duration(i%3) * pause / 2) // now within the settle time, now beyond
	}
	s.awaitWhole(photo)
	s.onlyPins("fog")
}

func TestF4AFolderThatIsNotThereLosesNothing(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	d := s.start()
	s.pair("fog", 1, inAMonth("fog"))
	s.pair("deep/mist", 2, inAMonth("mist"))
	s.pair("frost", 3, rightNow("frost"))
	fog, mist := s.await("fog.jpg", post.Scheduled), s.await("deep/mist.jpg", post.Scheduled)
	s.awaitTitles("frost")
	away := s.folder + " away"
	state := func(want string) {
		t.Helper()
		s.eventually(200*time.Millisecond, "the folder is "+want, func() bool { return s.status().Folders[0].State == want })
	}
	move := func(from, to string) {
		t.Helper()
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	move(s.folder, away)
	state("absent")
	time.Sleep(2 * pause) // longer than gone_after
	d.kill()
	if err := os.Mkdir(s.folder, 0o700); err != nil { // as a mount point is without its disk
		t.Fatal(err)
	}
	s.start()
	state("absent")
	time.Sleep(2 * pause)
	if got, want := s.post("fog.jpg"), s.post("deep/mist.jpg"); got.State != post.Scheduled || want.State != post.Scheduled {
		t.Errorf("without the folder the posts are %s and %s", got.State, want.State)
	}
	if err := os.Remove(s.folder); err != nil {
		t.Fatal(err)
	}
	move(away, s.folder)
	state("watching")
	s.onlyPins("frost")
	if again := s.await("fog.jpg", post.Scheduled); again.ID != fog.ID {
		t.Errorf("post %d is post %d", fog.ID, again.ID)
	}
	if again := s.await("deep/mist.jpg", post.Scheduled); again.ID != mist.ID {
		t.Errorf("post %d is post %d", mist.ID, again.ID)
	}
}

func TestF5AWatchThatDiedSilentlyIsMadeAnew(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	s.pair("sub/a", 1, rightNow("a"))
	s.awaitTitles("a")
	// The directory goes and comes at once, with the same name.
	if err := os.RemoveAll(s.in("sub")); err != nil {
		t.Fatal(err)
	}
	s.pair("sub/b", 2, rightNow("b"))
	s.awaitTitles("a", "b")
	s.pair("sub/c", 3, rightNow("c"))
	s.awaitTitles("a", "b", "c")
	// So does the whole folder; as a folder that was synced anew it brings its memory with it.
	fresh := filepath.Join(s.root, "fresh")
	if err := os.CopyFS(fresh, os.DirFS(s.folder)); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(s.folder, s.folder+" old"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(fresh, s.folder); err != nil {
		t.Fatal(err)
	}
	s.pair("sub/d", 4, rightNow("d"))
	s.awaitTitles("a", "b", "c", "d")
	s.pair("sub/e", 5, rightNow("e"))
	s.awaitTitles("a", "b", "c", "d", "e")
}

func TestF8OneFileIsPostedOnceWhateverTouchesIt(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	photo := photoOf(t, 1)
	s.write("fog.jpg", photo)
	s.write("fog.yaml", rightNow("fog"))
	for i := range 4 { // killed with the queue full, started again
		d := s.start()
		for j := range 10 {
			s.write(fmt.Sprintf("@eaDir/fog.jpg/SYNOPHOTO_THUMB_%d.jpg", j), photoOf(t, 100+j))
			if err := os.Chmod(s.in("fog.jpg"), 0o600|os.FileMode(j%2)<<2); err != nil {
				t.Fatal(err)
			}
			now := time.Now().Add(time.Duration(j) * time.Minute)
			if err := os.Chtimes(s.in("fog.yaml"), now, now); err != nil {
				t.Fatal(err)
			}
			time.Sleep(pause / 20)
		}
		s.write("fog.jpg", photo) // the same bytes again
		if i == 2 {
			s.awaitTitles("fog")
		}
		d.kill()
	}
	s.start()
	s.onlyPins("fog")
	if n := len(s.posts()); n != 2 {
		t.Errorf("%d posts, want fog and the sentinel: %+v", n, s.posts())
	}
}

func TestF9NewAndMovedDirectoriesAreNotMissed(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	s.settled(1) // it watches
	s.pair("a/b/c/d/e/new", 2, rightNow("new"))
	outside := filepath.Join(s.root, "outside", "x", "y")
	s.writeTo(filepath.Join(outside, "moved.jpg"), photoOf(t, 3))
	s.writeTo(filepath.Join(outside, "moved.yaml"), rightNow("moved in"))
	if err := os.Rename(filepath.Join(s.root, "outside"), s.in("a/in")); err != nil {
		t.Fatal(err)
	}
	s.awaitTitles("Sentinel 1", "moved in", "new")
	s.rename("a", "renamed")
	s.pair("renamed/b/c/later", 4, rightNow("after the move"))
	s.pair("renamed/in/x/y/later", 5, rightNow("after both moves"))
	s.awaitTitles("Sentinel 1", "moved in", "new", "after the move", "after both moves")
	if p := s.await("renamed/b/c/d/e/new.jpg", post.Posted); p.Attempts != 1 {
		t.Errorf("the moved post had %d attempts", p.Attempts)
	}
}

func TestF10RenamesAndANewPlaceOfTheFolderPostNothingAgain(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	d := s.start()
	s.pair("fog", 1, rightNow("fog"))
	s.pair("mist", 2, inAMonth("mist"))
	s.awaitTitles("fog")
	s.await("mist.jpg", post.Scheduled)
	s.rename("fog.jpg", "haze.jpg")
	s.rename("fog.yaml", "haze.yaml")
	s.await("haze.jpg", post.Posted)
	d.terminate()

	moved := filepath.Join(s.root, "elsewhere")
	if err := os.Rename(s.folder, moved); err != nil {
		t.Fatal(err)
	}
	s.edit("path: "+s.folder, "path: "+moved)
	s.folder = moved
	s.start()
	s.awaitPost("mist is planned from its new place", "mist.jpg", func(p listed) bool {
		return p.Folder == moved && p.State == post.Scheduled
	})
	s.onlyPins("fog")
	for _, name := range []string{"haze.jpg", "haze.yaml", "mist.jpg", "mist.yaml"} {
		if _, err := os.Stat(s.in(name)); err != nil {
			t.Errorf("a file of the user's is gone: %v", err)
		}
	}
}

func TestF11ARenameOfLetterCaseKeepsThePost(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	s.pair("fog", 1, inAMonth("fog"))
	s.pair("frost", 2, rightNow("frost"))
	fog := s.await("fog.jpg", post.Scheduled)
	frost := s.await("frost.jpg", post.Posted)
	for _, ending := range []string{".jpg", ".yaml"} {
		s.rename("fog"+ending, "FOG"+strings.ToUpper(ending))
		s.rename("frost"+ending, "Frost"+ending)
	}
	if p := s.await("FOG.JPG", post.Scheduled); p.ID != fog.ID {
		t.Errorf("post %d is post %d", fog.ID, p.ID)
	}
	if p := s.await("Frost.jpg", post.Posted); p.ID != frost.ID {
		t.Errorf("post %d is post %d", frost.ID, p.ID)
	}
	time.Sleep(2 * pause) // longer than gone_after
	s.onlyPins("frost")
	if n := len(s.posts()); n != 3 {
		t.Errorf("%d posts, want 3: %+v", n, s.posts())
	}
}

func TestF12NamesThatLookTheSameAreTheSame(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	s.write("A\u030as.jpg", photoOf(t, 1)) // decomposed, as macOS writes it
	s.write("\u00c5s.yaml", rightNow("pair"))
	s.awaitTitles("pair")
	if p := s.await("A\u030as.jpg", post.Posted); p.Path != "A\u030as.jpg" {
		t.Errorf("its raw name became %q", p.Path)
	}
	if runtime.GOOS != "linux" {
		return // their file systems take neither two such names nor bytes that are not UTF-8
	}
	s.write("\u00d6st.jpg", photoOf(t, 2))
	s.write("O\u0308st.jpg", photoOf(t, 3))
	s.write("\u00d6st.yaml", rightNow("clash"))
	s.write("f\xf8g.jpg", photoOf(t, 4))
	s.write("f\xf8g.yaml", rightNow("latin"))
	s.eventually(200*time.Millisecond, "both are shown", func() bool {
		said := s.run("status").stdout
		return strings.Contains(said, "count as one: O\u0308st.jpg, \u00d6st.jpg") && strings.Contains(said, `f\xf8g.jpg`)
	})
	s.onlyPins("pair")
	for _, name := range []string{"A\u030as.jpg", "\u00d6st.jpg", "O\u0308st.jpg", "f\xf8g.jpg"} {
		if _, err := os.Stat(s.in(name)); err != nil {
			t.Errorf("it was renamed: %v", err)
		}
	}
}

func TestF15JunkIsNeverTakenForPhotos(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	for i, name := range []string{"@eaDir/fog.jpg/SYNOPHOTO_THUMB_XL", "._fog", ".thumbnails/fog", "__MACOSX/fog", "#recycle/fog", "fog.sync-conflict-20260102-030405-ABCDEFG"} {
		s.write(name+".jpg", photoOf(t, 10+i))
		s.write(filepath.ToSlash(filepath.Dir(name))+"/_pinfold.yaml", "board: Fog\npublish_at: now\nwithout_sidecar: post\n")
	}
	photo := largePhoto(t, 3)
	s.write("fog.yaml", "title: fog\n")
	s.writePart("fog.jpg", 0, photo[:len(photo)/3]) // truncated first, complete later: one item
	time.Sleep(2 * pause)
	s.write("fog.jpg", string(photo))
	s.awaitWhole(photo)
	s.onlyPins("fog")
	paths := map[string]int{}
	for _, p := range s.posts() {
		paths[p.Path]++
	}
	if len(paths) != 2 || paths["fog.jpg"] != 1 {
		t.Errorf("posts of %v, want fog.jpg and the sentinel", paths)
	}
}
