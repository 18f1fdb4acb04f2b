package doctor

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/logging"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
)

// private are texts of the user's, in all places where a user can write one. None may be in a bundle.
var private = []string{
	"Familienalbum", "Oma Erna", "geheim", "tk_verysecret", "erna.example", "Lofoten", "Erna", "Hochzeit", "mein Kommentar", "erna@",
	"ernas-konto", "Schatzkarte", "/home/erna", "192.0.2.77", "pina_", "s Fotos", "nachbarin",
}

const privateConfig = `# mein Kommentar: fuer Oma Erna
folders:
  - path: PATH # Familienalbum
    account: ernas-konto
    timezone: Europe/Oslo
    ignore: ["Hochzeit/**"]
    poll_interval: 45s
    defaults: {board: Lofoten, title: "Oma Erna"}
timezone: &erna Europe/Oslo
schedule: {slots: ["Mon-Fri 09:00", "Oma Erna 09:00", "Sat,sun 7:30"], min_gap: 30s, skip: [2026-12-25], per_day: geheim}
pinterest: {redirect_url: "https://erna.example/callback", api_url: "https://erna.example", environment: pina_verysecret}
web: {listen: "192.0.2.77:7478", hosts: [erna.example]}
notify: {urls: ["ntfy://tk_verysecret@erna.example/geheim"], on: [failed]}
state_dir: /home/erna/state
Schatzkarte: {geheim: Erna}
log: {level: debug, format: Oma Erna}
`

// privateLog is a log in both forms, with a crash amid it.
const privateLog = `time=2026-12-01T09:00:00Z level=INFO msg="pinfold is ready" version=1.0.0 environment=production folders=1 page=http://erna.example:7478
time=2026-12-01T09:00:01Z <4>msg="A post needs you" post=12 path="Hochzeit/Oma Erna.jpg" state=invalid problem="Hochzeit/Oma Erna.yaml:3:1: unknown key \"Schatzkarte\""
{"time":"2026-12-01T09:00:02Z","level":"INFO","msg":"Posted","post":12,"photo":"Oma Erna.jpg","board":"Lofoten","account":"ernas-konto"}
time=2026-12-01T09:00:03Z level=WARN msg="A directory cannot be read; what is in it stays as it was" folder="PATH" directory=Hochzeit error="open PATH/Hochzeit/Oma Erna: permission denied"
time=2026-12-01T09:00:04Z level=WARN msg="The account waits" problem="x" cause=429 for=15m0s error="stat /home/erna/Familienalbum/a b.jpg: input/output error"
time=2026-12-01T09:00:05Z level=WARN msg="The folder is absent" error="PATH belongs to nachbarin (1000:1000), and pinfold runs as pinfold (998:998): let that user read it"
time=2026-12-01T09:00:06Z level=ERROR msg="no" error="become the user nachbarin, who owns /srv/x: no"
panic: open /home/erna/Familienalbum/geheim.jpg: erna@erna.example
goroutine 1 [running]:
`

func TestABundleHoldsNothingOfTheUsers(t *testing.T) {
	t.Parallel()
	s := healthy(t)
	s.folder = filepath.Join(s.t.TempDir(), "Familienalbum, Oma's Fotos; Erna")
	s.ok(os.Mkdir(s.folder, 0o700))
	s.Config.Folders[0].Path, s.Config.Folders[0].Account = s.folder, "ernas-konto"
	s.Accounts = []account.Status{{Account: "ernas-konto", Problem: &post.Problem{
		ID: "connection-unreadable", Message: "the stored connection of account ernas-konto cannot be opened: open " + s.folder + "/x: no", Fix: "see to it",
	}}}
	s.tell(store.Folder{Path: s.folder, State: "watching", Problem: &post.Problem{ID: "not-read", Message: "pinfold cannot use Oma Erna.yaml.txt: rename it"}})
	s.update(func(tx *store.Tx) error {
		return tx.Insert(&store.Record{Name: "x", Post: post.Post{
			Folder: s.folder, Photo: "Hochzeit/Oma Erna.jpg", State: post.Invalid, Text: post.Text{Title: "Lofoten"},
			Problem: &post.Problem{ID: "unknown-key", Message: `unknown key "Schatzkarte"`},
		}})
	})
	_, s.ConfigFault = config.Parse(filepath.Join(s.folder, "config.yaml"), []byte(
		"folders: [{path: \"/srv/a: Oma Erna\"}, {path: \"/srv/a: Oma Erna/x\", account: \"Oma Erna\"}]\nSchatzkarte: geheim\n"))
	s.DirsFault = errors.New("state directory /srv/Oma's Fotos, Erna and folder " + s.folder + "/Hochzeit, Erna must lie apart")
	s.StoreFault = &fs.PathError{Op: "open", Path: "/srv/Oma's Fotos; Hochzeit, Erna/pinfold", Err: fs.ErrPermission}
	s.APIURL = "http://erna.example:1"
	s.ok(os.WriteFile(s.ConfigFile, []byte(strings.ReplaceAll(privateConfig, "PATH", `"`+s.folder+`"`)), 0o600))
	log := Log{From: "the journal of systemd", Lines: strings.Split(strings.ReplaceAll(privateLog, "PATH", s.folder), "\n")}

	r := Examine(t.Context(), *s.Patient)
	b := NewBundle(Gather(t.Context(), *s.Patient), r, log)
	var shown, written bytes.Buffer
	b.Show(&shown)
	s.ok(b.Write(&written))
	all := unzip(t, written.Bytes())
	for _, text := range []string{shown.String(), all} {
		for _, word := range private {
			if i := strings.Index(text, word); i >= 0 {
				t.Errorf("%q is in it: …%s…", word, text[max(0, i-80):min(len(text), i+80)])
			}
		}
	}
	for _, useful := range []string{
		`"schema": `, `"invalid": 1`, `"unknown-key": 1`, `"id": "folder-state"`, "not-read", "poll_interval: 45s", "timezone: Europe/Oslo",
		"Mon-Fri 09:00", "level: debug", `msg="pinfold is ready"`, "version=1.0.0", "post=12", "state=invalid", "cause=429", "for=15m0s", "permission denied",
		"Sat,sun 7:30", "2026-12-25", "(998:998): let that user read it", "become the user <user>", "open <path>: permission denied",
		"msg=Posted", "goroutine 1", "<folder 1>", "<account 1>",
	} {
		if !strings.Contains(all, useful) {
			t.Errorf("%s is not in it:\n%s", useful, all)
		}
	}
}

// unzip gives all files of a bundle, one after the other.
func unzip(t *testing.T, data []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f.Name, ".json") && !json.Valid(text) {
			t.Errorf("%s is no JSON", f.Name)
		}
		all.Write(text)
	}
	return all.String()
}

func TestTheLogsOwnWordsStay(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	log := logging.New(&b, "debug", "text")
	log.Info("Posted", "post", 7, "photo", "Oma Erna.jpg", "took", "1.5s", "account", "main")
	line := redactor{}.logLine(strings.TrimSpace(b.String()))
	for _, want := range []string{"level=INFO", "msg=Posted", "post=7", "took=1.5s", "photo=…", "account=…", "time=20"} {
		if !strings.Contains(line, want) {
			t.Errorf("%s is not in %s", want, line)
		}
	}
}

// TestAShortNameIsNoPartOfAWord is for the many whose machine, and user, is called pi.
func TestAShortNameIsNoPartOfAWord(t *testing.T) {
	t.Parallel()
	w := redactor{[]name{{"/srv/pins", "<folder 1>"}, {"pi", "<host>"}}}
	for text, want := range map[string]string{
		"pinfold runs on pi":                      "pinfold runs on <host>",
		"pi, pi.local and raspi; api":             "<host>, <host>.local and raspi; api",
		"/srv/pins is absent":                     "<folder 1> is absent",
		"open /srv/pins/a: no":                    "open <folder 1>/…: no",
		"open /srv/pins2/a: no":                   "open <path>: no",
		"the folder /srv/pins: it is not there":   "the folder <folder 1>: it is not there",
		"it belongs to pi (1000:1000), not to me": "it belongs to <user> (1000:1000), not to me",
	} {
		if got := w.text(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func FuzzTextHidesPathsAndQuotes(f *testing.F) {
	for _, seed := range []string{"open /home/erna/x y: no", `read "a \" b"`, `\\nas\Pins`, "C:\\Users\\erna", "erna@example.org", "~/x", "a/b.jpg"} {
		f.Add(seed)
	}
	w := redactor{[]name{{"/pins", "<folder 1>"}}}
	f.Fuzz(func(t *testing.T, s string) {
		const canary = "k4n4rie"
		if strings.Contains(s, canary) || strings.ContainsAny(s, "\"'`") {
			return
		}
		for _, hidden := range []string{`"` + canary + `"`, "/" + canary, "/pins/a " + canary, `C:\a b\` + canary, "https://" + canary, canary + "@x.org", "a " + canary + ".jpg"} {
			if got := w.text(s + " " + hidden); strings.Contains(got, canary) {
				t.Errorf("%q leaves %q", s+" "+hidden, got)
			}
		}
	})
}
