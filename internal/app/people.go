package app

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/pseudonym"
)

// keyFile is the name of the key of pseudonyms in the data folder.
const keyFile = "pseudonym.key"

// names returns what shows people by pseudonyms. Who may only read, and was not
// asked to always show pseudonyms, makes no key: then there are none.
func names(c *config.Config, access Access) (account.Renamer, error) {
	key, err := pseudonymKey(c, access == Write || c.People.Pseudonyms)
	if err != nil {
		return nil, fmt.Errorf("people.pseudonym_key: %w", err)
	}
	if key == nil {
		return nil, nil
	}
	n, err := pseudonym.New(key, c.PersonalLabels()...)
	if err != nil {
		return nil, fmt.Errorf("people.pseudonym_key: %w", err)
	}
	return n, nil
}

// pseudonymKey returns the configured key, or that in the data folder, which is made
// there if it may be.
func pseudonymKey(c *config.Config, make bool) ([]byte, error) {
	if c.People.Key != "" {
		return []byte(c.People.Key), nil
	}
	if c.Ledger == config.LedgerMemory { // nothing is kept, so neither are its names
		return []byte(rand.Text()), nil
	}
	path := filepath.Join(c.Data, keyFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if !make {
			return nil, nil
		}
		return makeKey(path)
	}
	if err != nil && !make && errors.Is(err, fs.ErrPermission) {
		return nil, nil
	}
	return []byte(strings.TrimSpace(string(text))), err
}

// makeKey writes a new key for its user alone. Of two programs that do so at once,
// the first one's is taken by both.
func makeKey(path string) ([]byte, error) {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, err
	}
	next, err := os.CreateTemp(filepath.Dir(path), keyFile+".*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(next.Name())
	_, err = next.WriteString(hex.EncodeToString(random) + "\n")
	if err := errors.Join(err, next.Sync(), next.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(next.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	text, err := os.ReadFile(path)
	return []byte(strings.TrimSpace(string(text))), err
}
