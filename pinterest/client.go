package pinterest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
)

// Client calls the API for one account. Its methods may be called from several goroutines. All their errors are of
// type *Error.
type Client struct {
	Host
	// Token gives the access token to use now. It is asked before each request. Its errors are wrapped and become
	// part of an error's text, so they must hold nothing that Pinterest wrote: errors of App do not.
	Token func(ctx context.Context) (Secret, error)
}

// Account is the account that the token belongs to.
type Account struct {
	ID           string
	Username     string // changes when its owner likes: compare it at once, never keep it
	Type         string // PINNER or BUSINESS
	BusinessName string // "" if it has none
}

// Account asks whose token this is.
func (c *Client) Account(ctx context.Context) (Account, error) {
	var body struct {
		ID           string `json:"id"`
		Username     string `json:"username"`
		AccountType  string `json:"account_type"`
		BusinessName string `json:"business_name"`
	}
	what := call{op: "read account"}
	a, err := c.get(ctx, what, "/user_account", nil, maxObject)
	if err != nil {
		return Account{}, err
	}
	if err := a.decode(what, &body); err != nil {
		return Account{}, err
	}
	if body.Username == "" {
		return Account{}, a.garbage(what)
	}
	return Account{ID: body.ID, Username: body.Username, Type: body.AccountType, BusinessName: body.BusinessName}, nil
}

// get reads one object or page. The answer that it returns is a success and whole.
func (c *Client) get(ctx context.Context, what call, path string, query url.Values, limit int64) (answer, error) {
	address, err := c.endpoint(path, query)
	if err != nil {
		return answer{}, impossible(what, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return answer{}, impossible(what, errAddress)
	}
	if err := c.authorise(ctx, what, req); err != nil {
		return answer{}, err
	}
	a, err := c.send(ctx, req, what.op, limit)
	if err != nil {
		return answer{}, err
	}
	if a.status < 200 || a.status >= 300 {
		return answer{}, a.refusal(what)
	}
	if a.err != nil {
		return answer{}, a.garbage(what)
	}
	return a, nil
}

// authorise puts the token into the request.
func (c *Client) authorise(ctx context.Context, what call, req *http.Request) error {
	if err := ctx.Err(); err != nil {
		return &Error{Class: Offline, Op: what.op, reason: "given up before it began", cause: err}
	}
	token, err := c.Token(ctx)
	if err != nil {
		e := &Error{Class: Offline, Op: what.op, reason: err.Error(), cause: err}
		if inner, ok := errors.AsType[*Error](err); ok && inner.Class != Unknown {
			e.Class, e.RetryAfter = inner.Class, inner.RetryAfter // whatever it was, this call was not sent
		}
		return e
	}
	req.Header.Set("Authorization", "Bearer "+token.Reveal())
	return nil
}

// impossible is the error for a call that cannot be made as it was asked for. A wrong address is not the pin's fault.
func impossible(what call, err error) *Error {
	class := Content
	if errors.Is(err, errAddress) {
		class = Offline
	}
	return &Error{Class: class, Op: what.op, reason: err.Error(), cause: err}
}

// decode reads the body of a success into v.
func (a answer) decode(what call, v any) error {
	if json.Unmarshal(a.body, v) != nil {
		return a.garbage(what)
	}
	return nil
}

// garbage is the error for a read that was answered by a success without sense. Nothing was to be changed, so
// this is the same as not having asked.
func (a answer) garbage(what call) *Error {
	e := &Error{Class: Offline, Op: what.op, Status: a.status, Date: a.date, Sent: true}
	switch {
	case errors.Is(a.err, errTooLong):
		e.reason = errTooLong.Error()
	case a.err != nil:
		e.reason = "the answer broke off"
	case a.html():
		e.reason = "something between here and Pinterest answers instead, perhaps a network's sign-in page"
	default:
		e.reason = "the answer makes no sense"
	}
	return e
}
