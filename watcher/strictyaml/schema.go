package strictyaml

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// SchemaVersion is the dialect that schemas are written in, JSON Schema 2020-12. They keep to words that draft 7
// knows, too, with the same meaning: editors' YAML tools are that far.
const SchemaVersion = "https://json-schema.org/draft/2020-12/schema"

// Schema is a JSON Schema of what a reader of this package takes, as far as a schema can say it. The constructors
// below stand beside the readers of Field and take the same rules.
type Schema struct {
	Dialect     string     `json:"$schema,omitempty"`
	Title       string     `json:"title,omitempty"`
	Description string     `json:"description,omitempty"` // what editors show
	Ref         string     `json:"$ref,omitempty"`
	Type        any        `json:"type,omitempty"` // a name or a list of them
	Enum        []any      `json:"enum,omitempty"`
	Pattern     string     `json:"pattern,omitempty"`
	MaxLength   int        `json:"maxLength,omitempty"` // code points
	Minimum     *int       `json:"minimum,omitempty"`
	Maximum     *int       `json:"maximum,omitempty"`
	Items       *Schema    `json:"items,omitempty"`
	MinItems    int        `json:"minItems,omitempty"`
	MaxItems    int        `json:"maxItems,omitempty"`
	Unique      bool       `json:"uniqueItems,omitempty"`
	Properties  Properties `json:"properties,omitempty"`
	Required    []string   `json:"required,omitempty"`
	Additional  *bool      `json:"additionalProperties,omitempty"` // false: no other keys
	AnyOf       []Schema   `json:"anyOf,omitempty"`
	AllOf       []Schema   `json:"allOf,omitempty"`
	If          *Schema    `json:"if,omitempty"`
	Then        *Schema    `json:"then,omitempty"`
	Default     any        `json:"default,omitempty"`
	Defs        Properties `json:"$defs,omitempty"`
	Message     string     `json:"errorMessage,omitempty"` // what editors say instead of words of their own
}

// Property is one key of a mapping.
type Property struct {
	Key string
	Schema
	never bool // the key must not be there
}

// Properties are keys in the order in which people should see them.
type Properties []Property

// MarshalJSON writes an object whose keys keep their order.
func (ps Properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, p := range ps {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(encodeJSON(p.Key) + ":")
		if p.never {
			b.WriteString("false")
		} else {
			b.WriteString(encodeJSON(p.Schema))
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// encodeJSON keeps < > and & as they are. Schemas hold nothing that cannot be encoded.
func encodeJSON(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "null"
	}
	return b.String()
}

// Document gives the text of a whole schema.
func (s Schema) Document(title string) string {
	s.Dialect, s.Title = SchemaVersion, title
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(encodeJSON(s)), "", "  "); err != nil {
		return ""
	}
	return b.String()
}

// Says gives the schema a description.
func (s Schema) Says(format string, args ...any) Schema {
	s.Description = fmt.Sprintf(format, args...)
	return s
}

// Else gives the schema a default, which editors offer.
func (s Schema) Else(value any) Schema {
	s.Default = value
	return s
}

// Or gives the schema the words that editors show where a value is not as it should be.
func (s Schema) Or(message string) Schema {
	s.Message = message
	return s
}

// Like narrows a text by a pattern of its whole, in the syntax that ECMA-262 and RE2 share. Blanks around it do
// not count.
func (s Schema) Like(pattern string) Schema {
	s.Type, s.Pattern = "string", `^\s*(`+pattern+`)\s*$`
	return s
}

// TextSchema is what Field.Text takes.
func TextSchema(rule TextRule) Schema {
	// A number is the text that was written, and so is true. null is not asked for: it is what a missing value is.
	s := Schema{Type: []string{"string", "number", "boolean"}, MaxLength: rule.Max}
	switch {
	case rule.Lines && rule.Empty:
	case rule.Lines:
		s.Pattern = `\S`
	case rule.Empty:
		s.Pattern = `^\s*(\S([^\n\r\t]*\S)?)?\s*$`
	default:
		s.Pattern = `^\s*\S([^\n\r\t]*\S)?\s*$`
	}
	return s
}

// FlagSchema is what Field.Flag takes.
func FlagSchema() Schema {
	return Schema{AnyOf: []Schema{{Type: "boolean"}, {Enum: []any{"true", "false"}}}}
}

// ChoiceSchema is what Field.Choice takes.
func ChoiceSchema(words ...string) Schema {
	s := Schema{Type: "string"}
	for _, w := range words {
		s.Enum = append(s.Enum, w)
	}
	return s
}

// IntSchema is what Field.Int takes.
func IntSchema(least, most int) Schema {
	return Schema{AnyOf: []Schema{{Type: "integer", Minimum: &least, Maximum: &most}, {Type: "string", Pattern: `^\s*\d+\s*$`}}}
}

// DurationSchema is what Field.Duration takes, without its least.
func DurationSchema() Schema {
	return Schema{}.Like(`\d+d(\d+h)?(\d+m)?(\d+s)?(\d+ms)?|\d+h(\d+m)?(\d+s)?(\d+ms)?|\d+m(\d+s)?(\d+ms)?|\d+s(\d+ms)?|\d+ms`).
		Or(errDuration.Error())
}

// ListSchema is what Field.List takes.
func ListSchema(item Schema, some bool, most int) Schema {
	s := Schema{Type: "array", Items: &item, MaxItems: most}
	if some {
		s.MinItems = 1
	}
	return s
}

// MapSchema is what a Map of these keys takes. A section is one below a key, which may be left empty.
func MapSchema(section bool, keys ...Property) Schema {
	s := Schema{Type: "object", Properties: keys, Additional: new(bool)}
	if section {
		s.Type = []string{"object", "null"}
	}
	return s
}

// Apart forbids that key stands beside one of the others.
func (s Schema) Apart(key string, others ...string) Schema {
	var none Properties
	for _, other := range others {
		none = append(none, Property{Key: other, never: true})
	}
	s.AllOf = append(s.AllOf, Schema{If: &Schema{Type: "object", Required: []string{key}}, Then: &Schema{Properties: none}})
	return s
}
