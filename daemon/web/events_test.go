package web_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"time"
)

// stream opens the page's events and gives what comes in.
func stream(t *testing.T, address string) (lines <-chan string, status int, leave func() error) {
	t.Helper()
	resp, err := http.Get(address + "/events")
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan string, 100)
	go func() {
		defer close(heard)
		scanner := bufio.NewScanner(resp.Body)
		for scanner.Scan() {
			if data, ok := strings.CutPrefix(scanner.Text(), "data: "); ok {
				heard <- data
			}
		}
	}()
	t.Cleanup(func() { _ = resp.Body.Close() })
	return heard, resp.StatusCode, resp.Body.Close
}

// next is the next thing that a stream says.
func next(t *testing.T, lines <-chan string) string {
	t.Helper()
	select {
	case line := <-lines:
		return line
	case <-time.After(20 * time.Second):
		t.Fatal("nothing comes in")
		return ""
	}
}

func TestOpenPagesHearOfChanges(t *testing.T) {
	s := newSite(t)
	if err := s.Open(); err != nil {
		t.Fatal(err)
	}
	lines, status, _ := stream(t, s.URL())
	if status != http.StatusOK {
		t.Fatalf("answered %d", status)
	}
	first := next(t, lines)
	for range 100 { // many at once are few
		s.Changed()
	}
	second := next(t, lines)
	if first == second {
		t.Errorf("the number stays %s", first)
	}
	late, _, _ := stream(t, s.URL())
	if got := next(t, late); !strings.HasSuffix(got, "-100") {
		t.Errorf("one that comes later hears %s", got)
	}
	if err := s.Close(t.Context()); err != nil { // it does not wait for streams
		t.Fatal(err)
	}
	for range lines { // until it ends
	}
}

func TestPagesWithoutEndAreBounded(t *testing.T) {
	s := newSite(t)
	if err := s.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(t.Context()) })
	var leave func() error
	for i := range 51 {
		lines, status, end := stream(t, s.URL())
		switch {
		case i < 50 && status != http.StatusOK:
			t.Fatalf("page %d: %d", i, status)
		case i < 50:
			next(t, lines)
			leave = end
		case status != http.StatusServiceUnavailable:
			t.Errorf("one too many: %d", status)
		}
	}
	_ = leave()
	for deadline := time.Now().Add(20 * time.Second); ; s.Changed() { // a write finds that it has left
		if _, status, end := stream(t, s.URL()); status == http.StatusOK {
			_ = end()
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the place of one that left stays taken")
		}
		time.Sleep(10 * time.Millisecond)
	}
}
