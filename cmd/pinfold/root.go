package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon"
	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/logging"
	"github.com/divitio/pinfold/daemon/privilege"

	"github.com/spf13/cobra"
)

// program is what all commands share: the streams and the global flags.
type program struct {
	stdin          io.Reader
	lines          *bufio.Reader // over stdin, once it is read
	stdout, stderr io.Writer

	config   string // --config
	stateDir string // --state-dir
	json     bool   // --json
	open     bool   // --open of run

	rehearsed bool // --rehearse of the commands that look at a rehearsal
}

// maxInput bounds what is read from stdin.
const maxInput = 1 << 20

const longHelp = `pinfold posts your photos to Pinterest on schedule, from folders.

Drop a photo and a short YAML file of the same name into a watched folder:

  fog.jpg
  fog.yaml      title: Morning fog over the lake
                board: Landscapes
                publish_at: 2026-12-01 18:30

and pinfold posts it at that time, once.

Exit codes: 0 done, 1 failed, 2 wrong usage or config, 3 something needs a person,
4 not connected, 5 another instance holds the state directory.`

// newRoot makes the command tree.
func newRoot(p *program) *cobra.Command {
	root := &cobra.Command{
		Use:           "pinfold",
		Short:         "post photos from folders to Pinterest on schedule",
		Long:          longHelp,
		Example:       "  pinfold demo                  # see it work, without an account\n  pinfold run                   # the daemon\n  pinfold connect               # connect your Pinterest account, once",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          help,
	}
	flags := root.PersistentFlags()
	flags.StringVar(&p.config, "config", "", "the config `FILE` (default: $PINFOLD_CONFIG, then the usual places)")
	flags.StringVar(&p.stateDir, "state-dir", "", "where the store and the sealed tokens are kept, in place of the config's `DIR`")
	flags.BoolVar(&p.json, "json", false, "print data as JSON")
	root.AddCommand(
		newDemo(p), newRun(p), newConnect(p), newDisconnect(p),
		p.looksAtRehearsal(newStatus(p)), p.looksAtRehearsal(newList(p)), newCheck(p), newNew(p), newImport(p), newBoards(p),
		p.looksAtRehearsal(newRetry(p)), p.looksAtRehearsal(newRepost(p)), p.looksAtRehearsal(newConfirm(p)), newPause(p), newResume(p),
		newTakeover(p), p.looksAtRehearsal(newAccept(p)), newHealth(p), newDoctor(p), newBackup(p), newRestore(p),
		newConfig(p), newNotify(p), newSchema(p), newService(p), newWeb(p), newVersion(p), newConvert(p), newAskKeyring(p),
	)
	introduce(root)
	return root
}

// introduce lets the help of each command begin with what it does: cobra shows the long text in place of the short.
func introduce(c *cobra.Command) {
	for _, below := range c.Commands() {
		if !below.Hidden {
			below.Long = strings.TrimSpace(strings.ToUpper(below.Short[:1]) + below.Short[1:] + ".\n\n" + below.Long)
		}
		introduce(below)
	}
}

// help is what a command does that only holds others; with it, a misspelt one is wrong usage.
func help(c *cobra.Command, _ []string) error { return c.Help() }

// do makes a command's function: its errors are told apart from wrong usage.
func (p *program) do(f func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		err := f(c, args)
		if _, ok := errors.AsType[exit](err); ok || err == nil {
			return err
		}
		return failure{err}
	}
}

// load reads the config that the flags, the environment or the usual places name.
func (p *program) load() (config.Config, error) {
	path, err := config.Find(p.config)
	if errors.Is(err, fs.ErrPermission) {
		return config.Config{}, fmt.Errorf("%w; use sudo", err)
	} else if err != nil && !isNoConfig(err) {
		return config.Config{}, fmt.Errorf("%w: %w; write the file, or correct --config or $PINFOLD_CONFIG", daemon.ErrUsage, err)
	} else if err != nil {
		return config.Config{}, err
	}
	c, err := config.Load(path)
	if errors.Is(err, fs.ErrPermission) {
		return c, fmt.Errorf("%w; use sudo", err)
	}
	return c, err
}

func isNoConfig(err error) bool {
	_, ok := errors.AsType[*config.NoneError](err)
	return ok
}

// installation is the one that the config and the flags speak of. Root becomes its owner: nothing that belongs to
// root is left in the service's directories.
func (p *program) installation() (daemon.Installation, error) {
	i, err := p.othersInstallation()
	if err != nil {
		return i, err
	}
	err = errors.Join(privilege.Become(i.Dirs.State), privilege.Check(i.Dirs.State))
	if err == nil && p.rehearsed {
		i = i.Rehearsing("")
	}
	return i, err
}

// othersInstallation is the same before root becomes its owner. Nothing may be opened in its directories.
func (p *program) othersInstallation() (daemon.Installation, error) {
	c, err := p.load()
	if err != nil {
		return daemon.Installation{}, err
	}
	return p.installationOf(c)
}

// writersInstallation is the one for commands that only write sidecars, which work without a config, too. Nothing may be
// opened in its directories.
func (p *program) writersInstallation() (daemon.Installation, error) {
	c, err := p.load()
	if isNoConfig(err) {
		c, err = config.Default(), nil
	}
	if err != nil {
		return daemon.Installation{}, err
	}
	return daemon.NewInstallation(c, p.stateDir)
}

// installationOf is the one of a config, with the keyring of the user that this process runs as.
func (p *program) installationOf(c config.Config) (daemon.Installation, error) {
	i, err := daemon.NewInstallation(c, p.stateDir)
	if err == nil {
		i.Keyring, err = newKeyring()
	}
	return i, err
}

// looksAtRehearsal gives a command the flag that makes it work on what `run --rehearse` has recorded.
func (p *program) looksAtRehearsal(c *cobra.Command) *cobra.Command {
	c.Flags().BoolVar(&p.rehearsed, "rehearse", false, "work on what 'pinfold run --rehearse' has recorded")
	return c
}

// withReporter opens the store for a command that reads or changes it, whether the daemon runs or not.
func (p *program) withReporter(ctx context.Context, f func(*daemon.Reporter) error) error {
	i, err := p.installation()
	if err != nil {
		return err
	}
	i = i.WithStoredZone(ctx)
	s, err := i.OpenStore(ctx)
	if err != nil {
		return err
	}
	accounts, err := i.Accounts()
	if err != nil {
		return errors.Join(err, s.Close())
	}
	r := &daemon.Reporter{Installation: i, Store: s, Accounts: accounts, Now: time.Now}
	return errors.Join(f(r), s.Close())
}

// folder is a watched folder's path as the store knows it.
func (p *program) folder(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}

// input is stdin, read by lines.
func (p *program) input() *bufio.Reader {
	if p.lines == nil {
		p.lines = bufio.NewReader(io.LimitReader(p.stdin, maxInput))
	}
	return p.lines
}

func (p *program) printJSON(v any) error {
	e := json.NewEncoder(p.stdout)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("print JSON: %w", err)
	}
	return nil
}

// logger writes the daemon's log as the config says.
func logger(w io.Writer, c config.Config) *slog.Logger {
	return logging.New(w, c.Log.Level, c.Log.Format)
}
