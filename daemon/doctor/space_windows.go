package doctor

import "golang.org/x/sys/windows"

// free is what this user may still write on a directory's disk.
func free(dir string) (uint64, error) {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	var mine uint64
	if err := windows.GetDiskFreeSpaceEx(path, &mine, nil, nil); err != nil {
		return 0, err
	}
	return mine, nil
}
