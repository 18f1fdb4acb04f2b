package doctor

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"os/user"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/watcher/strictyaml"

	"gopkg.in/yaml.v3"
)

// redactor takes out of a text what belongs to the user. First what is known by name is given another one, so that it
// can still be followed; then whatever looks like a path, an address, a quoted text or a file goes.
type redactor struct {
	names []name // those that begin alike: the longest first
}

// name is a text of the user's, and what stands in its place.
type name struct{ text, as string }

// newRedactor knows the names of a patient's things.
func newRedactor(p Patient) redactor {
	known := map[string]string{}
	know := func(text, as string) {
		if len(text) > 1 && known[text] == "" {
			known[text] = as
		}
	}
	for i, f := range p.Config.Folders {
		know(f.Path, fmt.Sprintf("<folder %d>", i+1))
	}
	for i, a := range p.Accounts {
		if a.Account != "main" {
			know(a.Account, fmt.Sprintf("<account %d>", i+1))
		}
	}
	know(p.Dirs.State, "<state>")
	know(p.Dirs.Keys, "<keys>")
	know(p.ConfigFile, "<config>")
	for _, host := range append(slices.Clone(p.Config.Web.Hosts), hostOf(p.Config.Web.Listen), overridden(p.APIURL)) {
		know(host, "<host>")
	}
	if home, err := os.UserHomeDir(); err == nil && home != "/" {
		know(home, "<home>")
	}
	if host, err := os.Hostname(); err == nil {
		know(host, "<host>")
	}
	if u, err := user.Current(); err == nil && u.Username != "root" && u.Username != "pinfold" {
		know(u.Username, "<user>")
	}
	var w redactor
	for text, as := range known {
		w.names = append(w.names, name{text, as})
	}
	slices.SortFunc(w.names, func(a, b name) int {
		return cmp.Or(cmp.Compare(len(b.text), len(a.text)), strings.Compare(a.text, b.text))
	})
	return w
}

// renamed replaces the names, but not where one is only a part of a word: many a machine and user is called pi.
func (w redactor) renamed(s string) string {
	var b strings.Builder
	for before := ' '; s != ""; {
		found := slices.IndexFunc(w.names, func(n name) bool {
			after, size := utf8.DecodeRuneInString(s[min(len(n.text), len(s)):])
			return strings.HasPrefix(s, n.text) && (!inWord(before) || !inWord(firstRune(n.text))) && (size == 0 || !inWord(after))
		})
		if found >= 0 {
			b.WriteString(w.names[found].as)
			before, s = '>', s[len(w.names[found].text):]
			continue
		}
		r, size := utf8.DecodeRuneInString(s)
		b.WriteString(s[:size])
		before, s = r, s[size:]
	}
	return b.String()
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }

// hostOf is the host of an address to listen on, unless it says nothing of the user.
func hostOf(listen string) string {
	host, _, err := net.SplitHostPort(listen)
	if err != nil || local(host) {
		return ""
	}
	return host
}

// local reports whether a host is this machine, whatever it is called.
func local(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && (ip.IsLoopback() || ip.IsUnspecified()))
}

// overridden is the host of the API's address, unless it is Pinterest's own.
func overridden(address string) string {
	u, err := url.Parse(address)
	if err != nil || strings.HasSuffix(u.Hostname(), ".pinterest.com") || local(u.Hostname()) {
		return ""
	}
	return u.Hostname()
}

// What looks like something of the user's. Each goes up to where it can no longer be part of it: too much is better
// than too little.
var personal = []struct {
	like *regexp.Regexp
	as   string
}{
	{regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://\S*`), "<address>"},
	{regexp.MustCompile(`\S*@\S+`), "<address>"},
	{regexp.MustCompile(`"(?:[^"\\]|\\.)*"`), `"…"`},
	// The owner of a file, and who pinfold works as: package rights names them so.
	{regexp.MustCompile(`[^\s(]+ \((\d+:\d+)\)`), "<user> ($1)"},
	{regexp.MustCompile(`\bthe user [^\s,]+`), "the user <user>"},
	// A path may hold anything; in the system's errors a colon and a blank end it.
	{regexp.MustCompile(`(<(?:folder \d+|state|keys|home|config)>)[/\\](?:[^:\n]|:[^\s])*`), "$1/…"},
	{regexp.MustCompile(`\b[A-Za-z]:\\(?:[^:\n]|:[^\s])*`), "<path>"},
	{regexp.MustCompile(`(^|[^A-Za-z0-9_.>-])(?:\\\\|~?/)(?:[^:\n]|:[^\s])*`), "$1<path>"},
	{regexp.MustCompile(`'[^']*'`), `'…'`},
}

// fileLike is what a file's name ends in, or a date of a camera's.
var fileLike = regexp.MustCompile(`(?i)\.(jpe?g|jpe|png|webp|gif|tiff?|bmp|hei[cf]|avif|ya?ml|xmp|mp4|mov|csv|txt|db|json|raw|dng|arw|nef|cr[23])\b`)

// text is a message as anybody may read it.
func (w redactor) text(s string) string {
	s = w.renamed(s)
	for _, p := range personal {
		s = p.like.ReplaceAllString(s, p.as)
	}
	if fileLike.MatchString(s) { // a file's name may hold anything, and nobody knows where it begins
		return "<removed: names a file>"
	}
	return s
}

// sections are the settings that hold others.
var sections = []string{"folders", "schedule", "pinterest", "web", "notify", "image", "log"}

// shown are the settings whose values say nothing of the user, if they are written as they should be. Of all others
// only the names are kept.
var shown = []string{
	"timezone", "default_time", "error_notes", "rescan",
	"folders.after_post", "folders.watch", "folders.poll_interval", "folders.ledger", "folders.timezone", "folders.settle",
	"folders.publish_grace", "folders.gone_after", "folders.sync_grace",
	"schedule.slots", "schedule.skip", "schedule.min_gap", "schedule.per_day", "schedule.max_late", "schedule.catch_up_gap",
	"pinterest.environment", "pinterest.secret_boards", "pinterest.confirm_after", "web.metrics", "notify.on", "notify.weekly",
	"image.max_side", "image.metadata", "log.level", "log.format",
}

// hidden are settings that exist, and whose values are the user's.
var hidden = []string{
	"folders.path", "folders.account", "folders.ignore", "folders.defaults", "pinterest.redirect_url", "pinterest.api_url",
	"pinterest.authorize_url", "web.listen", "web.hosts", "notify.urls", "state_dir", "key_dir",
}

// harmless are numbers, durations, days, times of day and of the week. A name is none of them, nor a token that was
// written into the wrong line.
var harmless = regexp.MustCompile(`(?i)^(\d{1,6}(\.\d{1,6})?|(\d{1,6}(ms|s|m|h|d))+|\d{4}-\d\d-\d\d|((` + days + `)(-(` + days + `))?,?)* *\d{1,2}:\d\d)?$`)

const days = "mon|tue|wed|thu|fri|sat|sun"

// words are pinfold's own, for settings that take one of some.
var words = slices.Concat(config.Events(), []string{
	"true", "false", config.AfterPostKeep, config.AfterPostMove, config.WatchAuto, config.WatchPoll, config.Production, config.Sandbox,
	config.MetadataStripLocation, config.MetadataKeep, config.MetadataStripAll, "debug", "info", "warn", "error", "text", "json",
})

// config is the config with its settings, but without texts, addresses, paths and comments, and without what is no
// setting of pinfold's.
func (w redactor) config(text []byte) string {
	if text == nil {
		return "# there is none, or it cannot be read\n"
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil || len(doc.Content) != 1 {
		return "# it is not YAML\n"
	}
	clean, err := yaml.Marshal(w.clean("", doc.Content[0]))
	if err != nil {
		return "# it cannot be written\n"
	}
	return string(clean)
}

// clean is a node made anew of what is shown.
func (w redactor) clean(path string, n *yaml.Node) any {
	switch {
	case n.Kind == yaml.MappingNode && (path == "" || slices.Contains(sections, path)):
		clean := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := strings.TrimPrefix(path+"."+n.Content[i].Value, ".")
			if !slices.Contains(slices.Concat(sections, shown, hidden), key) {
				clean["<unknown>"] = "<removed>"
				continue
			}
			clean[n.Content[i].Value] = w.clean(key, n.Content[i+1])
		}
		return clean
	case n.Kind == yaml.SequenceNode && (path == "folders" || slices.Contains(shown, path)):
		clean := []any{}
		for i, item := range n.Content {
			one := w.clean(path, item)
			if settings, ok := one.(map[string]any); ok && settings["path"] != nil {
				settings["path"] = fmt.Sprintf("<folder %d>", i+1)
			}
			clean = append(clean, one)
		}
		return clean
	case n.Kind == yaml.ScalarNode && slices.Contains(shown, path) && isShown(path, n.Value):
		return n.Value
	}
	return "<removed>"
}

// isShown reports whether the value of a setting is one as it should be.
func isShown(path, value string) bool {
	if strings.HasSuffix(path, "timezone") {
		_, err := time.LoadLocation(value)
		return err == nil
	}
	return harmless.MatchString(value) || slices.Contains(words, value)
}

// readConfig reads a config of bounded size.
func readConfig(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, strictyaml.MaxSize))
}
