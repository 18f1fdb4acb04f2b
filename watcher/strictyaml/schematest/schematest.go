// Package schematest tells tests what an editor says of a YAML file by a schema: an independent validator sees
// what YAML 1.2's core schema makes of the file. Nothing but tests imports it.
package schematest

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/divitio/pinfold/watcher/strictyaml"
)

// ErrNotYAML says that a file is not what a schema can speak of.
var ErrNotYAML = errors.New("not one YAML document of plain values")

// Editor validates files.
type Editor struct{ schema *jsonschema.Schema }

// New compiles a schema. One that its dialect forbids fails the test.
func New(t testing.TB, text string) Editor {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return Editor{s}
}

// Check is what the editor says: nil for a file that is right, ErrNotYAML for one that it cannot read.
func (e Editor) Check(data []byte) error {
	var n yaml.Node
	if err := yaml.Unmarshal(data, &n); err != nil || n.Kind != yaml.DocumentNode {
		return ErrNotYAML
	}
	v, err := value(n.Content[0])
	if err != nil {
		return err
	}
	return e.schema.Validate(v)
}

// value is a node as JSON has it.
func value(n *yaml.Node) (any, error) {
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			v, err := value(n.Content[i+1])
			if _, twice := m[n.Content[i].Value]; twice || err != nil || n.Content[i].Kind != yaml.ScalarNode {
				return nil, ErrNotYAML
			}
			m[n.Content[i].Value] = v
		}
		return m, nil
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, c := range n.Content {
			v, err := value(c)
			if err != nil {
				return nil, err
			}
			list[i] = v
		}
		return list, nil
	case yaml.ScalarNode:
		return scalar(n), nil
	}
	return nil, ErrNotYAML
}

// The core schema of YAML 1.2 (section 10.3.2), without octal numbers, infinity and NaN, which JSON has not.
var (
	nulls   = []string{"", "~", "null", "Null", "NULL"}
	trues   = []string{"true", "True", "TRUE"}
	falses  = []string{"false", "False", "FALSE"}
	numbers = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
)

func scalar(n *yaml.Node) any {
	text := n.Value
	switch {
	case n.Style&^yaml.FlowStyle != 0: // quoted
	case slices.Contains(nulls, text):
		return nil
	case slices.Contains(trues, text):
		return true
	case slices.Contains(falses, text):
		return false
	case numbers.MatchString(text):
		digits := strings.TrimLeft(strings.TrimPrefix(text, "+"), "0")
		if strings.HasPrefix(digits, ".") || digits == "" || strings.ContainsAny(digits[:1], "eE") {
			digits = "0" + digits
		}
		return json.Number(strings.TrimSuffix(digits, "."))
	}
	return text
}

// Keys lists the dotted paths of all keys that a schema has, as Document.Asked lists those of a reader.
func Keys(s strictyaml.Schema) []string {
	found := map[string]bool{}
	keys(s, s.Defs, "", found)
	var all []string
	for key := range found {
		all = append(all, key)
	}
	slices.Sort(all)
	return all
}

func keys(s strictyaml.Schema, defs strictyaml.Properties, path string, found map[string]bool) {
	for _, p := range defs {
		if s.Ref == "#/$defs/"+p.Key {
			s = p.Schema
		}
	}
	for _, p := range s.Properties {
		key := strings.TrimPrefix(path+"."+p.Key, ".")
		found[key] = true
		keys(p.Schema, defs, key, found)
	}
	if s.Items != nil {
		keys(*s.Items, defs, path+"[]", found)
	}
	for _, other := range s.AnyOf {
		keys(other, defs, path, found)
	}
}
