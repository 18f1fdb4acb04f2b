package pinterest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

func TestSecretShowsItselfNowhereButInReveal(t *testing.T) {
	const word = "pina_hush"
	s := Secret(word)
	all := Tokens{Access: s, Refresh: s, Issued: time.Now()}
	app := App{ID: "1", Secret: s}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T:%v", "%10s", "%.2s"} {
		for _, value := range []any{s, &s, all, &all, app, []Secret{s}, map[Secret]Secret{s: s}, []any{s}, struct{ S Secret }{s}} {
			if strings.Contains(verb, ":") {
				fmt.Fprintf(&out, verb, value, value)
			} else {
				fmt.Fprintf(&out, verb, value)
			}
		}
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("text", "s", s, "all", all, "map", map[string]Secret{"a": s})
	slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "s", s, "all", all, "map", map[string]*Secret{"a": &s})
	for _, value := range []any{s, all, map[string]Secret{"a": s}} {
		data, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(data)
		if data, err = yaml.Marshal(value); err != nil {
			t.Fatal(err)
		}
		out.Write(data)
	}
	fmt.Fprint(&out, s, s.String(), s.GoString())
	for _, form := range []string{word, fmt.Sprintf("%x", word), fmt.Sprintf("%X", word), "hush", "112 105"} {
		if strings.Contains(out.String(), form) {
			t.Errorf("%q shows", form)
		}
	}
	if s.Reveal() != word {
		t.Errorf("Reveal gives %q", s.Reveal())
	}
}
