package daemon

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/divitio/pinfold/daemon/config"
)

func TestTheEnvironmentIsThePagesToChooseOnlyWhereTheConfigLeavesItOpen(t *testing.T) {
	state := t.TempDir()
	install := func(text string) (Installation, error) {
		t.Helper()
		c, found := config.Parse("config.yaml", []byte("folders: [{path: /pins}]\n"+text))
		if len(found) > 0 {
			t.Fatal(found)
		}
		return NewInstallation(c, state)
	}
	for _, c := range []struct {
		chosen, config, environment, api string
		open                             bool
	}{
		{"", "", "production", "https://api.pinterest.com", true},
		{"sandbox", "", "sandbox", "https://api-sandbox.pinterest.com", true},
		{"sandbox", "pinterest: {environment: production}", "production", "https://api.pinterest.com", false},
		{"sandbox", `pinterest: {api_url: "http://127.0.0.1:1"}`, "http://127.0.0.1:1", "http://127.0.0.1:1", false},
		{"production", "pinterest: {environment: sandbox}", "sandbox", "https://api-sandbox.pinterest.com", false},
		{"production", "", "production", "https://api.pinterest.com", true},
	} {
		i, err := install(c.config)
		if c.chosen != "" && err == nil {
			if err = i.ChooseEnvironment(c.chosen); err == nil {
				i, err = install(c.config)
			}
		}
		if err != nil || i.Environment != c.environment || i.APIURL != c.api || i.Open != c.open {
			t.Errorf("chosen %q, config %q: got %q at %q, open %t, %v; want %+v", c.chosen, c.config, i.Environment, i.APIURL, i.Open, err, c)
		}
	}
	i, err := install("")
	if err != nil {
		t.Fatal(err)
	}
	if err := i.ChooseEnvironment("staging"); !errors.Is(err, ErrUsage) {
		t.Errorf("got %v", err)
	}
	file := filepath.Join(state, "environment")
	if err := os.WriteFile(file, []byte("sandb"), 0o600); err != nil { // half of it, say, by hand
		t.Fatal(err)
	}
	if _, err := install(""); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), file) {
		t.Errorf("got %v: what was meant for the sandbox must not go out for real", err)
	}
}
