//go:build !linux

package doctor

// steady: this system does not say.
func steady() (steady, known bool) { return false, false }
