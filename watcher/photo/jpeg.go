package photo

import (
	"bytes"
	"encoding/binary"
)

// JPEG markers (ITU-T T.81, table B.1), without their leading FF.
const (
	markSOF0 = 0xC0 // start of frame: baseline; SOF1 extended and SOF2 progressive follow
	markSOF2 = 0xC2
	markDHT  = 0xC4
	markJPG  = 0xC8
	markDAC  = 0xCC
	markSOFF = 0xCF // the last frame kind
	markRST0 = 0xD0
	markRST7 = 0xD7
	markSOI  = 0xD8
	markEOI  = 0xD9
	markSOS  = 0xDA
	markDHP  = 0xDE
	markEXP  = 0xDF
	markAPP0 = 0xE0
	markAPP1 = 0xE1
	markAPP2 = 0xE2
	markAPPD = 0xED
	markAPPE = 0xEE
	markAPPF = 0xEF
	markCOM  = 0xFE
	markTEM  = 0x01
)

const exifHead = "Exif\x00\x00"

// jpegWalker is the state of one walk over a JPEG's markers.
type jpegWalker struct {
	*source
	info  *Info
	visit func(part) error
	frame bool  // a start of frame was seen
	scan  bool  // a scan was seen
	exif  bool  // an Exif segment was seen; later ones do not count
	fault error // why the photo cannot be posted; said only once it is whole
}

// walkJPEG goes from SOI to the EOI that belongs to it. Segments are passed by their length, so pictures that
// are embedded in them do not count; in a scan's data FF 00 and FF RSTn belong to the data.
func walkJPEG(src *source, info *Info, visit func(part) error) error {
	w := &jpegWalker{source: src, info: info, visit: visit}
	if err := w.skip(2); err != nil {
		return err
	}
	if err := visit(part{off: 0, end: 2, marker: markSOI}); err != nil {
		return err
	}
	for {
		off, marker, err := w.marker()
		if err != nil {
			return err
		}
		switch {
		case marker == markEOI:
			if !w.scan {
				return incomplete("the photo holds no picture")
			}
			info.End = w.off
			if w.fault != nil {
				return w.fault
			}
			return visit(part{off: off, end: w.off, marker: marker})
		case marker == markSOI:
			return incomplete("a second photo begins inside the first")
		case marker == markTEM, marker >= markRST0 && marker <= markRST7: // stand alone
		default:
			if err := w.segment(off, marker); err != nil {
				return err
			}
		}
	}
}

// marker passes everything up to and including the next marker. Between segments there should be nothing
// but fill bytes; what else stands there is passed, as decoders do, and is never sent. off is the marker's FF.
func (w *jpegWalker) marker() (off int64, marker byte, err error) {
	for {
		b, err := w.some()
		if err != nil {
			return 0, 0, err
		}
		i := bytes.IndexByte(b, 0xFF)
		if i < 0 {
			i = len(b)
		}
		if err := w.skip(int64(i)); err != nil {
			return 0, 0, err
		}
		if i == len(b) {
			continue
		}
		if b, err = w.peek(2); err != nil {
			return 0, 0, err
		}
		switch b[1] {
		case 0xFF: // fill
			err = w.skip(1)
		case 0x00:
			err = w.skip(2)
		default:
			marker, off = b[1], w.off
			return off, marker, w.skip(2)
		}
		if err != nil {
			return 0, 0, err
		}
	}
}

// segment passes a marker's segment, with the scan's data behind an SOS.
func (w *jpegWalker) segment(off int64, marker byte) error {
	b, err := w.peek(2)
	if err != nil {
		return err
	}
	n := int(binary.BigEndian.Uint16(b))
	if n < 2 {
		return incomplete("the photo is damaged at byte %d", off)
	}
	if b, err = w.take(n); err != nil {
		return err
	}
	data := b[2:]
	switch {
	case isFrame(marker):
		err = w.startOfFrame(marker, data)
	case marker == markAPP1 && bytes.HasPrefix(data, []byte(exifHead)) && !w.exif:
		w.exif = true
		w.info.Orientation = readTags(data[len(exifHead):]).orientation
	case marker == markSOS:
		if !w.frame {
			return incomplete("the photo is damaged at byte %d", off)
		}
		w.scan = true
		data = nil    // the scan's data overwrites it
		if !w.known { // then nobody asks for what follows
			err = w.scanData()
		}
	}
	if err != nil {
		return err
	}
	return w.visit(part{off: off, end: w.off, marker: marker, data: data})
}

func isFrame(marker byte) bool {
	return marker >= markSOF0 && marker <= markSOFF && marker != markDHT && marker != markJPG && marker != markDAC
}

// startOfFrame reads the picture's size. Only what every decoder can read may be posted.
func (w *jpegWalker) startOfFrame(marker byte, data []byte) error {
	if len(data) < 6 {
		return incomplete("the photo is damaged: its header is too short")
	}
	if w.frame {
		return incomplete("the photo is damaged: it has two headers")
	}
	w.frame = true
	w.info.Height = int(binary.BigEndian.Uint16(data[1:]))
	w.info.Width = int(binary.BigEndian.Uint16(data[3:]))
	switch {
	case marker > markSOF2:
		w.fault = unsupported("lossless or arithmetic-coded JPEG")
	case data[0] != 8:
		w.fault = unsupported("JPEG with more than 8 bits for a colour")
	}
	return nil
}

// scanData passes a scan's data and stops before the FF of the marker that ends it.
func (w *jpegWalker) scanData() error {
	for {
		b, err := w.some()
		if err != nil {
			return err
		}
		n, marker := scanPiece(b)
		if err := w.skip(int64(n)); err != nil {
			return err
		}
		if marker {
			return nil
		}
		if n > 0 {
			continue
		}
		// A single FF is left: see what follows it.
		if _, err := w.peek(2); err != nil {
			return err
		}
	}
}

// scanPiece tells how many bytes of b are a scan's data for sure, and whether a marker follows them.
func scanPiece(b []byte) (n int, marker bool) {
	for n < len(b) {
		i := bytes.IndexByte(b[n:], 0xFF)
		if i < 0 {
			return len(b), false
		}
		n += i
		if n+1 == len(b) {
			return n, false
		}
		switch next := b[n+1]; {
		case next == 0xFF: // fill, as libjpeg reads it
			n++
		case next == 0x00, next >= markRST0 && next <= markRST7:
			n += 2
		default:
			return n, true
		}
	}
	return n, false
}
