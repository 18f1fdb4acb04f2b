package watcher

import (
	"fmt"
	"syscall"
)

// localTypes are the file systems on which inotify tells all changes, by their number in linux/magic.h or their
// own sources.
var localTypes = map[uint32]string{
	0xEF53: "ext4", 0x9123683E: "btrfs", 0x58465342: "xfs", 0x2FC12FC1: "zfs", 0xF2F52010: "f2fs", 0xCA451A4E: "bcachefs",
	0x01021994: "tmpfs", 0x858458F6: "ramfs", 0x794C7630: "overlay", 0x3153464A: "jfs", 0x52654973: "reiserfs",
	0x7366746E: "ntfs", 0x4D44: "vfat", 0x2011BAB0: "exfat",
}

// remoteTypes have names only to be told to people: others change their files, and inotify does not say so.
var remoteTypes = map[uint32]string{
	0x6969: "NFS", 0xFF534D42: "SMB", 0xFE534D42: "SMB", 0x517B: "SMB", 0x65735546: "FUSE", 0x01021997: "9p", 0x6A656A63: "virtiofs",
	0x00C36400: "Ceph", 0x5346414F: "AFS", 0x786F4256: "VirtualBox's shared folders",
}

// sendsEvents reports whether all changes of the file system at dir are told, and why or why not. Such file
// systems also keep a file's inode number, which others may make up anew.
func sendsEvents(dir string) (ok bool, why string) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return false, fmt.Sprintf("the file system does not say what it is: %v", err)
	}
	return judgeType(uint32(st.Type))
}

// judgeType is sendsEvents by the number of the file system's type.
func judgeType(magic uint32) (ok bool, why string) {
	if name, ok := localTypes[magic]; ok {
		return true, name + " tells all changes"
	}
	if name, ok := remoteTypes[magic]; ok {
		return false, name + " does not tell all changes"
	}
	return false, fmt.Sprintf("file systems of type %#x are not known to tell all changes", magic)
}
