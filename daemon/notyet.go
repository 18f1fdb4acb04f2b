package daemon

import "github.com/divitio/pinfold/daemon/config"

// NotYet lists the settings of a config that are right but have no effect in this version, so that nobody
// relies on them.
func NotYet(c config.Config) []string {
	var without []string
	note := func(set bool, what string) {
		if set {
			without = append(without, what)
		}
	}
	note(len(c.Notify.URLs) > 0, "notify.urls: nobody is told; see `pinfold status`")
	return without
}
