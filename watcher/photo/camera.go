package photo

import (
	"slices"
	"strings"
	"unicode"
)

// byCamera reports whether a text is none of the photographer's: cameras, phones, drones and programs write such
// into every photo.
func byCamera(text string) bool {
	if !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r > unicode.MaxASCII }) {
		return true // blanks, dashes, question marks
	}
	folded := strings.ToLower(text)
	return fileName(folded) || slices.Contains(cameraTexts, folded) ||
		slices.ContainsFunc(cameraBeginnings, func(s string) bool { return strings.HasPrefix(folded, s) })
}

// cameraTexts are whole texts, in lower case.
var cameraTexts = []string{
	"olympus digital camera", "sony dsc", "digital camera", "minolta digital camera", "konica minolta digital camera",
	"samsung digital camera", "samsung", "samsung techwin", "sanyo digital camera", "kodak digital still camera",
	"casio computer co.,ltd.", "nikon digital camera", "pentax digital camera", "panasonic dsc",
	"jenoptik digital camera", "polaroid digital camera", "medion digital camera", "vivicam", "digital still camera",
	"hp photosmart", "kodak easyshare", "exif_jpeg_picture", "exif jpeg", "exif-jpeg", "ascii", "charset=ascii",
	"lead technologies inc. v1.01", "applemark", "acd systems digital imaging", "created with gimp", "screenshot",
	"default", "<untitled>", "my beautiful picture", "user comments", "file written by adobe photoshop",
	// Huawei's phones name the way in which they took it.
	"oznor", "oznorwo", "oznorco", "hdrpl", "rhdr", "vhdr", "btfhdr", "edf", "sdr", "dav", "cof", "nor", "mde", "fbt", "bty", "btf",
}

// cameraBeginnings are what such texts begin with, in lower case.
var cameraBeginnings = []string{
	`dcim\`, "dcim/", "processed with vsco", "file source", "copyright ricoh", "ver1.", "created by dpe",
}

// fileName reports whether a text, in lower case, is the name that a camera gave to a file: some letters, a long
// number, perhaps an extension.
func fileName(s string) bool {
	s = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(s, ".jpg"), ".jpeg"), ".heic")
	letters := strings.TrimRight(s, "0123456789")
	return len(s)-len(letters) >= 4 && slices.Contains(cameraNames, letters)
}

// cameraNames are what cameras' file names begin with, in lower case.
var cameraNames = []string{
	"dsc", "_dsc", "dsc_", "dscn", "dscf", "_dscf", "img", "img_", "_mg_", "img-", "imgp", "pict", "pxl_", "sam_", "dji_", "gopr", "p", "mvi_",
}
