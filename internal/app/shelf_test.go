package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/sign"
)

// TestKeysOfDisclosuresArePublic wants a server to take public keys alone, and to name the
// setting where something else is.
func TestKeysOfDisclosuresArePublic(t *testing.T) {
	t.Parallel()
	key, err := sign.NewKey(sign.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.Public()
	if err != nil {
		t.Fatal(err)
	}
	private, err := key.PEM()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string][]byte{"k.pub": public.PEM(), "k": private, "none": []byte("no key")} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	open := func(names ...string) error {
		c := config.Defaults()
		c.Data = dir
		for _, name := range names {
			c.Disclosures.Keys = append(c.Disclosures.Keys, filepath.Join(dir, name))
		}
		s, err := openShelf(&c)
		if err == nil && len(s.Keys()) != len(names) {
			t.Errorf("%d keys, want %d", len(s.Keys()), len(names))
		}
		return err
	}
	if err := errors.Join(open(), open("k.pub")); err != nil {
		t.Error(err)
	}
	if err := open("k"); !errors.Is(err, errPrivateKey) {
		t.Errorf("a private key is taken: %v", err)
	}
	for _, name := range []string{"none", "gone"} {
		if err := open("k.pub", name); err == nil || !strings.Contains(err.Error(), "disclosures.keys[1]") || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	memory := config.Defaults()
	memory.Ledger = config.LedgerMemory
	if s, err := openShelf(&memory); s != nil || err != nil {
		t.Errorf("a ledger in memory has a folder: %v, %v", s, err)
	}
}
