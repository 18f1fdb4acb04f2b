package compose

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/divitio/pinfold/daemon/footprint"
	"github.com/divitio/pinfold/watcher/sidecar"
)

// SchemaName is the sidecars' JSON Schema at a folder's top. Its sidecars name it by a relative path, so it works
// offline and on every machine that the folder is synced to. No watcher looks at it, as it is hidden.
const SchemaName = ".pinfold-sidecar.schema.json"

// schemaTitle is in the schema, and by it one is known as ours.
const schemaTitle = "pinfold sidecar"

// putSchema makes sure that the folder holds the schema, in this version's words, and gives its name.
func putSchema(folder string) (name string, err error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return "", fmt.Errorf("open folder: %w", err)
	}
	defer func() { _ = root.Close() }()
	text := []byte(sidecar.Schema().Document(schemaTitle))
	there, err := root.ReadFile(SchemaName)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return "", fmt.Errorf("read %s: %w", SchemaName, err)
	case bytes.Equal(there, text):
		return SchemaName, nil
	case !bytes.Contains(there, []byte(schemaTitle)):
		return "", fmt.Errorf("%s is not pinfold's own and is left as it is", SchemaName)
	}
	like, err := root.Stat(".")
	if err != nil {
		return "", fmt.Errorf("look at folder: %w", err)
	}
	if err := footprint.Replace(root, SchemaName, like, text); err != nil {
		return "", fmt.Errorf("write %s: %w", SchemaName, err)
	}
	return SchemaName, nil
}
