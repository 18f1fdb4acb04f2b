package rehearsal

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// ownScopes are those that an app may ask for here.
func ownScopes() []string {
	return []string{
		"boards:read", "boards:read_secret", "boards:write", "boards:write_secret",
		"pins:read", "pins:read_secret", "pins:write", "pins:write_secret", "user_accounts:read",
	}
}

// scopesOf splits the comma separated list that the authorise page takes.
func scopesOf(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// authorise serves the page where a person allows the app what it asks for. POST allows it.
func (s *Server) authorise(w http.ResponseWriter, r *http.Request) {
	secure(w)
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form cannot be read.", http.StatusBadRequest)
		return
	}
	if problem := s.authoriseProblem(r.Form); problem != "" {
		http.Error(w, problem, http.StatusBadRequest)
		return
	}
	if r.Method == http.MethodPost || s.options.AutoApprove {
		s.approve(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = templates.ExecuteTemplate(w, "authorise.html", struct {
		Username string
		Scopes   []string
		Form     url.Values
	}{s.options.Username, scopesOf(r.Form.Get("scope")), r.Form})
}

// authoriseProblem says what is wrong with a request, "" if nothing is. As on Pinterest the browser is not sent
// anywhere then.
func (s *Server) authoriseProblem(form url.Values) string {
	redirect := form.Get("redirect_uri")
	u, err := url.Parse(redirect)
	switch {
	case len(strangeTo(form)) > 0:
		return "A parameter is not known or given twice: " + strings.Join(strangeTo(form), ", ")
	case form.Get("client_id") != s.options.AppID:
		return "There is no app with this client_id."
	case form.Get("response_type") != "code":
		return "response_type must be code."
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return "redirect_uri must be an http(s) address."
	case len(s.options.RedirectURLs) > 0 && !slices.Contains(s.options.RedirectURLs, redirect):
		return "This redirect_uri is not registered with the app (code 7)."
	case form.Get("state") == "":
		return "state is missing."
	case form.Get("scope") == "":
		return "scope is missing."
	}
	for _, scope := range scopesOf(form.Get("scope")) {
		if !slices.Contains(ownScopes(), scope) {
			return "The scope " + scope + " is not known; scopes are separated by commas."
		}
	}
	return ""
}

// strangeTo returns the parameters that the page does not have, or has only once.
func strangeTo(form url.Values) []string {
	var strange []string
	for name, values := range form {
		if !slices.Contains([]string{"client_id", "redirect_uri", "response_type", "scope", "state"}, name) || len(values) != 1 {
			strange = append(strange, name)
		}
	}
	return strange
}

// approve makes a code and sends the browser back with it.
func (s *Server) approve(w http.ResponseWriter, r *http.Request) {
	redirect, _ := url.Parse(r.Form.Get("redirect_uri")) // was checked
	made := rand.Text()
	s.mu.Lock()
	now := time.Now()
	for old, c := range s.codes {
		if now.After(c.ends) {
			delete(s.codes, old)
		}
	}
	s.codes[made] = code{r.Form.Get("redirect_uri"), scopesOf(r.Form.Get("scope")), now.Add(codeLife)}
	s.mu.Unlock()
	query := redirect.Query()
	query.Set("code", made)
	query.Set("state", r.Form.Get("state"))
	redirect.RawQuery = query.Encode()
	w.Header().Set("Location", redirect.String())
	w.WriteHeader(http.StatusFound)
}
