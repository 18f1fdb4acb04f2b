package rights

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestOnlyMissingRightsAreExplained(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	full := errors.New("no space left")
	if err := Explain(full, dir, true); !errors.Is(err, full) || err.Error() != full.Error() {
		t.Errorf("another error became %v", err)
	}
	denied := &fs.PathError{Op: "mkdir", Path: dir, Err: fs.ErrPermission}
	err := Explain(denied, filepath.Join(dir, "not", "there"), true)
	explained, ok := errors.AsType[*DeniedError](err)
	if !ok || !errors.Is(err, fs.ErrPermission) || explained.Path != dir || !strings.HasPrefix(err.Error(), denied.Error()) {
		t.Errorf("got %v", err)
	}
}

func TestAFixNamesBothUsers(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		if got := Fix(`C:\`, false); got != "let the user that pinfold runs as read it" {
			t.Errorf("got %q", got)
		}
		return
	}
	dir := t.TempDir()
	whose := fmt.Sprintf("%d:%d", os.Getuid(), os.Getgid())
	others := process{uid: 54321, gid: 54322}
	for name, tt := range map[string]struct {
		p     process
		path  string
		write bool
		want  []string
	}{
		"on a machine":                  {others, dir, true, []string{dir + " belongs to ", whose, "pinfold runs as 54321:54322", "write there"}},
		"only to be read":               {others, dir, false, []string{"let that user read it"}},
		"in a container":                {process{54321, 54322, true}, dir, true, []string{"chown -R 54321:54322", whose}},
		"in a container, root's":        {process{54321, 54322, true}, "/", true, []string{"/ belongs to ", "(0:0)", "chown -R 54321:54322"}},
		"what cannot even be looked at": {others, filepath.Join(dir, "x"), false, []string{"let the user that pinfold runs as read it"}},
	} {
		got := tt.p.fix(tt.path, tt.write)
		for _, want := range tt.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q is not in %q", name, want, got)
			}
		}
		if strings.Contains(got, `user: "0:0"`) {
			t.Errorf("%s: it proposes to work as root: %s", name, got)
		}
	}
}

func TestAUserThatWasAskedForIsAnsweredWithTheRightLine(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		p          process
		puid, pgid string
		want       string // "": nothing is wrong
	}{
		"nothing asked":       {process{uid: 65532, gid: 65532}, "", "", ""},
		"the same":            {process{uid: 1000, gid: 100}, "1000", "100", ""},
		"only the user":       {process{uid: 1000, gid: 100}, "1000", "", ""},
		"another user":        {process{uid: 65532, gid: 65532}, "1026", "100", `user: "1026:100"`},
		"another group":       {process{uid: 1000, gid: 65532}, "1000", "100", `user: "1000:100"`},
		"a user without one":  {process{uid: 65532, gid: 65532}, "1026", "", `user: "1026:65532"`},
		"not a number":        {process{uid: 65532, gid: 65532}, "ann", "-1", ""},
		"where users have no": {process{uid: -1, gid: -1}, "1000", "1000", ""},
	} {
		err := tt.p.askedUser(func(key string) string { return map[string]string{"PUID": tt.puid, "PGID": tt.pgid}[key] })
		if (err == nil) != (tt.want == "") || (err != nil && !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}
