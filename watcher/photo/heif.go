package photo

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
)

// Limits of what is walked through. A phone's meta box has some thousand bytes, its file four boxes.
const (
	maxMeta  = 1 << 20 // bytes
	maxBoxes = 4096    // at the top level; what follows counts as trailing
)

// walkHEIF walks the top-level boxes of HEIC and AVIF, and makes sure that the data of all items lies in the file.
// Boxes of unknown kinds and bytes that are no box may follow.
func walkHEIF(src *source, info *Info, visit func(part) error) error {
	w := &heifWalker{source: src, info: info}
	meta, err := w.boxes()
	if err != nil {
		return err
	}
	if meta == nil {
		return w.nothing()
	}
	c, err := readCatalogue(meta)
	if errors.Is(err, errBox) {
		return incomplete("the photo is damaged: its directory cannot be read")
	}
	if err != nil {
		return err
	}
	if err := w.extents(c); err != nil {
		return err
	}
	if err := w.picture(c); err != nil {
		return err
	}
	info.End = w.end
	if w.fault != nil {
		return w.fault
	}
	return w.packets(c, visit)
}

// isPQ reports whether a colr property names the transfer of HDR films (ITU-T H.273: 16).
func isPQ(colr []byte) bool {
	return len(colr) >= 8 && string(colr[:4]) == "nclx" && binary.BigEndian.Uint16(colr[6:]) == 16
}

// heifWalker is the state of one walk over a HEIF file.
type heifWalker struct {
	*source
	info  *Info
	end   int64
	film  bool  // there is a moov box
	fault error // why it cannot be posted; said only once it is whole
}

// nothing is the fault of a file without a still picture.
func (w *heifWalker) nothing() error {
	if w.film {
		return unsupported(string(w.info.Format) + " that holds a film and no photo")
	}
	return incomplete("the photo holds no picture")
}

// boxes walks the top level and gives the payload of the meta box, nil if there is none.
func (w *heifWalker) boxes() (meta []byte, err error) {
	off := int64(0)
	for range maxBoxes {
		kind, header, size, err := w.box(off)
		if err != nil || size == 0 {
			return meta, err
		}
		if kind == "meta" && meta == nil {
			if size-header > maxMeta {
				return nil, unsupported(string(w.info.Format) + " with so long a directory")
			}
			if meta, err = w.at(off+header, size-header); err != nil {
				return nil, err
			}
		}
		off += size
	}
	return meta, nil
}

// box reads the header of the box at an offset. Size 0 means that none follows that counts: what trails is no box,
// or the pixels' box goes on to the end of the file, and the items say how much of it counts.
func (w *heifWalker) box(off int64) (kind string, header, size int64, err error) {
	if w.size-off < 8 {
		return "", 0, 0, nil
	}
	b, err := w.at(off, min(w.size-off, 16))
	if err != nil {
		return "", 0, 0, err
	}
	header, size, broken := boxHeader(b)
	kind = string(b[4:8])
	known := slices.Contains([]string{"ftyp", "meta", "mdat", "moov"}, kind)
	switch fits := broken == nil && size >= header && size <= w.size-off; {
	case known && size == 0 && kind == "mdat":
		w.end = max(w.end, off+header)
		return kind, 0, 0, nil
	case known && !fits:
		return "", 0, 0, incomplete("the photo is cut off after %d of %d bytes", w.size, off+max(size, 8))
	case !fits:
		return "", 0, 0, nil
	}
	w.film = w.film || kind == "moov"
	if known && size > header {
		w.end = max(w.end, off+size)
	}
	return kind, header, size, nil
}

// extents makes sure that all items' data is in the file.
func (w *heifWalker) extents(c *catalogue) error {
	for _, it := range c.items {
		limit := w.size
		if it.inMeta {
			limit = int64(len(c.idat))
		}
		for _, e := range it.extents {
			if e.off < 0 || e.length < 0 || e.off > limit-e.length {
				return incomplete("the photo is cut off after %d bytes: a part of it lies behind", w.size)
			}
			if !it.inMeta {
				w.end = max(w.end, e.off+e.length)
			}
		}
	}
	return nil
}

// picture reads the primary item's size and how to hold it, and looks whether its pixels are there.
func (w *heifWalker) picture(c *catalogue) error {
	it := c.items[c.primary]
	if it == nil {
		return w.nothing()
	}
	turn := turning{}
	for _, i := range it.props {
		if i < 1 || i > len(c.props) {
			continue
		}
		switch p := c.props[i-1]; {
		case p.kind == "ispe" && len(p.data) >= 12:
			// A side of more than 2³¹-1 counts as none.
			w.info.Width = int(int32(binary.BigEndian.Uint32(p.data[4:])))
			w.info.Height = int(int32(binary.BigEndian.Uint32(p.data[8:])))
		case p.kind == "colr" && isPQ(p.data):
			w.fault = unsupported("HDR pictures in PQ, which would come out grey and dull")
		case p.kind == "irot" && len(p.data) >= 1:
			turn.rotate(4 - int(p.data[0]&3))
		case p.kind == "imir" && len(p.data) >= 1:
			turn.mirror(p.data[0]&1 == 1)
		}
	}
	w.info.Orientation = turn.orientation()
	return w.pixels(c, it)
}

// pixels looks whether the ends of the compressed pictures are written: of the primary item, or of those that it is
// made of.
func (w *heifWalker) pixels(c *catalogue, primary *item) error {
	found := false
	seen := map[*item]bool{primary: true}
	for todo := []*item{primary}; len(todo) > 0; todo = todo[1:] {
		it := todo[0]
		for _, id := range it.tiles {
			if tile := c.items[id]; tile != nil && !seen[tile] {
				seen[tile] = true
				todo = append(todo, tile)
			}
		}
		for _, e := range it.extents {
			if it.inMeta || e.length == 0 {
				continue
			}
			found = true
			if err := w.written(e.off, e.off+e.length); err != nil {
				return err
			}
		}
	}
	if !found {
		return incomplete("the photo holds no picture")
	}
	return nil
}

// packets shows the metadata items.
func (w *heifWalker) packets(c *catalogue, visit func(part) error) error {
	for _, id := range slices.Sorted(maps.Keys(c.items)) {
		it := c.items[id]
		xmp := it.kind == "mime" && it.content == "application/rdf+xml"
		if it.inMeta || len(it.extents) != 1 || !xmp && it.kind != "Exif" {
			continue
		}
		e := it.extents[0]
		data, err := w.at(e.off, min(e.length, maxPacket))
		if err != nil {
			return err
		}
		p := part{off: e.off, end: e.off + e.length, chunk: packetXMP, data: data}
		if !xmp {
			p.chunk = packetExif
			// The offset of the block's header stands first; it counts from behind itself.
			if len(data) < 4 || int64(binary.BigEndian.Uint32(data)) > int64(len(data)-4) {
				continue
			}
			p.data = data[4+binary.BigEndian.Uint32(data):]
		}
		if err := visit(p); err != nil {
			return err
		}
	}
	return nil
}

// turning is how a picture is shown: mirrored left to right perhaps, then turned clockwise.
type turning struct {
	mirrored bool
	quarters int // 0 to 3
}

func (t *turning) rotate(quarters int) { t.quarters = (t.quarters + quarters) % 4 }

// mirror exchanges left and right, or else top and bottom, of what is shown.
func (t *turning) mirror(leftRight bool) {
	t.mirrored, t.quarters = !t.mirrored, (4-t.quarters)%4
	if !leftRight {
		t.rotate(2)
	}
}

// orientation is Exif's number for it.
func (t turning) orientation() int {
	if t.mirrored {
		return [4]int{2, 7, 4, 5}[t.quarters]
	}
	return [4]int{1, 6, 3, 8}[t.quarters]
}
