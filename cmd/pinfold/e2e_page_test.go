package main

import (
	"html"
	"net/http"
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
