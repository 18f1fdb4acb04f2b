package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/divitio/pinfold/daemon"
	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/service"
	"github.com/divitio/pinfold/daemon/web"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

func newWeb(p *program) *cobra.Command {
	group := &cobra.Command{Use: "web", Short: "work with the page", Args: cobra.NoArgs, RunE: help}
	var remove bool
	password := &cobra.Command{
		Use:   "password",
		Short: "choose the password of the page",
		Long: "Asks for a password, or reads it from the first line of stdin, and keeps its hash. Whoever is signed in has to sign\n" +
			"in again, also at a running daemon. $" + web.PasswordVariable + ", where it names a file, wins over it.",
		Example: "  pinfold web password\n  pinfold web password < password.txt\n  pinfold web password --remove",
		Args:    cobra.NoArgs,
	}
	password.Flags().BoolVar(&remove, "remove", false, "have none any more")
	password.RunE = p.do(func(*cobra.Command, []string) error {
		if os.Getenv(web.PasswordVariable) != "" {
			return fmt.Errorf("%w: the password is in the file that $%s names; change it there", daemon.ErrUsage, web.PasswordVariable)
		}
		i, err := p.installation()
		if err != nil {
			return err
		}
		var chosen *web.Password
		if !remove {
			if chosen, err = p.newPassword(); err != nil {
				return err
			}
		}
		if err := errors.Join(i.SavePassword(chosen), i.Wake()); err != nil {
			return err
		}
		said := "the page asks for the new password from now on" + openPage(i.Config)
		if remove {
			said = "the page has no password any more"
		}
		_, err = fmt.Fprintln(p.stdout, said)
		return err
	})
	group.AddCommand(password)
	return group
}

// openPage says what is left to do before other machines can open the page; "" if nothing is.
func openPage(c config.Config) string {
	address, err := net.ResolveTCPAddr("tcp", c.Web.Listen)
	if err != nil || !address.IP.IsLoopback() {
		return ""
	}
	m := service.ThisSystem(true)
	if !m.Installed() {
		m = service.ThisSystem(false)
	}
	reload := "restart pinfold"
	if command := m.Reload(); command != "" {
		reload = "`" + command + "`"
	}
	return fmt.Sprintf("\nonly this machine can open it so far; for others, write into %s:\n\n  web:\n    listen: \"0.0.0.0:%d\"\n\n"+
		"then %s, and open http://%s:%d there", printable(c.File), address.Port, reload, hostName(), address.Port)
}

// hostName is this machine's name, as others on its network most often know it.
func hostName() string {
	if name, err := os.Hostname(); err == nil {
		return name
	}
	return "THIS-MACHINE"
}

// newPassword asks for a password: twice and unseen at a terminal.
func (p *program) newPassword() (*web.Password, error) {
	text, err := p.unseen("Password of the page: ")
	if err != nil {
		return nil, err
	}
	if p.asks() {
		again, err := p.unseen("Once more: ")
		if err != nil {
			return nil, err
		}
		if again != text {
			return nil, fmt.Errorf("%w: the two are not the same; nothing was changed", daemon.ErrUsage)
		}
	}
	chosen, err := web.NewPassword(text)
	if err != nil {
		return nil, fmt.Errorf("%w: the password cannot be used: %w; choose another one", daemon.ErrUsage, err)
	}
	return chosen, nil
}

// unseen reads a line that a terminal does not show.
func (p *program) unseen(question string) (string, error) {
	if file, ok := p.stdin.(*os.File); ok && p.asks() {
		fmt.Fprint(p.stderr, question)
		line, err := term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(p.stderr)
		if err != nil {
			return "", fmt.Errorf("read password: %w", err)
		}
		return string(line), nil
	}
	line, err := p.input().ReadString('\n')
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", errors.Join(fmt.Errorf("%w: no password was given", daemon.ErrUsage), err)
	}
	return line, nil
}
