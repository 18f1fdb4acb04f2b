package daemon

import (
	"runtime/debug"
	"testing"
)

func TestABuildTellsWhatItWasMadeFrom(t *testing.T) {
	t.Parallel()
	const revision = "4888b74a53d7f5f3f9f1f0c8cdb1b1f0a1a2b3c4"
	vcs := func(modified string) []debug.BuildSetting {
		return []debug.BuildSetting{{Key: "vcs.revision", Value: revision}, {Key: "vcs.time", Value: "2026-11-27T07:00:00Z"}, {Key: "vcs.modified", Value: modified}}
	}
	tests := map[string]struct {
		version  string
		settings []debug.BuildSetting
		want     Build
	}{
		"nothing is known":        {"(devel)", nil, Build{}},
		"a released module":       {"v1.2.3", nil, Build{Version: "1.2.3"}},
		"a module's commit":       {"v1.2.4-0.20261127070000-4888b74a53d7", nil, Build{"1.2.4-0.20261127070000-4888b74a53d7", "4888b74a53d7", "2026-11-27T07:00:00Z"}},
		"a module without a tag":  {"v0.0.0-20261127070000-4888b74a53d7", nil, Build{"0.0.0-20261127070000-4888b74a53d7", "4888b74a53d7", "2026-11-27T07:00:00Z"}},
		"a checkout":              {"v0.0.0-20261127070000-4888b74a53d7", vcs("false"), Build{"0.0.0-20261127070000-4888b74a53d7", revision, "2026-11-27T07:00:00Z"}},
		"a changed checkout":      {"v1.2.3+dirty", vcs("true"), Build{"1.2.3+dirty", revision + "+changed", "2026-11-27T07:00:00Z"}},
		"no date that there is":   {"v1.2.3-20269927070000-4888b74a53d7", nil, Build{Version: "1.2.3-20269927070000-4888b74a53d7"}},
		"a pre-release, no dates": {"v1.2.3-rc.1", nil, Build{Version: "1.2.3-rc.1"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			info := &debug.BuildInfo{Main: debug.Module{Version: tt.version}, Settings: tt.settings}
			if got := buildOf(info); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}
