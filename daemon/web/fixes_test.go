package web_test

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/web"
)

// fixes are the words by which docs/problems.md names what a person can do, and what offers it on the page.
var fixes = map[string]string{
	"`pinfold takeover`":      `action="/folders/takeover"`,
	"`pinfold accept`":        `action="/folders/accept"`,
	"`pinfold resume`":        `action="/resume"`,
	"`pinfold retry`":         `action="/posts/7/retry"`,
	"`pinfold confirm`":       `action="/posts/7/confirm"`,
	"`allow_duplicate: true`": `name="allow_duplicate"`,
	"has no board":            `href="/posts/7#board"`,
	"has no section":          `href="/posts/7#board"`,
	"new time":                `href="/posts/7#when"`,
	"onnect again":            `href="/setup?account=main`,
	"connect the account":     `href="/setup?account=main`,
	"copy both again":         `href="/setup?account=main`,
	"trial access, which":     `href="/setup?account=main`,
}

// No fix needs a terminal: each that docs/problems.md names for a problem of an account, a folder or a post is on the
// page, and the words beside it name no command for what a button does.
func TestEveryFixThatAProblemNamesIsAButton(t *testing.T) {
	docs, err := os.ReadFile("../../docs/problems.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, section := range strings.Split(string(docs), "\n## ")[1:] {
		title, rows, _ := strings.Cut(section, "\n")
		for _, row := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| (.*) \\|$").FindAllStringSubmatch(rows, -1) {
			for words, offer := range fixes {
				if !strings.Contains(row[2], words) {
					continue
				}
				found++
				pages := pagesWith(t, title, web.Problem{ID: row[1], Says: "it is so", Fix: "run `pinfold it`"})
				if !strings.Contains(strings.Join(pages, ""), offer) {
					t.Errorf("%s: %s is not on the page", row[1], words)
				}
				if strings.Contains(strings.Join(pages, ""), "pinfold it") {
					t.Errorf("%s: the page says what to type, beside its button", row[1])
				}
			}
		}
	}
	const named = 18
	if found < named {
		t.Errorf("%d fixes are named in the documentation, which had more", found)
	}
}

// pagesWith are the plan and a post's page where something has a problem: an account, a folder or a post, as the title
// of its section in the documentation has it.
func pagesWith(t *testing.T, section string, p web.Problem) []string {
	t.Helper()
	s := newSite(t)
	o, d := overview(t), foggy(t)
	o.Troubles, o.Next = nil, nil
	states := map[string]post.State{"missed": post.Missed, "confirm": post.Unconfirmed, "duplicate": post.Duplicate}
	switch folder := &o.Folders[0]; {
	case section == "With an account":
		o.Accounts[0].Problem = p
		o.Accounts[0].Connected = !strings.HasPrefix(p.ID, "not-") && !strings.HasPrefix(p.ID, "connection-") || p.ID == "connection-ends"
		o.Accounts[0].Paused = p.ID == "paused"
	case p.ID == "standby" || p.ID == "owner" || p.ID == "absent":
		folder.State, folder.Problem = strings.ReplaceAll(p.ID, "owner", "standby"), p
	default:
		d.State, d.Problem = post.Failed, p
		if state, ok := states[p.ID]; ok {
			d.State = state
		}
		o.Troubles = []web.Post{d.Post}
	}
	s.backend.overview, s.backend.detail = o, d
	plan, own := s.get(t, "/"), s.get(t, "/posts/7")
	want(t, plan, http.StatusOK)
	want(t, own, http.StatusOK)
	return []string{plan.Body.String(), own.Body.String()}
}
