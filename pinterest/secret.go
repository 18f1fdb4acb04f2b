package pinterest

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted stands wherever a secret would be printed.
const redacted = "[redacted]"

// Secret is a token or an app secret. It redacts itself in logs, JSON, panics and every verb of fmt; only Reveal
// gives it away. (Two things do not ask it: fmt in an unexported
// struct field, and encoding/json as a map's key. Keep secrets out of both.)
type Secret string

// Reveal returns the secret itself. Call it only where it is sent or sealed.
func (s Secret) Reveal() string { return string(s) }

// String implements fmt.Stringer, and covers panics.
func (s Secret) String() string { return redacted }

// GoString implements fmt.GoStringer.
func (s Secret) GoString() string { return redacted }

// Format implements fmt.Formatter: no verb, %x and %q included, shows the secret.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON implements json.Marshaler. A secret that was written by it cannot be read back.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText implements encoding.TextMarshaler, which YAML and XML use.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
