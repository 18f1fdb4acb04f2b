package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Log is the last that a service wrote.
type Log struct {
	From  string   // what it is from; "" if no log is known
	Lines []string // with their time, as text or JSON
}

const (
	logLines = 400
	logBytes = 256 << 10
	logWait  = 5 * time.Second
)

// RecentLog reads the last lines of the service's log, where one is known: systemd's journal, or the file that the other
// systems' services write.
func RecentLog(ctx context.Context) Log {
	ctx, cancel := context.WithTimeout(ctx, logWait)
	defer cancel()
	if lines := journal(ctx); len(lines) > 0 {
		return Log{"the journal of systemd", lines}
	}
	for _, file := range logFiles() {
		if lines := tail(file); len(lines) > 0 {
			return Log{"the service's log file", lines}
		}
	}
	return Log{}
}

// journal asks systemd's journal for what the service wrote.
func journal(ctx context.Context) (lines []string) {
	program, err := exec.LookPath("journalctl")
	if err != nil {
		return nil
	}
	//nolint:gosec // journalctl itself
	c := exec.CommandContext(ctx, program, "--unit=pinfold.service", "--no-pager", "--quiet", "--output=json",
		"--output-fields=MESSAGE", "--lines="+strconv.Itoa(logLines))
	out, err := c.Output()
	if err != nil {
		return nil
	}
	for line := range bytes.Lines(out) {
		var entry struct {
			At      string `json:"__REALTIME_TIMESTAMP"` // microseconds
			Message string `json:"MESSAGE"`
		}
		if json.Unmarshal(line, &entry) != nil {
			continue // a message that is not text
		}
		at, _ := strconv.ParseInt(entry.At, 10, 64)
		lines = append(lines, "time="+time.UnixMicro(at).UTC().Format(time.RFC3339)+" "+entry.Message)
	}
	return lines
}

// logFiles are where services write their log that have no journal.
func logFiles() []string {
	files := []string{"/var/log/pinfold.log"}
	if home, err := os.UserHomeDir(); err == nil && runtime.GOOS == "darwin" {
		files = append(files, home+"/Library/Logs/pinfold.log")
	}
	return files
}

// tail reads the last lines of a file.
func tail(file string) []string {
	f, err := os.Open(file)
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return nil
	}
	if _, err := f.Seek(max(0, end-logBytes), io.SeekStart); err != nil {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(f, logBytes))
	if err != nil {
		return nil
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	return lines[max(0, len(lines)-logLines):]
}

// log is the log with what pinfold itself says, and of its values those that say nothing of the user.
func (w redactor) log(l Log) string {
	if l.From == "" {
		return "# no log is known: add its last lines yourself, and look through them first\n"
	}
	var b strings.Builder
	for _, line := range l.Lines {
		b.WriteString(w.logLine(line) + "\n")
	}
	return b.String()
}

// pair is a key with its value in the text form of slog.
var pair = regexp.MustCompile(`([A-Za-z_.]+)=("(?:[^"\\]|\\.)*"|[^\s"]*)`)

// plainValue is a value that is a number, a duration, a time or a flag.
var plainValue = regexp.MustCompile(`^(\d[\d.:TZ+-]*|(\d+(\.\d+)?(h|m|s|ms|µs))+|true|false)$`)

// ownWords are the keys whose values are words of pinfold's own.
var ownWords = map[string]bool{
	"time": true, "level": true, "msg": true, "version": true, "state": true, "watch": true, "setting": true, "signal": true,
}

// careful are the keys whose values may quote what the user wrote.
var careful = map[string]bool{"error": true, "cause": true, "why": true, "page": true, "environment": true}

// logLine is one line. What is in no form that is known, such as the stack of a crash, is looked at as any text.
func (w redactor) logLine(line string) string {
	values := map[string]string{}
	var order []string
	if json.Unmarshal([]byte(line), &map[string]any{}) == nil {
		line = fromJSON(line)
	}
	for _, found := range pair.FindAllStringSubmatch(line, -1) {
		value := found[2]
		if text, err := strconv.Unquote(value); err == nil {
			value = text
		}
		if values[found[1]] == "" {
			order = append(order, found[1])
		}
		values[found[1]] = value
	}
	if values["msg"] == "" {
		return w.text(line)
	}
	var parts []string
	for _, key := range order {
		value := values[key]
		switch {
		case ownWords[key] || plainValue.MatchString(value):
		case careful[key]:
			value = w.text(value)
		default:
			value = "…"
		}
		if strings.ContainsAny(value, " \"=\n") {
			value = strconv.Quote(value)
		}
		parts = append(parts, key+"="+value)
	}
	return strings.Join(parts, " ")
}

// fromJSON writes a line of the JSON form in the text form.
func fromJSON(line string) string {
	decoder := json.NewDecoder(strings.NewReader(line))
	decoder.UseNumber()
	var fields map[string]any
	if err := decoder.Decode(&fields); err != nil {
		return line
	}
	var b strings.Builder
	for _, key := range []string{"time", "level", "msg"} {
		if v, ok := fields[key].(string); ok {
			b.WriteString(key + "=" + strconv.Quote(v) + " ")
		}
		delete(fields, key)
	}
	for key, v := range fields {
		text, isText := v.(string)
		if !isText {
			raw, _ := json.Marshal(v)
			text = string(raw)
		}
		b.WriteString(key + "=" + strconv.Quote(text) + " ")
	}
	return b.String()
}
