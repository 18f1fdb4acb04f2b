// Package child decodes photos in a process of its own: the same program, started again for one photo with a
// hidden command. A file that makes a decoder crash, hang or swallow memory ends that process and nothing else,
// and what decoding took goes back to the system.
//
// The two speak over pipes. The child gets a request, one line of JSON, on stdin, and ends when stdin does: then
// its parent is dead. It answers on stdout with one line of JSON and, if all went well, the picture. It finds the
// photo as an open file that it inherited; it is handed no path, no environment, and sets its own limits before
// it looks at a byte. What it says is believed only as far as it can do no harm: numbers and words from a closed
// list.
package child

import (
	"errors"
	"runtime"
	"time"

	"github.com/divitio/pinfold/watcher/photo"
	"github.com/divitio/pinfold/watcher/photo/convert"
)

// request is what the parent asks for.
type request struct {
	Source  uint64          `json:"source"` // the inherited file's number
	Options convert.Options `json:"options"`
	Memory  int64           `json:"memory"`  // bytes that the child may take
	Seconds int64           `json:"seconds"` // of processor time, should nobody be left to end it by the clock
}

// reply is what the child found, before the picture's own bytes.
type reply struct {
	Hash       string        `json:"hash"` // SHA-256 of the whole file; "" if it could not be read
	Changed    bool          `json:"changed,omitempty"`
	Unreadable bool          `json:"unreadable,omitempty"`
	Cause      convert.Cause `json:"cause,omitempty"`  // of a fault; "" is none
	Format     photo.Format  `json:"format,omitempty"` // of the faulty photo
	Width      int           `json:"width,omitempty"`
	Height     int           `json:"height,omitempty"`
	Size       int           `json:"size,omitempty"` // bytes of the JPEG that follows
}

const (
	// hello is the child's first line: it is what it should be, and has set its limits.
	hello = "pinfold converts, 1\n"

	maxLine = 4 << 10 // bytes of a request or reply

	// exitTold is the exit code of a child whose end is nobody's fault: it was asked to end, its parent is dead,
	// or it could not set its limits.
	exitTold = 75
)

// What a child may take where the Converter does not say.
const (
	defaultTime = 5 * time.Minute
	// processors is how many may work for a child all the time: the garbage collector has some of its own.
	processors = 4
	// niceness is how far the child stands back behind everything else on the machine.
	niceness = 10
)

// defaultMemory holds a photo of 100 megapixels in most formats: 16-bit ones of that size take 800 MB, and a
// decoder of HEIC up to 1.5 GB. A 32-bit process has no room for more than 1 GB.
func defaultMemory() int64 {
	if runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64" {
		return 2 << 30
	}
	return 1 << 30
}

// errLimits means that the child could not set its own limits.
var errLimits = errors.New("set limits")
