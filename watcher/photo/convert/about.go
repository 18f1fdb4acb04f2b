package convert

import (
	"github.com/divitio/pinfold/watcher/photo"
	"github.com/divitio/pinfold/watcher/photo/icc"
)

// inspect reads what the photo says about itself: how it is to be held, whose it is, and, where decoding has not
// brought it up, what its colours mean. What cannot be read counts as not there.
func (p *picture) inspect(in *input, format photo.Format, credit bool) {
	about := photo.ReadAbout(in, in.size)
	if format != photo.HEIC && format != photo.AVIF { // there boxes say it
		p.turns = []int{about.Orientation}
		if p.profile = readProfile(in, format); p.profile == nil && about.AdobeRGB {
			p.profile = icc.AdobeRGB.Profile()
		}
	}
	if credit {
		p.credit = about.Credit
	}
}
