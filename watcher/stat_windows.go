package watcher

import (
	"io/fs"

	"golang.org/x/sys/windows"
)

const openFlags = 0

// inode is not to be had without opening the file.
func inode(fs.FileInfo) uint64 { return 0 }

// identityAt tells one directory from another that takes its place. It must be opened for that, with no rights: nobody is
// kept from doing anything with it meanwhile.
func identityAt(dir string, _ fs.FileInfo) identity {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return identity{}
	}
	const everybody = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE
	d, err := windows.CreateFile(path, 0, everybody, nil, windows.OPEN_EXISTING, windows.FILE_FLAG_BACKUP_SEMANTICS, 0)
	if err != nil {
		return identity{}
	}
	defer func() { _ = windows.CloseHandle(d) }()
	var info windows.ByHandleFileInformation
	if err := windows.GetFileInformationByHandle(d, &info); err != nil {
		return identity{}
	}
	return identity{device: uint64(info.VolumeSerialNumber), inode: uint64(info.FileIndexHigh)<<32 | uint64(info.FileIndexLow)}
}
