package pinterest

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter bounds what a header can ask for: the longest limit that Pinterest documents is one of a day.
const maxRetryAfter = 24 * time.Hour

// retryAfter reads how long an answer asks to wait: Retry-After first, else the x-ratelimit headers. Their names and
// units are not published, so all of seconds, dates and Unix times are understood. 0 means that nothing is said.
func retryAfter(header http.Header, date time.Time) time.Duration {
	if date.IsZero() {
		date = time.Now()
	}
	if value := header.Get("Retry-After"); value != "" {
		if wait, ok := parseWait(value, date); ok {
			return wait
		}
	}
	var longest time.Duration
	for name, values := range header {
		suffix, ok := strings.CutPrefix(strings.ToLower(name), "x-ratelimit-")
		if !ok || !strings.Contains(suffix, "reset") {
			continue
		}
		left := remaining(header, strings.Replace(suffix, "reset", "remaining", 1))
		for i, value := range strings.Split(strings.Join(values, ","), ",") {
			if i < len(left) && left[i] > 0 {
				continue // this limit is not the one that was reached
			}
			if wait, ok := parseWait(value, date); ok {
				longest = max(longest, wait)
			}
		}
	}
	return longest
}

// remaining reads the counts of an x-ratelimit-remaining header; one that is no number counts as 0.
func remaining(header http.Header, suffix string) []int64 {
	var counts []int64
	for _, value := range header.Values("X-Ratelimit-" + suffix) {
		for part := range strings.SplitSeq(value, ",") {
			count, _ := strconv.ParseInt(beforeParameters(part), 10, 64)
			counts = append(counts, count)
		}
	}
	return counts
}

// parseWait reads seconds from now, seconds or milliseconds since 1970, or an HTTP date, seen from date. The
// result lies in 0 to maxRetryAfter; false means that the text is none of these, or lies in the past.
func parseWait(text string, date time.Time) (time.Duration, bool) {
	text = beforeParameters(text)
	if at, err := http.ParseTime(text); err == nil {
		return bound(at.Sub(date))
	}
	seconds, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil || seconds != seconds || seconds <= 0:
		return 0, false
	case seconds > 1e11: // milliseconds since 1970
		return bound(time.UnixMilli(int64(min(seconds, 1e15))).Sub(date))
	case seconds > 1e9: // seconds since 1970
		return bound(time.Unix(int64(seconds), 0).Sub(date))
	case seconds > maxRetryAfter.Seconds():
		return maxRetryAfter, true
	}
	return bound(time.Duration(seconds * float64(time.Second)))
}

func bound(wait time.Duration) (time.Duration, bool) {
	return max(0, min(wait, maxRetryAfter)), wait > 0
}

// beforeParameters cuts off what stands behind a semicolon, as in "10;w=60".
func beforeParameters(text string) string {
	text, _, _ = strings.Cut(text, ";")
	return strings.TrimSpace(text)
}
