// Package config reads config.yaml: which folders are watched and how, when and as what pinfold posts, and
// where it keeps its state. Reading is strict (see package strictyaml): every problem of the file is reported
// at once, with its place, and nothing is half-accepted. config.example.yaml, at the top of the repository,
// documents every setting; a test holds it to this package.
package config

import (
	"time"

	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// Config is a whole configuration: what the file says, and the defaults for the rest.
type Config struct {
	File    string // as it was given to Load or Parse; "" for Default
	Folders []Folder

	Timezone    string // IANA name; "": $TZ or the system's
	DefaultTime Clock  // of a publish_at that is a date alone
	Schedule    Schedule
	Pinterest   Pinterest
	Web         Web
	Notify      Notify

	StateDir, KeyDir string // absolute; "": see Dirs
	ErrorNotes       bool   // write notes about problems beside the photos
	Rescan           time.Duration
	Image            Image
	Log              Log

	Warnings strictyaml.Findings // settings that the file should have otherwise, and that the next version refuses

	listenGiven bool // the file sets web.listen, so $PINFOLD_LISTEN does not
}

// What becomes of a posted pair of files.
const (
	AfterPostKeep = "keep" // they stay where they are
	AfterPostMove = "move" // they go to posted/YYYY/
)

// How changes in a folder are noticed.
const (
	WatchAuto = "auto" // by events where the file system gives them, else by polling
	WatchPoll = "poll" // by polling
)

// Folder is one watched directory tree.
type Folder struct {
	Path         string // absolute and clean
	Account      string
	Timezone     string // IANA name; "": the config's
	AfterPost    string // AfterPostKeep or AfterPostMove
	Watch        string // WatchAuto or WatchPoll
	PollInterval time.Duration
	Ledger       bool            // keep .pinfold/ in the folder
	Ignore       []string        // doublestar patterns, relative to Path, slash-separated
	Defaults     sidecar.Sidecar // as in a _pinfold.yaml at the folder's top

	Settle       *time.Duration // nil: by mode, see SettleTime
	PublishGrace time.Duration
	GoneAfter    time.Duration
	SyncGrace    time.Duration
}

// SettleTime is how long a file must be unchanged before it is read, where the folder is polled or not.
func (f Folder) SettleTime(polled bool) time.Duration {
	switch {
	case f.Settle != nil:
		return *f.Settle
	case polled:
		return DefaultSettlePolled
	}
	return DefaultSettle
}

// Clock is a time of day.
type Clock struct{ Hour, Minute int }

// Date is a calendar day.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// Slot is a time of the week at which the queue posts.
type Slot struct {
	Days []time.Weekday // at least one, each once, in the order written
	At   Clock
}

// Schedule says when the queue posts, and how posts are spaced.
type Schedule struct {
	Slots      []Slot
	Skip       []Date
	MinGap     time.Duration // between two pins of an account
	PerDay     int           // pins of an account in a day that nobody gave a time to
	MaxLate    time.Duration // later than that is missed
	CatchUpGap time.Duration // between two late pins
}

// The environments that Pinterest has.
const (
	Production = "production"
	Sandbox    = "sandbox"
)

// Pinterest says which Pinterest is talked to, and how. Use Config's Environment, APIURL and AuthorizeURL.
type Pinterest struct {
	Environment  string // Production or Sandbox; "": left out, so that it can be chosen on the page, and Production until then
	SecretBoards bool
	RedirectURL  string
	APIURL       string          // override: base without /v5 and final slash; "": by Environment
	AuthorizeURL string          // override; "": see Config.AuthorizeURL
	ConfirmAfter []time.Duration // when a pin of unknown fate is looked for; rising, at least one
}

// Web is the local page.
type Web struct {
	Listen  string   // host:port
	Hosts   []string // names it may be called by, besides localhost and IP addresses; lower case
	Metrics bool
}

// The events that people can be told of.
const (
	EventInvalid      = "invalid"
	EventFailed       = "failed"
	EventMissed       = "missed"
	EventUnconfirmed  = "unconfirmed"
	EventPaused       = "paused"
	EventDisconnected = "disconnected"
	EventAbsent       = "absent"
	EventStandby      = "standby"
)

// Events lists all events.
func Events() []string {
	return []string{
		EventInvalid, EventFailed, EventMissed, EventUnconfirmed, EventPaused, EventDisconnected, EventAbsent, EventStandby,
	}
}

// Notify says who is told of what. URLs hold secrets: they are in no error and belong into no log.
type Notify struct {
	URLs   []string
	On     []string // of Events
	Weekly bool
}

// What of a photo's metadata is sent.
const (
	MetadataStripLocation = "strip-location" // without location, serial numbers and owner
	MetadataKeep          = "keep"
	MetadataStripAll      = "strip-all"
)

// Image says how photos are prepared.
type Image struct {
	MaxSide  int // pixels of the longest side of a converted photo
	Metadata string
}

// Log says what is logged, and how.
type Log struct {
	Level  string // debug, info, warn or error
	Format string // text or json
}

// RescanEvery is how often a folder is read again in full, where its events are proven to arrive or not.
func (c Config) RescanEvery(proven bool) time.Duration {
	if proven {
		return c.Rescan
	}
	return min(c.Rescan, RescanUnproven)
}
