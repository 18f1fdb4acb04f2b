package store

import "syscall"

// networkTypes are the numbers of network file systems, from linux/magic.h and their own sources. FUSE is none of
// them: behind it there may be a network, but more often a local disk (NTFS, exFAT, a NAS's pool of disks) or a
// rootless container's own file system.
var networkTypes = map[uint32]string{
	0x6969: "NFS", 0xFF534D42: "SMB", 0xFE534D42: "SMB", 0x517B: "SMB", 0x01021997: "9p",
	0x00C36400: "Ceph", 0x5346414F: "AFS", 0x6B414653: "AFS", 0x73757245: "Coda", 0x564C: "NCP", 0x7461636F: "OCFS2",
	0x01161970: "GFS2", 0x0BD00BD0: "Lustre", 0x47504653: "GPFS", 0x786F4256: "VirtualBox's shared folders",
}

// remote names the network file system at a directory, "" for a local disk.
func remote(dir string) (string, error) { return remoteBy(syscall.Statfs, dir) }

func remoteBy(statfs func(string, *syscall.Statfs_t) error, dir string) (string, error) {
	var st syscall.Statfs_t
	if err := statfs(dir, &st); err != nil {
		return "", err
	}
	return networkTypes[uint32(st.Type)], nil
}
