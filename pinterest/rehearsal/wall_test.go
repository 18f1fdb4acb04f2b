package rehearsal

import (
	"strings"
	"testing"
	"time"
)

func TestWallShowsTimesAsTheTerminalDoes(t *testing.T) {
	oslo := time.FixedZone("CET", 3600)
	view := wallView{now: time.Date(2026, 12, 1, 0, 30, 0, 0, oslo)}
	if got := view.Zone(); got != "CET" {
		t.Errorf("zone %q", got)
	}
	for at, want := range map[time.Time]string{
		time.Date(2026, 11, 30, 23, 10, 5, 0, time.UTC): "00:10:05",
		time.Date(2026, 11, 30, 22, 10, 5, 0, time.UTC): "Mon 30 Nov 2026, 23:10:05",
	} {
		if got := view.When(at); got != want {
			t.Errorf("%v: %q, want %q", at, got, want)
		}
	}
}

func TestWallScriptIsAllowedByThePage(t *testing.T) {
	_, c := start(t, Options{})
	_, page, header := c.do("GET", "/wall", "", "")
	if !strings.Contains(page, `<script src="/wall/wall.js"`) || !strings.Contains(header.Get("Content-Security-Policy"), "script-src 'self'") {
		t.Errorf("page %s with %v", page, header)
	}
	status, _, header := c.do("GET", "/wall/wall.js", "", "")
	if status != 200 || !strings.HasPrefix(header.Get("Content-Type"), "text/javascript") {
		t.Errorf("script: %d %v", status, header)
	}
}
