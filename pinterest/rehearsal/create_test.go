package rehearsal

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestPinIsMadeAndListed(t *testing.T) {
	server, c := start(t, Options{})
	section := digits(digits("rehearsal", "Landscapes"), "Norway")
	status, body := c.post(pinWith(t, map[string]any{
		"board_section_id": section, "description": "First frost", "alt_text": "A lake", "link": "https://example.com/fog",
		"dominant_color": "#6E7874",
	}))
	if status != 201 || !strings.Contains(body, `"title":"Fog"`) {
		t.Fatalf("got %d %s", status, body)
	}
	pins := server.Pins()
	if len(pins) != 1 || pins[0].Section != "Norway" || pins[0].Width != 120 || pins[0].Height != 180 || pins[0].SHA256 == "" {
		t.Fatalf("got %+v", pins)
	}
	for _, path := range []string{
		"/v5/pins", "/v5/boards/" + pins[0].BoardID + "/pins", "/v5/boards/" + pins[0].BoardID + "/sections/" + section + "/pins",
	} {
		if ids, _ := c.page(path); len(ids) != 1 || ids[0] != pins[0].ID {
			t.Errorf("%s lists %v", path, ids)
		}
	}
	if ids, _ := c.page("/v5/boards/" + digits("rehearsal", "Portraits") + "/pins"); len(ids) != 0 {
		t.Errorf("another board lists %v", ids)
	}
	if status, _ := c.get("/v5/pins/" + pins[0].ID); status != 200 {
		t.Errorf("get pin: %d", status)
	}
	if status, _ := c.get("/v5/pins/1"); status != 404 {
		t.Errorf("get missing pin: %d", status)
	}
}

func TestPinOutsideTheDescriptionIsRefused(t *testing.T) {
	server, c := start(t, Options{
		MaxImage: 60_000,
		Boards: func() []Board {
			return append(DefaultBoards(), Board{Name: "Shared", ID: "42", Owner: "someone"}, Board{Name: "Dark", ID: "43", Privacy: "SECRET"})
		},
	})
	photo, cut := jpegOf(t, 120, 180), pngOf(t, 50, 50)
	cut = cut[:len(cut)/2]
	with := func(changes map[string]any) map[string]any {
		m := source("image/jpeg", photo)
		maps.Copy(m, changes)
		return m
	}
	for name, tc := range map[string]struct {
		fields map[string]any
		status int
	}{
		"title too long":       {map[string]any{"title": strings.Repeat("ä", 101)}, 400},
		"title as long as can": {map[string]any{"title": strings.Repeat("ä", 100)}, 201},
		"description too long": {map[string]any{"description": strings.Repeat("x", 801)}, 400},
		"alt text too long":    {map[string]any{"alt_text": strings.Repeat("x", 501)}, 400},
		"link too long":        {map[string]any{"link": "https://example.com/" + strings.Repeat("x", 2048)}, 400},
		"link without a host":  {map[string]any{"link": "https:///x"}, 400},
		"title is a number":    {map[string]any{"title": 5}, 400},
		"unknown field":        {map[string]any{"publish_at": "now"}, 400},
		"field in other case":  {map[string]any{"Title": "x"}, 400},
		"no board":             {map[string]any{"board_id": nil}, 400},
		"board is no id":       {map[string]any{"board_id": "fog"}, 400},
		"parent is no id":      {map[string]any{"parent_pin_id": "fog"}, 400},
		"no such board":        {map[string]any{"board_id": "12"}, 404},
		"board of another":     {map[string]any{"board_id": "42"}, 403},
		"no such section":      {map[string]any{"board_section_id": "12"}, 404},
		"section is no id":     {map[string]any{"board_section_id": "dawn"}, 400},
		"no media":             {map[string]any{"media_source": nil}, 400},
		"media is a text":      {map[string]any{"media_source": "x"}, 400},
		"url media":            {map[string]any{"media_source": map[string]any{"source_type": "image_url", "url": "https://example.com/x.jpg"}}, 400},
		"closed beta field":    {map[string]any{"media_source": with(map[string]any{"is_standard": true})}, 400},
		"wrong content type":   {map[string]any{"media_source": with(map[string]any{"content_type": "image/png"})}, 400},
		"gif":                  {map[string]any{"media_source": with(map[string]any{"content_type": "image/gif"})}, 400},
		"data url":             {map[string]any{"media_source": with(map[string]any{"data": "data:image/jpeg;base64,AAAA"})}, 400},
		"line breaks":          {map[string]any{"media_source": with(map[string]any{"data": "AAAA\r\nAAAA"})}, 400},
		"no data":              {map[string]any{"media_source": with(map[string]any{"data": ""})}, 400},
		"no image":             {map[string]any{"media_source": source("image/jpeg", []byte("hello"))}, 400},
		"cut image":            {map[string]any{"media_source": source("image/jpeg", photo[:len(photo)/2])}, 400},
		"cut png":              {map[string]any{"media_source": source("image/png", cut)}, 400},
		"png":                  {map[string]any{"media_source": source("image/png", pngOf(t, 50, 50))}, 201},
		"too large":            {map[string]any{"media_source": source("image/jpeg", make([]byte, 60_001))}, 413},
	} {
		before := len(server.Pins())
		status, body := c.post(pinWith(t, tc.fields))
		if status != tc.status {
			t.Errorf("%s: got %d %s, want %d", name, status, body, tc.status)
		}
		if made := len(server.Pins()) - before; (made == 1) != (tc.status == 201) {
			t.Errorf("%s: made %d pins", name, made)
		}
	}
}

func TestBodyThatIsNotOneObjectIsRefused(t *testing.T) {
	_, c := start(t, Options{})
	good := pinWith(t, nil)
	for _, body := range []string{
		"", "null", "[]", `"x"`, good[:len(good)-1], good + "x", good + "{}", `{"title":"a","title":"b"}`,
		strings.Repeat(`{"a":`, 20) + "1" + strings.Repeat("}", 20), "{1:2}", "\xff",
	} {
		if status, _ := c.post(body); status != 400 && (body != "" || status != 415) {
			t.Errorf("%.40q: got %d", body, status)
		}
	}
	if status, _, _ := c.do("POST", "/v5/pins", "text/plain", good); status != 415 {
		t.Errorf("text/plain: got %d", status)
	}
	if status, _, _ := c.do("POST", "/v5/pins?draft=1", "application/json", good); status != 400 {
		t.Errorf("unknown parameter: got %d", status)
	}
}

func TestCarouselNeedsTwoToFiveImagesOfOneSize(t *testing.T) {
	server, c := start(t, Options{})
	item := func(w, h int) map[string]any { return imageItem("image/jpeg", jpegOf(t, w, h)) }
	carousel := func(more map[string]any, items ...any) string {
		m := map[string]any{"source_type": "multiple_image_base64", "items": items}
		maps.Copy(m, more)
		return pinWith(t, map[string]any{"media_source": m})
	}
	for name, tc := range map[string]struct {
		body   string
		status int
	}{
		"two":           {carousel(map[string]any{"index": 1}, item(50, 70), item(50, 70)), 201},
		"one":           {carousel(nil, item(50, 70)), 400},
		"sideways":      {carousel(nil, item(50, 70), turned(t, 6, "image/jpeg")), 201},
		"sideways png":  {carousel(nil, turned(t, 8, "image/png"), item(50, 70)), 201},
		"upside down":   {carousel(nil, item(50, 70), turned(t, 3, "image/jpeg")), 400},
		"six":           {carousel(nil, item(9, 9), item(9, 9), item(9, 9), item(9, 9), item(9, 9), item(9, 9)), 400},
		"unequal":       {carousel(nil, item(50, 70), item(70, 50)), 400},
		"index outside": {carousel(map[string]any{"index": 2}, item(50, 70), item(50, 70)), 400},
		"unknown field": {carousel(map[string]any{"cover": 0}, item(50, 70), item(50, 70)), 400},
		"no object":     {carousel(nil, item(50, 70), "x"), 400},
	} {
		if status, body := c.post(tc.body); status != tc.status {
			t.Errorf("%s: got %d %s, want %d", name, status, body, tc.status)
		}
	}
	if pins := server.Pins(); len(pins) != 3 || pins[0].Images != 2 {
		t.Errorf("got %+v", pins)
	}
}

// turned is an image of 70 × 50 pixels that is to be shown by its Exif orientation.
func turned(t *testing.T, orientation byte, contentType string) map[string]any {
	t.Helper()
	tiff := append([]byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00"), orientation, 0, 0, 0, 0, 0, 0)
	if contentType == "image/png" {
		plain := pngOf(t, 70, 50)
		chunk := append(binary.BigEndian.AppendUint32(nil, uint32(len(tiff))), append([]byte("eXIf"), tiff...)...)
		chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
		return imageItem(contentType, slices.Concat(plain[:33], chunk, plain[33:]))
	}
	payload := append([]byte("Exif\x00\x00"), tiff...)
	segment := append(binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(payload)+2)), payload...)
	plain := jpegOf(t, 70, 50)
	return imageItem(contentType, slices.Concat(plain[:2], segment, plain[2:]))
}

// imageItem is one image of a carousel.
func imageItem(contentType string, image []byte) map[string]any {
	m := source(contentType, image)
	delete(m, "source_type")
	return m
}

func TestACarouselsImagesAreKnownByTheirHashes(t *testing.T) {
	server, c := start(t, Options{})
	images := [][]byte{jpegOf(t, 50, 70), pngOf(t, 50, 70), jpegOf(t, 50, 70)}
	var items []any
	var want []string
	for i, image := range images {
		items = append(items, imageItem([]string{"image/jpeg", "image/png"}[i%2], image))
		want = append(want, fmt.Sprintf("%x", sha256.Sum256(image)))
	}
	media := map[string]any{"source_type": "multiple_image_base64", "items": items}
	if status, body := c.post(pinWith(t, map[string]any{"media_source": media})); status != 201 || !strings.Contains(body, "multiple_images") {
		t.Fatalf("got %d %s", status, body)
	}
	if pin := server.Pins()[0]; !slices.Equal(pin.SHA256s, want) || pin.SHA256 != want[0] || pin.Images != 3 {
		t.Errorf("got %+v, want %v", pin, want)
	}
}

func TestOldImagesAreForgottenAndPinsStay(t *testing.T) {
	server := New(Options{})
	for range keepImages + 5 {
		server.Add(Pin{BoardID: "1", small: []byte("x")})
	}
	pins := server.Pins()
	if len(pins) != keepImages+5 || pins[4].HasImage() || !pins[5].HasImage() {
		t.Errorf("%d pins, 4: %v, 5: %v", len(pins), pins[4].HasImage(), pins[5].HasImage())
	}
}

func FuzzOrientationIsReadWithoutHarm(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06"))
	f.Add([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x04eXIfII*\x00\xff\xff\xff\xff"))
	f.Fuzz(func(_ *testing.T, image []byte) { onItsSide(image) })
}

func FuzzBodyIsReadWithoutHarm(f *testing.F) {
	for _, seed := range []string{`{"a":[1,{"b":null}]}`, `{"a":1,"a":2}`, `{"media_source":{"data":"AAAA"}}`, "{", "[]", `{"a":}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		o, err := readObject(strings.NewReader(body))
		if (o == nil) != (err != nil) {
			t.Errorf("got %v and %v", o, err)
		}
	})
}
