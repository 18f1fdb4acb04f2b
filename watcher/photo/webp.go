package photo

import (
	"encoding/binary"
	"strings"
)

// webpPeek is as much of a chunk as is looked at: a whole Exif or XMP packet of reasonable size.
const webpPeek = 1 << 16

// Sizes in bytes of WebP's headers (RFC 9649).
const (
	riffHeader = 12 // "RIFF", length, "WEBP"
	riffChunk  = 8  // type, length
	anmfHeader = 16 // a frame's place, size and time, before its own chunks
	anmfChunks = 8  // of a frame, at most, before its picture
	webpPixels = 10 // as much of a VP8 or VP8L chunk as holds the picture's size
)

// walkWebP goes from chunk to chunk to the length that the RIFF header gives. Of an animation the first frame
// counts, on the canvas that it is laid on.
func walkWebP(src *source, info *Info, visit func(part) error) error {
	b, err := src.take(riffHeader)
	if err != nil {
		return err
	}
	end := int64(binary.LittleEndian.Uint32(b[4:])) + 8
	if end > src.size {
		return incomplete("the photo is cut off after %d of %d bytes", src.size, end)
	}
	w := &webpWalker{source: src, info: info, visit: visit}
	for src.off < end {
		if err := w.chunk(end); err != nil {
			return err
		}
	}
	if !w.picture {
		return incomplete("the photo holds no picture")
	}
	info.End = end
	return w.fault
}

// webpWalker is the state of one walk over a WebP's chunks.
type webpWalker struct {
	*source
	info    *Info
	visit   func(part) error
	picture bool  // the first frame was seen
	fault   error // why it cannot be posted; said only once it is whole

	canvasWidth, canvasHeight int // pixels; 0: there is none
}

// chunk passes one chunk, which must lie before end.
func (w *webpWalker) chunk(end int64) error {
	p := part{off: w.off}
	if end-w.off < riffChunk {
		return damaged(w.off)
	}
	b, err := w.take(riffChunk)
	if err != nil {
		return err
	}
	p.chunk = string(b[:4])
	n := int64(binary.LittleEndian.Uint32(b[4:]))
	if n > end-w.off || strings.Trim(p.chunk, "\x00") == "" {
		return damaged(p.off)
	}
	p.end = w.off + n
	if p.data, err = w.peek(int(min(n, webpPeek))); err != nil {
		return err
	}
	if err := w.read(p, n); err != nil {
		return err
	}
	// Chunks begin at even offsets; some writers leave out the last one's padding.
	return w.skip(min(p.end+n%2, end) - w.off)
}

// read looks into a chunk of n bytes.
func (w *webpWalker) read(p part, n int64) error {
	switch p.chunk {
	case "VP8 ", "VP8L":
		return w.frame(p.chunk, p.data, p.end-n, p.end)
	case "VP8X":
		if n >= webpPixels {
			w.canvasWidth, w.canvasHeight = int24(p.data[4:])+1, int24(p.data[7:])+1
		}
	case "ANMF":
		if err := w.animated(p, n); err != nil {
			return err
		}
		w.info.Width, w.info.Height = max(w.info.Width, w.canvasWidth), max(w.info.Height, w.canvasHeight)
		return nil
	case "EXIF":
		if int64(len(p.data)) == n {
			w.info.Orientation = readTags(exifBlock(p.data)).orientation
		}
	}
	return w.visit(p)
}

// int24 is a number of 24 bits.
func int24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

// animated looks into a frame of an animation for its picture, behind an alpha chunk perhaps.
func (w *webpWalker) animated(p part, n int64) error {
	if w.picture {
		return nil
	}
	at := p.end - n + anmfHeader
	for n := 0; n < anmfChunks && at+riffChunk+webpPixels <= p.end; n++ {
		b, err := w.at(at, riffChunk+webpPixels)
		if err != nil {
			return err
		}
		size := int64(binary.LittleEndian.Uint32(b[4:]))
		if size > p.end-at-riffChunk {
			return damaged(at)
		}
		if chunk := string(b[:4]); chunk == "VP8 " || chunk == "VP8L" {
			return w.frame(chunk, b[riffChunk:], at+riffChunk, at+riffChunk+size)
		}
		at += riffChunk + size + size%2
	}
	return damaged(p.off)
}

// frame reads the picture's size from the head of its data, which lies at [off, end).
func (w *webpWalker) frame(chunk string, head []byte, off, end int64) error {
	if w.picture {
		return nil
	}
	var width, height int
	switch {
	case end-off < webpPixels:
		return damaged(off)
	case chunk == "VP8L":
		if head[0] != 0x2F {
			return damaged(off)
		}
		bits := binary.LittleEndian.Uint32(head[1:])
		width, height = int(bits&0x3FFF)+1, int(bits>>14&0x3FFF)+1
	default:
		if head[0]&1 != 0 || string(head[3:6]) != "\x9d\x01\x2a" { // not a key frame
			return damaged(off)
		}
		width = int(binary.LittleEndian.Uint16(head[6:]) & 0x3FFF)
		height = int(binary.LittleEndian.Uint16(head[8:]) & 0x3FFF)
	}
	w.picture, w.info.Width, w.info.Height = true, width, height
	return w.written(off, end)
}
