package config

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// with parses a config with more settings than a folder.
func with(settings string) (Config, strictyaml.Findings) {
	return parse(testSystem(), "c.yaml", []byte("folders: [{path: /p}]\n"+settings))
}

func TestEnvironmentIsWhereItPosts(t *testing.T) {
	tests := map[string]struct{ environment, api, authorize string }{
		"{}":                                                       {"production", "https://api.pinterest.com", "https://www.pinterest.com/oauth/"},
		"{environment: sandbox}":                                   {"sandbox", "https://api-sandbox.pinterest.com", "https://www.pinterest.com/oauth/"},
		"{api_url: 'http://127.0.0.1:8080'}":                       {"http://127.0.0.1:8080", "http://127.0.0.1:8080", "http://127.0.0.1:8080/oauth/"},
		"{api_url: 'http://LocalHost:80/base/'}":                   {"http://localhost", "http://LocalHost:80/base", "http://localhost/oauth/"},
		"{api_url: 'https://a.b:443'}":                             {"https://a.b", "https://a.b:443", "https://a.b/oauth/"},
		"{api_url: 'http://[::1]:9/'}":                             {"http://[::1]:9", "http://[::1]:9", "http://[::1]:9/oauth/"},
		"{api_url: 'https://API.pinterest.com:443/'}":              {"production", "https://API.pinterest.com:443", "https://www.pinterest.com/oauth/"},
		"{environment: sandbox, api_url: 'http://a'}":              {"http://a", "http://a", "http://a/oauth/"},
		"{api_url: 'http://a', authorize_url: 'http://b/x'}":       {"http://a", "http://a", "http://b/x"},
		"{api_url: 'https://api-sandbox.pinterest.com'}":           {"sandbox", "https://api-sandbox.pinterest.com", "https://www.pinterest.com/oauth/"},
		"{api_url: '', authorize_url: '', redirect_url: ''}":       {"production", "https://api.pinterest.com", "https://www.pinterest.com/oauth/"},
		"{environment: production, authorize_url: 'https://c/d/'}": {"production", "https://api.pinterest.com", "https://c/d/"},
	}
	for text, want := range tests {
		c, fs := with("pinterest: " + text)
		if len(fs) > 0 || c.Environment() != want.environment || c.APIURL() != want.api || c.AuthorizeURL() != want.authorize {
			t.Errorf("%s: got %q, %q, %q, %v; want %q", text, c.Environment(), c.APIURL(), c.AuthorizeURL(), fs, want)
		}
		if c.Pinterest.RedirectURL != DefaultRedirectURL {
			t.Errorf("%s: redirect %q", text, c.Pinterest.RedirectURL)
		}
	}
}

func TestAddresses(t *testing.T) {
	tests := map[string]map[string]bool{
		"api_url": {
			"http://a": true, "https://a.b:1/c": true, "http://a/v5": false, "http://a/x/v5/": false, "http://a?b": false, "http://a?": false,
			"ftp://a": false, "a": false, "http://": false, "http://:80": false, "http://a:99999": false, "http://u:p@a": false,
			"http://a#b": false, "http://a b": false, "http://a\\b": false, "http://1.2.3": false, "//a": false, "http://%zz": false,
		},
		"redirect_url":  {"http://localhost:7478/callback": true, "https://a/b?c=d": true, "http://a/#": false, "localhost:7478": false},
		"authorize_url": {"https://a/oauth/": true, "https://a/?b": false},
	}
	for key, addresses := range tests {
		for address, want := range addresses {
			_, fs := with("pinterest: {" + key + ": '" + address + "'}")
			if (len(fs) == 0) != want || !want && !fs.Has(IDBadURL) {
				t.Errorf("%s: %s: got %v", key, address, fs)
			}
		}
	}
}

func TestListenAddresses(t *testing.T) {
	for listen, want := range map[string]bool{
		"127.0.0.1:7478": true, ":80": true, "localhost:0": true, "[::1]:7478": true, "nas.local:1": true, "[fe80::1%eth0]:1": true,
		"7478": false, "127.0.0.1": false, "a:b": false, "a:99999": false, "::1:80": false, "300.1.1.1:80": false, "http://a:1": false,
		"a b:1": false, ":": false, "": false, "a:-1": false,
	} {
		_, fs := with("web: {listen: '" + listen + "'}")
		if (len(fs) == 0) != want {
			t.Errorf("%s: got %v", listen, fs)
		}
	}
}

func TestHostsAreNames(t *testing.T) {
	for host, want := range map[string]bool{
		"nas": true, "Pins.Example.ORG": true, "my_nas.local": true, "192.168.1.2": true, "xn--tke-ula.no": true,
		"a:80": false, "http://a": false, "a/b": false, "*.a": false, "-a": false, "a..b": false, "a.": false, "": false, "tåke.no": false,
		strings.Repeat("a", 64): false, strings.Repeat("a.", 200) + "b": false,
	} {
		c, fs := with("web: {hosts: ['" + host + "']}")
		if (len(fs) == 0) != want || want && c.Web.Hosts[0] != strings.ToLower(host) {
			t.Errorf("%s: got %v, %v", host, c.Web.Hosts, fs)
		}
	}
}

func TestSlots(t *testing.T) {
	for text, want := range map[string]string{
		"Mon-Fri 09:00": "[Monday Tuesday Wednesday Thursday Friday] 09:00", "Sat,Sun 10:30": "[Saturday Sunday] 10:30",
		"sat-MON 00:00": "[Saturday Sunday Monday] 00:00", "Wed 23:59": "[Wednesday] 23:59", "Mon,Wed-Thu,Sun   07:05": "[Monday Wednesday Thursday Sunday] 07:05",
		"Mon-Mon 01:00": "[Monday] 01:00", "Mon-Sun 01:00": "[Monday Tuesday Wednesday Thursday Friday Saturday Sunday] 01:00",
	} {
		c, fs := with("schedule: {slots: ['" + text + "']}")
		if len(fs) > 0 {
			t.Errorf("%s: %v", text, fs)
			continue
		}
		if got := fmt.Sprint(c.Schedule.Slots[0].Days, c.Schedule.Slots[0].At); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	bad := []string{
		"09:00", "Mon", "Mon 9:00", "Mon 24:00", "Mon 09:60", "Mon 09:00:00", "Monday 09:00", "Mon- 09:00", "Mon, 09:00", ",Mon 09:00",
		"Mon Tue 09:00", "Mon,Mon 09:00", "Mon-Wed,Tue 09:00", "Mon-Tue-Wed 09:00", "Mån 09:00", "Mon 09:00 UTC", "Mon 9am",
	}
	for _, text := range bad {
		if _, fs := with("schedule: {slots: ['" + text + "']}"); !fs.Has(IDBadSlot) {
			t.Errorf("%s: got %v", text, fs)
		}
	}
}

func TestTimesOfDayAndDates(t *testing.T) {
	c, fs := with("default_time: 18:05\nschedule: {skip: [2026-12-25, 2028-02-29]}\n")
	if len(fs) > 0 || c.DefaultTime != (Clock{18, 5}) || c.Schedule.Skip[1] != (Date{2028, time.February, 29}) {
		t.Errorf("got %+v, %+v, %v", c.DefaultTime, c.Schedule.Skip, fs)
	}
	for _, text := range []string{"default_time: 9", "default_time: 24:00", "default_time: 09.00", "default_time: 09:00:00"} {
		if _, fs := with(text); !fs.Has(IDBadTime) {
			t.Errorf("%s: got %v", text, fs)
		}
	}
	for _, date := range []string{"2026-02-29", "2026-1-1", "26-01-01", "2026-12-25 10:00", "Christmas"} {
		if _, fs := with("schedule: {skip: ['" + date + "']}"); !fs.Has(IDBadDate) {
			t.Errorf("%s: got %v", date, fs)
		}
	}
}

func TestPauses(t *testing.T) {
	c, fs := with("schedule: {min_gap: 0s, max_late: 0s, catch_up_gap: 1d12h}\nrescan: 2h\n")
	if s := c.Schedule; len(fs) > 0 || s.MinGap != 0 || s.MaxLate != 0 || s.CatchUpGap != 36*time.Hour {
		t.Errorf("got %+v, %v", s, fs)
	}
	if c.RescanEvery(true) != 2*time.Hour || c.RescanEvery(false) != time.Hour {
		t.Errorf("rescan every %v and %v", c.RescanEvery(true), c.RescanEvery(false))
	}
	f := DefaultFolder("/p")
	if f.SettleTime(false) != DefaultSettle || f.SettleTime(true) != DefaultSettlePolled {
		t.Errorf("settle %v and %v", f.SettleTime(false), f.SettleTime(true))
	}
	f.Settle = new(time.Duration(0))
	if f.SettleTime(true) != 0 {
		t.Errorf("settle %v, want 0s", f.SettleTime(true))
	}
}

func TestNotifyTargetsAreNeverShown(t *testing.T) {
	const secret = "s3cr3t"
	for _, text := range []string{
		"urls: [" + secret + "]", "urls: ['" + secret + " x']", "urls: [{a: " + secret + "}]", "urls: " + secret, "urls: [x #" + secret + "]",
		"urls: [\"ntfy://" + secret + "\\x07\"]", "urls: [ntfy://" + secret + ", a: b: c]",
	} {
		if _, fs := with("notify: {" + text + "\n}"); len(fs) == 0 || strings.Contains(fs.Error(), secret) {
			t.Errorf("%s: got %v", text, fs)
		}
	}
}

func TestCatalogueExplainsEachIDOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range append(append(strictyaml.Catalogue(), sidecar.Catalogue()...), Catalogue()...) {
		if seen[e.ID] || e.Means == "" {
			t.Errorf("entry %+v is double or empty", e)
		}
		seen[e.ID] = true
	}
}
