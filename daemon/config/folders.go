package config

import (
	"io/fs"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// leastInterval is the least time between two looks at a folder: 0s would keep the processor busy for ever.
const leastInterval = 10 * time.Millisecond

// maxEntries bounds lists that each cost work for ever.
const maxEntries = 100

// folders reads the list of folders.
func (r reader) folders(m *strictyaml.Map) {
	const fix = "write folders: with a line `  - path: ~/Pins` below it"
	for _, item := range m.Need("folders", fix).List(true, maxEntries, fix) {
		below := item.Map("write `- path: ~/Pins`")
		if below == nil {
			continue
		}
		if folder, ok := r.folder(below); ok {
			r.c.Folders = append(r.c.Folders, folder)
		}
	}
}

// folder reads one folder; ok is false without a path.
func (r reader) folder(m *strictyaml.Map) (folder Folder, ok bool) {
	r.retire(m)
	at := m.Need("path", "write path: ~/Pins")
	folder = DefaultFolder(r.path(at, false))
	setText(&folder.Account, sidecar.ReadAccount(m.Get("account")))
	setText(&folder.Timezone, sidecar.ReadTimezone(m.Get("timezone")))
	setText(&folder.AfterPost, m.Get("after_post").Choice(AfterPostKeep, AfterPostMove))
	setText(&folder.Watch, m.Get("watch").Choice(WatchAuto, WatchPoll))
	setSpan(&folder.PollInterval, m.Get("poll_interval"), leastInterval)
	setFlag(&folder.Ledger, m.Get("ledger"))
	folder.Ignore = readPatterns(m.Get("ignore"))
	if f := m.Get("defaults"); f != nil {
		if below := f.Map(indented); below != nil {
			folder.Defaults = sidecar.ReadDefaults(below)
		}
	}
	if d := m.Get("settle").Duration(0); d != nil {
		folder.Settle = new(d.Flat())
	}
	setSpan(&folder.PublishGrace, m.Get("publish_grace"), 0)
	setSpan(&folder.GoneAfter, m.Get("gone_after"), 0)
	setSpan(&folder.SyncGrace, m.Get("sync_grace"), 0)
	m.Close()
	if folder.Path == "" {
		return Folder{}, false
	}
	r.checkApart(at, folder.Path)
	return folder, true
}

// checkApart reports a folder that is, holds or lies in one of those before: its photos would be posted twice.
func (r reader) checkApart(at *strictyaml.Field, path string) {
	for _, other := range r.c.Folders {
		switch in, out := r.sys.within(other.Path, path), r.sys.within(path, other.Path); {
		case in && out:
			at.Add(IDNestedFolder, "is given twice", "remove one of them")
			return
		case in:
			at.Add(IDNestedFolder, "lies inside another folder, "+other.Path, "watch one of them")
			return
		case out:
			at.Add(IDNestedFolder, "holds another folder, "+other.Path, "watch one of them")
			return
		}
	}
}

// path reads a path and makes it absolute. An empty text is allowed for none.
func (r reader) path(f *strictyaml.Field, empty bool) string {
	v := f.Text(strictyaml.TextRule{Empty: empty})
	if v == nil || v.Text == "" {
		return ""
	}
	abs, ok := r.sys.absolute(r.base, v.Text)
	if !ok {
		f.Add(IDBadPath, "begins with ~, which cannot be resolved here", "write the whole path")
		return ""
	}
	return abs
}

// readPatterns reads patterns of files to ignore.
func readPatterns(f *strictyaml.Field) []string {
	var patterns []string
	for _, item := range f.List(false, maxEntries, `write ["*.tmp", "drafts/**"]`) {
		v := item.Text(strictyaml.TextRule{})
		if v == nil {
			continue
		}
		if v.Text == "." || !fs.ValidPath(strings.TrimSuffix(v.Text, "/")) || !doublestar.ValidatePattern(v.Text) {
			item.Add(IDBadPattern, "is not a pattern", "write one relative to the folder, such as drafts/** or **/*.tmp")
			continue
		}
		patterns = append(patterns, v.Text)
	}
	return patterns
}
