package contract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/divitio/pinfold/pinterest"
)

// checker passes requests on and notes what the description does not allow in them or in their answers.
type checker struct {
	next   http.Handler
	router routers.Router

	mu       sync.Mutex
	problems []string
	seen     map[string]int // operation and status → times
}

// load reads the description. Objects that we send may hold nothing but what it lists: by itself it would let a
// misspelt field pass.
func load(t *testing.T) *openapi3.T {
	t.Helper()
	file := os.Getenv("PINFOLD_OPENAPI")
	if file == "" {
		t.Fatal("set PINFOLD_OPENAPI to the path of Pinterest's openapi.yaml")
	}
	doc, err := openapi3.NewLoader().LoadFromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	doc.Servers = openapi3.Servers{{URL: "/v5"}}
	for _, name := range []string{"PinCreate", "PinMediaSourceImageBase64", "PinMediaSourceImagesBase64", "PinMediaSourceImagesBase64Item"} {
		schema, ok := doc.Components.Schemas[name]
		if !ok {
			t.Fatalf("%s: the description has no %s", file, name)
		}
		schema.Value.AdditionalProperties = openapi3.AdditionalProperties{Has: new(false)}
	}
	return doc
}

// newChecker puts the description in front of a handler.
func newChecker(t *testing.T, next http.Handler) *checker {
	t.Helper()
	router, err := gorillamux.NewRouter(load(t))
	if err != nil {
		t.Fatal(err)
	}
	return &checker{next: next, router: router, seen: map[string]int{}}
}

// ServeHTTP implements http.Handler.
func (c *checker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/v5/") {
		c.next.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		c.note("%s %s: read: %v", r.Method, r.URL.Path, err)
	}
	route, params, err := c.router.FindRoute(r)
	if err != nil {
		c.note("%s %s: %v", r.Method, r.URL.Path, err)
		http.NotFound(w, r)
		return
	}
	id := route.Operation.OperationID
	for name := range r.URL.Query() {
		if !hasQuery(route.Operation, name) {
			c.note("%s: the query parameter %s is not described", id, name)
		}
	}
	input := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			AuthenticationFunc: authenticated, SkipSettingDefaults: true, IncludeResponseStatus: true,
			RejectWhenRequestBodyNotSpecified: true,
		},
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if err := openapi3filter.ValidateRequest(r.Context(), input); err != nil {
		c.note("%s: request: %s", id, short(err))
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer := httptest.NewRecorder()
	c.next.ServeHTTP(answer, r)
	output := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: answer.Code, Header: answer.Header(), Options: input.Options,
		Body: io.NopCloser(bytes.NewReader(answer.Body.Bytes())),
	}
	if err := openapi3filter.ValidateResponse(r.Context(), output); err != nil {
		c.note("%s: answer %d: %s", id, answer.Code, short(err))
	}
	c.mu.Lock()
	c.seen[fmt.Sprint(id, " ", answer.Code)]++
	c.mu.Unlock()
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

func (c *checker) note(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// take returns what was noted since the last time.
func (c *checker) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	problems := c.problems
	c.problems = nil
	return problems
}

// authenticated checks that a request is signed in the way its operation asks, and that we ask people for the scopes
// that it needs.
func authenticated(_ context.Context, input *openapi3filter.AuthenticationInput) error {
	request := input.RequestValidationInput.Request
	if input.SecurityScheme.Type == "http" {
		if _, _, ok := request.BasicAuth(); !ok {
			return errors.New("no basic authentication")
		}
		return nil
	}
	if !strings.HasPrefix(request.Header.Get("Authorization"), "Bearer ") {
		return errors.New("no bearer token")
	}
	for _, scope := range input.Scopes {
		if !slices.Contains(pinterest.Scopes(false), scope) {
			return fmt.Errorf("the scope %s is needed, and nobody is asked for it", scope)
		}
	}
	return nil
}

func hasQuery(operation *openapi3.Operation, name string) bool {
	return operation.Parameters.GetByInAndName("query", name) != nil
}

// short cuts the value out of a message: it may be a whole photo.
func short(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n\nValue:")
	text, _, _ = strings.Cut(text, "\nSchema:")
	return text[:min(len(text), 600)]
}
