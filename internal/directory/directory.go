// Package directory is the port to who held which host when, and for what. The
// suite in directorytest proves an adapter; the ledger keeps what adapters return.
//
// An adapter reads its documents or files into [Records], [Compose] makes holdings
// of them, the same for every adapter, and a [Tracker] tells what has changed:
//
//	documents ─▶ Records ─▶ Compose ─▶ holdings ─▶ Tracker ─▶ Update
//
// The ledger gets user names as labels, and nothing else about people; names and
// addresses stay in the Records.
package directory

import (
	"context"
	"errors"
	"time"

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
	// Their hosts are normalised keys, their IDs unique in this directory. One
	// that is gone comes as ended, or as withdrawn if it never was.
	Holdings []account.Holding
	// Cursor continues after this update.
	Cursor string
	// Warnings are all that stand now, not only the new ones.
	Warnings []Warning
	// Whole marks the answer to the empty cursor: what the ledger knows of this
	// directory and is not in Holdings is gone. With GoneAt, what is gone ended
	// then at the latest; without, it never was.
	Whole  bool
	GoneAt time.Time
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
