package main

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/png"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// badSidecars are sidecars that are wrong, with the place that is to be named and words of the message.
var badSidecars = map[string]struct {
	text  string
	place string // ":line:column"; "" for the whole file
	words []string
}{
	"key":           {"titel: Fog\nboard: Fog\npublish_at: now\n", ":1:1", []string{`"titel"`, "title"}},
	"key-elsewhere": {"board_from: directory\npublish_at: now\n", ":1:1", []string{"_pinfold.yaml"}},
	"key-case":      {"board: Fog\nPublish_At: now\n", ":2:1", []string{"publish_at"}},
	"twice":         {"title: a\nboard: Fog\ntitle: b\npublish_at: now\n", ":3:1", []string{"twice", "line 1"}},
	"list":          {"title: [a, b]\nboard: Fog\npublish_at: now\n", ":1:8", []string{"title must be a text"}},
	"mapping":       {"title: a\nboard: {a: b}\npublish_at: now\n", ":2:8", []string{"board must be a text"}},
	"flag":          {"title: a\nboard: Fog\npublish_at: now\ndraft: perhaps\n", ":4:8", []string{"true or false"}},
	"long-title":    {"title: " + strings.Repeat("å", 101) + "\nboard: Fog\npublish_at: now\n", ":1:8", []string{"101", "100"}},
	"long-text":     {"description: " + strings.Repeat("d", 801) + "\nboard: Fog\npublish_at: now\n", ":1:14", []string{"801", "800"}},
	"long-alt":      {"alt_text: " + strings.Repeat("d", 501) + "\nboard: Fog\npublish_at: now\n", ":1:11", []string{"501", "500"}},
	"hashtag":       {"title: Fog #norway #fog\nboard: Fog\npublish_at: now\n", ":1:12", []string{"quotes"}},
	"colon":         {"title: Fog: a morning\nboard: Fog\npublish_at: now\n", ":1:11", []string{"quotes"}},
	"quote":         {"title: \"Fog\nboard: Fog\npublish_at: now\n", ":1:8", []string{"quote"}},
	"tab":           {"title: Fog\n\tboard: Fog\npublish_at: now\n", ":2:1", []string{"tab"}},
	"two":           {"board: Fog\npublish_at: now\n---\nboard: Fog\n", ":3:1", []string{"---"}},
	"alias":         {"title: &a Fog\ndescription: *a\nboard: Fog\npublish_at: now\n", ":1:8", []string{"anchor"}},
	"tag":           {"title: !x Fog\nboard: Fog\npublish_at: now\n", ":1:8", []string{"tag"}},
	"merge":         {"<<: {title: a}\nboard: Fog\npublish_at: now\n", ":1:1", nil},
	"empty":         {"", "", []string{"empty"}},
	"comment":       {"# title: Fog\n", "", []string{"empty"}},
	"not-a-mapping": {"- title: Fog\n", ":1:1", nil},
	"text":          {"just some words\n", ":1:1", nil},
	"big":           {"title: a\nboard: Fog\npublish_at: now\n#" + strings.Repeat("x", 64<<10) + "\n", "", []string{"64"}},
	"windows-1252":  {"title: K\xf6ln\nboard: Fog\npublish_at: now\n", ":1:9", []string{"UTF-8"}},
	"utf-16":        {"\xff\xfet\x00i\x00t\x00l\x00e\x00:\x00 \x00a\x00\n\x00", "", []string{"UTF-16"}},
	"binary":        {"\x00\x01\x02\x03title: a\n", "", nil},
	"link":          {"link: example.com\nboard: Fog\npublish_at: now\n", ":1:7", []string{"web address"}},
	"link-script":   {"link: javascript:alert(1)\nboard: Fog\npublish_at: now\n", ":1:7", []string{"web address"}},
	"zone":          {"timezone: Oslo\nboard: Fog\npublish_at: now\n", ":1:11", []string{"Europe/Oslo"}},
	"account":       {"account: My Account\nboard: Fog\npublish_at: now\n", ":1:10", []string{"account"}},
	"no-board":      {"title: a\npublish_at: now\n", "", []string{"board"}},
	"empty-board":   {"board: \"\"\npublish_at: now\n", ":1:8", []string{"empty"}},
	"two-kinds":     {"board: Fog\nboards: [Fog]\npublish_at: now\n", ":1:1", []string{"boards"}},
	"no-time":       {"title: a\nboard: Fog\n", "", []string{"publish_at"}},
	"time-words":    {"board: Fog\npublish_at: tomorrow\n", ":2:13", []string{"tomorrow"}},
	"time-month":    {"board: Fog\npublish_at: 2026-13-01\n", ":2:13", []string{"2026-13-01"}},
	"time-day":      {"board: Fog\npublish_at: 2026-02-30 10:00\n", ":2:13", []string{"2026-02-30"}},
	"time-clock":    {"board: Fog\npublish_at: 2026-12-01 6:30 pm\n", ":2:13", []string{"12-hour"}},
	"time-order":    {"board: Fog\npublish_at: 01.12.2026 18:30\n", ":2:13", []string{"year"}},
	"carousel":      {"board: Fog\nimages: [carousel.jpg]\npublish_at: now\n", ":2:10", []string{"own photo"}},
	"image-outside": {"board: Fog\nimages: [../../etc/passwd]\npublish_at: now\n", ":2:10", nil},
	"everything":    {"titel: a\nlink: x\ndraft: 7\n", ":1:1", []string{"titel", "everything.yaml:2:7", "everything.yaml:3:8"}},
}

func TestBadSidecarsAreExplainedAndHoldNobodyUp(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.pair("aaa good", 1, rightNow("good"))
	s.pair("zzz good", 2, rightNow("good, too"))
	names := slices.Sorted(maps.Keys(badSidecars))
	for i, name := range names {
		s.pair(name, i+10, badSidecars[name].text)
	}
	s.start()
	s.awaitTitles("good", "good, too")
	posts := map[string]listed{}
	s.eventually(200*time.Millisecond, "all bad ones are recorded", func() bool {
		for _, p := range s.posts("--state", "invalid") {
			posts[p.Path] = p
		}
		return len(posts) == len(names)
	})
	s.want(3, "status")
	checked := s.want(3, "check", s.folder).stdout
	lines := strings.Split(strings.TrimSpace(checked), "\n")
	for _, name := range names {
		bad := badSidecars[name]
		place := name + ".yaml" + bad.place + ": "
		p := posts[name+".jpg"]
		if !strings.HasPrefix(p.Problem, place) {
			t.Errorf("%s: problem %q, want it to begin with %q", name, p.Problem, place)
		}
		wantText(t, name, p.Problem, bad.words...)
		if bad.place == "" {
			place = name + ".yaml:1:1: " // editors want three parts
		}
		if !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, place) }) {
			t.Errorf("check does not say %q", place)
		}
	}

	// Corrected, each goes out, once.
	want := []string{"good", "good, too"}
	for _, name := range names {
		s.write(name+".yaml", rightNow("corrected "+name))
		want = append(want, "corrected "+name)
	}
	s.awaitTitles(want...)
	s.eventually(200*time.Millisecond, "all is posted", func() bool { return len(s.posts("--state", "posted")) == len(want) })
	s.want(0, "check")
	s.want(0, "status")
}

// pngOf draws a PNG.
func pngOf(t *testing.T, width, height int) string {
	t.Helper()
	var data bytes.Buffer
	if err := png.Encode(&data, image.NewRGBA(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return data.String()
}

func TestBadPhotosAreExplainedAndHoldNobodyUp(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	heic := "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00msf1heic\x00\x00\x00\x09moov." + strings.Repeat("\x00", 200)
	raw := "II*\x00\x10\x00\x00\x00CR\x02\x00" + strings.Repeat("raw", 100)
	bad := map[string]struct {
		photo string
		words []string
	}{
		"text":  {strings.Repeat("this is no photo\n", 20), []string{"no photo", "JPEG or PNG"}},
		"heic":  {heic, []string{"HEIC", "film", "export it as JPEG or PNG"}},
		"raw":   {raw, []string{"RAW", "export it as JPEG"}},
		"gif":   {"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00\x3b", []string{"1 × 1", "100"}},
		"webp":  {"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00", []string{"1 × 1", "100"}},
		"tiny":  {pngOf(t, 50, 50), []string{"50 × 50", "100"}},
		"bomb":  {hugePNG(11_000, 10_000), []string{"megapixels"}},
		"html":  {"<!doctype html><title>Sign in to the network</title>" + strings.Repeat(" ", 200), []string{"no photo"}},
		"movie": {"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41" + strings.Repeat("\x00", 200), []string{"a film", "JPEG"}},
	}
	for name, b := range bad {
		s.write(name+".jpg", b.photo)
		s.write(name+".yaml", rightNow(name))
	}
	s.write("renamed.jpg", pngOf(t, 200, 120))
	s.write("renamed.yaml", rightNow("a PNG"))
	s.pair("good", 1, rightNow("a JPEG"))
	whole := photoOf(t, 2)
	waiting := map[string]string{"cut": whole[:len(whole)/2], "nothing": "", "zeros": strings.Repeat("\x00", len(whole)), "head": whole[:3]}
	for name, photo := range waiting {
		s.write(name+".jpg", photo)
		s.write(name+".yaml", rightNow(name)+"allow_duplicate: true\n")
	}
	s.start()
	s.awaitTitles("a PNG", "a JPEG")
	for _, pin := range s.pinterest.Pins() {
		if want := map[string]string{"a PNG": "image/png", "a JPEG": "image/jpeg"}[pin.Title]; pin.ContentType != want {
			t.Errorf("%s is sent as %s", pin.Title, pin.ContentType)
		}
	}
	checked := s.want(3, "check").stdout
	for name, b := range bad {
		wantText(t, name, s.await(name+".jpg", post.Invalid).Problem, append(b.words, name+".jpg")...)
		wantText(t, "check", checked, name+".jpg:1:1: ")
	}
	for name := range waiting { // they may still arrive
		wantText(t, "check", checked, name+".jpg:1:1: ")
		if p := s.post(name + ".jpg"); p.State != "" {
			t.Errorf("%s is %s after a moment: %s", name, p.State, p.Problem)
		}
	}

	// The rest arrives.
	want := []string{"a PNG", "a JPEG"}
	for name := range waiting {
		s.write(name+".jpg", whole)
		want = append(want, name)
	}
	s.awaitTitles(want...)
}

func TestAmbiguousNamesAreHeldAndNamed(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	s.pair("fog", 1, rightNow("fog"))
	s.awaitTitles("fog")
	held := map[string][]string{}
	s.pair("two", 2, inAMonth("two"))
	s.write("two.yml", inAMonth("two"))
	held["two.jpg"] = []string{"two.yaml", "two.yml"}
	s.pair("both", 3, inAMonth("both"))
	s.write("both.png", pngOf(t, 120, 120))
	held["both.jpg"] = []string{"both.jpg", "both.png"}
	s.pair("copy", 4, inAMonth("copy"))
	s.write("copy.sync-conflict-20261201-183000-ABCDEFG.yaml", inAMonth("another"))
	held["copy.jpg"] = []string{"copy.sync-conflict"}
	for path, words := range held {
		wantText(t, path, s.await(path, post.Invalid).Problem, words...)
	}
	s.remove("two.yml")
	s.await("two.jpg", post.Scheduled)
}

func TestCheckReportsFilesThatWereMeantAsSidecars(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.write("fog.jpg", photoOf(t, 1))
	s.write("fog.yaml.txt", rightNow("fog"))
	s.write("frost.yaml", rightNow("frost"))
	s.write("film.mp4", "a film")
	got := s.want(3, "check")
	wantText(t, "check", got.stdout, "rename to fog.yaml", "frost.yaml:1:1: ", "film.mp4")
	for _, line := range strings.Split(strings.TrimSpace(got.stdout), "\n") {
		if strings.Count(line, ":") < 3 {
			t.Errorf("a line without a place: %q", line)
		}
	}
	if entries := s.filesBelow(s.state); len(entries) > 0 {
		t.Errorf("check records: %v", entries)
	}
}

// wantText fails unless the text holds all words.
func wantText(t *testing.T, what, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%s: %q does not hold %q", what, text, word)
		}
	}
}

// hugePNG is a small file that promises a big image.
func hugePNG(width, height uint32) string {
	var data bytes.Buffer
	data.WriteString("\x89PNG\r\n\x1a\n")
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	for _, chunk := range []struct{ kind, body string }{
		{"IHDR", string(header) + "\x08\x00\x00\x00\x00"}, {"IDAT", "x\x9cc\x00\x00\x00\x01\x00\x01"}, {"IEND", ""},
	} {
		data.Write(binary.BigEndian.AppendUint32(nil, uint32(len(chunk.body))))
		data.WriteString(chunk.kind + chunk.body)
		data.Write(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(chunk.kind+chunk.body))))
	}
	return data.String()
}
