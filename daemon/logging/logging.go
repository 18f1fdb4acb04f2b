// Package logging writes the daemon's log: as text or JSON, and for systemd's journal in the form that it expects.
package logging

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
)

// New is a log that is written to w. level is debug, info, warn or error; anything else is info. format is text or
// json.
//
// Where w is the journal, each line begins with its priority (sd-daemon(3)) and has neither time nor level of its own:
// the journal shows both.
func New(w io.Writer, level, format string) *slog.Logger {
	f, isFile := w.(*os.File)
	return slog.New(newHandler(w, level, format, isFile && isJournal(f, os.Getenv("JOURNAL_STREAM"))))
}

// Errors is w for what the program says as it ends in failure: where w is the journal, each line has an error's priority.
func Errors(w io.Writer) io.Writer {
	if f, ok := w.(*os.File); ok && isJournal(f, os.Getenv("JOURNAL_STREAM")) {
		return &prefixed{w, priorities[0].prefix}
	}
	return w
}

func newHandler(w io.Writer, level, format string, journal bool) slog.Handler {
	var least slog.Level
	if err := least.UnmarshalText([]byte(level)); err != nil {
		least = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: least}
	if !journal {
		return plain(w, format, options)
	}
	options.ReplaceAttr = withoutTimeAndLevel
	h := &journalHandler{least: least}
	for i, p := range priorities {
		h.by[i] = plain(&prefixed{w, p.prefix}, format, options)
	}
	return h
}

func plain(w io.Writer, format string, options *slog.HandlerOptions) slog.Handler {
	if format == "json" {
		return slog.NewJSONHandler(w, options)
	}
	return slog.NewTextHandler(w, options)
}

// withoutTimeAndLevel leaves out what the journal knows.
func withoutTimeAndLevel(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey) {
		return slog.Attr{}
	}
	return a
}

// priorities are syslog's, from the most to the least pressing, with the level from which they hold.
var priorities = [...]struct {
	from   slog.Level
	prefix string
}{
	{slog.LevelError, "<3>"},
	{slog.LevelWarn, "<4>"},
	{slog.LevelInfo, "<6>"},
	{slog.Level(-128), "<7>"},
}

// journalHandler hands each record to the handler that writes its priority.
type journalHandler struct {
	least slog.Level
	by    [len(priorities)]slog.Handler
}

func (h *journalHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.least }

func (h *journalHandler) Handle(ctx context.Context, r slog.Record) error {
	for i, p := range priorities {
		if r.Level >= p.from {
			return h.by[i].Handle(ctx, r)
		}
	}
	return nil
}

func (h *journalHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return h.each(func(one slog.Handler) slog.Handler { return one.WithAttrs(attrs) })
}

func (h *journalHandler) WithGroup(name string) slog.Handler {
	return h.each(func(one slog.Handler) slog.Handler { return one.WithGroup(name) })
}

func (h *journalHandler) each(change func(slog.Handler) slog.Handler) slog.Handler {
	changed := &journalHandler{least: h.least}
	for i := range h.by {
		changed.by[i] = change(h.by[i])
	}
	return changed
}

// prefixed writes a text before each line; slog's handlers write a record by one call.
type prefixed struct {
	w      io.Writer
	prefix string
}

func (p *prefixed) Write(text []byte) (int, error) {
	var marked []byte
	for line := range bytes.Lines(text) {
		marked = append(append(marked, p.prefix...), line...)
	}
	if _, err := p.w.Write(marked); err != nil {
		return 0, err
	}
	return len(text), nil
}
