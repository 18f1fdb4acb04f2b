package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/discord"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/slack"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/telegram"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/email/smtp"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/gotify"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/ntfy"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/pushover"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/specialized/generic"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
)

// services are those that an address may name. Only their packages are linked in: the library's own list of all
// of them costs the binary three megabytes.
var services = map[string]func() types.Service{
	discord.Scheme:  func() types.Service { return &discord.Service{} },
	generic.Scheme:  func() types.Service { return &generic.Service{} },
	gotify.Scheme:   func() types.Service { return &gotify.Service{} },
	ntfy.Scheme:     func() types.Service { return &ntfy.Service{} },
	pushover.Scheme: func() types.Service { return &pushover.Service{} },
	slack.Scheme:    func() types.Service { return &slack.Service{} },
	smtp.Scheme:     func() types.Service { return &smtp.Service{} },
	telegram.Scheme: func() types.Service { return &telegram.Service{} },
}

// Services lists what an address may begin with, before "://".
func Services() []string {
	names := []string{"http", "https"}
	for name := range services {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// sendWait bounds one message to one target. The services' own bounds are shorter, where they have one.
const sendWait = 30 * time.Second

// Target is one of the addresses in notify.urls. The address is a secret: neither name nor errors hold any of it.
type Target struct {
	Name string // which one it is, to a person: "notify.urls[1] (ntfy)"
	ID   string // which one it is, to the store: a digest too short to guess the address by

	service string
	address *url.URL
	hidden  []string            // what no error may hold
	busy    atomic.Bool         // an earlier message has not come back yet
	deliver func(Message) error // hands a message to the service
	wait    time.Duration
}

// NewTarget reads an address: the nth in notify.urls, from 1. An http or https address is a webhook. The
// error says what is wrong without holding any of the address.
func NewTarget(n int, text string) (*Target, error) {
	address, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("is not an address: something in it must be written with %")
	}
	service := address.Scheme
	if service == "http" || service == "https" {
		address.Scheme = generic.Scheme + "+" + service
	}
	service, _, _ = strings.Cut(address.Scheme, "+")
	if services[service] == nil {
		return nil, errors.New("names a service that pinfold does not know; it knows " + strings.Join(Services(), ", "))
	}
	sum := sha256.Sum256([]byte(text))
	t := &Target{
		Name: fmt.Sprintf("notify.urls[%d] (%s)", n, service), ID: hex.EncodeToString(sum[:4]),
		service: service, address: address, hidden: secretsOf(address), wait: sendWait,
	}
	t.deliver = t.send
	if _, err := t.open(); err != nil {
		return nil, fmt.Errorf("is not an address as %s needs it: %w", service, t.cleaned(err))
	}
	return t, nil
}

// open makes the service ready for one message: some of them keep what the last one changed.
func (t *Target) open() (types.Service, error) {
	trustTelegram()
	service, address := services[t.service](), *t.address
	if custom, ok := service.(*generic.Service); ok && address.Scheme != generic.Scheme {
		translated, err := custom.GetConfigURLFromCustom(&address)
		if err != nil {
			return nil, err
		}
		address = *translated
	}
	return service, service.Initialize(&address, silent)
}

// silent swallows what the services log: addresses, and answers of strangers.
var silent = log.New(io.Discard, "", 0)

func (t *Target) send(m Message) error {
	service, err := t.open()
	if err != nil {
		return err
	}
	return service.Send(m.Text, &types.Params{types.TitleKey: m.Title})
}

// Send sends a message. It waits for no longer than half a minute; a service that has not come back by then is
// left alone until it does. The error is nothing but a reason, in one line.
func (t *Target) Send(ctx context.Context, m Message) error {
	if !t.busy.CompareAndSwap(false, true) {
		return errors.New("it has not yet answered the message before")
	}
	ctx, cancel := context.WithTimeout(ctx, t.wait)
	defer cancel()
	sent := make(chan error, 1)
	go func() {
		defer t.busy.Store(false)
		defer func() {
			if fault := recover(); fault != nil { // a service's mistake must not end the daemon
				sent <- errors.New("the service's code failed")
			}
		}()
		sent <- t.deliver(m)
	}()
	select {
	case err := <-sent:
		return t.cleaned(err)
	case <-ctx.Done():
		return errors.New("it does not answer")
	}
}
