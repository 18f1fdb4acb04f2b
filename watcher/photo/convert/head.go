package convert

import (
	"encoding/binary"
	"slices"
)

// JPEG segments that stand before the picture, and how they begin.
const (
	markAPP2 = 0xE2
	iccHead  = "ICC_PROFILE\x00"
)

// maxSegment is what fits into a JPEG segment.
const maxSegment = 0xFFFF - 2

// head is what stands between a JPEG's first two bytes and its picture: whose it is, and what its colours mean.
func (p picture) head(gray bool) []byte {
	b := slices.Clip(p.credit)
	if !profileFits(p.profile, gray) {
		return b
	}
	const most = maxSegment - len(iccHead) - 2
	pieces := (len(p.profile) + most - 1) / most
	for i := range pieces {
		part := p.profile[i*most : min((i+1)*most, len(p.profile))]
		b = appendSegment(b, markAPP2, append([]byte(iccHead), byte(i+1), byte(pieces)), part)
	}
	return b
}

func appendSegment(b []byte, marker byte, parts ...[]byte) []byte {
	n := 2
	for _, p := range parts {
		n += len(p)
	}
	b = binary.BigEndian.AppendUint16(append(b, 0xFF, marker), uint16(n))
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// withHead puts a head into a JPEG.
func withHead(jpeg, head []byte) []byte {
	if len(head) == 0 {
		return jpeg
	}
	out := make([]byte, 0, len(jpeg)+len(head))
	return append(append(append(out, jpeg[:2]...), head...), jpeg[2:]...)
}
