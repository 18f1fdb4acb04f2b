package vault

import "github.com/divitio/pinfold/daemon/rights"

// syncDir has no counterpart on Windows.
func syncDir(string) error { return nil }

// closeToOthers is what modes are elsewhere: a list of those who may.
func closeToOthers(dir string) error { return rights.Close(dir) }
