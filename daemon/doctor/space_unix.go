//go:build unix

package doctor

import "golang.org/x/sys/unix"

// free is what an ordinary user may still write on a directory's disk.
func free(dir string) (uint64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, err
	}
	return uint64(st.Bavail) * uint64(st.Bsize), nil //nolint:unconvert // other types on other systems
}
