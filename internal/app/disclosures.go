package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/api"
	"github.com/dendro-carbon/dendro/internal/archive"
	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/disclosure/fold"
	"github.com/dendro-carbon/dendro/internal/disclosure/shelf"
	"github.com/dendro-carbon/dendro/internal/sign"
)

// openShelf returns the folder of disclosures of a configuration, nil for none.
func openShelf(c *config.Config) (*shelf.Shelf, error) {
	dir := c.DisclosuresDir()
	if dir == "" {
		return nil, nil
	}
	of := shelf.Config{Dir: dir, Peek: sign.Open}
	for i, path := range c.Disclosures.Keys {
		key, err := readKey(path)
		if err != nil {
			return nil, fmt.Errorf("disclosures.keys[%d]: %w", i, err)
		}
		of.Keys = append(of.Keys, shelfKey(filepath.Base(path), key))
	}
	return shelf.New(of), nil
}

func shelfKey(name string, key *sign.PublicKey) shelf.Key {
	return shelf.Key{Name: name, ID: key.ID(), Open: func(envelope []byte) ([]byte, error) { return sign.Verify(envelope, key) }}
}

// errPrivateKey says that a key is where it should not be.
var errPrivateKey = errors.New("a private key: keep it offline, and give the server the public one, NAME.pub")

// readKey reads a public key.
func readKey(path string) (*sign.PublicKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if _, err := sign.ParsePrivate(text); err == nil || bytes.Contains(text, []byte("PRIVATE KEY")) {
		return nil, fmt.Errorf("%s: %w", path, errPrivateKey)
	}
	key, err := sign.ParsePublic(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}

// refolds returns what can fold the inputs of disclosures again, by their source.
func refolds(c *config.Config, p *Parts) map[string]api.Refold {
	all := map[string]api.Refold{disclosure.SourceLedger: func(ctx context.Context, d *disclosure.Document) (*disclosure.Period, error) {
		if d.Inputs.Ledger == nil {
			return nil, errors.New("the document does not say as of when the ledger was read")
		}
		return fold.Known(ctx, p.Store, fold.LedgerConfig{Span: spanOf(d), By: d.Scope.By, KnownAt: d.Inputs.Ledger.KnownAt, Names: p.Shown()})
	}}
	if paths := c.DisclosedArchives(); len(paths) > 0 {
		all[disclosure.SourceArchives] = func(ctx context.Context, d *disclosure.Document) (*disclosure.Period, error) {
			inputs, err := archive.Inputs(paths, spanOf(d))
			if err != nil {
				return nil, err
			}
			zone, err := d.Zone()
			if err != nil {
				return nil, err
			}
			return fold.Archives(ctx, fold.Config{Span: spanOf(d), Zone: zone, By: d.Scope.By}, inputs)
		}
	}
	return all
}

func spanOf(d *disclosure.Document) account.Span { return account.NewSpan(d.Period.From, d.Period.To) }
