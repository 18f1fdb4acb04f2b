package rights

import (
	"fmt"
	"strconv"
)

// AskedUser refuses a user that was asked for by $PUID and $PGID, as some images take it, when pinfold works as
// another one: it does not change users, the container engine does. getenv is os.Getenv.
func AskedUser(getenv func(string) string) error {
	return thisProcess().askedUser(getenv)
}

func (p process) askedUser(getenv func(string) string) error {
	if p.uid < 0 { // Windows
		return nil
	}
	uid, gid := asked(getenv("PUID"), p.uid), asked(getenv("PGID"), p.gid)
	if uid == p.uid && gid == p.gid {
		return nil
	}
	return fmt.Errorf("PUID=%s and PGID=%s ask for another user than pinfold runs as, which is %d:%d; take them out and set "+
		"`user: \"%d:%d\"` for the container instead (docker run --user %d:%d)",
		getenv("PUID"), getenv("PGID"), p.uid, p.gid, uid, gid, uid, gid)
}

// asked is the number that was asked for, or the one that is.
func asked(text string, is int) int {
	if n, err := strconv.Atoi(text); err == nil && n >= 0 {
		return n
	}
	return is
}
