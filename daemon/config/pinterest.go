package config

import (
	"net/url"
	"strings"
)

// The addresses of Pinterest.
const (
	productionAPI    = "https://api.pinterest.com"
	sandboxAPI       = "https://api-sandbox.pinterest.com"
	pinterestConsent = "https://www.pinterest.com/oauth/"
)

// APIURL is the base of all API calls, without /v5 and a final slash.
func (c Config) APIURL() string {
	switch {
	case c.Pinterest.APIURL != "":
		return strings.TrimRight(c.Pinterest.APIURL, "/")
	case c.Pinterest.Environment == Sandbox:
		return sandboxAPI
	}
	return productionAPI
}

// AuthorizeURL is the page where a person allows pinfold to post. Whoever sets api_url talks to another
// Pinterest, whose page is taken to be at /oauth/ of the same host: nobody should be sent to the real one to
// get a code that is then handed to another host.
func (c Config) AuthorizeURL() string {
	switch {
	case c.Pinterest.AuthorizeURL != "":
		return c.Pinterest.AuthorizeURL
	case c.Overridden():
		return origin(c.APIURL()) + "/oauth/"
	}
	return pinterestConsent
}

// Environment is what posts, ledger lines and tokens belong to: production, sandbox, or the origin
// (scheme://host[:port], lower case, without the scheme's own port) that api_url is set to. Pinterest's own
// addresses are never an override, however they are written: its pins are the same ones.
func (c Config) Environment() string {
	switch at := origin(c.APIURL()); at {
	case productionAPI:
		return Production
	case sandboxAPI:
		return Sandbox
	default:
		return at
	}
}

// Overridden reports whether api_url leads away from Pinterest.
func (c Config) Overridden() bool { return !IsEnvironment(c.Environment()) }

// IsEnvironment reports whether a name is that of one of Pinterest's environments.
func IsEnvironment(name string) bool { return name == Production || name == Sandbox }

// origin is an address's scheme, host and port.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	host, port := strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")), u.Port()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port != "" && (u.Scheme != "http" || port != "80") && (u.Scheme != "https" || port != "443") {
		host += ":" + port
	}
	return u.Scheme + "://" + host
}
