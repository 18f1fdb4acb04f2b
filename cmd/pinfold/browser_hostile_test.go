//go:build browser

package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// withTitle gives a JPEG a title of its own, in XMP. The text is XML.
func withTitle(photo, title string) string {
	packet := "http://ns.adobe.com/xap/1.0/\x00" + `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
		`<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">` + title +
		`</rdf:li></rdf:Alt></dc:title></rdf:Description></rdf:RDF></x:xmpmeta>`
	return withSegment(photo, 0xE1, packet)
}

// What comes from files and from Pinterest is text wherever it is shown: a browser runs none of it.
func TestBrowserRunsNothingThatFilesOrPinterestSay(t *testing.T) {
	const attack = `"'><img src=x onerror=owned=1><script>owned=1</script>{{.}}</textarea></title>`
	s := connectedSite(t, func(s *settings) {
		s.rehearsal.Username = attack
		s.rehearsal.Boards = rehearsal.Fixed(rehearsal.Board{Name: "Landscapes" + attack, Sections: []rehearsal.Section{{Name: attack}}})
	})
	d := s.start()
	const name = "<img src=x onerror=owned=1>"
	quoted := "'" + strings.ReplaceAll(attack, "'", "''") + "'"
	s.pair(name, 1, "title: "+quoted+"\ndescription: "+quoted+"\nalt_text: "+quoted+"\nboard: "+quoted+"\nsection: "+quoted+"\npublish_at: 2036-12-01 18:30\n")
	escaped := strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(attack)
	s.write("bare"+name+".jpg", withTitle(photoOf(t, 2), escaped))
	s.write("broken"+name+".jpg", photoOf(t, 3))
	s.write("broken"+name+".yaml", quoted+": 1\nboard: B\npublish_at: now\n")
	s.write("embedded.jpg", withTitle(photoOf(t, 4), escaped))
	s.write("embedded.yaml", "board: B\npublish_at: 2036-12-02 18:30\n")
	s.await(name+".jpg", post.Scheduled)
	s.await("broken"+name+".jpg", post.Invalid)
	s.await("embedded.jpg", post.Scheduled)
	w := openWindow(t, d.page)
	paths := []string{"/?month=2036-12", "/?week=2036-W49", "/list", "/list?q=%3Cscript%3Eowned%3D1%3C%2Fscript%3E", "/folders", "/waiting", "/setup?account=main&show=live", "/?board=%22%3E%3Cscript%3E", "/doctor", "/file?folder=%22%3E&path=%3Cscript%3E"}
	for _, p := range s.posts() {
		paths = append(paths, fmt.Sprintf("/posts/%d", p.ID))
	}
	w.open(d.page + "/waiting")
	paths = append(paths, eval[string](w, `document.querySelector(".bares a").getAttribute("href")`))
	seen := ""
	look := func(what string) {
		t.Helper()
		if eval[bool](w, `typeof owned !== "undefined" || !!document.querySelector("img[src=x]") || [...document.scripts].some(s => !s.src)`) {
			t.Errorf("%s lets strangers in:\n%s", what, eval[string](w, "document.body.innerHTML"))
		}
		seen += eval[string](w, "document.body.innerText + [...document.querySelectorAll('input, textarea')].map(e => e.value).join()")
	}
	for _, path := range paths {
		w.open(d.page + path)
		w.eventually("the page stands, and what it asks for is there", `document.readyState === "complete" &&
			(!document.querySelector("#edit") || document.querySelector("#boards-live").options.length > 0)`)
		look(path)
	}
	w.open(d.page + "/?month=2036-12")
	eval[bool](w, `(e => { e.focus(); return true })(document.querySelector(".entry[data-id]"))`)
	w.do(chromedp.KeyEvent("m"))
	w.shows("is picked up.")
	look("what is said of a post")
	w.drop(map[string][]byte{name + ".jpg": []byte(photoOf(t, 5)), name + ".exe": []byte("MZ")})
	w.shows("is a name that not every system takes")
	look("what is said of files")
	if n := strings.Count(seen, "<script>owned=1</script>"); n < 8 {
		t.Errorf("the texts are shown %d times only", n)
	}
	w.tidy()
}

func TestBrowserLoadsNothingBig(t *testing.T) {
	s := connectedSite(t)
	d := s.start()
	s.pair("fog", 1, "title: Fog\nboard: Landscapes\npublish_at: 2036-12-01 18:30\n")
	s.await("fog.jpg", post.Scheduled)
	w := openWindow(t, d.page)
	for _, path := range []string{"/?month=2036-12", "/list", "/posts/1", "/setup", "/folders"} {
		w.open(d.page + path)
		w.eventually("the page stands", `document.readyState === "complete"`)
		if size := eval[int](w, `[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
			.filter(e => !e.name.includes("/thumbs/")).reduce((sum, e) => sum + e.decodedBodySize, 0)`); size > 100_000 || size < 10_000 {
			t.Errorf("%s loads %d bytes without its pictures", path, size)
		}
	}
	w.tidy()
}
