package rehearsal

import (
	"net/http"
	"strings"
	"sync"
	"testing"
)

func TestFaultsStrikeInOrderAndOnlyWhatMatches(t *testing.T) {
	server, c := start(t, Options{})
	server.Fault("GET /v5/boards/*/pins", Trouble(500))
	server.Fault("POST /v5/pins", Busy("Retry-After", "7"), Trial())
	if status, _ := c.get("/v5/boards"); status != 200 {
		t.Errorf("boards: %d", status)
	}
	status, _, header := c.do("POST", "/v5/pins", "application/json", pinWith(t, nil))
	if status != 429 || header.Get("Retry-After") != "7" {
		t.Errorf("first: %d %v", status, header)
	}
	if status, body := c.post(pinWith(t, nil)); status != 403 || !strings.Contains(body, `"code":29`) {
		t.Errorf("second: %d %s", status, body)
	}
	if status, _ := c.post(pinWith(t, nil)); status != 201 {
		t.Errorf("third: %d", status)
	}
	if len(server.Pins()) != 1 || server.Count("POST /v5/pins") != 3 || server.Count("*") != 4 {
		t.Errorf("%d pins, %d posts, %d in all", len(server.Pins()), server.Count("POST /v5/pins"), server.Count("*"))
	}
	server.Calm()
	if status, _ := c.get("/v5/boards/" + digits("rehearsal", "Fog") + "/pins"); status != 200 {
		t.Errorf("after Calm: %d", status)
	}
}

func TestLostAnswerLeavesThePin(t *testing.T) {
	server, c := start(t, Options{})
	server.Fault("POST /v5/pins", LosesAnswer())
	req, _ := http.NewRequestWithContext(t.Context(), "POST", c.base+"/v5/pins", strings.NewReader(pinWith(t, nil)))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.token)
	if resp, err := new(http.Transport).RoundTrip(req); err == nil {
		resp.Body.Close()
		t.Fatalf("answered %s", resp.Status)
	}
	if len(server.Pins()) != 1 {
		t.Errorf("%d pins", len(server.Pins()))
	}
}

func TestFaultFuncSeesEachRequest(t *testing.T) {
	server, c := start(t, Options{})
	fault := HTML()
	server.FaultFunc(func(r *http.Request) *Fault {
		if r.URL.Path == "/v5/boards" {
			return &fault
		}
		return nil
	})
	if _, body := c.get("/v5/boards"); !strings.Contains(body, "<title>") {
		t.Errorf("boards: %s", body)
	}
	if status, _ := c.get("/v5/user_account"); status != 200 {
		t.Errorf("account: %d", status)
	}
}

func TestManyAtOnceAreServed(t *testing.T) {
	server, c := start(t, Options{})
	body := pinWith(t, nil)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if status, _, _ := c.do("POST", "/v5/pins", "application/json", body); status != 201 {
				t.Errorf("got %d", status)
			}
			c.do("GET", "/v5/pins", "", "")
			c.do("GET", "/wall", "", "")
			server.Requests()
		})
	}
	all.Wait()
	ids := map[string]bool{}
	for _, pin := range server.Pins() {
		ids[pin.ID] = true
	}
	if len(ids) != 8 {
		t.Errorf("%d pins", len(ids))
	}
}
