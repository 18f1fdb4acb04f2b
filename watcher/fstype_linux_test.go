package watcher

import (
	"strings"
	"testing"
)

func TestTheFileSystemsTypeDecidesHowItIsWatched(t *testing.T) {
	for magic, want := range map[uint32]string{
		0xEF53: "ext4 tells", 0x9123683E: "btrfs tells", 0x58465342: "xfs tells", 0x2FC12FC1: "zfs tells", 0x01021994: "tmpfs tells",
		0x794C7630: "overlay tells", 0x7366746E: "ntfs tells",
		0x6969: "NFS does not tell", 0xFF534D42: "SMB does not tell", 0xFE534D42: "SMB does not tell", 0x65735546: "FUSE does not tell",
		0x01021997: "9p does not tell", 0x6A656A63: "virtiofs does not tell", 0x12345678: "type 0x12345678 are not known to tell",
	} {
		ok, why := judgeType(magic)
		if ok != !strings.Contains(want, "not") || !strings.Contains(why, want) {
			t.Errorf("%#x: %v, %s; want %s", magic, ok, why, want)
		}
	}
	if ok, why := sendsEvents("/proc"); ok {
		t.Errorf("/proc: %s", why)
	}
	if ok, why := sendsEvents("/nowhere/at/all"); ok || !strings.Contains(why, "does not say") {
		t.Errorf("a directory that is not there: %v, %s", ok, why)
	}
}

func TestNumbersThatAFileSystemMakesUpAreNoPartOfAStamp(t *testing.T) {
	local, err := Stat(folder(t, "fog.jpg"), "fog.jpg")
	must(t, err)
	if local.Inode == 0 {
		t.Error("a local file has no inode number")
	}
	made, err := Stat("/proc/self", "status")
	must(t, err)
	if made.Inode != 0 {
		t.Errorf("/proc/self/status counts as %s", made.Stamp())
	}
}
