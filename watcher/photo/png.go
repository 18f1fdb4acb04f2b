package photo

import (
	"encoding/binary"
	"hash/crc32"
)

// pngPeek is as much of a chunk as a visitor gets: a whole Exif block of reasonable size, or a text's keyword.
const pngPeek = 1 << 16

// pngFrame is what a chunk adds to its data: length, type and CRC.
const pngFrame = 12

// walkPNG goes from chunk to chunk, checks each CRC, and ends after IEND.
func walkPNG(src *source, info *Info, visit func(part) error) error {
	if err := src.skip(int64(len(pngMagic))); err != nil {
		return err
	}
	if err := visit(part{end: src.off}); err != nil {
		return err
	}
	pixels, first := false, true
	for {
		p, err := pngChunk(src, first, info, visit)
		if err != nil {
			return err
		}
		first = false
		switch p.chunk {
		case "IDAT":
			pixels = true
		case "IEND":
			if !pixels {
				return incomplete("the photo holds no picture")
			}
			info.End = p.end
			return nil
		}
	}
}

// pngChunk passes one chunk.
func pngChunk(src *source, first bool, info *Info, visit func(part) error) (part, error) {
	p := part{off: src.off}
	b, err := src.take(8)
	if err != nil {
		return p, err
	}
	n := int64(binary.BigEndian.Uint32(b))
	p.chunk = string(b[4:])
	if !isChunkType(p.chunk) || n >= 1<<31 {
		return p, incomplete("the photo is damaged at byte %d", p.off)
	}
	if first && p.chunk == "CgBI" {
		return p, unsupported("Apple's own kind of PNG")
	}
	if first != (p.chunk == "IHDR") || first && n != 13 {
		return p, incomplete("the photo is damaged at byte %d: its header is not where it should be", p.off)
	}
	if n > src.size-src.off-4 {
		return p, incomplete("the photo is cut off after %d bytes", src.size)
	}
	p.end = p.off + pngFrame + n
	head, err := src.peek(int(min(n, pngPeek)))
	if err != nil {
		return p, err
	}
	readChunk(p.chunk, head, n, info)
	p.data = head
	if err := visit(p); err != nil {
		return p, err
	}
	return p, checkChunk(src, p, n)
}

// readChunk takes the picture's size and orientation.
func readChunk(chunk string, head []byte, n int64, info *Info) {
	switch {
	case chunk == "IHDR":
		// A side of more than 2³¹-1 is not allowed and counts as none.
		info.Width, info.Height = int(int32(binary.BigEndian.Uint32(head))), int(int32(binary.BigEndian.Uint32(head[4:])))
	case chunk == "eXIf" && int64(len(head)) == n:
		info.Orientation = readTags(head).orientation
	}
}

// checkChunk passes a chunk's n bytes of data and its CRC.
func checkChunk(src *source, p part, n int64) error {
	if src.known {
		return src.skip(n + 4)
	}
	sum := crc32.NewIEEE()
	sum.Write([]byte(p.chunk)) // a hash never fails
	for n > 0 {
		b, err := src.some()
		if err != nil {
			return err
		}
		b = b[:min(int64(len(b)), n)]
		sum.Write(b)
		if err := src.skip(int64(len(b))); err != nil {
			return err
		}
		n -= int64(len(b))
	}
	b, err := src.take(4)
	if err != nil {
		return err
	}
	if binary.BigEndian.Uint32(b) != sum.Sum32() {
		return incomplete("the photo is damaged: the check of its %s block at byte %d fails", p.chunk, p.off)
	}
	return nil
}

func isChunkType(s string) bool {
	for _, c := range []byte(s) {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			return false
		}
	}
	return true
}

// appendChunk adds a whole chunk to b.
func appendChunk(b []byte, chunk string, data []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(data)))
	at := len(b)
	b = append(append(b, chunk...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[at:]))
}
