package rehearsal

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// grant is what a person has allowed: an access token and the refresh token that renews it.
type grant struct {
	access, refresh         string
	accessEnds, refreshEnds time.Time
	scopes                  []string
}

// code is what the authorise page hands to the browser, good for one exchange.
type code struct {
	redirect string
	scopes   []string
	ends     time.Time
}

const codeLife = 10 * time.Minute

// Issue connects without a browser. Without scopes it allows all that pinfold asks for, secret boards included.
func (s *Server) Issue(scopes ...string) (access, refresh string) {
	if len(scopes) == 0 {
		scopes = slices.Clone(ownScopes())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.issue(scopes)
	return g.access, g.refresh
}

// issue makes a grant. s.mu is held.
func (s *Server) issue(scopes []string) *grant {
	now := time.Now()
	g := &grant{
		access: "pina_" + rand.Text(), refresh: "pinr." + rand.Text() + rand.Text(), scopes: scopes,
		accessEnds: now.Add(s.options.AccessLife), refreshEnds: now.Add(s.options.RefreshLife),
	}
	s.grants = append(s.grants, g)
	if len(s.grants) > keepGrants {
		s.grants = s.grants[1:]
	}
	return g
}

// ExpireAccess ends all access tokens; their refresh tokens live on.
func (s *Server) ExpireAccess() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.grants {
		g.accessEnds = time.Time{}
	}
}

// Revoke ends all tokens, as a person does under Connected apps.
func (s *Server) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.grants = nil
}

// grantOf returns the grant of a live access token, or nil.
func (s *Server) grantOf(access string) *grant {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.grants {
		if g.access == access && time.Now().Before(g.accessEnds) {
			return g
		}
	}
	return nil
}

// token serves POST /oauth/token.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	if !s.isApp(r) {
		refuse(w, &refusal{http.StatusUnauthorized, 2, "Authentication failed."})
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || r.ParseForm() != nil || r.URL.RawQuery != "" {
		refuse(w, invalid("The body must be a form."))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var scopes []string
	var refused *refusal
	kind := r.PostForm.Get("grant_type")
	switch kind {
	case "authorization_code":
		scopes, refused = s.redeemCode(r.PostForm)
	case "refresh_token":
		scopes, refused = s.redeemRefresh(r.PostForm)
	default:
		refused = invalid("grant_type %q is not known here.", kind)
	}
	if refused != nil {
		refuse(w, refused)
		return
	}
	g := s.issue(scopes)
	answer(w, http.StatusOK, map[string]any{
		"access_token": g.access, "token_type": "bearer", "response_type": kind,
		"expires_in": int(s.options.AccessLife.Seconds()), "scope": strings.Join(g.scopes, " "),
		"refresh_token": g.refresh, "refresh_token_expires_in": int(s.options.RefreshLife.Seconds()),
		"refresh_token_expires_at": s.now().Add(s.options.RefreshLife).Unix(),
	})
}

// isApp checks the app's id and secret, escaped as RFC 6749 says.
func (s *Server) isApp(r *http.Request) bool {
	user, pass, ok := r.BasicAuth()
	id, err1 := url.QueryUnescape(user)
	secret, err2 := url.QueryUnescape(pass)
	return ok && err1 == nil && err2 == nil && id == s.options.AppID &&
		subtle.ConstantTimeCompare([]byte(secret), []byte(s.options.AppSecret)) == 1
}

// formOf refuses a form that has other parameters, or lacks one. continuous_refresh is asked of everyone here, as
// Pinterest asks it of apps made before 2025-09-25.
func formOf(form url.Values, needed ...string) *refusal {
	needed = append(needed, "grant_type", "continuous_refresh")
	for name, values := range form {
		if (!slices.Contains(needed, name) && name != "scope") || len(values) != 1 {
			return invalid("The parameter %q is not known or given twice.", name)
		}
	}
	for _, name := range needed {
		if form.Get(name) == "" {
			return invalid("The parameter %q is missing.", name)
		}
	}
	if form.Get("continuous_refresh") != "true" {
		return invalid("continuous_refresh must be true.")
	}
	return nil
}

// redeemCode uses a code up. s.mu is held.
func (s *Server) redeemCode(form url.Values) ([]string, *refusal) {
	if refused := formOf(form, "code", "redirect_uri"); refused != nil {
		return nil, refused
	}
	c, ok := s.codes[form.Get("code")]
	delete(s.codes, form.Get("code"))
	if !ok || time.Now().After(c.ends) || c.redirect != form.Get("redirect_uri") {
		return nil, &refusal{http.StatusBadRequest, 283, "invalid_grant: the authorization code is not valid."}
	}
	return c.scopes, nil
}

// redeemRefresh uses a refresh token up; its access token lives on to its end. s.mu is held.
func (s *Server) redeemRefresh(form url.Values) ([]string, *refusal) {
	if refused := formOf(form, "refresh_token"); refused != nil {
		return nil, refused
	}
	at := slices.IndexFunc(s.grants, func(g *grant) bool {
		return g.refresh == form.Get("refresh_token") && time.Now().Before(g.refreshEnds)
	})
	if at < 0 {
		return nil, &refusal{http.StatusBadRequest, 283, "invalid_grant: the refresh token is not valid."}
	}
	scopes := s.grants[at].scopes
	for _, scope := range scopesOf(form.Get("scope")) {
		if !slices.Contains(scopes, scope) {
			return nil, invalid("The scope %q was not allowed.", scope)
		}
	}
	s.grants[at].refresh = ""
	return scopes, nil
}
