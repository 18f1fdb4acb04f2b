package daemon

import (
	"slices"
	"testing"
)

// Letting go of memory that was changed loses what is in it.
func TestOnlyWhatIsAsInTheProgramsFileIsLetGo(t *testing.T) {
	t.Parallel()
	const head = " 00000000 fe:00 10086651                           "
	smaps := "00400000-00ee9000 r-xp" + head + "/usr/bin/pinfold\nRss:  9700 kB\nAnonymous:             0 kB\n" +
		"00ee9000-019f7000 r--p" + head + "/usr/bin/pinfold\nAnonymous:             4 kB\n" + // a debugger's breakpoint, or relocations
		"019f7000-01b7a000 rw-p" + head + "/usr/bin/pinfold\nAnonymous:             0 kB\n" +
		"7f5488000000-7f5488600000 r-xp" + head + "/usr/bin/pinfold\nAnonymous:         0 kB\n" +
		"7f5489000000-7f5489600000 r-xp" + head + "/usr/lib/libc.so.6\nAnonymous:       0 kB\n" +
		"398d9f400000-398da0800000 rw-p 00000000 00:00 0 \nAnonymous:             0 kB\n"
	want := []mapping{{0x400000, 0xee9000}, {0x7f5488000000, 0x7f5488600000}}
	if got := cleanMaps(smaps, "/usr/bin/pinfold"); !slices.Equal(got, want) {
		t.Errorf("%#x, want %#x", got, want)
	}
	if got := cleanMaps(smaps, ""); got != nil {
		t.Errorf("of no file: %#x", got)
	}
}

func TestTheProgramGoesOnWithoutItsMemory(t *testing.T) {
	t.Parallel()
	if programFile() == "" {
		t.Error("the program does not find its own file")
	}
	giveBack()
}
