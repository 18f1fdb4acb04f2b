package rehearsal

import "net/http"

// The failures that pinfold knows of Pinterest, each with words that the API might use. Where a caller's text could
// be stored by mistake, a test can search for these.

// Busy is 429: too many requests. headers are name, value, ….
func Busy(headers ...string) Fault {
	return Refuse(http.StatusTooManyRequests, 8, "You have exceeded your rate limit. Try again later.", headers...)
}

// Spam is 429 for what Pinterest takes for spam.
func Spam() Fault {
	return Refuse(http.StatusTooManyRequests, 8, "We blocked this action to fight Spam on our service.")
}

// Expired is 401: the access token is not good any more.
func Expired() Fault { return Refuse(http.StatusUnauthorized, 2, "Authentication failed.") }

// MissingScope is 401 code 3.
func MissingScope(scope string) Fault {
	refused := missingScope(scope)
	return Refuse(refused.status, refused.code, refused.message)
}

// ForbiddenScope is 403 that speaks of a scope.
func ForbiddenScope(scope string) Fault {
	return Refuse(http.StatusForbidden, 7, "Your token does not have the required scope "+scope+".")
}

// Trial is 403 code 29: the app has trial access.
func Trial() Fault {
	return Refuse(http.StatusForbidden, 29, "Apps with Trial access may not create Pins in production.")
}

// NoBoard is 404: the board is gone.
func NoBoard() Fault { return Refuse(http.StatusNotFound, 40, "Board not found.") }

// TooLarge is 413.
func TooLarge() Fault {
	return Refuse(http.StatusRequestEntityTooLarge, 1, "Request body is too large.")
}

// ImageTooBig is 400 about the image's size.
func ImageTooBig() Fault {
	return Refuse(http.StatusBadRequest, 1, "The image in media_source is too large.")
}

// Invalid is 400 about a field.
func Invalid(field string) Fault {
	return Refuse(http.StatusBadRequest, 1, "Invalid value for "+field+".")
}

// Trouble is a status of Pinterest's own trouble: 500, 503, and also 408 and 409.
func Trouble(status int) Fault { return Refuse(status, 12, "Something went wrong on our end. Sorry.") }

// BadGrant is the token endpoint's clear refusal of a refresh token or code.
func BadGrant() Fault {
	return Refuse(http.StatusBadRequest, 283, "invalid_grant: the refresh token is not valid.")
}

// HTML is a page for people with status 200, as a network's sign-in page gives it.
func HTML() Fault {
	return Write(http.StatusOK, "text/html; charset=utf-8", "<!doctype html><title>Welcome to the café's network</title>")
}

// Redirect sends elsewhere. A 307 or 308 asks to send the request's body again.
func Redirect(status int, to string) Fault {
	return Fault{Answer: func(_ *Server, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(status)
	}}
}

// NoID is a success that does not say which pin was made.
func NoID() Fault {
	return Write(http.StatusCreated, "application/json", `{"id": null, "title": "A pin"}`)
}

// Garbage is a success that is no JSON.
func Garbage() Fault { return Write(http.StatusCreated, "application/json", "\x00\x01pin{{") }

// Cut is a success whose JSON breaks off.
func Cut() Fault { return CutOff(http.StatusCreated, `{"id": "81300`) }

// LosesAnswer makes the pin, or uses the token up, and then cuts the connection.
func LosesAnswer() Fault { return Reset().At(AfterCommit) }
