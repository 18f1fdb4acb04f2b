package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"gopkg.in/yaml.v3"
)

// maxFindings bounds what one file can report: more than a person reads, less than fills a disk with notes.
const maxFindings = 100

// Document is one file being read. It collects the findings of all its readers.
type Document struct {
	// Root is the top mapping, nil when the file could not be read at all; then Findings says why.
	Root *Map

	source   source
	root     *yaml.Node               // what Root reads
	traps    map[*yaml.Node][]comment // hashtag-like comments, by the key, text or list item that they follow
	asked    map[string]bool
	findings Findings
	dropped  int // findings beyond maxFindings
	warnings Findings
}

// Parse reads the bytes of a file. The name is what findings call it. It never fails otherwise than by findings.
func Parse(name string, data []byte) *Document {
	d := &Document{asked: map[string]bool{}}
	var bad Findings
	if d.source, bad = newSource(name, data); bad != nil {
		d.findings = bad
		return d
	}
	root := d.decode()
	if root == nil {
		return d
	}
	d.root = root
	d.checkNodes(root, "")
	d.traps = findTraps(d.source, root)
	d.Root = newMap(d, "", root)
	return d
}

// Findings are all problems found so far, in the order of their places.
func (d *Document) Findings() Findings {
	fs := slices.Clone(d.findings)
	if d.dropped > 0 {
		fs = append(fs, Place{File: d.source.name}.Finding(IDTooMany,
			fmt.Sprintf("and %d more problems", d.dropped), "solve these first"))
	}
	fs.Sort()
	return fs
}

// Add reports a finding of a reader's own.
func (d *Document) Add(f Finding) {
	if len(d.findings) >= maxFindings {
		d.dropped++
		return
	}
	d.findings = append(d.findings, f)
}

// Warnings are what is worth changing, and wrong only in the next version, in the order of their places.
func (d *Document) Warnings() Findings {
	fs := slices.Clone(d.warnings)
	fs.Sort()
	return fs
}

func (d *Document) warn(f Finding) {
	if len(d.warnings) < maxFindings {
		d.warnings = append(d.warnings, f)
	}
}

// Asked lists every key that was asked for so far as a dotted path, such as "folders[].path": after reading
// a file that has every section, these are all keys of the format.
func (d *Document) Asked() []string { return slices.Sorted(maps.Keys(d.asked)) }

// decode parses the text into the one top mapping, or reports why it cannot and returns nil.
func (d *Document) decode() *yaml.Node {
	file := Place{File: d.source.name}
	dec := yaml.NewDecoder(bytes.NewReader(d.source.text))
	doc, err := decodeNext(dec)
	switch {
	case errors.Is(err, io.EOF) || err == nil && isNull(doc.Content[0]):
		d.Add(file.Finding(IDEmpty, "the file is empty", "write at least one key"))
		return nil
	case err != nil:
		d.Add(explain(d.source, err))
		return nil
	}
	if second, err := decodeNext(dec); !errors.Is(err, io.EOF) {
		f := file.Finding(IDDocuments, "the file holds more than one YAML document", "remove the line --- and what follows it")
		if err == nil {
			f.Line, f.Column = second.Line, second.Column
		}
		d.Add(f)
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		d.Add(d.placeOf(root).Finding(IDWrongType, "the file holds "+kindName(root)+" instead of keys",
			"write lines such as `title: Fog`, with a space after the colon"))
		return nil
	}
	return root
}

// decodeNext reads the next document. yaml.v3 stops by panics inside; those that it does not catch itself
// must not reach the daemon, as anybody may drop a file into a folder.
func decodeNext(dec *yaml.Decoder) (n *yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			n, err = nil, errors.New("yaml: parser failed")
		}
	}()
	n = new(yaml.Node)
	if err := dec.Decode(n); err != nil {
		return nil, err
	}
	if n.Kind != yaml.DocumentNode || len(n.Content) != 1 {
		return nil, io.EOF
	}
	return n, nil
}

// checkNodes reports what is refused anywhere in a file, and keys that are repeated, in the order of the file.
func (d *Document) checkNodes(n *yaml.Node, key string) {
	const quote = "write the text itself; if it begins with this character, put quotes around it"
	at := d.placeOf(n)
	switch {
	case n.Kind == yaml.AliasNode:
		d.Add(at.Finding(IDAnchor, "an alias (*) is not allowed"+of(key), quote))
	case n.Anchor != "":
		d.Add(at.Finding(IDAnchor, "an anchor (&) is not allowed"+of(key), quote))
	case d.source.tagged(n):
		d.Add(at.Finding(IDTag, "a tag (!) is not allowed"+of(key), quote))
	}
	if n.Kind == yaml.MappingNode {
		d.checkKeys(n)
		return
	}
	for _, c := range n.Content {
		d.checkNodes(c, key)
	}
}

// checkKeys is checkNodes for a mapping.
func (d *Document) checkKeys(n *yaml.Node) {
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch line, repeated := first[key.Value]; {
		case key.Kind != yaml.ScalarNode:
			d.Add(d.placeOf(key).Finding(IDWrongType, "a key must be a text, not "+kindName(key), ""))
			continue
		case key.Tag == "!!merge":
			d.Add(d.placeOf(key).Finding(IDAnchor, "a merge key (<<) is not allowed", "write the keys themselves"))
		case repeated:
			d.Add(d.placeOf(key).Finding(IDDuplicateKey,
				fmt.Sprintf("key %s is given twice, first on line %d", quoted(key.Value), line), "remove one of them"))
		default:
			first[key.Value] = key.Line
			d.checkNodes(key, "")
		}
		d.checkNodes(value, key.Value)
	}
}

// placeOf is where a node begins.
func (d *Document) placeOf(n *yaml.Node) Place {
	return Place{File: d.source.name, Line: max(n.Line, 1), Column: max(n.Column, 1)}
}

// isNull reports whether a node is a value that was left out: `title:` and nothing. `title: null` is a text.
func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Value == "" && n.Style == 0
}

// kindName says what a node is, with its article.
func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "a mapping (key: value)"
	case yaml.AliasNode:
		return "an alias (*)"
	}
	return "a text"
}

// of names the key that a message is about, if there is one.
func of(key string) string {
	if key == "" {
		return ""
	}
	return " in " + shortened(key)
}
