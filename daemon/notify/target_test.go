package notify

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/nicholas-fedor/shoutrrr/pkg/util/jsonclient"
)

var hello = Message{Title: "pinfold: 1 thing needs you", Text: "failed: Pins/fog.jpg, board Wälder\nwhat to do"}

// got is a request that a service's server was sent.
type got struct {
	method, path, query, body string
	header                    http.Header
}

// serve answers every request with status and body, and hands on what it got.
func serve(t *testing.T, status int, body string) (host string, requests chan got) {
	t.Helper()
	requests = make(chan got, 10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		requests <- got{r.Method, r.URL.Path, r.URL.RawQuery, string(sent), r.Header}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://"), requests
}

func target(t *testing.T, address string) *Target {
	t.Helper()
	x, err := NewTarget(1, address)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func send(t *testing.T, address string) {
	t.Helper()
	if err := target(t, address).Send(t.Context(), hello); err != nil {
		t.Fatalf("send: %v", err)
	}
}

func TestNtfyGetsTitleTextAndPassword(t *testing.T) {
	t.Parallel()
	host, requests := serve(t, 200, `{"id":"x"}`)
	send(t, "ntfy://erna:s3cr3t@"+host+"/pins?scheme=http")
	r := <-requests
	user, password, _ := (&http.Request{Header: r.header}).BasicAuth()
	if r.path != "/pins" || r.body != hello.Text || r.header.Get("Title") != hello.Title || user != "erna" || password != "s3cr3t" {
		t.Errorf("got %+v", r)
	}
}

func TestGotifyGetsTitleAndText(t *testing.T) {
	t.Parallel()
	host, requests := serve(t, 200, `{"id":1}`)
	send(t, "gotify://"+host+"/AbCdEfGhIjKlMn1?disabletls=yes")
	r := <-requests
	var m struct{ Title, Message string }
	if err := json.Unmarshal([]byte(r.body), &m); err != nil || m.Title != hello.Title || m.Message != hello.Text || r.path != "/message" {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestWebhooksGetTextOrJSON(t *testing.T) {
	t.Parallel()
	host, requests := serve(t, 204, "")
	for _, address := range []string{"http://" + host + "/hook?id=7", "generic+http://" + host + "/hook?id=7", "generic://" + host + "/hook?id=7&disabletls=yes"} {
		send(t, address)
		if r := <-requests; r.method != "POST" || r.path != "/hook" || r.query != "id=7" || r.body != hello.Text {
			t.Errorf("%s: got %+v", address, r)
		}
	}
	send(t, "http://"+host+"/hook?template=json&$room=pins")
	r := <-requests
	var m map[string]string
	if err := json.Unmarshal([]byte(r.body), &m); err != nil || m["title"] != hello.Title || m["message"] != hello.Text || m["room"] != "pins" {
		t.Errorf("got %+v, %v", r, err)
	}
}

// telegramAt lets Telegram's service send to a server of ours.
func telegramAt(t *testing.T, host string) {
	t.Helper()
	trustTelegram()
	before := jsonclient.DefaultClient
	t.Cleanup(func() { jsonclient.DefaultClient = before })
	jsonclient.DefaultClient = honest{jsonclient.NewWithHTTPClient(&http.Client{Transport: redirected(host)})}
}

type redirected string

func (host redirected) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != "api.telegram.org" {
		return nil, fmt.Errorf("sent to %s", r.URL.Host)
	}
	there := r.Clone(r.Context())
	there.URL.Scheme, there.URL.Host = "http", string(host)
	return http.DefaultTransport.RoundTrip(there)
}

const botAddress = "telegram://12345:s3cr3t-Bot@telegram?chats=@pins,42"

func TestTelegramGetsTextInEveryChat(t *testing.T) {
	host, requests := serve(t, 200, `{"ok":true,"result":{}}`)
	telegramAt(t, host)
	send(t, botAddress)
	for _, chat := range []string{"@pins", "42"} {
		r := <-requests
		if r.path != "/bot12345:s3cr3t-Bot/sendMessage" || !strings.Contains(r.body, chat) || !strings.Contains(r.body, "fog.jpg") {
			t.Errorf("got %+v", r)
		}
	}
}

func TestTelegramsFailuresAreSeen(t *testing.T) {
	for _, test := range []struct {
		status       int
		answer, want string
	}{
		{401, `{"ok":false,"error_code":401,"description":"Unauthorized"}`, "Unauthorized"},
		{502, "<html>a proxy</html>", "502"},
		{200, "a captive portal", "invalid character"},
	} {
		host, _ := serve(t, test.status, test.answer)
		telegramAt(t, host)
		if err := target(t, botAddress).Send(t.Context(), hello); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%d: got %v", test.status, err)
		}
	}
	telegramAt(t, "127.0.0.1:1")
	if err := target(t, botAddress).Send(t.Context(), hello); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("without a network: got %v", err)
	}
}

// mailServer takes one mail and hands on all that it was told.
func mailServer(t *testing.T) (host string, mail chan string) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	mail = make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		var all strings.Builder
		defer func() { mail <- all.String() }()
		fmt.Fprint(conn, "220 here\r\n")
		lines := bufio.NewScanner(conn)
		for data := false; lines.Scan(); {
			line := lines.Text()
			all.WriteString(line + "\n")
			switch {
			case data && line == ".":
				data = false
				fmt.Fprint(conn, "250 taken\r\n")
			case data:
			case line == "DATA":
				data = true
				fmt.Fprint(conn, "354 go on\r\n")
			case line == "QUIT":
				fmt.Fprint(conn, "221 bye\r\n")
				return
			default:
				fmt.Fprint(conn, "250 ok\r\n")
			}
		}
	}()
	return l.Addr().String(), mail
}

func TestMailIsSent(t *testing.T) {
	t.Parallel()
	host, mail := mailServer(t)
	send(t, "smtp://"+host+"/?from=pinfold@erna.example&to=erna@erna.example")
	got := <-mail
	for _, want := range []string{
		"MAIL FROM:<pinfold@erna.example>", "RCPT TO:<erna@erna.example>", "Subject: " + hello.Title, "board Wälder\nwhat to do",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// secretive are addresses whose secret parts all have s3cr3t in them.
func secretive(host string) []string {
	return []string{
		"ntfy://erna:s3cr3t-pass@" + host + "/s3cr3t-topic?scheme=http", "gotify://" + host + "/As3cr3tGhIjKlMn?disabletls=yes",
		"http://" + host + "/s3cr3t/hook?key=s3cr3t", "smtp://s3cr3t-user:s3cr3t-pass@" + host + "/?from=s3cr3t@x.example&to=s3cr3t@y.example&auth=plain",
		"discord://s3cr3t-token@s3cr3t-id", "pushover://shoutrrr:s3cr3t-token@s3cr3t-user", botAddress,
	}
}

func TestErrorsHoldNothingOfTheAddress(t *testing.T) {
	telegramAt(t, "127.0.0.1:1")
	for _, address := range secretive("127.0.0.1:1") {
		if strings.HasPrefix(address, "discord") || strings.HasPrefix(address, "pushover") {
			continue // they would speak to the real ones
		}
		wantDiscreet(t, address)
	}
	ntfy, _ := serve(t, 403, `{"error":"s3cr3t-topic is not yours, s3cr3t-pass"}`)
	gotify, _ := serve(t, 401, `{"error":"x","errorDescription":"As3cr3tGhIjKlMn is wrong"}`)
	hook, _ := serve(t, 500, "s3cr3t")
	for i, host := range []string{ntfy, gotify, hook} {
		wantDiscreet(t, secretive(host)[i])
	}
}

func wantDiscreet(t *testing.T, address string) {
	t.Helper()
	err := target(t, address).Send(t.Context(), hello)
	if err == nil || strings.Contains(err.Error(), "s3cr3t") || strings.Contains(err.Error(), "\n") || len(err.Error()) > longestReason+3 {
		t.Errorf("%s: got %v", address, err)
	}
}

func TestNamesHoldNothingOfTheAddress(t *testing.T) {
	t.Parallel()
	for _, address := range secretive("s3cr3t.example") {
		x := target(t, address)
		if strings.Contains(x.Name+x.ID, "s3cr3t") || len(x.ID) != 8 || !strings.HasPrefix(x.Name, "notify.urls[1] (") {
			t.Errorf("%s: %s, %s", address, x.Name, x.ID)
		}
	}
}

func TestWrongAddressesAreRefusedWithoutShowingThem(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"ntfy://ntfy.sh", "ntfy://ntfy.sh/s3cr3t?priority=s3cr3t", "telegram://s3cr3t@telegram?chats=1", "telegram://1:s3cr3t@telegram",
		"smtp://s3cr3t@mail.example/", "smtp://mail.example/?from=s3cr3t@x.example", "s3cr3t://x", "http://%zs3cr3t",
		"ntfy://ntfy.sh/topic?s3cr3t", "matrix://s3cr3t:s3cr3t@x.example", "discord://s3cr3t", "slack://s3cr3t",
	} {
		_, err := NewTarget(1, address)
		if err == nil || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: got %v", address, err)
		}
	}
}

func TestAServiceThatHangsIsLeftAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := target(t, "http://hook.example/")
		hang := make(chan struct{})
		x.deliver = func(Message) error { <-hang; return nil }
		if err := x.Send(t.Context(), hello); err == nil || !strings.Contains(err.Error(), "does not answer") {
			t.Errorf("got %v", err)
		}
		if err := x.Send(t.Context(), hello); err == nil || !strings.Contains(err.Error(), "message before") {
			t.Errorf("got %v", err)
		}
		close(hang)
		synctest.Wait()
		if err := x.Send(t.Context(), hello); err != nil {
			t.Errorf("got %v", err)
		}
	})
}

func TestAServicesPanicIsAFailure(t *testing.T) {
	t.Parallel()
	x := target(t, "http://hook.example/")
	x.deliver = func(m Message) error { return []error{}[len(m.Title)] }
	if err := x.Send(context.Background(), hello); err == nil {
		t.Error("no error")
	}
	x.deliver = func(Message) error { return errors.New("x") }
	if err := x.Send(context.Background(), hello); err == nil || err.Error() != "x" {
		t.Errorf("got %v", err)
	}
}
