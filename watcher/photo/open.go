package photo

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
)

// Metadata says what of a photo's metadata is sent.
type Metadata string

// The choices, named as in the config.
const (
	StripLocation Metadata = "strip-location" // keeps orientation, colours, copyright and creator; the default
	StripAll      Metadata = "strip-all"      // keeps orientation and colours
	Keep          Metadata = "keep"           // keeps all
)

// Options say how the bytes that are sent are made.
type Options struct {
	Metadata Metadata // "" is StripLocation
}

// maxPieces bounds the plan of an upload; photos need a dozen.
const maxPieces = 10_000

// Open plans the upload of a JPEG or PNG whose SHA-256 is hash (as Hash gives it): the pixels as they are, less
// the metadata that opts leave out. Nothing is decoded, and nothing is held in memory but a short list. f is
// read once, whole, by offset; it stays the caller's, and must stay open until the last Reader is done.
//
// The faults are those of Inspect, ErrUnsupported for another format, ErrTooBig over MaxBytes, ErrChanged if f does not have this hash, or a wrapped error of reading f.
func Open(f *os.File, hash string, opts Options) (*Upload, error) {
	stat, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("open photo: %w", err)
	}
	var p *plan
	switch opts.Metadata {
	case StripLocation, "":
		p = &plan{credit: true}
	case StripAll:
		p = &plan{}
	case Keep:
		p = &plan{all: true}
	default:
		return nil, fmt.Errorf("open photo: unknown metadata choice %q", opts.Metadata)
	}
	// The plan is made from the very bytes that are hashed, so it cannot be that of another photo.
	src := newSource(f, stat.Size(), sha256.New())
	info, err := walk(src, p.visit)
	if err != nil {
		return nil, err
	}
	if info.Format.ContentType() == "" {
		return nil, unsupported(string(info.Format) + " as it is")
	}
	if info.End > MaxBytes {
		return nil, tooManyBytes(MaxBytes)
	}
	if sum, err := src.finish(); err != nil {
		return nil, err
	} else if sum != hash {
		return nil, changed()
	}
	p.finish(info)
	u := &Upload{ContentType: info.Format.ContentType(), Info: info, file: f, source: stat.Size(), hash: hash, pieces: p.pieces}
	for _, piece := range u.pieces {
		u.Size += piece.size()
	}
	return u, nil
}

func changed() error {
	return &Error{Kind: ErrChanged, Message: "the photo changed while it was read"}
}

// piece is bytes that are sent: a span of the source, or literal ones. Spans are in the source's order.
type piece struct {
	off, end int64
	literal  []byte
}

func (p piece) size() int64 { return p.end - p.off + int64(len(p.literal)) }

// plan gathers the pieces of an upload.
type plan struct {
	kept
	all    bool // nothing is left out
	credit bool // whose the photo is stays
	pieces []piece
	at     int // index of the piece before which new metadata goes
}

// visit decides on one part of the photo.
func (p *plan) visit(part part) error {
	if len(p.pieces) > maxPieces {
		return unsupported("a photo that is made of so many parts")
	}
	switch {
	case p.all: // finish knows
	case part.marker != 0:
		p.jpeg(part)
	default:
		p.png(part)
	}
	return nil
}

// span adds a span of the source, as one with the last where they touch. It does not grow what stands before at.
func (p *plan) span(off, end int64) {
	if n := len(p.pieces); n > p.at && p.pieces[n-1].literal == nil && p.pieces[n-1].end == off {
		p.pieces[n-1].end = end
		return
	}
	p.pieces = append(p.pieces, piece{off: off, end: end})
}

// finish puts the metadata that stays into its place.
func (p *plan) finish(info Info) {
	if p.all {
		p.pieces = []piece{{end: info.End}}
		return
	}
	if !p.credit {
		p.tags.artist, p.tags.copyright, p.whose, p.iptc = nil, nil, credit{}, nil
	}
	if packets := p.packets(info.Format); packets != nil {
		p.pieces = slices.Insert(p.pieces, p.at, piece{literal: packets})
	}
}

// metadata wraps a block of metadata as a JPEG's segment, which begins with head, or as a PNG's chunk.
func metadata(format Format, head, chunk string, block []byte) []byte {
	switch {
	case format == JPEG:
		b := binary.BigEndian.AppendUint16([]byte{0xFF, markAPP1}, uint16(2+len(head)+len(block)))
		return append(append(b, head...), block...)
	case chunk == "iTXt":
		block = append([]byte(pngXMP+"\x00\x00\x00\x00\x00"), block...)
	}
	return appendChunk(nil, chunk, block)
}

// jfifSize is a JFIF header's payload without its thumbnail.
const jfifSize = 14

// jpeg keeps what decoding needs and what colours need, and drops all else: Exif, XMP, IPTC, comments, makers'
// own segments, other pictures.
func (p *plan) jpeg(part part) {
	m, data := part.marker, part.data
	switch {
	case m == markSOI:
		p.span(part.off, part.end)
		p.at = len(p.pieces)
	case m == markAPP1, m == markAPPD:
		p.take(part)
	case m == markAPP0 && bytes.HasPrefix(data, []byte("JFIF\x00")) && len(data) >= jfifSize:
		p.jfif(part)
	case m == markAPP2 && bytes.HasPrefix(data, []byte("ICC_PROFILE\x00")),
		m == markAPPE && bytes.HasPrefix(data, []byte("Adobe")),
		m >= markSOF0 && m <= markEXP: // frames, tables, scans, EOI
		p.span(part.off, part.end)
	}
}

// jfif keeps a JFIF header, which must come first, but not its thumbnail: that may show what was cropped away.
func (p *plan) jfif(part part) {
	first := len(p.pieces) == p.at
	if len(part.data) == jfifSize && part.data[12] == 0 && part.data[13] == 0 {
		p.span(part.off, part.end)
	} else {
		literal := binary.BigEndian.AppendUint16([]byte{0xFF, markAPP0}, 2+jfifSize)
		literal = append(literal, part.data[:12]...)
		p.pieces = append(p.pieces, piece{literal: append(literal, 0, 0)})
	}
	if first {
		p.at = len(p.pieces)
	}
}

// pngKept are the chunks that stay whatever is stripped: picture and colours.
func pngKept(chunk string) bool {
	switch chunk {
	case "IHDR", "PLTE", "tRNS", "IDAT", "IEND",
		"gAMA", "cHRM", "sRGB", "iCCP", "sBIT", "pHYs", "bKGD", "hIST", "sPLT", "cICP", "mDCV", "cLLI":
		return true
	}
	return false
}

// png keeps picture and colours. Texts go, but for those that say whose the picture is; animations go, and
// leave the still picture.
func (p *plan) png(part part) {
	switch {
	case part.chunk == "", part.chunk == "IHDR":
		p.span(part.off, part.end)
		p.at = len(p.pieces)
	case pngKept(part.chunk), p.credit && isCredit(part):
		p.span(part.off, part.end)
	case part.chunk == "eXIf" && part.end-part.off-pngFrame != int64(len(part.data)): // longer than any that is right
	default:
		p.take(part)
	}
}

// isCredit reports whether a text chunk names the author or the copyright.
func isCredit(part part) bool {
	switch part.chunk {
	case "tEXt", "zTXt", "iTXt":
		keyword, _, _ := bytes.Cut(part.data, []byte{0})
		return string(keyword) == "Author" || string(keyword) == "Copyright"
	}
	return false
}
