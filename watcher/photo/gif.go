package photo

import "encoding/binary"

// GIF's block introducers, and the sizes in bytes of its headers.
const (
	gifExtension = 0x21
	gifImage     = 0x2C
	gifTrailer   = 0x3B

	gifHeader     = 13 // signature and logical screen
	gifDescriptor = 10 // of an image, with its introducer
)

// walkGIF goes from block to block to the trailer. The picture is as large as the screen that its frames are laid on.
func walkGIF(src *source, info *Info, visit func(part) error) error {
	b, err := src.take(gifHeader)
	if err != nil {
		return err
	}
	info.Width, info.Height = int(binary.LittleEndian.Uint16(b[6:])), int(binary.LittleEndian.Uint16(b[8:]))
	if err := src.skip(gifColours(b[10])); err != nil {
		return err
	}
	for picture := false; ; {
		b, err := src.peek(1)
		if err != nil {
			return err
		}
		switch b[0] {
		case gifTrailer:
			if !picture {
				return incomplete("the photo holds no picture")
			}
			info.End = src.off + 1
			return visit(part{off: src.off, end: info.End, chunk: "trailer"})
		case gifExtension:
			err = src.skip(2) // with its label
		case gifImage:
			err = gifFrame(src, info)
			picture = true
		default:
			err = damaged(src.off)
		}
		if err != nil {
			return err
		}
		if err := gifData(src); err != nil {
			return err
		}
	}
}

// gifFrame passes the head of a frame. One that reaches beyond the screen makes that larger.
func gifFrame(src *source, info *Info) error {
	b, err := src.take(gifDescriptor)
	if err != nil {
		return err
	}
	at := func(i int) int { return int(binary.LittleEndian.Uint16(b[i:])) }
	info.Width, info.Height = max(info.Width, at(1)+at(5)), max(info.Height, at(3)+at(7))
	return src.skip(gifColours(b[9]) + 1) // and the width of the first code
}

// gifColours is the size in bytes of the colour table that flags announce.
func gifColours(flags byte) int64 {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// gifData passes sub-blocks, to the empty one that ends them.
func gifData(src *source) error {
	for {
		b, err := src.take(1)
		if err != nil {
			return err
		}
		if b[0] == 0 {
			return nil
		}
		if err := src.skip(int64(b[0])); err != nil {
			return err
		}
	}
}
