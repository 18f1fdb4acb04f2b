package daemon

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/reconcile"
	"github.com/divitio/pinfold/daemon/schedule"
)

// RulesFor is what the config says about a folder's files. zone is the one that holds where nothing names one.
func RulesFor(c config.Config, f config.Folder, zone string) reconcile.Rules {
	r := reconcile.Rules{
		Account: f.Account, Timezone: f.Timezone, StoredZone: zone,
		DefaultTime: schedule.Clock(c.DefaultTime), Defaults: f.Defaults,
		Queue: len(c.Schedule.Slots) > 0, QueueZone: cmp.Or(c.Timezone, zone),
	}
	if r.Timezone == "" {
		r.Timezone = c.Timezone
	}
	return r
}

// digest stands for what the rules say. Where in the config they say it does not count: a failed post must not
// be planned afresh because a comment was added.
func digest(r reconcile.Rules) (string, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("digest rules: %w", err)
	}
	var said any
	if err := json.Unmarshal(text, &said); err != nil {
		return "", fmt.Errorf("digest rules: %w", err)
	}
	if text, err = json.Marshal(withoutPlaces(said)); err != nil {
		return "", fmt.Errorf("digest rules: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8]), nil
}

// withoutPlaces takes file, line and column off all values in decoded JSON.
func withoutPlaces(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range []string{"File", "Line", "Column"} {
			delete(v, key)
		}
		for key := range v {
			v[key] = withoutPlaces(v[key])
		}
	case []any:
		for i := range v {
			v[i] = withoutPlaces(v[i])
		}
	}
	return v
}

// program stands for the program that runs, by its version and its file: another one may read the same files in
// another way. If that cannot be told, it is a new one each time.
func program() string {
	info, err := os.Stat("/proc/self/exe") // not what may lie in its place by now
	if err != nil {
		path, failed := os.Executable()
		if info, err = os.Stat(path); cmp.Or(failed, err) != nil {
			return rand.Text()
		}
	}
	return fmt.Sprintf("%s %d %d", Version(), info.Size(), info.ModTime().UnixNano())
}
