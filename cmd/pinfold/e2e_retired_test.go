package main

import (
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// TestASettingOfTheVersionBeforeWorksAndIsToldEverywhere has the rigged binary, in which timezone was called zone before.
func TestASettingOfTheVersionBeforeWorksAndIsToldEverywhere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.edit("timezone: Europe/Oslo", "zone: Europe/Oslo")
	s.want(2, "config", "check") // the program as it is knows no such setting
	s.clock = time.Nanosecond
	const told = "zone is called timezone now"
	wantText(t, "config check", s.want(0, "config", "check").stderr, s.config+":", told, "write timezone")
	wantText(t, "config check --json", s.want(0, "config", "check", "--json").stdout, `"warnings": [`, told)
	wantText(t, "doctor", s.want(3, "doctor").stdout, "note     config", told, "times are in Europe/Oslo, as the config says")
	d := s.start()
	wantText(t, "log", d.stderr.String(), "level=WARN", told)
	s.pair("fog", 1, "title: Fog\nboard: Landscapes\npublish_at: 2090-07-01 12:00\n")
	noon := time.Date(2090, 7, 1, 10, 0, 0, 0, time.UTC)
	if p := s.await("fog.jpg", post.Scheduled); p.PublishAt == nil || !p.PublishAt.Equal(noon) {
		t.Errorf("it is planned for %v", p.PublishAt)
	}
}
