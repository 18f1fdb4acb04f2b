package pinterest

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestAnswersHaveTheirClass(t *testing.T) {
	small, big := call{op: "x", board: true, image: 100_000}, call{op: "x", board: true, image: 9 << 20}
	read := call{op: "x"}
	for _, tc := range []struct {
		status int
		body   string
		what   call
		want   Class
		field  string
	}{
		{429, `{"code":8,"message":"slow down"}`, small, Busy, ""},
		{429, `<html>`, small, Busy, ""},
		{429, `{"code":8,"message":"blocked: SPAM"}`, small, Spam, ""},
		{429, `{"code":8,"message":"no","message_detail":"looks like spam"}`, small, Spam, ""},
		{401, `{"code":2,"message":"Authentication failed."}`, small, Auth, ""},
		{401, ``, small, Auth, ""},
		{401, `{"code":3,"message":"missing ['pins:write']"}`, small, Scope, "pins:write"},
		{401, `{"code":"3","message":{"scopes":["boards:read_secret","x"]}}`, small, Scope, "boards:read_secret"},
		{401, `{"code":3,"message":"no"}`, small, Scope, ""},
		{403, `{"code":29,"message":"Apps with Trial access …"}`, small, Trial, ""},
		{403, `{"code":7,"message":"Insufficient Scope: boards:write"}`, small, Scope, "boards:write"},
		{403, `{"code":12,"message":"no"}`, small, Content, ""},
		{404, `{"code":40,"message":"Board not found."}`, small, Board, ""},
		{404, `{"code":2,"message":"not found"}`, read, Content, ""},
		{413, ``, small, Size, ""},
		{400, `{"code":1,"message":"The image is too large"}`, small, Size, ""},
		{400, `{"code":1,"message":"image size too small"}`, big, Content, ""},
		{400, `{"code":1,"message":"could not fetch image"}`, small, Content, ""},
		{400, `{"code":1,"message":"could not fetch image"}`, big, Size, ""},
		{400, `{"code":1,"message":"title exceeds 100"}`, big, Content, "title"},
		{400, `{"code":1,"message":"'alt_text' is bad, so is title"}`, small, Content, "alt_text"},
		{400, `{"code":1,"message":"subtitle"}`, small, Content, ""},
		{400, `garbage`, small, Content, ""},
		{422, `{}`, small, Content, ""},
		{408, `{}`, small, Unknown, ""},
		{409, `{}`, small, Unknown, ""},
		{500, `{"code":12,"message":"spam"}`, small, Unknown, ""},
		{503, ``, small, Unknown, ""},
		{302, ``, small, Unknown, ""},
		{100, ``, small, Unknown, ""},
	} {
		e := answer{status: tc.status, body: []byte(tc.body)}.refusal(tc.what)
		if e.Class != tc.want || e.Field != tc.field {
			t.Errorf("%d %s: got %s %q, want %s %q", tc.status, tc.body, e.Class, e.Field, tc.want, tc.field)
		}
	}
}

// No text or id of Pinterest's may stand in anything that could be kept.
func TestErrorsHoldNothingThatPinterestWrote(t *testing.T) {
	const words = "Zebra-Quokka-81300"
	var out bytes.Buffer
	text, js := slog.New(slog.NewTextHandler(&out, nil)), slog.New(slog.NewJSONHandler(&out, nil))
	for status := 100; status < 600; status++ {
		body := fmt.Sprintf(`{"code":%d,"message":"%s scope image","message_detail":"%s","error":"%s","id":"%s"}`, status%40, words, words, words, words)
		for _, a := range []answer{{status: status, body: []byte(body)}, {status: status, body: []byte("<" + words)}} {
			for _, e := range []*Error{
				a.refusal(call{op: "create pin", board: true, image: 1}), a.tokenRefusal(call{op: "connect"}), a.garbage(call{op: "x"}),
			} {
				wrapped := fmt.Errorf("post fog.jpg: %w", e)
				for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
					fmt.Fprintf(&out, verb+verb, e, wrapped)
				}
				text.Error("x", "error", e, "wrapped", wrapped, "value", *e)
				js.Error("x", "error", e, "wrapped", wrapped)
			}
		}
	}
	if strings.Contains(out.String(), "Quokka") || strings.Contains(out.String(), fmt.Sprintf("%x", "Quokka")) {
		t.Errorf("Pinterest's words are in an error")
	}
	e := answer{status: 400, body: []byte(`{"code":1,"message":"` + words + `"}`)}.refusal(call{op: "x"})
	if e.PinterestSays() != words {
		t.Errorf("to be shown live: %q", e.PinterestSays())
	}
	if (&Error{}).PinterestSays() != "" {
		t.Error("an error without an answer says something")
	}
}

func TestErrorTextsSayWhatToDo(t *testing.T) {
	for want, e := range map[string]*Error{
		"create pin: not sent: no network":                             {Class: Offline, reason: "no network"},
		"create pin: Pinterest asks to wait 1m30s":                     {Class: Busy, RetryAfter: 90 * time.Second},
		"create pin: the permission pins:write is missing":             {Class: Scope, Field: "pins:write"},
		"create pin: the app has trial access":                         {Class: Trial},
		"create pin: Pinterest refuses it (HTTP status 400, code 1, f": {Class: Content, Status: 400, Code: 1, Field: "link"},
		"create pin: the image is too big":                             {Class: Size},
		"create pin: no clear answer: the answer broke off":            {Class: Unknown, reason: "the answer broke off"},
		"create pin: the connection is not accepted":                   {Class: Auth, cause: ErrRefused},
		"create pin: Pinterest does not accept the access token":       {Class: Auth},
		"create pin: a permission is missing":                          {Class: Scope},
		"create pin: Pinterest takes this for spam":                    {Class: Spam},
		"create pin: Pinterest knows no such board":                    {Class: Board},
		"create pin: Pinterest asks to wait: too many":                 {Class: Busy},
	} {
		e.Op = "create pin"
		if got := e.Error(); !strings.HasPrefix(got, want) {
			t.Errorf("got %q, want %q…", got, want)
		}
		if temporary := e.Class == Offline || e.Class == Busy || e.Class == Unknown; e.Temporary() != temporary {
			t.Errorf("%s: Temporary is %v", e.Class, e.Temporary())
		}
	}
	if !errors.Is(fmt.Errorf("x: %w", &Error{cause: ErrRefused}), ErrRefused) {
		t.Error("ErrRefused is not found in the chain")
	}
}

func FuzzAnswersAreReadWithoutHarm(f *testing.F) {
	for _, seed := range []string{
		`{"code":1,"message":"x"}`, `{"items":[{"id":"1","created_at":"2026-12-01T12:00:00"}],"bookmark":"a"}`, `<html>`, `{"code":"3"}`,
		`{"access_token":"a","expires_in":1e99}`, `[[[[`, `{"message":{"a":[1,null]}}`, `{"id":"5"}`,
	} {
		f.Add(401, []byte(seed))
		f.Add(200, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		c := answering(200+(status%400+400)%400, string(body))
		_, read := c.Boards(t.Context())
		_, created := c.CreatePin(t.Context(), pinOn("5", []byte("x")))
		_, refreshed := App{Host: c.Host}.Refresh(t.Context(), "old")
		for _, err := range []error{read, created, refreshed} {
			if err != nil && (classOf(err) == "" || err.Error() == "" || strings.Contains(err.Error(), "\x00")) {
				t.Errorf("got %v", err)
			}
		}
	})
}
