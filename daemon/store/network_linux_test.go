package store

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// set assigns a number to a field that is of another type on each machine.
func set[T int32 | int64 | uint32](to *T, magic uint32) { *to = T(magic) }

func TestAStateDirectoryOnTheNetworkIsRefusedWithItsFix(t *testing.T) {
	mount := t.TempDir()
	for magic, want := range map[uint32]string{
		0x6969: "NFS", 0xFF534D42: "SMB", 0xFE534D42: "SMB", 0x517B: "SMB", 0x01021997: "9p",
		0xEF53: "", 0x9123683E: "", 0x01021994: "", 0x794C7630: "", 0x58465342: "", 0x12345678: "",
	} {
		statfs := func(dir string, st *syscall.Statfs_t) error {
			if dir != mount && strings.HasPrefix(dir, mount) {
				return syscall.ENOENT // the state directory is not made yet
			}
			set(&st.Type, 0x794C7630)
			if dir == mount {
				set(&st.Type, magic)
			}
			return nil
		}
		err := refuseNetwork(filepath.Join(mount, "a", "b", "state"), func(dir string) (string, error) { return remoteBy(statfs, dir) })
		switch {
		case want == "" && err != nil:
			t.Errorf("%#x is refused: %v", magic, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "state_dir")):
			t.Errorf("%#x: %v, want %s and its setting", magic, err, want)
		}
	}
	silent := func(string, *syscall.Statfs_t) error { return syscall.ENOSYS }
	if err := refuseNetwork(mount, func(dir string) (string, error) { return remoteBy(silent, dir) }); err != nil {
		t.Errorf("a disk that does not say what it is: %v", err)
	}
}
