package picker

// systemRoot: there is one for each disk.
func systemRoot() string { return "" }
