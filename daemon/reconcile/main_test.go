package reconcile_test

import (
	"flag"
	"os"
	"testing"
)

// checks is how often a property is tried if nobody says otherwise: each try is a folder's whole life.
const checks = "40"

func TestMain(m *testing.M) {
	if f := flag.Lookup("rapid.checks"); f != nil {
		_ = f.Value.Set(checks)
	}
	os.Exit(m.Run()) // reads the flags
}
