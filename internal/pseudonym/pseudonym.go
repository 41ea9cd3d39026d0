// Package pseudonym shows people under names that do not say who they are, and that
// stay the same as long as a key does: who has the key can tell again which
// pseudonym somebody has, nobody can go from a pseudonym to a name.
//
// A pseudonym is the first 80 bits of the HMAC-SHA256 of the name, so that one
// person has one pseudonym as user and as leader of an experiment alike. What a
// reader would get wrong: it is not anonymity. Who knows when somebody worked may
// still recognise them by their figures.
package pseudonym

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/dendro-carbon/dendro/internal/account"
)

// ErrKey reports a key that is too short to keep names from being guessed.
var ErrKey = errors.New("the key of pseudonyms is too short")

// KeyLength is the least number of bytes of a key.
const KeyLength = 16

// prefix tells pseudonyms from names.
const prefix = "p-"

// letters are digits and small letters without those that look like others.
const letters = "0123456789abcdefghjkmnpqrstvwxyz"

// Names gives pseudonyms for the values of labels that stand for people. It is safe
// for use by several goroutines, and an [account.Renamer].
type Names struct {
	key    []byte
	labels []string
	known  sync.Map // pseudonyms by name; as many as there are people
}

// New returns the pseudonyms of a key, which must have [KeyLength] bytes. Labels are
// further ones that stand for people, such as those that are made from user names.
// It returns [ErrKey] for a key that is shorter.
func New(key []byte, labels ...string) (*Names, error) {
	if len(key) < KeyLength {
		return nil, fmt.Errorf("%w: %d bytes, at least %d are needed", ErrKey, len(key), KeyLength)
	}
	return &Names{key: slices.Clone(key), labels: labels}, nil
}

// Of returns the pseudonym of a name, empty for the empty name, which is nobody.
func (n *Names) Of(name string) string {
	if name == "" {
		return ""
	}
	if known, ok := n.known.Load(name); ok {
		return known.(string)
	}
	mac := hmac.New(sha256.New, n.key)
	mac.Write([]byte("dendro pseudonym\x00" + name))
	text := prefix + base32.NewEncoding(letters).EncodeToString(mac.Sum(nil)[:10])
	n.known.Store(name, text)
	return text
}

// Renames reports whether values of a label are replaced.
func (n *Names) Renames(label string) bool {
	return account.IsPersonalLabel(label) || slices.Contains(n.labels, label)
}

// Rename returns labels with pseudonyms in the place of people.
func (n *Names) Rename(l account.Labels) account.Labels {
	out := l
	for name, value := range l.All() {
		if !n.Renames(name) {
			continue
		}
		changed, err := out.With(name, n.Of(value))
		if err != nil { // rather nothing than a name
			changed = out.Without(name)
		}
		out = changed
	}
	return out
}
