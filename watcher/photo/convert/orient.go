package convert

// upright turns and mirrors a picture of n channels so that it stands as it was taken. It gives the new size, too.
func (p picture) upright(pix []byte, width, height, n int) ([]byte, int, int) {
	for _, turn := range p.turns {
		pix, width, height = oriented(pix, width, height, n, turn)
	}
	return pix, width, height
}

// oriented undoes one of Exif's orientations, 1 to 8; any other number counts as 1.
func oriented(pix []byte, width, height, n, orientation int) ([]byte, int, int) {
	// The result's pixel (x, y) is the source's pixel number at + x*right + y*down.
	w, h := width, height
	var at, right, down int
	switch orientation {
	case 2:
		at, right, down = w-1, -1, w
	case 3:
		at, right, down = w*h-1, -1, -w
	case 4:
		at, right, down = (h-1)*w, 1, -w
	case 5:
		at, right, down = 0, w, 1
	case 6:
		at, right, down = (h-1)*w, -w, 1
	case 7:
		at, right, down = w*h-1, -w, -1
	case 8:
		at, right, down = w-1, w, -1
	default:
		return pix, width, height
	}
	if orientation >= 5 {
		w, h = h, w
	}
	out := make([]byte, 0, len(pix))
	for y := range h {
		from := (at + y*down) * n
		for range w {
			out = append(out, pix[from:from+n]...)
			from += right * n
		}
	}
	return out, w, h
}
