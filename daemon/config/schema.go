package config

import (
	"time"

	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// Schema is the JSON Schema of config.yaml.
func Schema() strictyaml.Schema {
	s := strictyaml.MapSchema(false,
		key("folders", strictyaml.ListSchema(folderSchema(), true, maxEntries), "The directories that are watched. At least one."),
		key("timezone", sidecar.TimezoneSchema(), "The time zone of times that name none, such as Europe/Oslo. Default: the system's."),
		key("default_time", clockSchema().Else("09:00"), "The time of day of a publish_at that is a date alone."),
		key("schedule", scheduleSchema(), "When the queue posts, and how posts are spaced."),
		key("pinterest", pinterestSchema(), "Which Pinterest is talked to."),
		key("web", webSchema(), "The page on this machine."),
		key("notify", notifySchema(), "Messages to you."),
		key("state_dir", textSchema(true), "Where the store and the sealed tokens are kept; not on a network file system."),
		key("key_dir", textSchema(true), "Where the keys to the tokens are kept; never inside state_dir."),
		key("error_notes", strictyaml.FlagSchema().Else(true), "Leave a note beside a photo that needs you."),
		span("rescan", DefaultRescan, "How often a folder is read again in full where events are proven to arrive."),
		key("image", strictyaml.MapSchema(true,
			key("max_side", strictyaml.IntSchema(minMaxSide, maxMaxSide).Else(DefaultMaxSide), "The longest side in pixels of a photo that is converted."),
			word("metadata", "What of a photo's metadata is sent.", MetadataStripLocation, MetadataKeep, MetadataStripAll),
		), "How photos are prepared."),
		key("log", strictyaml.MapSchema(true,
			key("level", strictyaml.ChoiceSchema("debug", "info", "warn", "error").Else(DefaultLogLevel), "What is logged."),
			word("format", "How.", DefaultLogFormat, "json"),
		), "What pinfold writes to its log."),
	).Says("pinfold's config.")
	s.Required = []string{"folders"}
	defaults := sidecar.DefaultsSchema()
	defaults.Type = []string{"object", "null"} // as any section
	s.Defs = strictyaml.Properties{{Key: "defaults", Schema: defaults}}
	return s
}

func key(name string, s strictyaml.Schema, says string) strictyaml.Property {
	return strictyaml.Property{Key: name, Schema: s.Says("%s", says)}
}

// word is a choice whose first word is the default.
func word(name, says string, words ...string) strictyaml.Property {
	return key(name, strictyaml.ChoiceSchema(words...).Else(words[0]), says)
}

// span is a duration with its default.
func span(name string, otherwise time.Duration, says string) strictyaml.Property {
	return key(name, strictyaml.DurationSchema().Else(strictyaml.Duration{Clock: otherwise}.String()), says)
}

func textSchema(empty bool) strictyaml.Schema {
	return strictyaml.TextSchema(strictyaml.TextRule{Empty: empty})
}

// clockSchema is what parseClock takes.
func clockSchema() strictyaml.Schema {
	return strictyaml.Schema{}.Like(`([01]\d|2[0-3]):[0-5]\d`).Or(`write 24 hours and minutes, such as "09:00"`)
}

// urlSchema is what readURL takes, as far as its form goes.
func urlSchema() strictyaml.Schema {
	return strictyaml.Schema{Type: "string", Pattern: `^\s*(https?://[^\s\\#]+)?\s*$`}
}

func folderSchema() strictyaml.Schema {
	s := strictyaml.MapSchema(false,
		key("path", textSchema(false), "Where it is; ~ is your home directory."),
		key("account", sidecar.AccountSchema().Else(DefaultAccount), "The account that posts from here, for sidecars that name none."),
		key("timezone", sidecar.TimezoneSchema(), "The time zone of times in this folder's sidecars."),
		word("after_post", "What becomes of a pair of files once it is posted.", AfterPostKeep, AfterPostMove),
		word("watch", "How changes are noticed: by events where the file system gives them, or by looking again and again.", WatchAuto, WatchPoll),
		span("poll_interval", DefaultPollInterval, "How often to look where the folder is polled."),
		key("ledger", strictyaml.FlagSchema().Else(true), "Keep .pinfold/ in the folder: whose it is and what was posted from it."),
		key("ignore", strictyaml.ListSchema(textSchema(false), false, maxEntries), `Files to leave alone: patterns such as ["drafts/**", "**/*.tmp"].`),
		key("defaults", strictyaml.Schema{Ref: "#/$defs/defaults"}, "What posts from here have in common."),
		span("settle", DefaultSettle, "How long a file is unchanged before it is read."),
		span("publish_grace", DefaultPublishGrace, "How long a post's files are quiet before it goes out."),
		span("gone_after", DefaultGoneAfter, "How long a photo or sidecar is gone before its post is withdrawn."),
		span("sync_grace", DefaultSyncGrace, "How long overdue posts wait after another installation was seen on this folder."),
	)
	s.Required = []string{"path"}
	return s
}

func scheduleSchema() strictyaml.Schema {
	const (
		day   = `([Mm][Oo][Nn]|[Tt][Uu][Ee]|[Ww][Ee][Dd]|[Tt][Hh][Uu]|[Ff][Rr][Ii]|[Ss][Aa][Tt]|[Ss][Uu][Nn])`
		days  = day + `(-` + day + `)?`
		clock = `([01]\d|2[0-3]):[0-5]\d`
	)
	slot := strictyaml.Schema{}.Like(days + `(,` + days + `)* +` + clock).Or(`write "Mon-Fri 09:00" or "Sat,Sun 10:30"`)
	date := strictyaml.Schema{}.Like(`\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])`)
	return strictyaml.MapSchema(true,
		key("slots", strictyaml.ListSchema(slot, false, maxEntries), `The times of the week at which the queue posts: ["Mon-Fri 09:00", "Sat,Sun 10:30"].`),
		key("skip", strictyaml.ListSchema(date, false, 0), "Days without slots, such as [2026-12-25]."),
		span("min_gap", DefaultMinGap, "The least time between two pins of an account."),
		key("per_day", strictyaml.IntSchema(1, maxPerDay).Else(DefaultPerDay), "The most pins of an account in a day that nobody gave a time to."),
		span("max_late", DefaultMaxLate, "A post that is late by more than this is missed."),
		span("catch_up_gap", DefaultCatchUpGap, "The least time between two late posts."),
	)
}

func pinterestSchema() strictyaml.Schema {
	return strictyaml.MapSchema(true,
		word("environment", "production, or Pinterest's place for trying out.", Production, Sandbox),
		key("secret_boards", strictyaml.FlagSchema().Else(false), "Ask for access to secret boards, too."),
		key("redirect_url", urlSchema().Else(DefaultRedirectURL), "Where Pinterest sends the browser: the very text that is registered with your app."),
		key("api_url", urlSchema(), "Another address for all API calls, without /v5. For tests and odd networks."),
		key("authorize_url", urlSchema(), "Another address for the page where you allow pinfold to post."),
		key("confirm_after", strictyaml.ListSchema(strictyaml.DurationSchema(), true, maxEntries),
			"When to look for a pin whose request got no answer, from short to long: [5s, 30s, 2m, 10m]."),
	)
}

func webSchema() strictyaml.Schema {
	return strictyaml.MapSchema(true,
		key("listen", strictyaml.Schema{}.Like(`[^\s/]*:\d{1,5}`).Else(DefaultListen), "The address and port that it listens on."),
		key("hosts", strictyaml.ListSchema(strictyaml.Schema{}.Like(`[A-Za-z0-9_:.-]{1,253}`), false, maxEntries),
			"The names that the page is called by, besides localhost and IP addresses."),
		key("metrics", strictyaml.FlagSchema().Else(false), "Serve /metrics for Prometheus."),
	)
}

func notifySchema() strictyaml.Schema {
	return strictyaml.MapSchema(true,
		key("urls", strictyaml.ListSchema(strictyaml.Schema{}.Like(`[a-z][a-z0-9+.-]*://\S+`), false, maxEntries),
			`Where messages go, such as ["ntfy://ntfy.sh/my-topic"]. These addresses are secrets.`),
		key("on", strictyaml.ListSchema(strictyaml.ChoiceSchema(Events()...), false, maxEntries), "What they tell of."),
		key("weekly", strictyaml.FlagSchema().Else(false), "Send a summary once a week."),
	)
}
