package vault_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/divitio/pinfold/daemon/vault"
)

// secretFile writes a secret and returns its path.
func secretFile(t *testing.T, name, secret string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	write(t, file, []byte(secret))
	return file
}

func TestASecretOfTheUsersWrapsTheKey(t *testing.T) {
	d := newDirs(t)
	v := d.open(t)
	right := secretFile(t, "secret", "the-right-secret-of-32-characters\n")
	t.Setenv("PINFOLD_KEY_FILE", right)
	saved := save(t, v, "main", record())
	if r, err := v.Load(env, "main"); err != nil || !reflect.DeepEqual(r, saved) {
		t.Fatalf("got %v", err)
	}
	key := content(t, d.one(t, ".key"))

	wrong := map[string]string{
		"none":    "",
		"another": secretFile(t, "other", "another-secret-of-32-characters"),
	}
	for name, file := range wrong {
		t.Setenv("PINFOLD_KEY_FILE", file)
		if _, err := v.Load(env, "main"); !errors.Is(err, vault.ErrWrapped) || errors.Is(err, vault.ErrNotFound) {
			t.Errorf("%s: load: %v", name, err)
		}
		for _, r := range []vault.Record{record(), saved} {
			if _, err := trySave(t, v, "main", r); !errors.Is(err, vault.ErrWrapped) {
				t.Errorf("%s: save: %v", name, err)
			}
		}
	}
	if !bytes.Equal(key, content(t, d.one(t, ".key"))) {
		t.Error("the key file was changed")
	}
	t.Setenv("PINFOLD_KEY_FILE", right)
	save(t, v, "main", saved)
	t.Setenv("PINFOLD_KEY_FILE", "")
	if err := v.Destroy(env, "main"); err != nil {
		t.Errorf("destroy needs the secret: %v", err)
	}
	nothingLeft(t, d)
}

func TestAnOrphanedWrappedKeyIsNotReplacedUnseen(t *testing.T) {
	d := newDirs(t)
	v := d.open(t)
	t.Setenv("PINFOLD_KEY_FILE", secretFile(t, "secret", "the-right-secret-of-32-characters"))
	save(t, v, "main", record())
	if err := os.Remove(d.one(t, ".vault")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PINFOLD_KEY_FILE", "")
	if _, err := trySave(t, v, "main", record()); !errors.Is(err, vault.ErrWrapped) {
		t.Errorf("got %v", err)
	}
}

func TestTheSystemdCredentialWrapsTheKey(t *testing.T) {
	d := newDirs(t)
	v := d.open(t)
	credential := secretFile(t, "pinfold-key", "a-credential-of-32-characters-ok")
	t.Setenv("CREDENTIALS_DIRECTORY", filepath.Dir(credential))
	saved := save(t, v, "main", record())
	t.Setenv("CREDENTIALS_DIRECTORY", t.TempDir()) // a unit with other credentials
	if _, err := v.Load(env, "main"); !errors.Is(err, vault.ErrWrapped) {
		t.Errorf("got %v", err)
	}
	t.Setenv("PINFOLD_KEY_FILE", credential) // the same secret by the other way
	if r, err := v.Load(env, "main"); err != nil || !reflect.DeepEqual(r, saved) {
		t.Errorf("got %v", err)
	}
}

func TestASecretAddedLaterLeavesOldKeysReadable(t *testing.T) {
	d := newDirs(t)
	v := d.open(t)
	saved := save(t, v, "main", record())
	t.Setenv("PINFOLD_KEY_FILE", secretFile(t, "secret", "the-right-secret-of-32-characters"))
	if r, err := v.Load(env, "main"); err != nil || !reflect.DeepEqual(r, saved) {
		t.Errorf("got %v", err)
	}
}

func TestASecretThatCannotServeIsAnErrorThatSaysHow(t *testing.T) {
	d := newDirs(t)
	v := d.open(t)
	for file, want := range map[string]string{
		secretFile(t, "short", "too short\n"):     "openssl rand",
		secretFile(t, "empty", ""):                "openssl rand",
		filepath.Join(t.TempDir(), "is-not-here"): "is-not-here",
	} {
		t.Setenv("PINFOLD_KEY_FILE", file)
		_, err := trySave(t, v, "main", record())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "too short") {
			t.Errorf("%s: %v", file, err)
		}
		if len(d.files(t, ".key")) != 0 {
			t.Error("a key was stored all the same")
		}
	}
}
