package vault_test

import (
	"testing"

	"github.com/divitio/pinfold/daemon/vault"
)

// FuzzLoad puts anything into both files: it must never open as a record, and never end but in an error.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(`{"pinfold":".vault","version":1,"environment":"production","account":"main","data":"AA=="}`), []byte(`{}`))
	f.Add([]byte(`{`), []byte(`{"pinfold":".key","version":1,"environment":"production","account":"main","salt":"AA==","data":""}`))
	d := newDirs(f)
	v := d.open(f)
	save(f, v, "main", vault.Record{AppID: "1"})
	recordFile, keyFile := d.one(f, ".vault"), d.one(f, ".key")
	goodKey := content(f, keyFile)
	f.Fuzz(func(t *testing.T, record, key []byte) {
		write(t, recordFile, record)
		for _, key := range [][]byte{goodKey, key} {
			write(t, keyFile, key)
			if _, err := v.Load(env, "main"); err == nil {
				t.Errorf("junk opened")
			}
		}
	})
}
