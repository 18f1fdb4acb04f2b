package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/bcrypt"
)

// PasswordVariable is the environment variable that names the file with the page's password.
const PasswordVariable = "PINFOLD_WEB_PASSWORD_FILE"

const (
	minPassword = 8  // characters
	maxPassword = 72 // bytes; bcrypt takes no more
	hashCost    = 10 // about 60 ms on a PC, half a second on a small NAS
)

// Password is the page's password, as a bcrypt hash. It does not print itself.
type Password struct{ hash []byte }

// Format implements fmt.Formatter, and shows nothing.
func (*Password) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[redacted]") }

// NewPassword takes a password of 8 characters to 72 bytes, or the bcrypt hash of one.
func NewPassword(text string) (*Password, error) {
	if strings.HasPrefix(text, "$2") {
		if _, err := bcrypt.Cost([]byte(text)); err != nil {
			return nil, errors.New("it begins as a bcrypt hash and is not one")
		}
		return &Password{[]byte(text)}, nil
	}
	if utf8.RuneCountInString(text) < minPassword {
		return nil, fmt.Errorf("it is shorter than %d characters", minPassword)
	}
	if len(text) > maxPassword {
		return nil, fmt.Errorf("it is longer than %d bytes", maxPassword)
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(text), hashCost)
	if err != nil {
		return nil, errors.New("it cannot be hashed")
	}
	return &Password{hash}, nil
}

// PasswordFromEnvironment reads the password from the file that $PINFOLD_WEB_PASSWORD_FILE names; nil without it.
// The file holds the password on its first line, or a bcrypt hash of it.
func PasswordFromEnvironment() (*Password, error) {
	file := os.Getenv(PasswordVariable)
	if file == "" {
		return nil, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read $%s: %w", PasswordVariable, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil {
		return nil, fmt.Errorf("read $%s: %w", PasswordVariable, err)
	}
	line, _, _ := bytes.Cut(data, []byte("\n"))
	p, err := NewPassword(strings.TrimSuffix(string(line), "\r"))
	if err != nil {
		return nil, fmt.Errorf("use the password in %s: %w; write another one into it", file, err)
	}
	return p, nil
}

// ReadPassword reads the page's password: from the file that $PINFOLD_WEB_PASSWORD_FILE names, else the hash that
// SavePassword wrote into a file; nil if there is none.
func ReadPassword(file string) (*Password, error) {
	if p, err := PasswordFromEnvironment(); p != nil || err != nil {
		return p, err
	}
	hash, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the page's password: %w", err)
	}
	text := strings.TrimSpace(string(hash))
	if !strings.HasPrefix(text, "$2") { // nobody's password stands there in the clear
		return nil, fmt.Errorf("%s holds no hash of a password: set it again by `pinfold web password`", file)
	}
	p, err := NewPassword(text)
	if err != nil {
		return nil, fmt.Errorf("use the password in %s: %w; set it again by `pinfold web password`", file, err)
	}
	return p, nil
}

// Hash is the password as it is kept: one line that does not tell it.
func (p *Password) Hash() []byte { return append(slices.Clone(p.hash), '\n') }

// same reports whether it is the same setting: two hashes of one text are not.
func (p *Password) same(other *Password) bool { return bytes.Equal(p.hash, other.hash) }

// matches compares in a time that does not depend on where the two differ.
func (p *Password) matches(text string) bool {
	return len(text) <= maxPassword && bcrypt.CompareHashAndPassword(p.hash, []byte(text)) == nil
}
