package strictyaml

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Map is one mapping of a document. Get tells it which keys exist; Close reports the others.
type Map struct {
	doc    *Document
	path   string // "" for the top one, else such as "folders[]"
	at     Place
	order  []*yaml.Node // the keys as written, without repetitions
	fields map[string]*Field
	known  []string
	old    []string // keys that Retire knows
}

// newMap reads a mapping node; of a key given twice the first counts.
func newMap(d *Document, path string, n *yaml.Node) *Map {
	m := &Map{doc: d, path: path, at: d.placeOf(n), fields: map[string]*Field{}}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" || m.fields[key.Value] != nil {
			continue
		}
		m.order = append(m.order, key)
		m.fields[key.Value] = &Field{
			doc: d, path: m.pathOf(key.Value), Name: key.Value,
			key: key, node: n.Content[i+1], Place: d.placeOf(n.Content[i+1]), Key: d.placeOf(key),
		}
	}
	return m
}

// pathOf is the dotted path of a key of this mapping.
func (m *Map) pathOf(key string) string {
	if m.path == "" {
		return key
	}
	return m.path + "." + key
}

// Place is where the mapping begins.
func (m *Map) Place() Place { return m.at }

// Get declares a key and gives its field, nil when the key is not there. All of Field's readers take nil.
func (m *Map) Get(key string) *Field {
	m.known = append(m.known, key)
	m.doc.asked[m.pathOf(key)] = true
	return m.fields[key]
}

// Path is the mapping's place in the file's structure: "" for the top one, else such as "folders[]".
func (m *Map) Path() string { return m.path }

// Retire takes a key that has another name by now, or, where now is "", one that does nothing any more: it is read as if
// it had that name, with a warning. Call it before Get.
func (m *Map) Retire(old, now string) {
	f := m.fields[old]
	if f == nil {
		return
	}
	m.old = append(m.old, old)
	const last = ": it is understood for this version only"
	switch {
	case now == "":
		m.doc.warn(f.Key.Finding(IDRetiredKey, old+" does nothing any more", "take it out; the next version refuses it"))
	case m.fields[now] != nil:
		m.Add(f.Key.Finding(IDDuplicateKey, fmt.Sprintf("%s is called %s now, and both are given", old, now), "remove "+old))
	default:
		m.doc.warn(f.Key.Finding(IDRetiredKey, fmt.Sprintf("%s is called %s now", old, now), "write "+now+last))
		called := *f
		called.path = m.pathOf(now)
		m.fields[now] = &called
	}
}

// Need is Get for a key that must be there.
func (m *Map) Need(key, fix string) *Field {
	f := m.Get(key)
	if f == nil {
		m.Add(m.at.Finding(IDMissingKey, key+" is missing", fix))
	}
	return f
}

// Add reports a finding of a reader's own.
func (m *Map) Add(f Finding) { m.doc.Add(f) }

// Close reports every key that no Get has declared. Call it once, after all of them.
func (m *Map) Close() {
	for _, key := range m.order {
		if !slices.Contains(m.known, key.Value) && !slices.Contains(m.old, key.Value) {
			m.Add(m.doc.placeOf(key).Finding(IDUnknownKey,
				fmt.Sprintf("unknown key %s", quoted(key.Value)), m.instead(key.Value)))
		}
	}
}

// instead says which key to write for one that does not exist.
func (m *Map) instead(key string) string {
	if near := Nearest(key, m.known); near != "" {
		return "did you mean " + near + "?"
	}
	return "the keys here are " + strings.Join(m.known, ", ")
}

// Has reports whether a key is there, without declaring it.
func (m *Map) Has(key string) bool { return m.fields[key] != nil }
