package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// Load reads a config file and the environment (see WithEnv). The error is strictyaml.Findings if the file is
// wrong, else that of reading it.
func Load(path string) (Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return Config{}, fmt.Errorf("read config: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, strictyaml.MaxSize+1))
	if err != nil {
		return Config{}, fmt.Errorf("read config %s: %w", path, err)
	}
	c, fs := Parse(path, data)
	c, err = c.WithEnv(os.Getenv)
	if env, ok := errors.AsType[strictyaml.Findings](err); ok {
		fs = append(fs, env...)
	}
	if len(fs) > 0 {
		return Config{}, fs
	}
	return c, nil
}

// Parse reads a config. Its paths are relative to the directory of the file that is named; nothing is opened.
// If there are findings, the config is the default one.
func Parse(file string, data []byte) (Config, strictyaml.Findings) {
	return parse(thisSystem(), file, data)
}

// parse is Parse on any system.
func parse(sys system, file string, data []byte) (Config, strictyaml.Findings) {
	return parseRetiring(sys, file, data, retired)
}

// parseRetiring is parse with these settings retired.
func parseRetiring(sys system, file string, data []byte, retired []retirement) (Config, strictyaml.Findings) {
	doc := strictyaml.Parse(file, data)
	c := Default()
	c.File = file
	if doc.Root != nil {
		r := reader{sys: sys, base: sys.dirOf(file), c: &c, retired: retired}
		r.root(doc.Root)
	}
	if fs := doc.Findings(); len(fs) > 0 {
		return Default(), fs
	}
	c.Warnings = doc.Warnings()
	return c, nil
}

// reader fills a config from a file.
type reader struct {
	sys  system
	base string // what relative paths are relative to
	c    *Config

	retired []retirement
}

// indented says how a section is written.
const indented = "write its settings below it, indented"

// root reads the top mapping.
func (r reader) root(m *strictyaml.Map) {
	c := r.c
	r.retire(m)
	r.folders(m)
	setText(&c.Timezone, sidecar.ReadTimezone(m.Get("timezone")))
	setClock(&c.DefaultTime, m.Get("default_time"))
	r.section(m, "schedule", r.schedule)
	r.section(m, "pinterest", r.pinterest)
	r.section(m, "web", r.web)
	r.section(m, "notify", r.notify)
	c.StateDir = r.path(m.Get("state_dir"), true)
	c.KeyDir = r.path(m.Get("key_dir"), true)
	setFlag(&c.ErrorNotes, m.Get("error_notes"))
	setSpan(&c.Rescan, m.Get("rescan"), leastInterval)
	r.section(m, "image", r.image)
	r.section(m, "log", r.log)
	m.Close()
}

// section reads and closes a mapping below a key.
func (r reader) section(m *strictyaml.Map, key string, read func(*strictyaml.Map)) {
	if below := m.Get(key).Map(indented); below != nil {
		r.retire(below)
		read(below)
		below.Close()
	}
}

// maxPerDay bounds per_day: nobody posts as much, and a slip of the finger gets noticed.
const maxPerDay = 1000

// schedule reads when and how often is posted.
func (r reader) schedule(m *strictyaml.Map) {
	s := &r.c.Schedule
	s.Slots = readSlots(m.Get("slots"))
	s.Skip = readSkip(m.Get("skip"))
	setSpan(&s.MinGap, m.Get("min_gap"), 0)
	setInt(&s.PerDay, m.Get("per_day"), 1, maxPerDay)
	setSpan(&s.MaxLate, m.Get("max_late"), 0)
	setSpan(&s.CatchUpGap, m.Get("catch_up_gap"), 0)
}

// pinterest reads which Pinterest is talked to.
func (r reader) pinterest(m *strictyaml.Map) {
	p := &r.c.Pinterest
	setText(&p.Environment, m.Get("environment").Choice(Production, Sandbox))
	setFlag(&p.SecretBoards, m.Get("secret_boards"))
	if u := readURL(m.Get("redirect_url"), redirectRule); u != "" {
		p.RedirectURL = u
	}
	p.APIURL = readURL(m.Get("api_url"), apiRule)
	p.AuthorizeURL = readURL(m.Get("authorize_url"), authorizeRule)
	if f := m.Get("confirm_after"); f != nil {
		p.ConfirmAfter = readRising(f)
	}
}

// readRising reads durations that rise.
func readRising(f *strictyaml.Field) []time.Duration {
	var spans []time.Duration
	for _, item := range f.List(true, maxEntries, "write [5s, 30s, 2m, 10m]") {
		d := item.Duration(0)
		if d == nil {
			continue
		}
		if n := len(spans); n > 0 && d.Flat() <= spans[n-1] {
			item.Add(strictyaml.IDOutOfRange, "is not longer than the one before", "write them from short to long")
		}
		spans = append(spans, d.Flat())
	}
	return spans
}

// The bounds of image.max_side in pixels: Pinterest shows smaller photos badly, and larger ones pass its 20 MB.
const (
	minMaxSide = 600
	maxMaxSide = 10000
)

// image reads how photos are prepared.
func (r reader) image(m *strictyaml.Map) {
	setInt(&r.c.Image.MaxSide, m.Get("max_side"), minMaxSide, maxMaxSide)
	setText(&r.c.Image.Metadata, m.Get("metadata").Choice(MetadataStripLocation, MetadataKeep, MetadataStripAll))
}

// log reads what is logged.
func (r reader) log(m *strictyaml.Map) {
	setText(&r.c.Log.Level, m.Get("level").Choice("debug", "info", "warn", "error"))
	setText(&r.c.Log.Format, m.Get("format").Choice("text", "json"))
}

// setText sets what was given.
func setText(to *string, v *strictyaml.Value) {
	if v != nil {
		*to = v.Text
	}
}

// setFlag sets what was given.
func setFlag(to *bool, f *strictyaml.Field) {
	if v := f.Flag(); v != nil {
		*to = v.On
	}
}

// setInt sets what was given, within bounds.
func setInt(to *int, f *strictyaml.Field, least, most int) {
	if v := f.Int(least, most); v != nil {
		*to = v.N
	}
}

// setSpan sets what was given, a day as 24 hours.
func setSpan(to *time.Duration, f *strictyaml.Field, least time.Duration) {
	if v := f.Duration(least); v != nil {
		*to = v.Flat()
	}
}
