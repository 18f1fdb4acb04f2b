package photo

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"strings"
	"unicode/utf8"
)

// XMP's namespaces (ISO 16684-1, IPTC Core).
const (
	nsDC        = "http://purl.org/dc/elements/1.1/"
	nsIPTC      = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
	nsPhotoshop = "http://ns.adobe.com/photoshop/1.0/"
	nsRDF       = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
)

// maxDepth bounds how deep a packet's elements are nested; a text's stand seven deep.
const maxDepth = 64

// alternative is one item of a property: a list's, in one language's, or its plain text.
type alternative struct{ lang, text string }

// properties is what is wanted of a packet: who takes which property.
type properties map[xml.Name]func([]alternative)

// readXMP reads the texts of a packet, as far as it is right.
func readXMP(packet []byte) Texts {
	var t Texts
	take := func(to *string) func([]alternative) {
		return func(items []alternative) {
			if *to == "" {
				*to = best(items)
			}
		}
	}
	properties{
		{Space: nsDC, Local: "title"}:                  take(&t.Title),
		{Space: nsDC, Local: "description"}:            take(&t.Description),
		{Space: nsIPTC, Local: "AltTextAccessibility"}: take(&t.AltText),
	}.read(packet)
	return t
}

// best is the alternative for x-default that says something, else the first that does.
func best(items []alternative) string {
	first := ""
	for _, a := range items {
		switch {
		case strings.TrimSpace(a.text) == "":
		case strings.EqualFold(a.lang, "x-default"):
			return a.text
		case first == "":
			first = a.text
		}
	}
	return first
}

// read goes through a packet to its end, or to where it is broken.
func (p properties) read(packet []byte) {
	if !p.mentioned(packet) {
		return
	}
	d := xml.NewDecoder(bytes.NewReader(legalXML(packet)))
	for depth := 0; depth < maxDepth; {
		token, err := d.Token()
		if err != nil {
			return
		}
		switch e := token.(type) {
		case xml.StartElement:
			if take := p[e.Name]; take != nil {
				items, err := readItems(d)
				if take(items); err != nil {
					return
				}
				continue
			}
			depth++
			if e.Name == (xml.Name{Space: nsRDF, Local: "Description"}) {
				p.attributes(e.Attr)
			}
		case xml.EndElement:
			depth--
		}
	}
}

// mentioned reports whether a packet may hold any of the properties. Reading XML costs more than all else about a
// photo, and few hold such a text.
func (p properties) mentioned(packet []byte) bool {
	for name := range p {
		if bytes.Contains(packet, []byte(name.Local)) {
			return true
		}
	}
	return false
}

// attributes takes properties that are written as attributes.
func (p properties) attributes(attrs []xml.Attr) {
	for _, a := range attrs {
		if take := p[a.Name]; take != nil {
			take([]alternative{{text: a.Value}})
		}
	}
}

// legalXML drops what XML forbids and programs write all the same: control characters, broken UTF-8.
func legalXML(packet []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == utf8.RuneError || r == '\ufffe' || r == '\uffff' {
			return -1
		}
		return r
	}, packet)
}

// readItems reads to the end of a property and gives its items, or else the text that stands there plainly. With an
// error it gives what was whole before.
func readItems(d *xml.Decoder) (items []alternative, err error) {
	var plain, item strings.Builder
	lang, at := "", 0 // of the item that is read, and how deep it is
	for depth := 1; depth > 0; {
		token, err := d.Token()
		if err != nil {
			return items, err
		}
		switch e := token.(type) {
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return items, errBox
			}
			if at == 0 && e.Name == (xml.Name{Space: nsRDF, Local: "li"}) {
				at, lang = depth, language(e.Attr)
				item.Reset()
			}
		case xml.CharData:
			if at > 0 {
				item.Write(e)
			} else if depth == 1 {
				plain.Write(e)
			}
		case xml.EndElement:
			if depth == at {
				items, at = append(items, alternative{lang, item.String()}), 0
			}
			depth--
		}
	}
	if len(items) == 0 {
		items = []alternative{{text: plain.String()}}
	}
	return items, nil
}

func language(attrs []xml.Attr) string {
	for _, a := range attrs {
		if a.Name.Local == "lang" {
			return a.Value
		}
	}
	return ""
}

// extendedXMP gathers what did not fit into a JPEG's one XMP segment: pieces of a second packet.
type extendedXMP struct {
	guid  string
	data  []byte
	found int
}

// add takes a segment: a GUID of 32 bytes, the packet's length, the piece's offset, the piece.
func (x *extendedXMP) add(b []byte) {
	const guid, head = 32, 40
	if len(b) < head {
		return
	}
	name, size, off := string(b[:guid]), int64(binary.BigEndian.Uint32(b[guid:])), int64(binary.BigEndian.Uint32(b[guid+4:]))
	piece := b[head:]
	if x.data == nil && size > 0 && size <= maxPacket {
		x.guid, x.data = name, make([]byte, size)
	}
	if name != x.guid || off+int64(len(piece)) > int64(len(x.data)) {
		return
	}
	x.found += copy(x.data[off:], piece)
}

// packet is the whole packet, nil as long as pieces are missing.
func (x *extendedXMP) packet() []byte {
	if x.found < len(x.data) {
		return nil
	}
	return x.data
}
