package convert

import (
	"encoding/binary"

	"github.com/divitio/pinfold/watcher/photo"
	"github.com/divitio/pinfold/watcher/photo/icc"
)

// heifHead is what the boxes of a HEIC or AVIF file say about its primary picture (ISO/IEC 23008-12).
type heifHead struct {
	width, height int
	turns         []int // rotations and mirrorings in their order, as Exif counts orientations
	profile       []byte
	nclx          []byte // colour primaries, transfer and matrix in 16 bits each, and the range's flag
}

// Values in nclx (ITU-T H.273).
const (
	primaries2020 = 9
	primariesP3   = 12
	transferPQ    = 16
	matrixBT709   = 1
	matrixBT2020  = 9
)

// box is one box of an ISO base media file.
type box struct {
	kind string
	data []byte
}

const maxBoxes = 1 << 14

// boxesIn splits data into boxes; what is cut off is left out.
func boxesIn(data []byte) []box {
	var boxes []box
	for len(data) >= 8 && len(boxes) < maxBoxes {
		n, head := uint64(binary.BigEndian.Uint32(data)), 8
		switch {
		case n == 0: // to the end
			n = uint64(len(data))
		case n == 1 && len(data) >= 16:
			n, head = binary.BigEndian.Uint64(data[8:]), 16
		}
		if n < uint64(head) || n > uint64(len(data)) {
			break
		}
		boxes = append(boxes, box{string(data[4:8]), data[head:n]})
		data = data[n:]
	}
	return boxes
}

// find gives the first box of a kind, nil if there is none.
func find(boxes []box, kind string) []byte {
	for _, b := range boxes {
		if b.kind == kind {
			return b.data
		}
	}
	return nil
}

// readHEIF reads the meta box.
func readHEIF(in *input) (heifHead, error) {
	var h heifHead
	meta := metaOf(in)
	if meta == nil {
		return h, &Fault{Cause: Broken}
	}
	boxes := boxesIn(meta)
	shared := boxesIn(find(boxes, "iprp"))
	properties := boxesIn(find(shared, "ipco"))
	for _, i := range associated(find(shared, "ipma"), primaryItem(find(boxes, "pitm"))) {
		if i < 1 || i > len(properties) {
			continue
		}
		h.take(properties[i-1])
	}
	if h.width == 0 {
		return h, &Fault{Cause: Broken}
	}
	return h, nil
}

// metaOf gives the file's meta box without version and flags.
func metaOf(in *input) []byte {
	off := int64(0)
	for range maxBoxes {
		head := section(in, off, 8)
		if head == nil {
			return nil
		}
		n, skip := int64(binary.BigEndian.Uint32(head)), int64(8)
		if long := section(in, off+8, 8); n == 1 && long != nil {
			n, skip = int64(binary.BigEndian.Uint64(long)), 16
		} else if n == 0 {
			n = in.size - off
		}
		if n < skip || n > in.size-off {
			return nil
		}
		if string(head[4:]) == "meta" {
			return section(in, off+skip+4, n-skip-4)
		}
		off += n
	}
	return nil
}

// primaryItem is the number of the picture that is meant, -1 if none is.
func primaryItem(pitm []byte) int64 {
	switch {
	case len(pitm) >= 6 && pitm[0] == 0:
		return int64(binary.BigEndian.Uint16(pitm[4:]))
	case len(pitm) >= 8:
		return int64(binary.BigEndian.Uint32(pitm[4:]))
	}
	return -1
}

// associated are the numbers of an item's properties, from 1, in their order.
func associated(ipma []byte, item int64) []int {
	if len(ipma) < 8 {
		return nil
	}
	longID, longIndex := ipma[0] >= 1, ipma[3]&1 == 1
	number := uint32(0x7F) // without the bit that says that the property must be understood
	if longIndex {
		number = 0x7FFF
	}
	count, b := binary.BigEndian.Uint32(ipma[4:]), ipma[8:]
	take := func(long bool, narrow, wide int) (uint32, bool) {
		n := narrow
		if long {
			n = wide
		}
		if len(b) < n {
			return 0, false
		}
		v := uint32(0)
		for _, c := range b[:n] {
			v = v<<8 | uint32(c)
		}
		b = b[n:]
		return v, true
	}
	for range count {
		id, ok := take(longID, 2, 4)
		n, more := take(false, 1, 1)
		if !ok || !more {
			return nil
		}
		var indexes []int
		for range n {
			i, ok := take(longIndex, 1, 2)
			if !ok {
				return nil
			}
			indexes = append(indexes, int(i&number))
		}
		if int64(id) == item {
			return indexes
		}
	}
	return nil
}

// take reads one property of the primary picture.
func (h *heifHead) take(b box) {
	switch {
	case b.kind == "ispe" && len(b.data) >= 12:
		h.width, h.height = int(int32(binary.BigEndian.Uint32(b.data[4:]))), int(int32(binary.BigEndian.Uint32(b.data[8:])))
	case b.kind == "irot" && len(b.data) >= 1: // quarter turns, anticlockwise
		h.turns = append(h.turns, [4]int{1, 8, 3, 6}[b.data[0]&3])
	case b.kind == "imir" && len(b.data) >= 1: // 0: top and bottom change places; 1: left and right
		h.turns = append(h.turns, [2]int{4, 2}[b.data[0]&1])
	case b.kind == "colr" && len(b.data) >= 4:
		switch kind, data := string(b.data[:4]), b.data[4:]; {
		case kind == "prof" || kind == "rICC":
			h.profile = data
		case kind == "nclx" && len(data) >= 7:
			h.nclx = data
		}
	}
}

// colours is how HEIC's YCbCr stands for colours; nil: as in JFIF.
func (h *heifHead) colours() *matrix {
	if h.nclx == nil {
		return nil // cameras that write a profile alone use JFIF's
	}
	m := bt601
	switch binary.BigEndian.Uint16(h.nclx[4:]) {
	case matrixBT709:
		m = bt709
	case matrixBT2020:
		m = bt2020
	}
	m.narrow = h.nclx[6]&0x80 == 0
	if m == bt601 {
		return nil
	}
	return &m
}

// wide is the profile of wide colours that are only named, nil for others: without it they would come out dull.
func (h *heifHead) wide() []byte {
	if h.nclx == nil {
		return nil
	}
	switch binary.BigEndian.Uint16(h.nclx) {
	case primariesP3:
		return icc.DisplayP3.Profile()
	case primaries2020:
		return icc.Rec2020.Profile()
	}
	return nil
}

// decodeHEIF decodes the primary picture of a HEIC or AVIF file.
func decodeHEIF(in *input, format photo.Format) (picture, error) {
	h, err := readHEIF(in)
	if err != nil {
		return picture{}, err
	}
	if err := checkSize(h.width, h.height); err != nil {
		return picture{}, err
	}
	if h.nclx != nil && binary.BigEndian.Uint16(h.nclx[2:]) == transferPQ {
		return picture{}, &Fault{Cause: Unsupported, Width: h.width, Height: h.height} // it would come out grey and dull
	}
	p, err := decodeItem(in, h, format)
	if p.profile = h.profile; p.profile == nil {
		p.profile = h.wide()
	}
	if format == photo.HEIC {
		p.colours = h.colours() // and its decoder has turned it
	} else {
		p.turns = h.turns
	}
	return p, err
}
