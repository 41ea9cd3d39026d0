// Package directory is the port to who held which host when. The suite in
// directorytest proves an adapter; the ledger keeps what adapters return.
package directory

import (
	"context"
	"errors"

	"github.com/dendro-carbon/dendro/internal/account"
)

var (
	// ErrUnavailable reports a directory that cannot answer now. Asking later may
	// help.
	ErrUnavailable = errors.New("directory is not available")
	// ErrCursor reports a cursor that is not of this directory. Beginning again
	// with the empty cursor helps.
	ErrCursor = errors.New("cursor is not of this directory")
)

// Warning tells of a record that could not be used, or of two that contradict each
// other. It names the record and never a person.
type Warning struct{ Record, Text string }

// Update is what changed since a cursor.
type Update struct {
	// Holdings are revisions, without KnownAt, which is the ledger's to set.
	// Their hosts are normalised keys. One that is gone comes as withdrawn.
	Holdings []account.Holding
	// Cursor continues after this update.
	Cursor   string
	Warnings []Warning
}

// Source tells holdings. Its methods may be called from several goroutines.
type Source interface {
	// Name returns the configured name; always the same.
	Name() string
	// Changes returns what changed since a cursor, in canonical order; the
	// empty cursor asks for everything. A change is told at least once: it may
	// come again, saying the same, and the ledger leaves it out then. Records
	// that cannot be used are left out with a warning. The result is complete
	// or there is an error, which wraps [ErrUnavailable] or [ErrCursor] or is
	// that of the context. The caller may change the result.
	Changes(ctx context.Context, cursor string) (Update, error)
}
