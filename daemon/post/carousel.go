package post

import "strings"

// Images are the paths in the folder of the photos that follow the first one in a carousel, in their order: one
// text, so that posts can be compared. "" is none.
type Images string

// separator cannot stand in a path.
const separator = "\x00"

// JoinImages makes Images of paths.
func JoinImages(paths []string) Images { return Images(strings.Join(paths, separator)) }

// Paths are the paths again; nil if there are none.
func (i Images) Paths() []string {
	if i == "" {
		return nil
	}
	return strings.Split(string(i), separator)
}

// Photos are the paths of all photos of the post, in order.
func (p Post) Photos() []string { return append([]string{p.Photo}, p.Images.Paths()...) }

// JoinHashes makes a post's Hash of the SHA-256, in hex, of each of its photos in order: of one photo its own, of
// a carousel all with commas between them.
func JoinHashes(hashes []string) string { return strings.Join(hashes, ",") }

// Hashes are the hashes of the single photos again; nil while they are unknown. Once a post is posted they are
// those of what was posted, whatever Photos are by now.
func (p Post) Hashes() []string {
	if p.Hash == "" {
		return nil
	}
	return strings.Split(p.Hash, ",")
}
