package main

import (
	"bytes"
	"html"
	"image/jpeg"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

var feedLink = regexp.MustCompile(`href="(/calendar\.ics\?[^"]+)"`)

func TestProgramsReadThePlanToo(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.edit("web: {", "web: {metrics: true, ")
	d := s.start()
	s.pair("fog", 1, "title: Fog\nboard: Landscapes\npublish_at: "+at(time.Hour)+"\n")
	s.await("fog.jpg", post.Scheduled)
	_, metrics := s.answers(http.StatusOK, s.get(d.page+"/metrics"))
	for _, line := range []string{`state="scheduled"} 1`, `pinfold_account_connected{account="main"} 1`, "pinfold_up 1", "process_resident_memory_bytes"} {
		if !strings.Contains(metrics, line) {
			t.Errorf("%s is not in\n%s", line, metrics)
		}
	}
	_, plan := s.answers(http.StatusOK, s.get(d.page+"/"))
	link := feedLink.FindStringSubmatch(plan)
	if link == nil {
		t.Fatal("the plan gives no calendar")
	}
	_, calendar := s.answers(http.StatusOK, s.get(d.page+html.UnescapeString(link[1])))
	if !strings.Contains(calendar, "BEGIN:VEVENT") || !strings.Contains(calendar, "Fog") {
		t.Errorf("the calendar is\n%s", calendar)
	}
	s.answers(http.StatusForbidden, s.get(d.page+"/calendar.ics"))
	_, doctor := s.answers(http.StatusOK, s.get(d.page+"/doctor"))
	if !strings.Contains(doctor, "The daemon runs") && !strings.Contains(doctor, "is connected") {
		t.Errorf("the doctor says\n%s", doctor)
	}
	d.terminate()
	d = s.start()
	s.answers(http.StatusOK, s.get(d.page+html.UnescapeString(link[1]))) // the address stays
}

// withSegment puts a segment into a JPEG, behind its first two bytes.
func withSegment(photo string, marker byte, content string) string {
	n := len(content) + 2
	return photo[:2] + string([]byte{0xFF, marker, byte(n >> 8), byte(n)}) + content + photo[2:]
}

// The page's pictures are looked at by whoever is let in: they are small, and tell of a photo what is seen in it.
func TestThePagesPicturesHoldNothingButThePicture(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	d := s.start()
	const xmp = "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">sesame-place, sesame-owner</x:xmpmeta>"
	secret := withSegment(withSegment(withSegment(photoOf(t, 1), 0xE1, xmp), 0xE1, "Exif\x00\x00MM\x00*sesame-camera"), 0xFE, "sesame-comment")
	s.write("fog.jpg", secret)
	s.write("fog.yaml", "title: Fog\nboard: Landscapes\npublish_at: "+at(time.Hour)+"\n")
	s.await("fog.jpg", post.Scheduled)
	for size, side := range map[string]int{"small": 320, "large": 960} {
		s.eventually(20*time.Millisecond, "its picture is made", func() bool {
			status, _, picture := s.visit(s.get(d.page + "/thumbs/1/" + size))
			if status != http.StatusOK {
				return false
			}
			shape, err := jpeg.DecodeConfig(strings.NewReader(picture))
			if err != nil || max(shape.Width, shape.Height) > side || strings.Contains(picture, "sesame") {
				t.Errorf("%s: %+v, %v, %q", size, shape, err, picture[:min(len(picture), 1000)])
			}
			return true
		})
	}
	kept, err := filepath.Glob(filepath.Join(s.state, "thumbs", "*"))
	if err != nil || len(kept) != 2 {
		t.Fatalf("kept are %q, %v", kept, err)
	}
	for _, name := range kept {
		data, err := os.ReadFile(name)
		if err != nil || bytes.Contains(data, []byte("sesame")) {
			t.Errorf("%s: %v, %q", name, err, data)
		}
	}
}
