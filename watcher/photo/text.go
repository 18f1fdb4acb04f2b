package photo

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	utf16 "golang.org/x/text/encoding/unicode"
)

// Texts are what a photo says about itself in one of its places; "" is nothing. Control characters and blanks at
// the ends are gone, lines are parted by \n, a title is one line. They are not yet cut to Pinterest's limits.
type Texts struct {
	Title, Description, AltText string
}

// Embedded is a photo's texts by where they stand. XMP counts before IPTC, and both before Exif, which cameras
// fill by themselves; texts that are known to be a camera's own are not there at all.
type Embedded struct {
	XMP  Texts // dc:title, dc:description, Iptc4xmpCore:AltTextAccessibility
	IPTC Texts // Object Name, Caption
	Exif Texts // XPTitle; ImageDescription, XPComment or UserComment
}

// Photo is all that one reading of a file tells.
type Photo struct {
	Info
	Hash     string // SHA-256 of all bytes, as Hash gives it
	Embedded Embedded
}

// Read is InspectAndHash that also gives the embedded texts, in the same one pass. What cannot be read of the
// texts counts as not there.
func Read(r io.ReaderAt, size int64) (Photo, error) {
	src := newSource(r, size, sha256.New())
	c := &collector{src: src}
	info, err := walk(src, c.visit)
	p := Photo{Info: info}
	if err != nil {
		return p, err
	}
	p.Embedded = c.finish()
	p.Hash, err = src.finish()
	return p, err
}

// ReadText gives the embedded texts of a photo that was found whole before, and reads no more of it than that
// takes: a few thousand bytes of most. The faults are those of Inspect.
func ReadText(r io.ReaderAt, size int64) (Embedded, error) {
	src := newSource(r, size, nil)
	src.known = true
	c := &collector{src: src, only: true}
	if _, err := walk(src, c.visit); err != nil && !errors.Is(err, errEnough) {
		return Embedded{}, err
	}
	return c.finish(), nil
}

// errEnough ends a walk for the texts alone where no more of them can come.
var errEnough = errors.New("no text can follow")

// collector gathers texts from the parts of a photo.
type collector struct {
	src      *source
	only     bool // the walk is for the texts alone
	found    Embedded
	iptc     []byte // resources of Photoshop's, which may be spread over JPEG's segments
	extended extendedXMP
}

// The heads of JPEG's metadata segments.
const (
	xmpHead       = "http://ns.adobe.com/xap/1.0/\x00"
	extendedHead  = "http://ns.adobe.com/xmp/extension/\x00"
	photoshopHead = "Photoshop 3.0\x00"
)

// visit looks at one part. The first text of each kind counts.
func (c *collector) visit(p part) error {
	switch p.marker {
	case 0:
		c.packet(p)
	case markAPP1:
		c.app1(p.data)
	case markAPPD:
		if rest, ok := bytes.CutPrefix(p.data, []byte(photoshopHead)); ok {
			c.photoshop(rest)
		}
	case markSOS:
		if c.only {
			return errEnough
		}
	}
	return nil
}

// app1 looks at a JPEG's segment for Exif or XMP.
func (c *collector) app1(data []byte) {
	if rest, ok := bytes.CutPrefix(data, []byte(exifHead)); ok {
		c.exif(bytes.NewReader(rest), int64(len(rest)))
	} else if rest, ok := bytes.CutPrefix(data, []byte(xmpHead)); ok {
		c.xmp(rest)
	} else if rest, ok := bytes.CutPrefix(data, []byte(extendedHead)); ok {
		c.extended.add(rest)
	}
}

// packet looks at a part of another format.
func (c *collector) packet(p part) {
	switch p.chunk {
	case "eXIf", "EXIF", packetExif:
		block := exifBlock(p.data)
		c.exif(bytes.NewReader(block), int64(len(block)))
	case packetTIFF:
		c.exif(c.src.r, c.src.size)
	case packetXMP:
		c.xmp(p.data)
	case packetIPTC:
		c.found.IPTC.fill(readIPTC(p.data))
	case packetPhotoshop:
		c.photoshop(p.data)
	default:
		found := pngPackets(p)
		block := exifBlock(found.exif)
		c.exif(bytes.NewReader(block), int64(len(block)))
		c.xmp(found.xmp)
		c.photoshop(found.photoshop)
	}
}

func (c *collector) exif(r io.ReaderAt, size int64) { c.found.Exif.fill(readExifTexts(r, size)) }

func (c *collector) xmp(packet []byte) { c.found.XMP.fill(readXMP(packet)) }

func (c *collector) photoshop(resources []byte) {
	if len(c.iptc) < maxPacket {
		c.iptc = append(c.iptc, resources...)
	}
}

// finish gives what was found, tidied up.
func (c *collector) finish() Embedded {
	if packet := c.extended.packet(); packet != nil {
		c.xmp(packet)
	}
	c.found.IPTC.fill(readIPTC(photoshopIPTC(c.iptc)))
	for _, t := range []*Texts{&c.found.XMP, &c.found.IPTC, &c.found.Exif} {
		t.Title = strings.Join(strings.Fields(tidy(t.Title)), " ")
		t.Description, t.AltText = tidy(t.Description), tidy(t.AltText)
	}
	return c.found
}

// fill takes from other texts what is not there yet.
func (t *Texts) fill(other Texts) {
	for _, f := range []struct {
		to   *string
		from string
	}{{&t.Title, other.Title}, {&t.Description, other.Description}, {&t.AltText, other.AltText}} {
		if *f.to == "" && !byCamera(tidy(f.from)) {
			*f.to = f.from
		}
	}
}

// tidy makes a text fit to be shown: no control characters but line ends, no blanks at the ends. Its Unicode
// form stays.
func tidy(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\r' || r == '\u2028' || r == '\u2029':
			return '\n'
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r) || slices.Contains([]rune{'\ufeff', '\ufffe', '\uffff', utf8.RuneError}, r):
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// legacy reads a text whose encoding is not said: UTF-8 if it can be, else Windows-1252, which is Latin-1 with
// quotes and dashes.
func legacy(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	s, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return ""
	}
	return string(s)
}

// wideText reads UTF-16; a byte order mark wins over the order that is given.
func wideText(b []byte, order utf16.Endianness) string {
	s, err := utf16.UTF16(order, utf16.UseBOM).NewDecoder().Bytes(b[:len(b)&^1])
	if err != nil {
		return ""
	}
	text, _, _ := strings.Cut(string(s), "\x00")
	return text
}
