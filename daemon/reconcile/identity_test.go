package reconcile_test

import (
	"strings"
	"testing"
)

// TestTheRulesOfIdentity tells a story for each rule. Those that say which post is which list the posts with their
// numbers, in the order in which they were recorded.
func TestTheRulesOfIdentity(t *testing.T) {
	for _, test := range []struct{ name, steps, want string }{
		// The key, and its duplicates.
		{"a pair", "put fog A L1\nwait 3s", "#1 fog scheduled"},
		{"a copy", "put fog A L1\nwait 3s\ncopy fog mist\nwait 3s", "#1 fog scheduled, #2 mist duplicate"},
		{"the same photo with another text", "put fog A L1\nwait 3s\nput mist A L2\nwait 3s", "#1 fog scheduled, #2 mist duplicate"},
		{"the same photo for another board", "put fog A L1\nwait 3s\nput mist A M1\nwait 3s", "#1 fog scheduled, #2 mist scheduled"},
		{"another photo for the same board", "put fog A L1\nwait 3s\nput mist B L1\nwait 3s", "#1 fog scheduled, #2 mist scheduled"},
		{"a copy that is wanted", "put fog A L1\nwait 3s\nput mist A L1!\nwait 3s", "#1 fog scheduled, #2 mist scheduled"},
		{"a copy in another folder", "put fog A L1\nwait 3s\nput @/fog A L1\nwait 3s", "#1 fog scheduled, #2 @/fog duplicate"},
		{"the oldest duplicate takes over", "put c A L1\nwait 3s\nput b A L1\nwait 3s\nput a A L1\nwait 3s\nremove c\nwait 4m", "#1 c withdrawn, #2 b scheduled, #3 a duplicate"},
		{"holder and duplicate go together", "put a A L1\nwait 3s\nput b A L1\nwait 3s\nput c A L1\nwait 3s\nremove a\nremove b\nwait 4m", "#1 a withdrawn, #2 b withdrawn, #3 c scheduled"},
		{"a duplicate goes", "put a A L1\nwait 3s\nput b A L1\nwait 3s\nremove b\nwait 4m", "#1 a scheduled, #2 b withdrawn"},
		{"the holder gets another board", "put a A L1\nwait 3s\nput b A L1\nwait 3s\ntext a M1\nwait 3s", "#1 a scheduled, #2 b scheduled"},
		{"both get another board at once", "put a A L1\nwait 3s\nput b A L1\nwait 3s\ntext a M1\ntext b M2\nwait 3s", "#1 a scheduled, #2 b duplicate"},
		{"the holder becomes wrong", "put a A L1\nwait 3s\nput b A L1\nwait 3s\ntext a X\nwait 3s", "#1 a invalid, #2 b scheduled"},
		{"the holder becomes a draft", "put a A L1\nwait 3s\nput b A L1\nwait 3s\ntext a L1?\nwait 3s", "#1 a draft, #2 b scheduled"},
		{"the holder fails", "put a A L1\nwait 3s\nput b A L1\nwait 3s\nmove a publishing\nmove a failed\nwait 3s", "#1 a failed, #2 b scheduled"},
		{"the holder is posted", "put a A L1\nwait 3s\nput b A L1\nwait 3s\npost a\nwait 3s", "#1 a posted, #2 b duplicate"},
		{"a posted one goes, its copy stays a duplicate", "put a A L1\nwait 3s\nput b A L1\nwait 3s\npost a\nremove a\nwait 4m", "#1 (a posted), #2 b duplicate"},
		{"a copy that is wanted is not one any more", "put a A L1\nwait 3s\nput b A L1!\nwait 3s\ntext b L1\nwait 3s", "#1 a scheduled, #2 b duplicate"},

		// Renamed or moved.
		{"a pair is renamed", "put fog A L1\nwait 3s\nrename fog mist\nwait 4m", "#1 mist scheduled"},
		{"a pair is moved to a directory", "put fog A L1\nwait 3s\nrename fog 2026/fog\nwait 4m", "#1 2026/fog scheduled"},
		{"a directory is renamed", "put a/fog A L1\nput a/mist B L1\nwait 3s\nrename a b\nwait 4m", "#1 b/fog scheduled, #2 b/mist scheduled"},
		{"a pair is moved to another folder", "put fog A L1\nwait 3s\nrename fog @/fog\nwait 4m", "#1 @/fog scheduled"},
		{"a posted pair is renamed", "put fog A L1\nwait 3s\npost fog\nrename fog mist\nwait 4m", "#1 mist posted"},
		{"a posted pair is moved to another folder", "put fog A L1\nwait 3s\npost fog\nrename fog @/fog\nwait 4m", "#1 @/fog posted"},
		{"moved to another folder and edited", "put fog A L1\nwait 3s\nrename fog @/fog\ntext @/fog L2\nwait 4m", "#1 @/fog scheduled"},
		{"away for a moment, and copied", "put b A L1\nwait 3s\nrename b .away/b\nwait 30s\nrename .away/b b\ncopy b a\nwait 3s", "#1 b scheduled, #2 a duplicate"},
		{"a failed pair is renamed", "put fog A L1\nwait 3s\nmove fog publishing\nmove fog failed\nrename fog mist\nwait 4m", "#1 mist failed"},
		{"a missed pair is renamed", "put fog A L1\nwait 3s\nmove fog missed\nrename fog mist\nwait 4m", "#1 mist missed"},
		{"a draft is renamed", "put fog A 1?\nwait 3s\nrename fog mist\nwait 4m", "#1 mist draft"},
		{"a draft is renamed by a tool that makes files anew", "put fog A 1?\nwait 3s\ncopy fog mist\nremove fog\nwait 4m", "#1 mist draft"},
		{"a posted one that seems to have left an absent folder", "put fog A L1\nwait 3s\npost fog\nremove fog\nwait 3s\nsay absent\nput @/fog A L1\nwait 30s", "#1 fog posted, #2 @/fog duplicate"},
		{"a draft that seems to have left an absent folder", "put fog A L1?\nwait 3s\nrename fog .away/fog\nwait 3s\nsay absent\nrename .away/fog @/fog\nwait 30s", "#1 fog draft, #2 @/fog draft"},
		{"a wrong one is renamed", "put fog A X\nwait 3s\nrename fog mist\nwait 4m", "#1 mist invalid"},
		{"a duplicate is renamed", "put a A L1\nwait 3s\nput b A L1\nwait 3s\nrename b c\nwait 4m", "#1 a scheduled, #2 c duplicate"},
		{"the holder is renamed", "put a A L1\nwait 3s\nput b A L1\nwait 3s\nrename a c\nwait 4m", "#1 c scheduled, #2 b duplicate"},
		{"renamed and edited", "put fog A L1\nwait 3s\nrename fog mist\ntext mist L2\nwait 4m", "#1 mist scheduled"},
		{"the letter case changes", "put fog A L1\nwait 3s\nrename fog FOG\nwait 4m", "#1 FOG scheduled"},
		{"the letter case of a posted one changes", "put fog A L1\nwait 3s\npost fog\nrename fog Fog\nwait 4m", "#1 Fog posted"},
		{"the letter case of a directory changes", "put trip/fog A L1\nwait 3s\nrename trip Trip\nwait 4m", "#1 Trip/fog scheduled"},
		{"the Unicode form changes", "put caf\u00e9 A L1\nwait 3s\nrename caf\u00e9 cafe\u0301\nwait 4m", "#1 cafe\u0301 scheduled"},
		{"photo first, sidecar hours later", "put fog A L1\nwait 3s\nrename fog.jpg mist.jpg\nwait 3h\nrename fog.yaml mist.yaml\nwait 4m", "#1 mist scheduled"},
		{"sidecar first, photo hours later", "put fog A L1\nwait 3s\nrename fog.yaml mist.yaml\nwait 3h\nrename fog.jpg mist.jpg\nwait 4m", "#1 mist scheduled"},
		{"posted: photo first, sidecar hours later", "put fog A L1\nwait 3s\npost fog\nrename fog.jpg mist.jpg\nwait 3h\nrename fog.yaml mist.yaml\nwait 4m", "#1 mist posted"},
		{"posted: sidecar first, photo hours later", "put fog A L1\nwait 3s\npost fog\nrename fog.yaml mist.yaml\nwait 3h\nrename fog.jpg mist.jpg\nwait 4m", "#1 mist posted"},
		{"a posted pair takes a name that was given up", "put fog A L1\nput mist B L1\nwait 3s\npost fog\nremove mist\nwait 4m\nrename fog mist\nwait 4m", "#1 mist posted, #2 (mist withdrawn)"},
		{"two names are swapped", "put a A L1\nput b B M1\nwait 3s\nrename a x\nrename b a\nrename x b\nwait 4m", "a scheduled, b scheduled"},
		{"a posted and a waiting name are swapped", "put a A L1\nput b B M1\nwait 3s\npost a\nrename a x\nrename b a\nrename x b\nwait 4m", "#1 (a posted), #2 b duplicate, #3 a scheduled"},
		{"moved while the process was down", "put fog A L1\nwait 3s\nrename fog mist\nrestart\nwait 4m", "#1 mist scheduled"},
		{"a posted one moved while the process was down", "put fog A L1\nwait 3s\npost fog\nrename fog sub/mist\nrestart\nwait 4m", "#1 sub/mist posted"},
		{"a pair that was away for long comes back elsewhere", "put fog A L1\nwait 3s\nrename fog .away/fog\nwait 1h\nrename .away/fog mist\nwait 4m", "#1 mist scheduled"},

		// Moved to where other defaults hold.
		{"moved to another board's directory", "defaults L board: L\ndefaults M board: M\nput L/fog A 1\nwait 3s\nrename L/fog M/fog\nwait 4m", "#1 M/fog scheduled"},
		{"a posted one moved to another board's directory", "defaults L board: L\ndefaults M board: M\nput L/fog A 1\nwait 3s\npost L/fog\nrename L/fog M/fog\nwait 4m", "#1 M/fog posted"},
		{"a posted one copied to another board's directory", "defaults L board: L\ndefaults M board: M\nput L/fog A 1\nwait 3s\npost L/fog\ncopy L/fog M/fog\nwait 4m", "#1 L/fog posted, #2 M/fog scheduled"},

		// Before its time.
		{"the text is edited", "put fog A L1\nwait 3s\ntext fog M2\nwait 3s", "#1 fog scheduled"},
		{"the photo is edited", "put fog A L1\nwait 3s\nphoto fog B\nwait 3s", "#1 fog scheduled"},
		{"a failed post is edited", "put fog A L1\nwait 3s\nmove fog publishing\nmove fog failed\ntext fog L2\nwait 3s", "#1 fog scheduled"},
		{"a failed post's photo is edited", "put fog A L1\nwait 3s\nmove fog publishing\nmove fog failed\nphoto fog B\nwait 3s", "#1 fog scheduled"},
		{"a failed post's defaults are edited", "defaults . board: L\nput fog A 1\nwait 3s\nmove fog publishing\nmove fog failed\ndefaults . board: M\nwait 3s", "#1 fog scheduled"},
		{"a missed post's defaults are edited", "defaults . board: L\nput fog A 1\nwait 3s\nmove fog missed\ndefaults . board: M\nwait 3s", "#1 fog scheduled"},
		{"a failed post's defaults come", "put fog A L1\nwait 3s\nmove fog publishing\nmove fog failed\ndefaults . link: https://example.com\nwait 3s", "#1 fog scheduled"},
		{"others' defaults are edited", "put fog A L1\nwait 3s\nmove fog publishing\nmove fog failed\ndefaults other board: M\nwait 3s", "#1 fog failed"},
		{"it is touched", "put fog A L1\nwait 3s\nmove fog publishing\nmove fog failed\nput fog A L1\nwait 3s", "#1 fog failed"},
		{"on its way, it is edited", "put fog A L1\nwait 3s\nmove fog publishing\ntext fog M1\nphoto fog B\nwait 4m", "#1 fog publishing"},
		{"unconfirmed, it is taken away", "put fog A L1\nwait 3s\nmove fog publishing\nmove fog unconfirmed\nremove fog\nwait 1h", "#1 fog unconfirmed"},
		{"on its way, it is renamed", "put fog A L1\nwait 3s\nmove fog publishing\nrename fog mist\nwait 4m\nmove fog posted\nwait 4m", "#1 mist posted"},
		{"on its way, it is edited, and comes back", "put fog A L1\nwait 3s\nmove fog publishing\ntext fog L2\nwait 4m\nmove fog scheduled\nwait 4m", "#1 fog scheduled"},

		// After it was posted.
		{"posted, then the text is edited", "put fog A L1\nwait 3s\npost fog\ntext fog L2\nwait 4m", "#1 fog posted*"},
		{"posted, then the board is edited", "put fog A L1\nwait 3s\npost fog\ntext fog M1\nwait 4m", "#1 fog posted*"},
		{"posted, then the photo is edited", "put fog A L1\nwait 3s\npost fog\nphoto fog B\nwait 4m", "#1 fog posted*"},
		{"posted, edited, and edited back", "put fog A L1\nwait 3s\npost fog\ntext fog L2\nwait 3s\ntext fog L1\nwait 3s", "#1 fog posted"},
		{"posted, both edited at once", "put fog A L1\nwait 3s\npost fog\nput fog B L2\nwait 3s", "#1 (fog posted), #2 fog scheduled"},
		{"posted, both edited one by one", "put fog A L1\nwait 3s\npost fog\nphoto fog B\nwait 1h\ntext fog L2\nwait 3s", "#1 (fog posted*), #2 fog scheduled"},
		{"posted, both edited while the process was down", "put fog A L1\nwait 3s\npost fog\nput fog B L2\nrestart\nwait 3s", "#1 (fog posted), #2 fog scheduled"},
		{"posted, edited, then renamed", "put fog A L1\nwait 3s\npost fog\ntext fog M1\nwait 3s\nrename fog mist\nwait 4m", "#1 mist posted*"},
		{"posted, edited, then a copy of it", "put fog A L1\nwait 3s\npost fog\ntext fog M1\nwait 3s\ncopy fog mist\nwait 4m", "#1 fog posted*, #2 mist scheduled"},
		{"the name comes back after long with another photo", "put fog A L1\nwait 3s\npost fog\nremove fog\nwait 4m\nput fog B L1\nwait 3s", "#1 (fog posted), #2 fog scheduled"},
		{"the name comes back soon with another photo", "put fog A L1\nwait 3s\npost fog\nremove fog\nwait 30s\nput fog B L1\nwait 3s", "#1 fog posted*"},
		{"the same pair comes back after long", "put fog A L1\nwait 3s\npost fog\nremove fog\nwait 1h\nput fog A L1\nwait 4m", "#1 fog posted"},
		{"the same photo comes back after long with another text", "put fog A L1\nwait 3s\npost fog\nremove fog\nwait 1h\nput fog A L2\nwait 4m", "#1 fog posted*"},
		{"only its photo is tidied away", "put fog A L1\nwait 3s\npost fog\nremove fog.jpg\nwait 1h", "#1 fog posted"},
		{"only its text is tidied away, and another comes", "put fog A L1\nwait 3s\npost fog\nremove fog.yaml\nwait 1h\ntext fog M2\nwait 4m", "#1 fog posted*"},
		{"its photo, then its text is tidied away", "put fog A L1\nwait 3s\npost fog\nremove fog.jpg\nwait 1h\nremove fog.yaml\nwait 4m", "#1 (fog posted)"},

		{"a draft of what was posted and is gone", "put fog A L1\nwait 3s\npost fog\nremove fog\nwait 4m\nput fog A L2?\nwait 3s", "#1 (fog posted), #2 fog draft"},

		// Gone before its time.
		{"a photo goes and comes back", "put fog A L1\nwait 3s\nrename fog.jpg .away/fog.jpg\nwait 4m\nrename .away/fog.jpg fog.jpg\nwait 3s", "#1 fog scheduled"},
		{"a sidecar goes", "put fog A L1\nwait 3s\nremove fog.yaml\nwait 4m", "#1 fog withdrawn"},
		{"it goes for less than gone_after", "put fog A L1\nwait 3s\nrename fog .away/fog\nwait 90s\nrename .away/fog fog\nwait 90s", "#1 fog scheduled"},
		{"another photo comes under its name", "put fog A L1\nwait 3s\nremove fog\nwait 1h\nput fog B M1\nwait 3s", "#1 fog scheduled"},
		{"withdrawn, its copy was posted, and it comes back", "put fog A L1\nwait 3s\nput mist A L1\nwait 3s\nrename fog .away/fog\nwait 4m\npost mist\nrename .away/fog fog\nwait 4m", "#1 fog duplicate, #2 mist posted"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t)
			s.tell(test.steps)
			if got := s.list(strings.HasPrefix(test.want, "#")); got != test.want {
				t.Errorf("%s\n\ngives %s\nnot   %s", test.steps, got, test.want)
			}
		})
	}
}

// What applies to a directory is known after a restart before anything above it was looked at.
func TestDefaultsOfAnyLetterCaseAreKnownAfterARestart(t *testing.T) {
	s := newStory(t)
	s.write("L/_PinFold.YAML", []byte("board: L\n"))
	s.tell("put L/deep/fog A 1\nwait 3s\nrestart")
	before := s.records()[0]
	if same, err := s.folders[0].Unchanged(before); err != nil || !same {
		t.Errorf("it counts as changed (%v)", err)
	}
	s.restart()
	for range 2 {
		_, _, err := lookAt(t.Context(), s.folders[0], "L/deep")
		s.ok(err)
		s.ahead += settle
	}
	if after := s.records()[0]; after != before {
		t.Errorf("it has become %+v", after)
	}
}

func TestACopyDoesNotTakeThePlaceOfAPostThatIsBack(t *testing.T) {
	s := newStory(t)
	for _, f := range s.folders {
		f.Settle = 0 // both are seen in one look
	}
	s.tell("put b A L1\nwait 3s\nrename b .away/b\nwait 30s\nrename .away/b b\ncopy b a\nwait 3s")
	if got, want := s.list(true), "#1 b scheduled, #2 a duplicate"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
