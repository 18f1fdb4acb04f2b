package convert

import (
	"bytes"
	"encoding/binary"
	"image"
	"io"

	"golang.org/x/image/webp"
)

// webpFile is where a WebP's parts lie (RFC 9649).
type webpFile struct {
	profile  []byte
	alpha    *span // ALPH of the first frame
	pixels   *span // "VP8 " or VP8L of the first frame
	lossy    bool
	animated bool
	canvas   image.Point // size of what an animation's frames are laid on
	at       image.Point // where the first frame is
}

// span is the data of a chunk.
type span struct {
	off, n int64
	id     string
}

const maxChunks = 1 << 16

// webpChunks finds the parts, those of an animation inside its first frame.
func webpChunks(in *input) (webpFile, error) {
	var f webpFile
	err := f.read(in, 12, in.size)
	if err == nil && f.pixels == nil {
		err = &Fault{Cause: Broken}
	}
	return f, err
}

// read goes through chunks, until the pixels of a frame were found.
func (f *webpFile) read(in *input, off, end int64) error {
	for range maxChunks {
		head := section(in, off, 8)
		if head == nil || off+8 > end {
			return nil
		}
		s := span{off: off + 8, n: int64(binary.LittleEndian.Uint32(head[4:])), id: string(head[:4])}
		if s.off+s.n > end {
			return io.ErrUnexpectedEOF
		}
		switch s.id {
		case "ICCP":
			f.profile = section(in, s.off, s.n)
		case "ALPH":
			f.alpha = &s
		case "VP8 ", "VP8L":
			f.pixels, f.lossy = &s, s.id == "VP8 "
			return nil
		case "VP8X":
			if b := section(in, s.off, 10); b != nil {
				f.canvas = image.Pt(int24(b[4:])+1, int24(b[7:])+1)
			}
		case "ANMF":
			const frameHead = 16
			if b := section(in, s.off, frameHead); b != nil {
				f.at = image.Pt(2*int24(b), 2*int24(b[3:]))
			}
			f.animated = true
			return f.read(in, s.off+frameHead, s.off+s.n)
		}
		off = s.off + s.n + s.n%2
	}
	return &Fault{Cause: Unsupported}
}

// int24 is a number of 24 bits.
func int24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

// decodeWebP decodes the first frame by itself, and lays an animation's on its canvas, where it need not fill it.
func decodeWebP(in *input) (picture, error) {
	f, err := webpChunks(in)
	if err != nil {
		return picture{}, err
	}
	open := f.alone(in)
	header, err := webp.DecodeConfig(open(false))
	if err != nil {
		return picture{}, err
	}
	if err := checkSize(header.Width, header.Height); err != nil {
		return picture{}, err
	}
	img, err := webp.Decode(open(f.alpha != nil && f.lossy))
	p := picture{image: img}
	if f.lossy {
		// VP8's colours are those of television: BT.601, luma from 16 to 235.
		p.colours = &matrix{kr: bt601.kr, kb: bt601.kb, narrow: true}
	}
	if err != nil {
		return picture{}, err
	}
	if f.animated && f.canvas != img.Bounds().Size() {
		if err := checkSize(f.canvas.X, f.canvas.Y); err != nil {
			return picture{}, err
		}
		return p.laidOn(f.canvas, f.at), nil
	}
	return p, nil
}

// laidOn is a picture that lies at a point of a white canvas.
func (p picture) laidOn(canvas, at image.Point) picture {
	out := image.NewNRGBA(image.Rectangle{Max: canvas})
	for i := range out.Pix {
		out.Pix[i] = 255
	}
	r := rasterOf(p)
	for y := range min(r.height, canvas.Y-at.Y) {
		row := r.row(y)
		for x := range min(r.width, canvas.X-at.X) {
			copy(out.Pix[out.PixOffset(at.X+x, at.Y+y):][:3], row[r.n*x:])
		}
	}
	return picture{image: out}
}

// alone gives readers of a WebP file that holds only the frame's pixels and, if wanted, their alpha.
func (f *webpFile) alone(in *input) func(alpha bool) io.Reader {
	chunk := func(s *span) (io.Reader, int64) {
		head := binary.LittleEndian.AppendUint32([]byte(s.id), uint32(s.n))
		return io.MultiReader(bytes.NewReader(head), io.NewSectionReader(in, s.off, s.n), bytes.NewReader(make([]byte, s.n%2))), 8 + s.n + s.n%2
	}
	return func(alpha bool) io.Reader {
		pixels, n := chunk(f.pixels)
		body := []io.Reader{pixels}
		if alpha {
			a, more := chunk(f.alpha)
			x := f.extended(in)
			body = []io.Reader{bytes.NewReader(x), a, pixels}
			n += more + int64(len(x))
		}
		head := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(4+n))
		return io.MultiReader(append([]io.Reader{bytes.NewReader(append(head, "WEBP"...))}, body...)...)
	}
}

// extended is the VP8X chunk without which alpha does not count.
func (f *webpFile) extended(in *input) []byte {
	const alpha = 1 << 4
	b := append([]byte("VP8X\x0a\x00\x00\x00"), alpha, 0, 0, 0)
	// The size stands 6 bytes into a VP8 frame, in 14 bits each.
	size := section(in, f.pixels.off+6, 4)
	if size == nil {
		size = make([]byte, 4)
	}
	for i := range 2 {
		side := uint32(binary.LittleEndian.Uint16(size[2*i:])&0x3FFF) - 1
		b = append(b, byte(side), byte(side>>8), byte(side>>16))
	}
	return b
}
