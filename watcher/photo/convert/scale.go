package convert

import "math"

// raster is a picture whose rows are asked for in order: n channels of 8 bits, interleaved. x/image/draw would
// hold 32 bytes for each pixel of the result's width and the source's height, hundreds of megabytes for a
// camera's photo; read by rows, a dozen of them are enough.
type raster struct {
	width, height, n int
	row              func(y int) []byte // width*n bytes, valid until the next call. y ascends, each once
}

// scaled makes a picture of width × height; every pixel of it covers dx × dy of r's. The result is smaller than
// r or the same size.
func (r raster) scaled(width, height int, dx, dy float64) []byte {
	if dx == 1 && dy == 1 && width == r.width && height == r.height {
		return r.all()
	}
	// Whole factors are averaged away first, which is quick; a cubic kernel does the rest, which is sharp.
	if k := int(min(dx, dy)); k > 1 {
		r, dx, dy = r.averaged(k), dx/float64(k), dy/float64(k)
	}
	return r.resampled(weigh(r.width, width, dx), weigh(r.height, height, dy))
}

func (r raster) all() []byte {
	pix := make([]byte, 0, r.width*r.height*r.n)
	for y := range r.height {
		pix = append(pix, r.row(y)...)
	}
	return pix
}

// averaged makes one pixel of each k × k; at the right and lower edges of those that are there.
func (r raster) averaged(k int) raster {
	small := raster{width: (r.width + k - 1) / k, height: (r.height + k - 1) / k, n: r.n}
	sums := make([]uint32, small.width*r.n)
	out := make([]byte, len(sums))
	small.row = func(y int) []byte {
		clear(sums)
		rows := min(k, r.height-y*k)
		for i := range rows {
			addUp(sums, r.row(y*k+i), k, r.n)
		}
		last := len(sums) - r.n // the last pixel may be of fewer
		full, rest := uint32(k*rows), uint32((r.width-(small.width-1)*k)*rows)
		for i, s := range sums[:last] {
			out[i] = byte((s + full/2) / full)
		}
		for i, s := range sums[last:] {
			out[last+i] = byte((s + rest/2) / rest)
		}
		return out
	}
	return small
}

// addUp adds each k pixels of a row to one sum for each channel.
func addUp(sums []uint32, row []byte, k, n int) {
	if n == 1 && k == 2 { // most photos
		for i := range len(row) / 2 {
			sums[i] += uint32(row[2*i]) + uint32(row[2*i+1])
		}
		if len(row)%2 == 1 {
			sums[len(sums)-1] += uint32(row[len(row)-1])
		}
		return
	}
	for i := 0; len(row) > 0; i += n {
		for range min(k, len(row)/n) {
			for c := range n {
				sums[i+c] += uint32(row[c])
			}
			row = row[n:]
		}
	}
}

const (
	weightBits = 14 // of a weight's fraction
	keptBits   = 6  // of a sum's fraction between the two passes
)

// share is which source pixels make one of the result, and how much of each.
type share struct {
	first   int
	weights []int32 // they add up to 1 << weightBits
}

// weigh gives the shares of n result pixels along one side, each of which covers d of the source's. The kernel
// is Catmull and Rom's.
func weigh(source, n int, d float64) []share {
	shares := make([]share, n)
	wide := max(d, 1)
	for i := range shares {
		centre := (float64(i)+0.5)*d - 0.5
		first := min(source-1, max(0, int(math.Ceil(centre-2*wide))))
		last := max(first, min(source-1, int(math.Floor(centre+2*wide))))
		weights := make([]float64, last-first+1)
		total := 0.0
		for k := range weights {
			weights[k] = cubic(math.Abs(float64(first+k)-centre) / wide)
			total += weights[k]
		}
		if total <= 0 { // beyond the edge
			weights, total = []float64{1}, 1
		}
		shares[i] = share{first, fixed(weights, total)}
	}
	return shares
}

// fixed makes whole numbers of weights, without losing any of the sum.
func fixed(weights []float64, total float64) []int32 {
	out := make([]int32, len(weights))
	left, largest := int32(1<<weightBits), 0
	for i, w := range weights {
		out[i] = int32(math.Round(w / total * (1 << weightBits)))
		left -= out[i]
		if w > weights[largest] {
			largest = i
		}
	}
	out[largest] += left
	return out
}

// cubic is Catmull and Rom's kernel.
func cubic(x float64) float64 {
	switch {
	case x < 1:
		return (1.5*x-2.5)*x*x + 1
	case x < 2:
		return ((-0.5*x+2.5)*x-4)*x + 2
	}
	return 0
}

// resampled goes through the rows once: each is resampled along its length, and kept as long as rows of the
// result need it.
func (r raster) resampled(across, down []share) []byte {
	width := len(across) * r.n
	deep := 0
	for _, s := range down {
		deep = max(deep, len(s.weights))
	}
	kept := make([][]int32, deep)
	for i := range kept {
		kept[i] = make([]int32, width)
	}
	pix := make([]byte, len(down)*width)
	rows := make([][]int32, deep)
	next := 0
	for y, s := range down {
		for ; next < s.first+len(s.weights); next++ {
			if r.n == 1 {
				alongOne(kept[next%deep], r.row(next), across)
			} else {
				along(kept[next%deep], r.row(next), across, r.n)
			}
		}
		for i := range s.weights {
			rows[i] = kept[(s.first+i)%deep]
		}
		downward(pix[y*width:(y+1)*width], rows[:len(s.weights)], s.weights)
	}
	return pix
}

const lost = weightBits - keptBits

// alongOne resamples a row of one channel.
func alongOne(out []int32, row []byte, across []share) {
	for x, s := range across {
		sum := int32(1 << (lost - 1))
		for i, v := range row[s.first : s.first+len(s.weights)] {
			sum += s.weights[i] * int32(v)
		}
		out[x] = sum >> lost
	}
}

// along resamples a row of n channels.
func along(out []int32, row []byte, across []share, n int) {
	for x, s := range across {
		for c := range n {
			sum := int32(1 << (lost - 1))
			at := s.first*n + c
			for _, w := range s.weights {
				sum += w * int32(row[at])
				at += n
			}
			out[x*n+c] = sum >> lost
		}
	}
}

// downward adds up rows by their weights.
func downward(out []byte, rows [][]int32, weights []int32) {
	const bits = weightBits + keptBits
	for x := range out {
		sum := int32(1 << (bits - 1))
		for i, row := range rows {
			sum += weights[i] * row[x]
		}
		out[x] = byte(min(max(sum>>bits, 0), 255))
	}
}
