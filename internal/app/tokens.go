package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/dendro-carbon/dendro/internal/api"
)

// watchTokens returns who may ask, nil for everybody, and has the configured file
// read again when it changes: a token that is taken away must not wait for the next
// start.
func (a *App) watchTokens() (*api.Tokens, error) {
	path := a.config.Auth.TokensFile
	if path == "" {
		return nil, nil
	}
	seen := fileStamp(path)
	tokens, err := a.readTokens(path)
	if err != nil {
		return nil, err
	}
	a.background = append(a.background, func(ctx context.Context) error {
		a.rereadTokens(ctx, tokens, seen)
		return nil
	})
	return tokens, nil
}

// readTokens reads the file, and adds a token for the commands of who can read the
// data.
func (a *App) readTokens(path string) (*api.Tokens, error) {
	content, err := tokensFile(path)
	if err != nil {
		return nil, err
	}
	own := fmt.Sprintf("\ncommands admin %x\n", sha256.Sum256([]byte(a.address.Token)))
	return api.ReadTokens(path, io.MultiReader(bytes.NewReader(content), bytes.NewReader([]byte(own))))
}

// tokensFile returns a file of tokens that is valid by itself: with ours added, an
// empty one would pass.
func tokensFile(path string) ([]byte, error) {
	content, err := os.ReadFile(path)
	if err == nil {
		_, err = api.ReadTokens(path, bytes.NewReader(content))
	}
	if err != nil {
		return nil, fmt.Errorf("auth.tokens_file: %w", err)
	}
	return content, nil
}

// tokensEvery is how often the file is looked at.
const tokensEvery = time.Second

// rereadTokens follows the file. While it cannot be read, or is not valid, those may
// ask who could before, and the log says so once for each change.
func (a *App) rereadTokens(ctx context.Context, tokens *api.Tokens, seen stamp) {
	tick := time.NewTicker(tokensEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := fileStamp(a.config.Auth.TokensFile)
		if now == seen {
			continue
		}
		seen = now
		next, err := a.readTokens(a.config.Auth.TokensFile)
		if err != nil {
			a.deps.Log.Error("tokens not read again; those of before hold", "error", err)
			continue
		}
		tokens.Replace(next)
		a.deps.Log.Info("tokens read again", "file", a.config.Auth.TokensFile)
	}
}

// stamp tells two states of a file apart.
type stamp struct {
	modified time.Time
	size     int64
}

// fileStamp returns the stamp of a file, none when it is not there.
func fileStamp(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{info.ModTime(), info.Size()}
}
