package watcher

import (
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"

	"github.com/fsnotify/fsnotify"
)

// notifier turns fsnotify's events into ours. It is all that knows fsnotify.
type notifier struct {
	fs     *fsnotify.Watcher
	prefix string // of absolute paths in the folder
	root   string
	log    *slog.Logger
	events chan event // never closed
	done   chan struct{}
	ended  sync.WaitGroup
}

func newNotifier(root string, log *slog.Logger) (*notifier, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	root = filepath.Clean(root)
	n := &notifier{
		fs: w, root: root, prefix: strings.TrimSuffix(root, string(filepath.Separator)) + string(filepath.Separator),
		log: log, events: make(chan event), done: make(chan struct{}),
	}
	n.ended.Go(n.run)
	return n, nil
}

func (n *notifier) add(dir string) error { return n.fs.Add(dir) }

// remove drops a watch. That it is gone already is no fault.
func (n *notifier) remove(dir string) {
	if err := n.fs.Remove(dir); err != nil && !errors.Is(err, fsnotify.ErrNonExistentWatch) {
		n.log.Debug("watch is gone already", slog.String("directory", Printable(dir)), slog.Any("error", err))
	}
}

func (n *notifier) close() {
	close(n.done)
	if err := n.fs.Close(); err != nil {
		n.log.Warn("cannot stop watching", slog.String("folder", n.root), slog.Any("error", err))
	}
	n.ended.Wait()
}

func (n *notifier) run() {
	for {
		e, ended := n.next()
		if e != (event{}) {
			select {
			case n.events <- e:
			case <-n.done:
				return
			}
		}
		if ended {
			return
		}
	}
}

// next waits for one event; the zero event says nothing. ended: there will be no more, without our doing.
func (n *notifier) next() (e event, ended bool) {
	select {
	case <-n.done:
		return event{}, true
	case raw, ok := <-n.fs.Events:
		if !ok {
			return event{lost: true}, true
		}
		return n.translate(raw), false
	case err, ok := <-n.fs.Errors:
		if !ok || errors.Is(err, fsnotify.ErrEventOverflow) {
			return event{lost: true}, !ok
		}
		n.log.Warn("watching folder", slog.String("folder", n.root), slog.Any("error", err))
		return event{}, false
	}
}

// translate gives the zero event for what says nothing.
func (n *notifier) translate(raw fsnotify.Event) event {
	e := event{path: "."}
	if raw.Name != n.root {
		below, ok := strings.CutPrefix(raw.Name, n.prefix)
		if !ok {
			return event{}
		}
		e.path = filepath.ToSlash(below)
	}
	e.name = raw.Has(fsnotify.Create) || raw.Has(fsnotify.Remove) || raw.Has(fsnotify.Rename)
	// Chmod alone is noise: indexers and backup programs cause it all the time.
	e.idle = !e.name && !raw.Has(fsnotify.Write)
	return e
}
