// Package secret holds texts that are used and never shown: passwords, tokens, keys.
// What a reader would get wrong: a conversion to string is the secret itself, so it
// stands only where the text is sent or hashed.
package secret

import "fmt"

// Text is a secret. However it is printed, logged or encoded, [Shown] stands in its
// place, and nothing for an empty one: whether there is a secret is none.
type Text string

// Shown is what stands for a secret.
const Shown = "[redacted]"

// String returns [Shown], or "" for an empty text.
func (t Text) String() string {
	if t == "" {
		return ""
	}
	return Shown
}

// Format implements [fmt.Formatter]: a verb that does not fit would print the text.
func (t Text) Format(f fmt.State, verb rune) {
	if verb == 'v' {
		fmt.Fprint(f, t.String())
		return
	}
	fmt.Fprintf(f, fmt.FormatString(f, verb), t.String())
}

// MarshalText returns the same as [Text.String], for JSON, YAML and logs.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.String()), nil }
