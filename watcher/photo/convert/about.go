package convert

import (
	"slices"
	"strings"

	"github.com/divitio/pinfold/watcher/photo"

	"github.com/bep/imagemeta"
)

// metaFormats are the formats whose metadata can be read.
var metaFormats = map[photo.Format]imagemeta.ImageFormat{
	photo.JPEG: imagemeta.JPEG, photo.PNG: imagemeta.PNG, photo.TIFF: imagemeta.TIFF, photo.WebP: imagemeta.WebP,
	photo.HEIC: imagemeta.HEIF, photo.AVIF: imagemeta.AVIF,
}

// The tags that are looked at, best source first.
var (
	creators   = []string{"EXIF Artist", "XMP creator", "IPTC By-line", "IPTC Byline"}
	copyrights = []string{"EXIF Copyright", "XMP rights", "IPTC CopyrightNotice"}
)

const tagOrientation = "EXIF Orientation"

// inspect reads what the photo says about itself: how it is to be held, whose it is, and, where decoding has not
// brought it up, what its colours mean. What cannot be read counts as not there.
func (p *picture) inspect(in *input, format photo.Format, credit bool) {
	said := readTags(in, format)
	if format != photo.HEIC && format != photo.AVIF { // there it does not count: boxes say it
		if o, ok := said[tagOrientation].(uint16); ok {
			p.turns = []int{int(o)}
		}
		p.profile = readProfile(in, format)
	}
	if credit {
		p.credit = photo.Credit(firstText(said, creators), firstText(said, copyrights))
	}
}

// readTags reads the tags that are of interest, by source and name.
func readTags(in *input, format photo.Format) map[string]any {
	said := map[string]any{}
	kind, ok := metaFormats[format]
	if !ok {
		return said
	}
	name := func(tag imagemeta.TagInfo) string { return tag.Source.String() + " " + tag.Tag }
	wanted := slices.Concat(creators, copyrights, []string{tagOrientation})
	_, err := imagemeta.Decode(imagemeta.Options{
		R: in.reader(), ImageFormat: kind, Sources: imagemeta.EXIF | imagemeta.XMP | imagemeta.IPTC,
		Warnf: func(string, ...any) {},
		ShouldHandleTag: func(tag imagemeta.TagInfo) bool {
			return slices.ContainsFunc(wanted, func(w string) bool { return strings.EqualFold(w, name(tag)) }) &&
				(tag.Source != imagemeta.EXIF || tag.Namespace == "IFD0")
		},
		HandleTag: func(tag imagemeta.TagInfo) error {
			for _, w := range wanted {
				if _, known := said[w]; strings.EqualFold(w, name(tag)) && !known {
					said[w] = tag.Value
				}
			}
			return nil
		},
	})
	if err != nil {
		return said // a photo is not refused for its metadata
	}
	return said
}

// firstText is the first of the tags that says something.
func firstText(said map[string]any, tags []string) string {
	for _, tag := range tags {
		switch v := said[tag].(type) {
		case string:
			if v = strings.TrimSpace(strings.Trim(v, "\x00")); v != "" {
				return v
			}
		case []string:
			if text := strings.TrimSpace(strings.Join(v, ", ")); text != "" {
				return text
			}
		}
	}
	return ""
}
