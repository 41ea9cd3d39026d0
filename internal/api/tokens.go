package api

import (
	"bufio"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/dendro-carbon/dendro/internal/diag"
)

// Scope is what a token allows.
type Scope string

// The scopes: to read figures, and to do everything.
const (
	ScopeRead  Scope = "read"
	ScopeAdmin Scope = "admin"
)

// Tokens are those who may ask. A nil *Tokens lets everybody. It is safe for use by
// several goroutines.
type Tokens struct{ list atomic.Pointer[[]token] }

// Replace takes the tokens of another file instead: from now on those may ask.
func (t *Tokens) Replace(by *Tokens) { t.list.Store(by.list.Load()) }

type token struct {
	name  string
	scope Scope
	hash  [sha256.Size]byte
}

// ReadTokens reads a file of tokens: a line each of a name, a scope (read or
// admin) and the SHA-256 of the token in hexadecimal digits, apart by spaces.
// Lines that are empty or begin with # are skipped. The error is a diag.List.
func ReadTokens(file string, r io.Reader) (*Tokens, error) {
	var list []token
	var problems diag.List
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		one, err := parseToken(text)
		if err != nil {
			problems = append(problems, &diag.Problem{
				File: file, Line: n, Text: err.Error(),
				Hint: "write NAME read|admin SHA256, such as the output of: printf %s TOKEN | sha256sum",
			})
			continue
		}
		list = append(list, one)
	}
	if err := lines.Err(); err != nil {
		problems.Add(fmt.Errorf("read %s: %w", file, err))
	}
	if len(list) == 0 && len(problems) == 0 {
		problems = append(problems, &diag.Problem{File: file, Text: "holds no token, so nobody could ask"})
	}
	t := &Tokens{}
	t.list.Store(&list)
	return t, problems.Err()
}

func parseToken(text string) (token, error) {
	fields := strings.Fields(text)
	if len(fields) != 3 {
		return token{}, fmt.Errorf("%d fields, want name, scope and hash", len(fields))
	}
	t := token{name: fields[0], scope: Scope(fields[1])}
	if !slices.Contains([]Scope{ScopeRead, ScopeAdmin}, t.scope) {
		return token{}, fmt.Errorf("scope %q is not read or admin", fields[1])
	}
	hash, err := hex.DecodeString(fields[2])
	if err != nil || len(hash) != sha256.Size {
		return token{}, fmt.Errorf("the third field is not a SHA-256 of 64 hexadecimal digits")
	}
	copy(t.hash[:], hash)
	return t, nil
}

// open reports whether a path needs no token: those that tell whether the server
// lives, and the files of the dashboard, which asks for a token itself. None holds
// a figure.
func open(path string) bool {
	switch path {
	case "/", "/ui", "/healthz", "/readyz":
		return true
	}
	return strings.HasPrefix(path, "/ui/")
}

// allow reports whether a request may go on: reading needs any token, changing
// one of scope admin.
func (t *Tokens) allow(r *http.Request) bool {
	if t == nil || open(r.URL.Path) {
		return true
	}
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return false
	}
	scope, ok := t.find(text)
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead || asks(r.URL.Path)
	return ok && (reads || scope == ScopeAdmin)
}

// missing says what a request that may not go on lacks.
func (t *Tokens) missing(r *http.Request) string {
	if text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && t.Knows(text) {
		return "this token may only ask: use one of scope admin"
	}
	return "send Authorization: Bearer TOKEN"
}

// asks reports whether what is sent to a path is a question and changes nothing: the
// facility-compatible API has such.
func asks(path string) bool {
	switch path {
	case "/workspaces/track", "/carbon/calculate", "/carbon/equivalencies":
		return true
	}
	return false
}

// find looks at all tokens, so that the time it takes tells nothing.
func (t *Tokens) find(text string) (Scope, bool) {
	hash := sha256.Sum256([]byte(text))
	var scope Scope
	found := false
	for _, one := range *t.list.Load() {
		if subtle.ConstantTimeCompare(hash[:], one.hash[:]) == 1 {
			scope, found = one.scope, true
		}
	}
	return scope, found
}

// Knows reports whether a token is one of them, whatever it may do: it is asked for
// requests that are none of HTTP's, such as those of senders of spans.
func (t *Tokens) Knows(token string) bool {
	_, ok := t.find(token)
	return ok
}
