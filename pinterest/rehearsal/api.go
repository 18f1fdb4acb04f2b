package rehearsal

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// refusal is an error answer of the API.
type refusal struct {
	status  int
	code    int
	message string
}

func refuse(w http.ResponseWriter, r *refusal) {
	answer(w, r.status, map[string]any{"code": r.code, "message": r.message})
}

func answer(w http.ResponseWriter, status int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		http.Error(w, "cannot write JSON", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(data) // whoever asked may have left
}

// invalid is the refusal of a field or parameter.
func invalid(format string, args ...any) *refusal {
	return &refusal{http.StatusBadRequest, 1, fmt.Sprintf(format, args...)}
}

// handler serves one operation: a success is its status and body.
type handler func(r *http.Request, g *grant) (status int, body any, refused *refusal)

// api wraps an operation in what all have in common: a live token with the scopes it needs.
func (s *Server) api(serve handler, scopes ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		g := s.grantOf(token)
		if !ok || g == nil {
			refuse(w, &refusal{http.StatusUnauthorized, 2, "Authentication failed."})
			return
		}
		for _, scope := range scopes {
			if !slices.Contains(g.scopes, scope) {
				refuse(w, missingScope(scope))
				return
			}
		}
		status, body, refused := serve(r, g)
		if refused != nil {
			refuse(w, refused)
			return
		}
		answer(w, status, body)
	}
}

func missingScope(scope string) *refusal {
	return &refusal{http.StatusUnauthorized, 3, "Authorization failed: the token is missing the scope ['" + scope + "']."}
}

// page cuts what a request asks for out of a list. The bookmark is the id of the last entry on the page before.
func page[T any](r *http.Request, list []T, id func(T) string, more ...string) (int, any, *refusal) {
	query, refused := readQuery(r, append(more, "page_size", "bookmark", "ad_account_id")...)
	if refused != nil {
		return 0, nil, refused
	}
	size := 25
	if text := query.Get("page_size"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 250 {
			return 0, nil, invalid("page_size must be a number from 1 to 250.")
		}
		size = n
	}
	if mark := query.Get("bookmark"); mark != "" {
		at := slices.IndexFunc(list, func(entry T) bool { return "after-"+id(entry) == mark })
		if at < 0 {
			return 0, nil, invalid("The bookmark is not valid.")
		}
		list = list[at+1:]
	}
	var bookmark any
	if len(list) > size {
		list = list[:size]
		bookmark = "after-" + id(list[size-1])
	}
	return http.StatusOK, map[string]any{"items": append([]T{}, list...), "bookmark": bookmark}, nil
}

// readQuery refuses parameters that an operation does not have, and those given twice.
func readQuery(r *http.Request, names ...string) (url.Values, *refusal) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, invalid("The query cannot be read.")
	}
	for name, values := range query {
		if !slices.Contains(names, name) {
			return nil, invalid("The query parameter %q is not known.", name)
		}
		if len(values) > 1 {
			return nil, invalid("The query parameter %q is given twice.", name)
		}
	}
	return query, nil
}

// isDigits reports whether an id has the shape that all ids have.
func isDigits(id string) bool {
	return id != "" && strings.Trim(id, "0123456789") == ""
}
