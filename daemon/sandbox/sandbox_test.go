package sandbox

import (
	"strings"
	"testing"
)

// table is what a service with the packaged unit sees, with two drop-ins: BindPaths=/home/ann/Pins and
// BindReadOnlyPaths=/data/archive.
const table = `
601 480 254:0 / / ro,relatime master:1 - ext4 /dev/vda rw
602 601 254:0 /srv /srv rw,relatime master:1 - ext4 /dev/vda rw
603 601 254:0 /mnt /mnt rw,relatime master:1 - ext4 /dev/vda rw
604 603 8:17 / /mnt/usb\040disk rw,relatime master:9 - ext4 /dev/sdb1 rw
605 601 0:60 / /home ro,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,mode=755
606 605 254:0 /home/ann/Pins /home/ann/Pins rw,relatime master:1 - ext4 /dev/vda rw
607 601 0:61 / /root ro,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,mode=755
608 601 0:62 /systemd/inaccessible/dir /run/user ro,nosuid,nodev,noexec - tmpfs tmpfs rw,mode=755
609 601 254:0 /data/archive /data/archive ro,relatime master:1 - ext4 /dev/vda rw
610 601 8:33 / /data/disk ro,relatime master:12 - ext4 /dev/sdc1 rw
611 601 8:49 / /dvd ro,relatime master:13 - iso9660 /dev/sr0 ro
612 601 254:0 /var/lib/pinfold /var/lib/pinfold rw,relatime master:1 - ext4 /dev/vda rw
garbage
`

func TestWhatTheSandboxKeepsFromTheServiceIsKnown(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/srv/pins":             "",
		"/mnt/usb disk/Pins":    "",
		"/home/ann/Pins":        "",
		"/home/ann/Pins/2026":   "",
		"/home/ann/Other":       "BindPaths=-/home/ann/Other",
		"/home/ann/Pins more":   `BindPaths=-"/home/ann/Pins more"`,
		"/root/Pins":            "BindPaths=-/root/Pins",
		"/run/user/1000/x":      "BindPaths=-/run/user/1000/x",
		"/data/Pins":            "ReadWritePaths=-/data/Pins",
		"/data/100%":            "ReadWritePaths=-/data/100%%",
		"/data/disk":            "ReadWritePaths=-/data/disk",
		"/data/disk/Pins":       "ReadWritePaths=-/data/disk/Pins",
		"/data/archive":         "", // somebody wants it read-only
		"/dvd/photos":           "", // the disk is
		"/homes/ann":            "ReadWritePaths=-/homes/ann",
		"/var/lib/pinfold/Pins": "",
	} {
		seal := judge(table, path)
		switch {
		case want == "" && seal != nil:
			t.Errorf("%s: %+v", path, *seal)
		case want != "" && (seal == nil || seal.Lines() != "[Service]\n"+want || seal.Hidden != strings.HasPrefix(want, "Bind")):
			t.Errorf("%s: %+v, want %s", path, seal, want)
		}
	}
	for _, odd := range []string{"", "garbage", "1 2 3 - 4"} {
		if seal := judge(odd, "/home/ann"); seal != nil {
			t.Errorf("by %q: %+v", odd, *seal)
		}
	}
}

func TestOnlyServicesHaveASandbox(t *testing.T) {
	t.Setenv("INVOCATION_ID", "")
	t.Setenv("NOTIFY_SOCKET", "")
	if seal := Find("/proc/sys"); seal != nil { // read-only in many containers
		t.Errorf("a command is in %+v", *seal)
	}
}
