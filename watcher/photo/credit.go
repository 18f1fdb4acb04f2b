package photo

import (
	"bytes"
	"encoding/xml"
	"slices"
	"strings"
	"unicode/utf8"
)

// credit is whose a photo is, as XMP or IPTC say it: it outlives the stripping, in a small XMP packet of our own.
type credit struct {
	creators     []string
	rights, line string // the copyright notice; who is to be named
}

// Limits of a credit, so that its packet fits into a JPEG's segment.
const (
	maxCreators   = 8
	maxCreditText = 1024 // bytes
)

func (c *credit) none() bool { return len(c.creators) == 0 && c.rights == "" && c.line == "" }

// readXMP takes what a packet says and is not known yet.
func (c *credit) readXMP(packet []byte) {
	var creators []string
	properties{
		{Space: nsDC, Local: "creator"}: func(items []alternative) {
			for _, a := range items {
				creators = append(creators, a.text)
			}
		},
		{Space: nsDC, Local: "rights"}:        func(items []alternative) { c.fill(nil, best(items), "") },
		{Space: nsPhotoshop, Local: "Credit"}: func(items []alternative) { c.fill(nil, "", best(items)) },
	}.read(packet)
	c.fill(creators, "", "")
}

// fill takes what is not known yet.
func (c *credit) fill(creators []string, rights, line string) {
	if len(c.creators) == 0 {
		for _, s := range creators {
			if s = creditText(s); s != "" && len(c.creators) < maxCreators {
				c.creators = append(c.creators, s)
			}
		}
	}
	if c.rights == "" {
		c.rights = creditText(rights)
	}
	if c.line == "" {
		c.line = creditText(line)
	}
}

// creditText is a text tidied up, and cut where it is longer than any credit.
func creditText(s string) string {
	s = tidy(s)
	if len(s) <= maxCreditText {
		return s
	}
	end := maxCreditText
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return strings.TrimSpace(s[:end])
}

// packet is an XMP packet that says this and nothing else.
func (c *credit) packet() []byte {
	var b bytes.Buffer
	text := func(s string) {
		_ = xml.EscapeText(&b, []byte(s)) // a buffer takes everything
	}
	b.WriteString(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="` + nsRDF + `"><rdf:Description rdf:about=""` +
		` xmlns:dc="` + nsDC + `" xmlns:photoshop="` + nsPhotoshop + `">`)
	if len(c.creators) > 0 {
		b.WriteString("<dc:creator><rdf:Seq>")
		for _, s := range c.creators {
			b.WriteString("<rdf:li>")
			text(s)
			b.WriteString("</rdf:li>")
		}
		b.WriteString("</rdf:Seq></dc:creator>")
	}
	if c.rights != "" {
		b.WriteString(`<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">`)
		text(c.rights)
		b.WriteString("</rdf:li></rdf:Alt></dc:rights>")
	}
	if c.line != "" {
		b.WriteString("<photoshop:Credit>")
		text(c.line)
		b.WriteString("</photoshop:Credit>")
	}
	b.WriteString("</rdf:Description></rdf:RDF></x:xmpmeta>")
	return slices.Clip(b.Bytes())
}
