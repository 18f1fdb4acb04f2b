package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
)

// Machine is a fingerprint of this machine, so that a clone of its disk does not take itself for it. It is ""
// where there is none that lasts, as in most containers.
func Machine() string {
	if _, err := os.Stat("/.dockerenv"); err == nil {
		return ""
	}
	id, err := os.ReadFile("/etc/machine-id")
	if err != nil || strings.TrimSpace(string(id)) == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("pinfold " + strings.TrimSpace(string(id)))) // the id itself is not to be shown around
	return hex.EncodeToString(sum[:8])
}
