package account_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/divitio/pinfold/daemon/account"
)

func TestAPastedAddressIsReadHoweverItCame(t *testing.T) {
	for _, text := range []string{
		"http://localhost:7478/callback?code=abc-123&state=xyz_9",
		"https://nas.local/callback?state=xyz_9&code=abc-123#_=_",
		"localhost:7478/callback?code=abc-123&state=xyz_9",
		"  \n<http://localhost:7478/callback?code=abc-123&state=xyz_9>\r\n",
		"http://localhost:7478/callback?code=abc-\n  123&state=x\nyz_9",
		`"http://localhost:7478/callback?code=abc-123&amp;state=xyz_9"`,
		"?code=abc-123&state=xyz_9",
		"code=abc-123&state=xyz_9&utm_source=x",
		"http://localhost:7478/callback?code=abc%2D123&state=xyz%5F9",
	} {
		a, err := account.ParsePaste(text)
		if err != nil || a.State != "xyz_9" || a.Code.Reveal() != "abc-123" || a.Denied {
			t.Errorf("%q: %v, %v", text, a, err)
		}
	}
	a, err := account.ParsePaste("http://localhost:7478/callback?error=access_denied&state=xyz_9")
	if err != nil || a.State != "xyz_9" || !a.Denied {
		t.Errorf("denied: %v, %v", a, err)
	}
}

func TestWhatElseWasPastedIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"":    "nothing was pasted",
		" \n": "nothing was pasted",
		"https://www.pinterest.com/oauth/?client_id=1500000&redirect_uri=x&state=s": "press Allow there first",
		"http://localhost:7478/callback?code=abc-123":                               "the end of this address is missing",
		"http://localhost:7478/callback?state=xyz":                                  "no code in it",
		"http://localhost:7478/setup":                                               "another address",
		"https://www.pinterest.com/":                                                "another address",
		"www.pinterest.com":                                                         "another address",
		"http://localhost:7478/callback":                                            "another address",
		"0123456789abcdef0123456789abcdef01234567":                                  "only a code",
		"hello":       "not an address",
		"pina_secret": "not an address",
		"http://localhost:7478/callback?code=%zz&state=x": "damaged",
		strings.Repeat("x", 9000):                         "too long",
	} {
		_, err := account.ParsePaste(text)
		if _, ok := errors.AsType[*account.InputError](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", text, err, want)
		}
	}
}

// FuzzParsePaste looks for crashes, answers without their parts, and errors that repeat what was pasted.
func FuzzParsePaste(f *testing.F) {
	f.Add("http://localhost:7478/callback?code=abc&state=xyz")
	f.Add("?error=access_denied&state=&amp;\x00")
	f.Add("sesame&lt;%&#x27;")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := account.ParsePaste(text)
		if err == nil && (a.State == "" || a.Code == "" && !a.Denied) {
			t.Errorf("%q: half an answer", text)
		}
		secret := strings.TrimSpace(text)
		if err != nil && len(secret) > 12 && strings.Contains(err.Error(), secret) && !strings.Contains(secret, " ") {
			t.Errorf("%q: repeated in %v", text, err)
		}
	})
}
