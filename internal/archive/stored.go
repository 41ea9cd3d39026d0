package archive

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"strings"

	"github.com/dendro-carbon/dendro/internal/account"
)

// Span bounds the windows of a file and the slots of their cells. It is empty where that
// is not known, as of files that no manifest has.
func (s *Stored) Span() account.Span {
	if !s.Known || s.From.IsZero() {
		return account.Span{}
	}
	return account.NewSpan(s.From, s.To)
}

// Hashes returns the hashes, in hexadecimal digits, by which a disclosure may name a file
// that is there: of its bytes now, and of those before it was compressed. It reads the
// file.
func (s *Stored) Hashes() ([]string, error) {
	file, err := os.Open(s.Path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	digest := sha256.New()
	if _, err := io.Copy(digest, file); err != nil {
		return nil, err
	}
	hashes := []string{hex.EncodeToString(digest.Sum(nil))}
	if plain := strings.TrimPrefix(s.SHA256, "sha256:"); s.Known && plain != hashes[0] {
		hashes = append(hashes, plain)
	}
	return hashes, nil
}
