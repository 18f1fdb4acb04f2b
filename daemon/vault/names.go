package vault

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strings"
)

// The kinds of files, as their names end.
const (
	kindVault = ".vault"
	kindKey   = ".key"
	kindLock  = ".lock"
	temporary = ".tmp" // follows one of the others and a random part
)

// fileName is the stem of an account's files: its name as far as every file system takes it, for people, and
// a hash that tells apart what the first part cannot.
func fileName(environment, account string) string {
	safe := func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '-', r == '_':
			return r
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}
	stem := strings.Map(safe, account)
	stem = stem[:min(len(stem), 32)]
	sum := sha256.Sum256([]byte(environment + "\x00" + account))
	return "account-" + stem + "-" + hex.EncodeToString(sum[:10])
}

// parseName takes one of the vault's file names apart; kind is "" for files of others.
func parseName(file string) (name, kind string, isTemporary bool) {
	if rest, ok := strings.CutSuffix(file, temporary); ok {
		random := strings.LastIndexByte(rest, '.')
		if random < 0 {
			return "", "", false
		}
		file, isTemporary = rest[:random], true
	}
	kind = filepath.Ext(file)
	name = strings.TrimSuffix(file, kind)
	if kind != kindVault && kind != kindKey && kind != kindLock || !strings.HasPrefix(name, "account-") {
		return "", "", false
	}
	return name, kind, isTemporary
}

func (v *Vault) vaultFile(name string) string { return filepath.Join(v.stateDir, name+kindVault) }
func (v *Vault) keyFile(name string) string   { return filepath.Join(v.keyDir, name+kindKey) }
func (v *Vault) lockFile(name string) string  { return filepath.Join(v.stateDir, name+kindLock) }
