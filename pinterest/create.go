package pinterest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// abandonAfter is how long a request that was given up may take to end by itself, before its goroutine is left
// behind: a photo on a network share that hangs cannot be interrupted.
const abandonAfter = 5 * time.Second

// MaxImages is how many images a pin can have; more than one make a carousel.
const MaxImages = 5

// NewPin is a pin to create. An empty text is not sent. Lengths are left to the caller and to Pinterest.
type NewPin struct {
	BoardID     string
	SectionID   string  // "" for the board itself
	Title       string  // up to 100 code points
	Description string  // up to 800
	Link        string  // http(s), up to 2048
	AltText     string  // up to 500
	Media       []Media // one image; 2 to MaxImages are a carousel, in this order, and must be equally large
	// Ended, if set, is called once when the request is over, whatever came of it, before CreatePin returns.
	Ended func()
}

// Media is an image of a new pin.
type Media struct {
	ContentType string    // image/jpeg or image/png
	Size        int64     // of the raw bytes, exactly what Body gives
	Body        io.Reader // read once. An error of its own keeps the pin from being made, even in place of io.EOF
}

// biggest is the size of the biggest of the images.
func biggest(images []Media) (size int64) {
	for _, m := range images {
		size = max(size, m.Size)
	}
	return size
}

// Created is a pin that Pinterest says it has made.
type Created struct {
	ID   string
	Date time.Time // Pinterest's clock when it answered; zero if it did not say
}

// CreatePin sends one POST /pins, once: nothing below repeats it. Memory does not grow with the
// images.
//
// The class of the error says what is known: every class but Unknown proves that no pin was made. Offline wraps the
// error of Media.Body or ctx, if that was the cause. Unknown means that the pin may exist: the last bytes were
// handed over, and no clear answer came.
//
// The wait for Pinterest ends after 60 s in which no byte is taken, and 120 s without an answer (Host.Waits); a
// slow uplink alone does not end it.
func (c *Client) CreatePin(ctx context.Context, pin NewPin) (Created, error) {
	if pin.Ended != nil {
		defer pin.Ended()
	}
	what := call{op: "create pin", board: true, image: biggest(pin.Media)}
	body, err := newPinBody(pin)
	if err != nil {
		return Created{}, impossible(what, err)
	}
	address, err := c.endpoint("/pins", nil)
	if err != nil {
		return Created{}, impossible(what, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, nil)
	if err != nil {
		return Created{}, impossible(what, errAddress)
	}
	if err := c.authorise(ctx, what, req); err != nil {
		return Created{}, err
	}
	req.Body, req.ContentLength = body, body.size // and no GetBody: it cannot be sent again
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent())
	out := c.upload(ctx, req, body)
	c.tell(out.answer.date)
	return out.created(what)
}

// outcome is how a POST /pins ended.
type outcome struct {
	answer answer // of status 0 if there is none
	sent   bool   // the last bytes of the body were handed over
	reason string // why there is no answer
	cause  error  // of our own: the photo's or the context's
}

// upload sends the request and watches over it.
func (c *Client) upload(parent context.Context, req *http.Request, body *pinBody) outcome {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	defer body.finish()
	waits := c.waits()
	watch := time.AfterFunc(waits.Send, func() { cancel(errSilence) })
	defer watch.Stop()
	body.moved = func(sent bool) {
		if sent {
			watch.Reset(waits.Answer)
		} else {
			watch.Reset(waits.Send)
		}
	}
	type result struct {
		answer answer
		err    error
	}
	done := make(chan result, 1)
	go func() {
		resp, err := c.transport().RoundTrip(req.WithContext(ctx))
		if err != nil {
			done <- result{err: err}
			return
		}
		defer func() { _ = resp.Body.Close() }()
		body.stop() // an answer that comes early is the answer
		watch.Stop()
		done <- result{answer: readAnswer(resp, maxObject, waits, cancel)}
	}()
	var r result
	select {
	case r = <-done:
	case <-ctx.Done():
		body.stop()
		select {
		case r = <-done:
		case <-time.After(abandonAfter):
			r.err = context.Cause(ctx)
		}
	}
	out := outcome{answer: r.answer, sent: body.stop()}
	if r.err != nil {
		out.explain(ctx, parent, r.err, body.failed())
	}
	return out
}

// explain says why there is no answer.
func (o *outcome) explain(ctx, parent context.Context, err, photo error) {
	switch {
	case photo != nil:
		o.reason, o.cause = "the photo cannot be sent: "+photo.Error(), photo
	case parent.Err() != nil:
		o.reason, o.cause = reason(ctx, err), context.Cause(parent)
	default:
		o.reason = reason(ctx, err)
	}
}

// created reads the outcome: a pin, or the error that says what is known.
func (o outcome) created(what call) (Created, error) {
	a := o.answer
	if a.status == 0 {
		e := &Error{Class: Offline, Op: what.op, reason: o.reason, cause: o.cause, Sent: o.sent}
		if o.sent {
			e.Class = Unknown
		}
		return Created{}, e
	}
	if a.status < 200 || a.status >= 300 {
		return Created{}, o.unlessUnsent(a.refusal(what))
	}
	var pin struct {
		ID string `json:"id"`
	}
	if a.err == nil && json.Unmarshal(a.body, &pin) == nil && pin.ID != "" {
		return Created{ID: pin.ID, Date: a.date}, nil
	}
	e := a.garbage(what)
	e.Class = Unknown
	return Created{}, o.unlessUnsent(e)
}

// unlessUnsent turns an unclear answer to a body that was never handed over whole into what it proves: no pin.
// Gateways answer 502 and 503 before they have taken the body.
func (o outcome) unlessUnsent(e *Error) *Error {
	e.Sent = o.sent
	if e.Class == Unknown && !o.sent {
		e.Class = Offline
	}
	return e
}
