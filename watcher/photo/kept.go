package photo

import (
	"bytes"
	"io"
)

// kept is what of a photo's metadata outlives the stripping: how to hold it, what its colours are, and whose it is.
type kept struct {
	tags  tags
	exif  bool   // tags were read
	whose credit // as XMP says it, else IPTC
	iptc  []byte // Photoshop's resources, which may be spread over segments
	bare  []byte // IPTC without them
}

// take looks at a part for what is to be kept.
func (k *kept) take(p part) {
	switch p.chunk {
	case "":
		k.takeSegment(p)
	case "eXIf", "EXIF", packetExif:
		k.takeExif(exifBlock(p.data))
	case packetXMP:
		k.whose.readXMP(p.data)
	case packetIPTC:
		k.bare = bytes.Clone(p.data)
	case packetPhotoshop:
		k.takePhotoshop(p.data)
	default:
		found := pngPackets(p)
		k.takeExif(exifBlock(found.exif))
		k.whose.readXMP(found.xmp)
		k.takePhotoshop(found.photoshop)
	}
}

// takeSegment looks at a JPEG's segment.
func (k *kept) takeSegment(p part) {
	if p.marker != markAPP1 && p.marker != markAPPD {
		return
	}
	if block, ok := bytes.CutPrefix(p.data, []byte(exifHead)); ok {
		k.takeExif(block)
	} else if packet, ok := bytes.CutPrefix(p.data, []byte(xmpHead)); ok {
		k.whose.readXMP(packet)
	} else if resources, ok := bytes.CutPrefix(p.data, []byte(photoshopHead)); ok {
		k.takePhotoshop(resources)
	}
}

// takeExif takes the tags of the first Exif block.
func (k *kept) takeExif(block []byte) {
	if !k.exif && len(block) > 0 {
		k.exif, k.tags = true, readTags(block)
	}
}

func (k *kept) takePhotoshop(resources []byte) {
	if len(k.iptc) < maxPacket {
		k.iptc = append(k.iptc, resources...)
	}
}

// packets are the blocks of metadata that say this and nothing else, as a format holds them; nil for nothing.
func (k *kept) packets(format Format) []byte {
	k.whose.readIPTC(photoshopIPTC(k.iptc))
	k.whose.readIPTC(k.bare)
	var b []byte
	if k.exif && !k.tags.none() {
		b = metadata(format, exifHead, "eXIf", k.tags.block())
	}
	if !k.whose.none() {
		b = append(b, metadata(format, xmpHead, "iTXt", k.whose.packet())...)
	}
	return b
}

// About is what a JPEG that is made from a photo takes over from it.
type About struct {
	Orientation int    // of the photo, as Info has it
	AdobeRGB    bool   // its Exif says that its colours are Adobe RGB, and no more than that
	Credit      []byte // the segments of a JPEG that say whose it is; nil if nobody's
}

// ReadAbout reads what a photo of any format says about itself, and no more of the file than that takes. What cannot be
// read counts as not there.
func ReadAbout(r io.ReaderAt, size int64) About {
	src := newSource(r, size, nil)
	src.known = true
	var k kept
	info, _ := walk(src, func(p part) error {
		if p.marker == markSOS {
			return errEnough
		}
		if p.chunk == packetTIFF { // the file itself is the block
			head, err := src.at(0, min(src.size, maxPacket))
			if err == nil {
				k.takeExif(head)
			}
			return nil
		}
		k.take(p)
		return nil
	})
	a := About{Orientation: max(info.Orientation, 1), AdobeRGB: k.tags.adobe}
	k.tags.orientation, k.tags.adobe = 1, false
	a.Credit = k.packets(JPEG)
	return a
}
