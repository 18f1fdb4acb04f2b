package web_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

// stream opens the page's events and gives what comes in, until leave is called.
func stream(t *testing.T, address string) (lines <-chan string, status int, leave func()) {
	t.Helper()
	ctx, leave := context.WithCancel(context.Background())
	t.Cleanup(leave)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/events", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	heard, answered := make(chan string, 100), make(chan int, 1)
	go func() {
		defer close(heard)
		resp, err := (&http.Client{}).Do(request)
		if err != nil {
			answered <- 0
			return
		}
		defer func() { _ = resp.Body.Close() }()
		answered <- resp.StatusCode
		scanner := bufio.NewScanner(resp.Body)
		for scanner.Scan() {
			if data, ok := strings.CutPrefix(scanner.Text(), "data: "); ok {
				heard <- data
			}
		}
	}()
	return heard, <-answered, leave
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
	var leave func()
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
	leave()
	for deadline := time.Now().Add(20 * time.Second); ; s.Changed() { // a write finds that it has left
		if _, status, end := stream(t, s.URL()); status == http.StatusOK {
			end()
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the place of one that left stays taken")
		}
		time.Sleep(10 * time.Millisecond)
	}
}
