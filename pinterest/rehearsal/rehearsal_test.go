package rehearsal

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// start serves a rehearsal over a socket and returns a way to call it.
func start(t *testing.T, options Options) (*Server, *caller) {
	t.Helper()
	server := New(options)
	web := httptest.NewServer(server)
	t.Cleanup(func() { server.Close(); web.Close() })
	access, _ := server.Issue()
	return server, &caller{t: t, base: web.URL, token: access}
}

type caller struct {
	t     *testing.T
	base  string
	token string
}

// do makes a request and returns status and body. contentType is only sent with a body.
func (c *caller) do(method, path, contentType, body string, basic ...string) (int, string, http.Header) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if len(basic) == 2 {
		req.SetBasicAuth(basic[0], basic[1])
	} else {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := new(http.Transport).RoundTrip(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp.StatusCode, string(data), resp.Header
}

func (c *caller) get(path string) (int, string) {
	c.t.Helper()
	status, body, _ := c.do("GET", path, "", "")
	return status, body
}

func (c *caller) post(body string) (int, string) {
	c.t.Helper()
	status, text, _ := c.do("POST", "/v5/pins", "application/json", body)
	return status, text
}

// page reads a list's ids and bookmark.
func (c *caller) page(path string) (ids []string, bookmark string) {
	c.t.Helper()
	status, body := c.get(path)
	if status != 200 {
		c.t.Fatalf("GET %s: %d %s", path, status, body)
	}
	var list struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
		Bookmark string `json:"bookmark"`
	}
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		c.t.Fatal(err)
	}
	for _, item := range list.Items {
		ids = append(ids, item.ID)
	}
	return ids, list.Bookmark
}

func picture(w, h int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		img.SetNRGBA(i%w, i/w, color.NRGBA{uint8(i), uint8(i / w), 90, 255})
	}
	return img
}

func jpegOf(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture(w, h), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, picture(w, h)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// pinWith builds the JSON of a new pin on the first default board; fields replace or add, nil takes out.
func pinWith(t *testing.T, fields map[string]any) string {
	t.Helper()
	pin := map[string]any{
		"board_id": digits("rehearsal", "Landscapes"),
		"title":    "Fog",
		"media_source": map[string]any{
			"source_type": "image_base64", "content_type": "image/jpeg",
			"data": base64.StdEncoding.EncodeToString(jpegOf(t, 120, 180)),
		},
	}
	for name, value := range fields {
		if value == nil {
			delete(pin, name)
		} else {
			pin[name] = value
		}
	}
	data, err := json.Marshal(pin)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func source(contentType string, raw []byte) map[string]any {
	return map[string]any{
		"source_type": "image_base64", "content_type": contentType, "data": base64.StdEncoding.EncodeToString(raw),
	}
}

func values(pairs ...string) string {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return form.Encode()
}
