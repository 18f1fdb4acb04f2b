package vault_test

import (
	"bytes"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/divitio/pinfold/daemon/vault"
)

// wantDamaged checks that err counts as not connected, names the file and the fix, and quotes no content.
func wantDamaged(t *testing.T, err error, file string) {
	t.Helper()
	if !errors.Is(err, vault.ErrNotFound) {
		t.Fatalf("does not count as not connected: %v", err)
	}
	if !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "pinfold connect --account main") {
		t.Fatalf("names neither file nor fix: %v", err)
	}
	if strings.Contains(err.Error(), "sesame") {
		t.Fatalf("quotes a secret: %v", err)
	}
}

func TestFilesCutOffAnywhereAreNotConnected(t *testing.T) {
	d := newDirs(t)
	v := d.open(t)
	saved := save(t, v, "main", record())
	for _, file := range []string{d.one(t, ".vault"), d.one(t, ".key")} {
		whole := content(t, file)
		for n := range len(whole) {
			write(t, file, whole[:n])
			r, err := v.Load(env, "main")
			wantDamaged(t, err, file)
			if !reflect.DeepEqual(r, vault.Record{}) {
				t.Fatalf("cut at %d: something was loaded", n)
			}
			write(t, file, append(whole[:n:n], make([]byte, len(whole)-n)...)) // as a power cut leaves it
			if _, err := v.Load(env, "main"); !errors.Is(err, vault.ErrNotFound) {
				t.Fatalf("zeros from %d: %v", n, err)
			}
		}
		write(t, file, whole)
	}
	if r, err := v.Load(env, "main"); err != nil || !reflect.DeepEqual(r, saved) {
		t.Errorf("the whole files do not load: %v", err)
	}
}

func TestAChangedBitNeverChangesARecord(t *testing.T) {
	d := newDirs(t)
	v := d.open(t)
	saved := save(t, v, "main", record())
	for _, file := range []string{d.one(t, ".vault"), d.one(t, ".key")} {
		whole := content(t, file)
		for i := range whole {
			for _, bits := range []byte{1 << (i % 8), 0x20} {
				bad := bytes.Clone(whole)
				bad[i] ^= bits
				write(t, file, bad)
				// A letter's case in a key of the JSON is all that may change unnoticed.
				if r, err := v.Load(env, "main"); err == nil && !reflect.DeepEqual(r, saved) {
					t.Fatalf("byte %d, bits %x: another record", i, bits)
				}
			}
		}
		write(t, file, whole)
	}
}

func TestFilesOfAnotherAccountDoNotOpen(t *testing.T) {
	d := newDirs(t)
	v := d.open(t)
	save(t, v, "main", record())
	mainVault, mainKey := content(t, d.one(t, ".vault")), content(t, d.one(t, ".key"))
	if err := v.DestroyAll(); err != nil {
		t.Fatal(err)
	}
	other := record()
	other.AppSecret = "sesame-other"
	save(t, v, "other", other)
	vaultFile, keyFile := d.one(t, ".vault"), d.one(t, ".key")
	write(t, vaultFile, mainVault)
	write(t, keyFile, mainKey)
	if _, err := v.Load(env, "other"); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("files copied over: %v", err)
	}
	// Nor with the name in the open part changed.
	write(t, vaultFile, bytes.Replace(mainVault, []byte(`"main"`), []byte(`"other"`), 1))
	write(t, keyFile, bytes.Replace(mainKey, []byte(`"main"`), []byte(`"other"`), 1))
	if _, err := v.Load(env, "other"); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("names rewritten: %v", err)
	}
}

func TestHalfOfAPairIsNotConnectedAndReplacedByConnecting(t *testing.T) {
	for _, missing := range []string{".key", ".vault"} {
		t.Run("without "+missing, func(t *testing.T) {
			d := newDirs(t)
			v := d.open(t)
			save(t, v, "main", record())
			if err := os.Remove(d.one(t, missing)); err != nil {
				t.Fatal(err)
			}
			_, err := v.Load(env, "main")
			if !errors.Is(err, vault.ErrNotFound) {
				t.Fatalf("got %v", err)
			}
			if missing == ".key" {
				wantDamaged(t, err, d.one(t, ".vault"))
			}
			saved := save(t, v, "main", record())
			if r, err := v.Load(env, "main"); err != nil || !reflect.DeepEqual(r, saved) {
				t.Errorf("not replaced: %v", err)
			}
		})
	}
}

func TestAFileOfANewerVersionIsLeftAlone(t *testing.T) {
	for _, kind := range []string{".vault", ".key"} {
		d := newDirs(t)
		v := d.open(t)
		save(t, v, "main", record())
		file := d.one(t, kind)
		newer := bytes.Replace(content(t, file), []byte(`"version":1`), []byte(`"version":2`), 1)
		write(t, file, newer)
		if _, err := v.Load(env, "main"); !errors.Is(err, vault.ErrNewer) || !strings.Contains(err.Error(), file) {
			t.Errorf("load: %v", err)
		}
		if _, err := trySave(t, v, "main", record()); !errors.Is(err, vault.ErrNewer) {
			t.Errorf("save: %v", err)
		}
		if !bytes.Equal(content(t, file), newer) {
			t.Error("the file was changed")
		}
	}
}

func TestADirectoryInPlaceOfAFileIsAFaultAndNoConnection(t *testing.T) {
	d := newDirs(t)
	v := d.open(t)
	save(t, v, "main", record())
	file := d.one(t, ".vault")
	if err := errors.Join(os.Remove(file), os.Mkdir(file, 0o700)); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Load(env, "main"); err == nil || errors.Is(err, vault.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestListNamesWhatIsStoredBesideWhatIsDamaged(t *testing.T) {
	d := newDirs(t)
	v := d.open(t)
	for _, account := range []string{"studio", "main", "Å/../b"} {
		save(t, v, account, record())
	}
	if err := os.RemoveAll(d.keys); err != nil { // names can be read without keys
		t.Fatal(err)
	}
	v = d.open(t)
	list, err := v.List()
	want := []vault.Stored{{env, "main"}, {env, "studio"}, {env, "Å/../b"}}
	if err != nil || !reflect.DeepEqual(list, want) {
		t.Errorf("listed %v, %v", list, err)
	}
	file := d.files(t, ".vault")[0]
	write(t, file, []byte(`{"pinfold":".vault"`))
	list, err = v.List()
	if damaged, ok := errors.AsType[*vault.DamagedError](err); len(list) != 2 || !ok || damaged.File != file {
		t.Errorf("listed %v, %v", list, err)
	}
}
