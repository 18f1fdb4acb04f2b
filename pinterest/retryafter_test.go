package pinterest

import (
	"net/http"
	"testing"
	"time"
)

func TestRetryAfterIsReadInEveryShape(t *testing.T) {
	date := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		header []string
		want   time.Duration
	}{
		"nothing":                {nil, 0},
		"seconds":                {[]string{"Retry-After", "30"}, 30 * time.Second},
		"fraction":               {[]string{"Retry-After", " 1.5 "}, 1500 * time.Millisecond},
		"date":                   {[]string{"Retry-After", "Tue, 01 Dec 2026 12:05:00 GMT"}, 5 * time.Minute},
		"date gone by":           {[]string{"Retry-After", "Tue, 01 Dec 2026 11:05:00 GMT"}, 0},
		"too long":               {[]string{"Retry-After", "99999999"}, 24 * time.Hour},
		"overflow":               {[]string{"Retry-After", "1e300"}, 24 * time.Hour},
		"negative":               {[]string{"Retry-After", "-5"}, 0},
		"no number":              {[]string{"Retry-After", "soon"}, 0},
		"not a number":           {[]string{"Retry-After", "NaN"}, 0},
		"infinity":               {[]string{"Retry-After", "Inf"}, 24 * time.Hour},
		"reset seconds":          {[]string{"X-RateLimit-Reset", "12"}, 12 * time.Second},
		"reset unix":             {[]string{"x-ratelimit-reset", "1796126460"}, time.Minute},
		"reset milliseconds":     {[]string{"X-RateLimit-Reset", "1796126460000"}, time.Minute},
		"several, one is full":   {[]string{"X-RateLimit-Remaining", "0, 900", "X-RateLimit-Reset", "7, 3600"}, 7 * time.Second},
		"several, both full":     {[]string{"X-RateLimit-Remaining", "0;w=1, 0", "X-RateLimit-Reset", "7;w=1, 3600"}, time.Hour},
		"named":                  {[]string{"X-RateLimit-Reset-User", "40", "X-RateLimit-Limit", "5"}, 40 * time.Second},
		"Retry-After goes first": {[]string{"Retry-After", "3", "X-RateLimit-Reset", "50"}, 3 * time.Second},
		"broken Retry-After":     {[]string{"Retry-After", "x", "X-RateLimit-Reset", "50"}, 50 * time.Second},
	} {
		header := http.Header{}
		for i := 0; i+1 < len(tc.header); i += 2 {
			header.Set(tc.header[i], tc.header[i+1])
		}
		if got := retryAfter(header, date); got != tc.want {
			t.Errorf("%s: got %s, want %s", name, got, tc.want)
		}
	}
}

func FuzzRetryAfterStaysInItsBounds(f *testing.F) {
	for _, seed := range []string{"30", "1e300", "-1", "Tue, 01 Dec 2026 12:05:00 GMT", "1796126460;w=5", "NaN", ",,;"} {
		f.Add(seed, seed, seed)
	}
	f.Fuzz(func(t *testing.T, after, reset, remaining string) {
		header := http.Header{"Retry-After": {after}, "X-Ratelimit-Reset": {reset}, "X-Ratelimit-Remaining": {remaining}}
		if got := retryAfter(header, time.Unix(1796126400, 0)); got < 0 || got > maxRetryAfter {
			t.Errorf("got %s", got)
		}
	})
}
