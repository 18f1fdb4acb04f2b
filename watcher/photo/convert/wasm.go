//go:build amd64 || arm64

package convert

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"image"
	"io"
	"math"

	"github.com/divitio/pinfold/watcher/photo"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// The decoders; codec/README.md says whose they are.
var (
	//go:embed codec/heic.wasm.gz
	heicCodec []byte
	//go:embed codec/avif.wasm.gz
	avifCodec []byte
)

// compiled keeps a decoder's machine code for the process's next photo; a child has one, tests have many.
var compiled = wazero.NewCompilationCache()

// What decoding takes, beside the file itself.
const (
	page         = 1 << 16
	baseMemory   = 64 << 20
	heicPixel    = 20         // bytes for a pixel; measured: 7 for a phone's, 11 for 4:4:4
	avifPixel    = 36         // 23 for 4:4:4; 10 bits take half as much again
	maxMemory    = 1536 << 20 // of a decoder: 75 megapixels of HEIC, 40 of AVIF
	maxUnpacked  = 4 << 20    // of a decoder's code
	alignedWidth = 16         // rows of HEIC's planes are padded to this
)

// machine is a decoder at work, in a memory of its own, without files, clock or network.
type machine struct {
	runtime wazero.Runtime
	module  api.Module
}

// newMachine starts a decoder with as much memory as it may take.
func newMachine(ctx context.Context, packed []byte, memory int64) (*machine, error) {
	unzip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("unpack decoder: %w", err)
	}
	code, err := io.ReadAll(io.LimitReader(unzip, maxUnpacked))
	if err != nil {
		return nil, fmt.Errorf("unpack decoder: %w", err)
	}
	// All of it is reserved at once: what is not touched takes none, and growing would copy.
	config := wazero.NewRuntimeConfig().WithCompilationCache(compiled).WithMemoryLimitPages(uint32(memory / page)).WithMemoryCapacityFromMax(true)
	m := &machine{runtime: wazero.NewRuntimeWithConfig(ctx, config)}
	var machineCode wazero.CompiledModule
	if _, err = wasi_snapshot_preview1.Instantiate(ctx, m.runtime); err == nil {
		machineCode, err = m.runtime.CompileModule(ctx, code)
	}
	if err == nil {
		m.module, err = m.runtime.InstantiateModule(ctx, machineCode, wazero.NewModuleConfig().WithStartFunctions("_initialize"))
	}
	if err != nil {
		return nil, fmt.Errorf("start decoder: %w", err)
	}
	return m, nil
}

func (m *machine) call(ctx context.Context, name string, args ...uint64) (uint32, error) {
	results, err := m.module.ExportedFunction(name).Call(ctx, args...)
	if err != nil {
		return 0, err
	}
	return uint32(results[0]), nil
}

// alloc gives n bytes of the decoder's memory, and where they are.
func (m *machine) alloc(ctx context.Context, n int64) ([]byte, uint64, error) {
	if n <= 0 || n > math.MaxInt32 {
		return nil, 0, errNoMemory
	}
	at, err := m.call(ctx, "malloc", uint64(n))
	if err != nil {
		return nil, 0, err
	}
	view, ok := m.module.Memory().Read(at, uint32(n))
	if at == 0 || !ok {
		return nil, 0, errNoMemory
	}
	return view, uint64(at), nil
}

var (
	errNoMemory = errors.New("the decoder has no more memory")
	errDecode   = errors.New("the decoder does not understand it")
)

// load puts the whole file into the decoder's memory.
func (m *machine) load(ctx context.Context, in *input) (at uint64, err error) {
	view, at, err := m.alloc(ctx, in.size)
	if err != nil {
		return 0, err
	}
	if _, err := io.ReadFull(in.reader(), view); err != nil {
		return 0, fmt.Errorf("read photo: %w", err)
	}
	return at, nil
}

// numbers reads 32-bit numbers from the decoder's memory.
func (m *machine) numbers(at uint64, n int) []int {
	out := make([]int, n)
	for i := range out {
		v, _ := m.module.Memory().ReadUint32Le(uint32(at) + uint32(4*i))
		out[i] = int(int32(v))
	}
	return out
}

// decodeItem decodes a file whose header was read.
func decodeItem(in *input, h heifHead, format photo.Format) (picture, error) {
	ctx := context.Background() // nothing tells a decoder to stop but the end of its process
	code, decode, pixel := heicCodec, (*machine).heic, int64(heicPixel)
	if format == photo.AVIF {
		code, decode, pixel = avifCodec, (*machine).avif, avifPixel
	}
	memory := baseMemory + 2*in.size + pixel*int64(h.width)*int64(h.height)
	if memory > maxMemory {
		return picture{}, &Fault{Cause: TooLarge, Width: h.width, Height: h.height}
	}
	m, err := newMachine(ctx, code, memory)
	if err != nil {
		return picture{}, err
	}
	p := picture{release: func() { _ = m.module.Close(ctx) }} // its code stays with compiled
	if p.image, err = decode(m, ctx, in); errors.Is(err, errNoMemory) {
		err = &Fault{Cause: TooLarge, Width: h.width, Height: h.height, Detail: err}
	}
	return p, err
}

// Values of libheif's: colour spaces, and ways to store them.
const (
	spaceYCbCr = 0
	spaceRGB   = 1
	spaceGray  = 2
	chroma420  = 1
	chroma422  = 2
	chroma444  = 3
)

// heic decodes to whatever the file is stored as, in 8 bits. The pixels stay in the decoder's memory.
func (m *machine) heic(ctx context.Context, in *input) (image.Image, error) {
	file, err := m.load(ctx, in)
	if err != nil {
		return nil, err
	}
	_, at, err := m.alloc(ctx, 4*5)
	if err != nil {
		return nil, err
	}
	run := func(headOnly, out uint64) error {
		done, err := m.call(ctx, "decode", file, uint64(in.size), headOnly, at, at+4, at+8, at+12, at+16, out)
		if err == nil && done == 0 {
			err = errDecode
		}
		return err
	}
	if err := run(1, 0); err != nil {
		return nil, err
	}
	found := m.numbers(at, 5)
	width, height, space, chroma := found[0], found[1], found[2], found[3]
	if err := checkSize(width, height); err != nil {
		return nil, err
	}
	planes := planesOf(width, height, space, chroma)
	if planes == nil {
		return nil, &Fault{Cause: Unsupported, Width: width, Height: height}
	}
	size := int64(0)
	for _, n := range planes {
		size += int64(n)
	}
	pix, out, err := m.alloc(ctx, size)
	if err != nil {
		return nil, err
	}
	if err := run(0, out); err != nil {
		return nil, err
	}
	return heicImage(pix, planes, image.Rect(0, 0, width, height), space, chroma, found[4] == 1), nil
}

func aligned(n int) int { return (n + alignedWidth - 1) / alignedWidth * alignedWidth }

// planesOf gives the bytes of each plane, nil for what is not known.
func planesOf(width, height, space, chroma int) []int {
	switch {
	case space == spaceGray:
		return []int{aligned(width) * height}
	case space == spaceRGB:
		return []int{aligned(4*width) * height}
	case space == spaceYCbCr && chroma == chroma420:
		half := aligned((width+1)/2) * ((height + 1) / 2)
		return []int{aligned(width) * height, half, half}
	case space == spaceYCbCr && chroma == chroma422:
		half := aligned((width+1)/2) * height
		return []int{aligned(width) * height, half, half}
	case space == spaceYCbCr && chroma == chroma444:
		full := aligned(width) * height
		return []int{full, full, full}
	}
	return nil
}

func heicImage(pix []byte, planes []int, bounds image.Rectangle, space, chroma int, premultiplied bool) image.Image {
	width := bounds.Dx()
	switch {
	case space == spaceGray:
		return &image.Gray{Pix: pix, Stride: aligned(width), Rect: bounds}
	case space == spaceRGB && premultiplied:
		return &image.RGBA{Pix: pix, Stride: aligned(4 * width), Rect: bounds}
	case space == spaceRGB:
		return &image.NRGBA{Pix: pix, Stride: aligned(4 * width), Rect: bounds}
	}
	m := &image.YCbCr{YStride: aligned(width), CStride: aligned((width + 1) / 2), Rect: bounds, SubsampleRatio: image.YCbCrSubsampleRatio420}
	switch chroma {
	case chroma422:
		m.SubsampleRatio = image.YCbCrSubsampleRatio422
	case chroma444:
		m.SubsampleRatio, m.CStride = image.YCbCrSubsampleRatio444, aligned(width)
	}
	luma, blue := planes[0], planes[0]+planes[1]
	m.Y, m.Cb, m.Cr = pix[:luma], pix[luma:blue], pix[blue:]
	return m
}

// avif decodes the first frame to premultiplied colours of 8 or 16 bits.
func (m *machine) avif(ctx context.Context, in *input) (image.Image, error) {
	file, err := m.load(ctx, in)
	if err != nil {
		return nil, err
	}
	_, at, err := m.alloc(ctx, 4*4)
	if err != nil {
		return nil, err
	}
	// The frame's duration is written once the frame was decoded, and only then.
	duration, durationAt, err := m.alloc(ctx, 8)
	if err != nil {
		return nil, err
	}
	run := func(headOnly, durationAt, out uint64) error {
		const firstOnly = 0
		done, err := m.call(ctx, "decode", file, uint64(in.size), headOnly, firstOnly, at, at+4, at+8, at+12, durationAt, out)
		if err == nil && done == 0 {
			err = errDecode
		}
		return err
	}
	if err := run(1, 0, 0); err != nil {
		return nil, err
	}
	found := m.numbers(at, 3)
	width, height, depth := found[0], found[1], found[2]
	if err := checkSize(width, height); err != nil {
		return nil, err
	}
	size := 4 * int64(width) * int64(height)
	if depth > 8 {
		size *= 2
	}
	pix, out, err := m.alloc(ctx, size)
	if err != nil {
		return nil, err
	}
	unset := bytes.Repeat([]byte{0xFF}, len(duration)) // no duration is this
	copy(duration, unset)
	if err := run(0, durationAt, out); err != nil {
		return nil, err
	}
	if bytes.Equal(duration, unset) {
		return nil, errDecode
	}
	bounds := image.Rect(0, 0, width, height)
	if depth <= 8 {
		return &image.RGBA{Pix: pix, Stride: 4 * width, Rect: bounds}, nil
	}
	for i := 0; i+1 < len(pix); i += 2 { // Go's are big endian
		pix[i], pix[i+1] = pix[i+1], pix[i]
	}
	return &image.RGBA64{Pix: pix, Stride: 8 * width, Rect: bounds}, nil
}
