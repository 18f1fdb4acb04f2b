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
	nsDC   = "http://purl.org/dc/elements/1.1/"
	nsIPTC = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
	nsRDF  = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
)

// maxDepth bounds how deep a packet's elements are nested; a text's stand seven deep.
const maxDepth = 64

// readXMP reads the texts of a packet, as far as it is right.
func readXMP(packet []byte) Texts {
	var t Texts
	// Reading XML costs more than all else about a photo: few hold such a text.
	if !bytes.Contains(packet, []byte("title")) && !bytes.Contains(packet, []byte("description")) &&
		!bytes.Contains(packet, []byte("AltTextAccessibility")) {
		return t
	}
	d := xml.NewDecoder(bytes.NewReader(legalXML(packet)))
	for depth := 0; depth < maxDepth; {
		token, err := d.Token()
		if err != nil {
			return t
		}
		switch e := token.(type) {
		case xml.StartElement:
			if to := t.property(e.Name); to != nil {
				text, err := readAlternatives(d)
				if *to == "" {
					*to = text
				}
				if err != nil {
					return t
				}
				continue
			}
			depth++
			if e.Name == (xml.Name{Space: nsRDF, Local: "Description"}) {
				t.attributes(e.Attr)
			}
		case xml.EndElement:
			depth--
		}
	}
	return t
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

// property is where the text of a property belongs, nil for all others.
func (t *Texts) property(name xml.Name) *string {
	switch name {
	case xml.Name{Space: nsDC, Local: "title"}:
		return &t.Title
	case xml.Name{Space: nsDC, Local: "description"}:
		return &t.Description
	case xml.Name{Space: nsIPTC, Local: "AltTextAccessibility"}:
		return &t.AltText
	}
	return nil
}

// attributes takes properties that are written as attributes.
func (t *Texts) attributes(attrs []xml.Attr) {
	for _, a := range attrs {
		if to := t.property(a.Name); to != nil && *to == "" {
			*to = a.Value
		}
	}
}

// readAlternatives reads to the end of a property and gives its text: the alternative for x-default, else the
// first one, else the text that stands there plainly. With an error it is what was there before.
func readAlternatives(d *xml.Decoder) (string, error) {
	var first, byDefault, plain, item strings.Builder
	at, lang := 0, ""
	items := 0
	best := func() string {
		for _, b := range []*strings.Builder{&byDefault, &first, &plain} {
			if strings.TrimSpace(b.String()) != "" {
				return b.String()
			}
		}
		return ""
	}
	for depth := 1; depth > 0; {
		token, err := d.Token()
		if err != nil {
			return best(), err
		}
		switch e := token.(type) {
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return best(), errBox
			}
			if e.Name == (xml.Name{Space: nsRDF, Local: "li"}) && at == 0 {
				at, lang = depth, language(e.Attr)
				item.Reset()
			}
		case xml.CharData:
			switch {
			case at > 0:
				item.Write(e)
			case depth == 1:
				plain.Write(e)
			}
		case xml.EndElement:
			if depth == at {
				at = 0
				if items++; items == 1 {
					first.WriteString(item.String())
				}
				if strings.EqualFold(lang, "x-default") && byDefault.Len() == 0 {
					byDefault.WriteString(item.String())
				}
			}
			depth--
		}
	}
	return best(), nil
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
