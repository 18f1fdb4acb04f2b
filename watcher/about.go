package watcher

// SendsEvents reports whether the file system at a directory, an absolute path, tells all changes, and why or why not,
// in words for people.
func SendsEvents(dir string) (ok bool, why string) { return sendsEvents(dir) }

// WatchLimit is how many directories the system lets one folder watch by events, 0 if it does not say, and the advice
// for whoever needs more.
func WatchLimit() (most int, advice string) {
	if _, ok := readLimit(watchLimit); !ok {
		return 0, ""
	}
	most = watchShare()
	return most, limitReason(&shareError{most})
}
