package photo

import (
	"encoding/binary"
	"errors"
)

// box is one box of an ISO base media file: a length, a type, a payload.
type box struct {
	kind string
	data []byte // the payload
}

// errBox says that a box, or what stands in it, is longer than what it stands in.
var errBox = errors.New("box is damaged")

// boxes splits a payload into the boxes that it holds.
func boxes(b []byte) ([]box, error) {
	var list []box
	for len(b) > 0 {
		header, size, err := boxHeader(b)
		if err != nil {
			return nil, err
		}
		if size == 0 { // to the end
			size = int64(len(b))
		}
		if size < header || size > int64(len(b)) {
			return nil, errBox
		}
		list = append(list, box{string(b[4:8]), b[header:size]})
		b = b[size:]
	}
	return list, nil
}

// boxHeader reads the length of a box and of its header; b may be cut off behind that. Length 0 is "to the end".
func boxHeader(b []byte) (header, size int64, err error) {
	if len(b) < 8 {
		return 0, 0, errBox
	}
	size = int64(binary.BigEndian.Uint32(b))
	if size != 1 {
		return 8, size, nil
	}
	if len(b) < 16 {
		return 0, 0, errBox
	}
	if size = int64(binary.BigEndian.Uint64(b[8:])); size < 16 {
		return 0, 0, errBox // also what does not fit into 63 bits
	}
	return 16, size, nil
}

// cursor reads numbers off a payload. The first one that is not there makes it bad, and all further ones 0.
type cursor struct {
	b   []byte
	bad bool
}

// uint reads a big-endian number of n bytes: 0, 1, 2, 4 or 8.
func (c *cursor) uint(n int) uint64 {
	if n > len(c.b) || n < 0 || n > 8 {
		c.bad = true
		c.b = nil
		return 0
	}
	var v uint64
	for _, x := range c.b[:n] {
		v = v<<8 | uint64(x)
	}
	c.b = c.b[n:]
	return v
}

// version reads what a full box begins with.
func (c *cursor) version() (version, flags int) {
	v := c.uint(4)
	return int(v >> 24), int(v & 0xFFFFFF)
}

// wide is 4 or 2: how wide ids are.
func wide(is bool) int {
	if is {
		return 4
	}
	return 2
}

// text reads to the next NUL, or to the end.
func (c *cursor) text() string {
	for i, x := range c.b {
		if x == 0 {
			s := string(c.b[:i])
			c.b = c.b[i+1:]
			return s
		}
	}
	s := string(c.b)
	c.b = nil
	return s
}

// item is one item of a HEIF file: a picture, a tile of one, or metadata.
type item struct {
	kind    string // hvc1, av01, grid, Exif, mime, …
	content string // of mime: its media type
	extents []extent
	inMeta  bool  // extents are offsets in the meta box's idat
	props   []int // of its properties, 1-based, in order
	tiles   []uint32
}

// extent is a piece of an item's data; off counts from the beginning of the file, or of idat.
type extent struct{ off, length int64 }

// maxExtents bounds the extents of all items; one each is usual.
const maxExtents = 1 << 16

// catalogue is what a HEIF file's meta box says.
type catalogue struct {
	primary uint32
	items   map[uint32]*item
	props   []box
	idat    []byte
	extents int // of all items
}

func (c *catalogue) item(id uint64) *item {
	it := c.items[uint32(id)]
	if it == nil {
		it = &item{}
		c.items[uint32(id)] = it
	}
	return it
}

// readCatalogue reads a meta box's payload.
func readCatalogue(b []byte) (*catalogue, error) {
	if len(b) < 4 {
		return nil, errBox
	}
	list, err := boxes(b[4:])
	if err != nil {
		return nil, err
	}
	c := &catalogue{items: map[uint32]*item{}}
	for _, x := range list {
		in := &cursor{b: x.data}
		switch x.kind {
		case "pitm":
			version, _ := in.version()
			c.primary = uint32(in.uint(wide(version > 0)))
		case "iinf":
			err = c.infos(in)
		case "iloc":
			c.locations(in)
		case "iref":
			err = c.references(in)
		case "iprp":
			err = c.properties(in)
		case "idat":
			c.idat = x.data
		}
		if err != nil || in.bad {
			return nil, errBox
		}
	}
	return c, nil
}

// infos reads the items' kinds.
func (c *catalogue) infos(in *cursor) error {
	version, _ := in.version()
	in.uint(wide(version > 0)) // their number
	list, err := boxes(in.b)
	for _, x := range list {
		in := &cursor{b: x.data}
		version, _ := in.version()
		if x.kind != "infe" || version < 2 {
			continue
		}
		it := c.item(in.uint(wide(version > 2)))
		in.uint(2) // protection
		if len(in.b) < 4 {
			return errBox
		}
		it.kind, in.b = string(in.b[:4]), in.b[4:]
		in.text() // its name
		if it.kind == "mime" {
			it.content = in.text()
		}
	}
	return err
}

// locations reads where the items' data is.
func (c *catalogue) locations(in *cursor) {
	version, _ := in.version()
	sizes := in.uint(2)
	offsetSize, lengthSize, baseSize, indexSize := int(sizes>>12), int(sizes>>8&15), int(sizes>>4&15), int(sizes&15)
	for n := in.uint(wide(version > 1)); n > 0 && !in.bad; n-- {
		it := c.item(in.uint(wide(version > 1)))
		method := uint64(0)
		if version > 0 {
			method = in.uint(2) & 15
		} else {
			indexSize = 0
		}
		in.uint(2) // which file: this one
		base := in.uint(baseSize)
		it.inMeta, it.extents = method == 1, nil
		for m := in.uint(2); m > 0 && !in.bad; m-- {
			if c.extents++; c.extents > maxExtents { // they may take no room in the file
				in.bad = true
			}
			in.uint(indexSize)
			e := extent{off: int64(base + in.uint(offsetSize)), length: int64(in.uint(lengthSize))}
			if method < 2 { // 2 counts in another item's data
				it.extents = append(it.extents, e)
			}
		}
	}
}

// references reads which tiles a picture is made of.
func (c *catalogue) references(in *cursor) error {
	version, _ := in.version()
	list, err := boxes(in.b)
	for _, x := range list {
		in := &cursor{b: x.data}
		from := c.item(in.uint(wide(version > 0)))
		for n := in.uint(2); n > 0 && !in.bad && x.kind == "dimg"; n-- {
			from.tiles = append(from.tiles, uint32(in.uint(wide(version > 0))))
		}
	}
	return err
}

// properties reads the pictures' properties and whose they are.
func (c *catalogue) properties(in *cursor) error {
	list, err := boxes(in.b)
	for _, x := range list {
		in := &cursor{b: x.data}
		switch x.kind {
		case "ipco":
			if c.props, err = boxes(x.data); err != nil {
				return err
			}
		case "ipma":
			c.associations(in)
		}
		if in.bad {
			return errBox
		}
	}
	return err
}

// associations reads which properties belong to which item.
func (c *catalogue) associations(in *cursor) {
	version, flags := in.version()
	for n := in.uint(4); n > 0 && !in.bad; n-- {
		it := c.item(in.uint(wide(version > 0)))
		for m := in.uint(1); m > 0 && !in.bad; m-- {
			if flags&1 != 0 {
				it.props = append(it.props, int(in.uint(2)&0x7FFF))
			} else {
				it.props = append(it.props, int(in.uint(1)&0x7F))
			}
		}
	}
}
