package notify

import (
	"encoding/json"
	"errors"
	"net/http"
	"sync"

	"github.com/nicholas-fedor/shoutrrr/pkg/util/jsonclient"
)

// The library's Telegram service takes a failure for success unless it is an answer in JSON: no network, a
// proxy's page. It sends by the library's default client, so that is where it is mended.
var trustTelegram = sync.OnceFunc(func() {
	jsonclient.DefaultClient = honest{jsonclient.NewWithHTTPClient(&http.Client{Timeout: sendWait})}
})

// honest is a client whose errors all have the form that Telegram's service reads.
type honest struct{ jsonclient.Client }

// Post implements jsonclient.Client.
func (h honest) Post(address string, request, response any) error {
	err := h.Client.Post(address, request, response)
	if err == nil {
		return nil
	}
	answer, answered := errors.AsType[jsonclient.Error](err)
	if answered && json.Valid([]byte(answer.Body)) && answer.StatusCode >= http.StatusBadRequest {
		return err
	}
	body, invalid := json.Marshal(map[string]string{"description": err.Error()})
	if invalid != nil {
		return invalid
	}
	return jsonclient.Error{StatusCode: answer.StatusCode, Body: string(body)}
}
