package watcher

// Accepts reports whether a file of this name would be looked at as a photo or as a sidecar.
func Accepts(name string) (photo, sidecar bool) {
	kind := kindOf(Key(name))
	return kind == kindPhoto, kind == kindSidecar
}
