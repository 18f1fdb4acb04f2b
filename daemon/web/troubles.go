package web

import (
	"cmp"
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/post"
)

// trouble is something that needs a person, or asks for patience, with what can be done about it.
type trouble struct {
	Key      string // the same as long as it is the same trouble
	Patience bool
	Post     *Post // whose picture is shown; nil: none
	Name     string
	NameURL  string // "" for none
	Says     string // what follows the name
	Hint     string
	Place    string
	More     string
	Buttons  []button
}

// button is one thing to press.
type button struct {
	Label  string
	URL    string // where it leads, or what it sends to
	Sends  bool   // it changes something, by a POST
	Fields []field
	Main   bool   // the one thing to press
	Ask    string // said before it is done, for what cannot be taken back; "" does it at once
	Yes    string // the label of the second button that then does it
}

// Sure is the label of what finally sends.
func (b button) Sure() string { return cmp.Or(b.Yes, b.Label) }

// field is one value that a button sends.
type field struct{ Name, Value string }

// troubles are all of an overview: accounts and folders first, as they hold up many posts.
func troubles(o Overview) []trouble {
	var all []trouble
	for _, a := range o.Accounts {
		if t, ok := a.trouble(); ok {
			all = append(all, t)
		}
	}
	for _, f := range o.Folders {
		if f.Problem.Is() {
			all = append(all, f.trouble())
		}
		for _, h := range f.Held {
			all = append(all, f.heldTrouble(h))
		}
	}
	for i := range o.Troubles {
		all = append(all, o.Troubles[i].trouble(o))
	}
	return all
}

func (a Account) trouble() (trouble, bool) {
	says := strings.ReplaceAll(a.Problem.Says, " of account "+a.Name, "") // the name stands before it
	t := trouble{
		Key: "account-" + a.Name, Name: "Account " + a.Name, Says: ": " + says + ".", Hint: hint(a.Problem),
		Patience: a.Connected && (a.Paused || a.Waits || a.Problem.ID == account.ProblemEnds || a.Problem.ID == account.ProblemRenewal),
	}
	switch {
	case !a.Connected && (!a.Problem.Is() || a.Problem.ID == account.ProblemNotConnected):
		t.Says, t.Hint = " is not connected to Pinterest yet.", "Posts wait until it is."
	case a.Paused:
		t.Says, t.Hint = " is paused: nothing is posted until you resume.", ""
	case a.Connected && !a.Problem.Is():
		return t, false
	}
	t.Buttons = a.buttons()
	return t, true
}

// buttons are what a person can do about what is wrong with the account.
func (a Account) buttons() []button {
	setup := func(label, part string) button {
		return button{Label: label, URL: setupURL(a.Name, "") + part, Main: true}
	}
	resume := button{Label: "Resume", URL: "/resume", Sends: true, Fields: []field{{"account", a.Name}}, Main: true}
	switch {
	case !a.Connected:
		return []button{setup("Connect…", "")}
	case a.Paused:
		return []button{resume}
	case a.Waits:
		if resume.Label, resume.Main = "Try again now", false; a.Problem.ID == "offline" {
			return []button{resume}
		}
		return nil
	}
	switch a.Problem.ID {
	case "scope", "unauthorized", account.ProblemEnds:
		return []button{setup("Connect again…", "#connect")}
	case account.ProblemApp:
		return []button{setup("Correct them…", "#key")}
	case account.ProblemRenewal:
		return nil // it goes on by itself
	case "no-resend":
		resume.Label = "Trust the lists again"
	case "trial":
		resume.Main = false
		return []button{setup("Get standard access…", "#standard"), resume}
	}
	return []button{resume}
}

func (f Folder) trouble() trouble {
	t := trouble{
		Key: "folder-" + f.Path, Name: "Folder " + folderName(f.Path), Says: ": " + f.Problem.Says + ".",
		Hint: hint(f.Problem), Place: f.Path, More: f.Problem.More, Patience: f.State == "not_answering",
	}
	t.Buttons = f.buttons()
	return t
}

// buttons are what a person can do about the folder's state.
func (f Folder) buttons() []button {
	folder := []field{{"folder", f.Path}}
	switch {
	case f.State == "absent":
		return []button{{
			Label: "They are gone for good…", URL: "/folders/accept", Sends: true, Fields: folder,
			Yes: "Withdraw what is missing", Ask: "What is missing in " + folderName(f.Path) + " is withdrawn and not posted. Put the files back to plan them again.",
		}}
	case f.Problem.ID == "standby" || f.Problem.ID == "owner":
		return []button{{
			Label: "Take over…", URL: "/folders/takeover", Sends: true, Fields: folder, Main: true,
			Yes: "Take over", Ask: "Stop the other installation first. From now on this one posts from " + folderName(f.Path) + ".",
		}}
	}
	return nil
}

func (f Folder) heldTrouble(h Held) trouble {
	return trouble{
		Key: "held-" + path.Join(f.Path, h.Path), Name: path.Join(folderName(f.Path), h.Path),
		Says: fmt.Sprintf(" holds %s: %s.", count(h.Posts, "post"), h.Problem.Says), Hint: hint(h.Problem), Place: h.Problem.Place,
		More: h.Problem.More,
		Buttons: []button{{
			Label: "Edit the file…", Main: true, URL: address("/file", url.Values{"folder": {f.Path}, "path": {h.Path}}),
		}},
	}
}

// Setup is the address of an account's setup.
func (a Account) Setup() string { return setupURL(a.Name, "") }

func setupURL(account, show string) string {
	query := url.Values{"account": {account}}
	if show != "" {
		query.Set("show", show)
	}
	return address("/setup", query)
}

// URL is the post's own page.
func (p Post) URL() string { return fmt.Sprintf("/posts/%d", p.ID) }

// does is the button that does something to the post.
func (p Post) does(what, label string) button {
	return button{Label: label, URL: p.URL() + "/" + what, Sends: true}
}

func (p Post) trouble(o Overview) trouble {
	t := trouble{
		Key: fmt.Sprintf("post-%d", p.ID), Post: &p, Name: p.Name(), NameURL: p.URL(), Hint: hint(p.Problem),
		Place: p.Problem.Place, More: p.Problem.More, Buttons: p.fixes(),
	}
	says := p.Problem.Says
	switch p.State {
	case post.Failed:
		t.Says = " was not posted: " + says + "."
	case post.Missed:
		t.Says = " was missed: " + says + "."
	case post.Unconfirmed:
		t.Says = " may be on Pinterest already: " + strings.TrimPrefix(says, "the pin may be on Pinterest already: ") + "."
		t.Patience = p.Problem.ID != "confirm"
		if t.Patience && p.Again.After(o.Now) {
			t.Says += " Looking again " + inWords(p.Again, o.Now) + "."
		}
	default:
		t.Says = " is held: " + says + "."
	}
	if says == "" {
		t.Says = " is " + stateWord(p.State) + "."
	}
	return t
}

// fixes are what a person can do about a post that needs somebody.
func (p Post) fixes() []button {
	main := func(b button) button { b.Main = true; return b }
	edit := func(label, part string) button { return button{Label: label, URL: p.URL() + part} }
	switch p.State {
	case post.Failed:
		if p.Problem.ID == "board" || p.Problem.ID == "section" {
			return []button{main(edit("Choose a board…", "#board")), p.does("retry", "Retry")}
		}
		return []button{main(p.does("retry", "Retry")), edit("Edit…", "")}
	case post.Missed:
		return []button{main(p.does("retry", "Post now")), edit("Choose another time…", "#when")}
	case post.Unconfirmed:
		return []button{p.does("confirm", "It is there"), p.does("retry", "Post again")}
	case post.Invalid:
		return []button{main(edit("Correct it…", ""))}
	}
	return nil
}

// hints are what to do about problems here on the page, where the general words speak of files and commands.
var hints = map[string]string{
	"board":        "Choose another board, or make this one on Pinterest and retry.",
	"section":      "Choose another section, or make this one on Pinterest and retry.",
	"refused":      "Correct the texts or the photo, or retry.",
	"missed":       "Post it now, or give it another time.",
	"confirm":      "Look at the board on Pinterest: is the pin there?",
	"unconfirmed":  "Nothing to do: pinfold looks it up before it does anything else.",
	"standby":      "If this installation is to post from it, stop the other one and take over.",
	"owner":        "If this installation is to post from it, take over.",
	"absent":       "Mount or restore it, and pinfold goes on by itself.",
	"not-read":     "",
	"scope":        "Connect again, and allow everything that Pinterest asks.",
	"unauthorized": "Connect again; what waits is posted then.",
	"trial":        "Ask Pinterest for standard access: the setup page shows how. Resume when you have it.",
	"no-resend":    "Look for such pins on Pinterest and settle them one by one, or trust its lists again.",
	"duplicate":    "It is posted once. To post it again all the same, tick that below.",

	account.ProblemRefused: "Connect again; what waits is posted then.",
	account.ProblemDamaged: "Connect again; what waits is posted then.",
	account.ProblemEnds:    "Look at the network, or connect again before then.",
	account.ProblemApp:     "Copy both again from the app’s page at Pinterest.",
}

// hint is what to do about a problem.
func hint(p Problem) string {
	if own, ok := hints[p.ID]; ok {
		return own
	}
	return sentence(p.Fix)
}
