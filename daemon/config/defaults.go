package config

import "time"

// The defaults. config.example.yaml shows the same ones; a test compares them.
const (
	// DefaultAccount is the name of the first account.
	DefaultAccount = "main"

	// DefaultPollInterval is how often a polled folder is listed: soon enough for posts that are minutes
	// away, seldom enough for a network disk.
	DefaultPollInterval = 30 * time.Second
	// DefaultSettle is how long a file is unchanged before it is read, where events tell of changes.
	DefaultSettle = 2 * time.Second
	// DefaultSettlePolled is the same where folders are polled: attribute caches of network file systems hide
	// changes for some seconds.
	DefaultSettlePolled = 10 * time.Second
	// DefaultPublishGrace is how long a post's files are quiet before it is published: half a YAML file is
	// often valid YAML.
	DefaultPublishGrace = 10 * time.Second
	// DefaultGoneAfter is how long a file is away before its post is withdrawn: sync tools delete and rename.
	DefaultGoneAfter = 2 * time.Minute
	// DefaultSyncGrace is how long overdue posts wait after another installation was seen on the folder, so
	// that its ledger can arrive by sync.
	DefaultSyncGrace = 10 * time.Minute

	// DefaultMinGap is between two pins of an account: Pinterest takes bursts for spam.
	DefaultMinGap = 30 * time.Second
	// DefaultPerDay is the pins of an account a day that nobody gave a time to: Pinterest's limit is
	// unpublished, accounts that were blocked posted more.
	DefaultPerDay = 25
	// DefaultMaxLate is how late a post may be and still go out by itself: one night with the power off.
	DefaultMaxLate = 24 * time.Hour
	// DefaultCatchUpGap is between two late pins, so that they do not arrive as a flood.
	DefaultCatchUpGap = 5 * time.Minute

	// DefaultRedirectURL is where Pinterest sends the browser back to, whatever web.listen says: it must be
	// the very text that is registered with the app.
	DefaultRedirectURL = "http://localhost:7478/callback"
	// DefaultListen is the local page's address: this machine only.
	DefaultListen = "127.0.0.1:7478"

	// DefaultRescan is how often a folder whose events arrive is read again in full: disks stay asleep.
	DefaultRescan = 24 * time.Hour
	// RescanUnproven is the longest such time where events were not seen to arrive.
	RescanUnproven = time.Hour

	// DefaultMaxSide is the longest side of a converted photo in pixels: twice what Pinterest shows, for
	// screens with a high density.
	DefaultMaxSide = 2400
	// DefaultLogLevel and DefaultLogFormat are for people who look once in a while.
	DefaultLogLevel  = "info"
	DefaultLogFormat = "text"
)

// defaultClock is the time of day of a post that has only a date: people are awake.
func defaultClock() Clock { return Clock{Hour: 9} }

// defaultConfirmAfter are the times after a request of unknown fate at which its pin is looked for: Pinterest
// lists a new pin within seconds, its slowest answers took minutes.
func defaultConfirmAfter() []time.Duration {
	return []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute}
}

// Default is the config of an empty file: everything but the folders.
func Default() Config {
	return Config{
		DefaultTime: defaultClock(),
		Schedule: Schedule{
			MinGap: DefaultMinGap, PerDay: DefaultPerDay, MaxLate: DefaultMaxLate, CatchUpGap: DefaultCatchUpGap,
		},
		Pinterest:  Pinterest{RedirectURL: DefaultRedirectURL, ConfirmAfter: defaultConfirmAfter()},
		Web:        Web{Listen: DefaultListen},
		Notify:     Notify{On: Events()},
		ErrorNotes: true,
		Rescan:     DefaultRescan,
		Image:      Image{MaxSide: DefaultMaxSide, Metadata: MetadataStripLocation},
		Log:        Log{Level: DefaultLogLevel, Format: DefaultLogFormat},
	}
}

// DefaultFolder is the folder of a path, with everything else as it is by default.
func DefaultFolder(path string) Folder {
	return Folder{
		Path: path, Account: DefaultAccount, AfterPost: AfterPostKeep, Watch: WatchAuto,
		PollInterval: DefaultPollInterval, Ledger: true,
		PublishGrace: DefaultPublishGrace, GoneAfter: DefaultGoneAfter, SyncGrace: DefaultSyncGrace,
	}
}
