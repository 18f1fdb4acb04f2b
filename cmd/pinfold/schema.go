package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/watcher/sidecar"

	"github.com/spf13/cobra"
)

// schemas are the files that there are schemas of, with what each is.
var schemas = map[string]func() string{
	"sidecar":  func() string { return sidecar.Schema().Document("pinfold sidecar") },
	"defaults": func() string { return sidecar.DefaultsSchema().Document("pinfold _pinfold.yaml") },
	"config":   func() string { return config.Schema().Document("pinfold config") },
}

func newSchema(p *program) *cobra.Command {
	names := slices.Sorted(maps.Keys(schemas))
	c := &cobra.Command{
		Use:   "schema " + strings.Join(names, "|"),
		Short: "print a JSON Schema, by which editors complete and check",
		Long: "Prints the JSON Schema (draft 2020-12) of a sidecar, of a _pinfold.yaml (defaults) or of the config.\n" +
			"Editors that know YAML use it once the file says where it lies, in a line such as\n\n" +
			"  # yaml-language-server: $schema=/home/ann/sidecar.schema.json\n\n" +
			"`pinfold new` and `pinfold import` write that line, and the schema, by themselves.",
		Example:   "  pinfold schema sidecar > sidecar.schema.json",
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: names,
	}
	c.RunE = p.do(func(_ *cobra.Command, args []string) error {
		if _, err := fmt.Fprint(p.stdout, schemas[args[0]]()); err != nil {
			return fmt.Errorf("print schema: %w", err)
		}
		return nil
	})
	return c
}
