package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/rights"
)

// environmentName is the file in the state directory with the environment that was chosen on the page.
const environmentName = "environment"

// leavesEnvironment reports whether a config leaves the environment to be chosen on the page.
func leavesEnvironment(c config.Config) bool {
	return c.Pinterest.Environment == "" && c.Pinterest.APIURL == ""
}

// chosenEnvironment is what was chosen on the page, "" if nothing was. Whoever may not look into the state directory can
// do nothing there either, and is told so by what needs it.
func chosenEnvironment(stateDir string) (string, error) {
	file := filepath.Join(stateDir, environmentName)
	text, err := os.ReadFile(file)
	switch chosen := strings.TrimSpace(string(text)); {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("read which environment was chosen: %w", err)
	case !config.IsEnvironment(chosen):
		return "", fmt.Errorf("%w: %s holds neither %s nor %s; write one of them into it", ErrUsage, file, config.Production, config.Sandbox)
	default:
		return chosen, nil
	}
}

// ChooseEnvironment keeps what a person chose, config.Production or config.Sandbox. It holds from the next start or
// reload on, as long as the config does not name an environment.
func (i Installation) ChooseEnvironment(environment string) error {
	if !config.IsEnvironment(environment) {
		return fmt.Errorf("%w: there is no environment %q; choose %s or %s", ErrUsage, environment, config.Production, config.Sandbox)
	}
	err := writePrivately(filepath.Join(i.Dirs.State, environmentName), []byte(environment+"\n"), true)
	return rights.Explain(err, i.Dirs.State, true)
}
