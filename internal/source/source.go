// Package source is the port to where it is observed what hosts do, and the
// [Builder] that turns counters into facts for every adapter alike. The suite in
// sourcetest proves an adapter.
package source

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
)

var (
	// ErrUnavailable reports a source that cannot answer now: it is down, slow,
	// or refuses. Asking later may help; the slot stays open until then.
	ErrUnavailable = errors.New("source is not available")
	// ErrGone reports a slot of which the source keeps nothing any more.
	// Asking again is of no use.
	ErrGone = errors.New("source keeps nothing of this time")
	// ErrReply reports an answer that is not what the source documents.
	ErrReply = errors.New("source gave an invalid answer")
	// ErrRequest reports a request that breaks a rule of [Request].
	ErrRequest = errors.New("request to the source is not valid")
)

// Info says what a source is.
type Info struct {
	// Name is its configured name; it is the Source of every origin.
	Name string
	// Replayable is whether a closed slot can be read again, which is what
	// restatement, backfill and reconciliation need.
	Replayable bool
}

// Request asks for the facts of slots.
type Request struct {
	// Span is one or more whole slots of Grid.
	Span account.Span
	Grid account.Grid
	// Cuts are instants at which the facts of a host are cut, by its key:
	// holdings that begin or end inside a slot. Services are not held, nor cut.
	Cuts map[string][]time.Time
}

// Validate returns an error that wraps [ErrRequest]. Adapters call it first.
func (r Request) Validate() error {
	if r.Grid.Step() == 0 || r.Span.IsEmpty() || !r.Grid.Starts(r.Span.From) || !r.Grid.Starts(r.Span.To) {
		return fmt.Errorf("%w: %v is not one or more whole slots of %v", ErrRequest, r.Span, r.Grid.Step())
	}
	return nil
}

// Warning tells of something that was left out or is doubtful, and travels with
// the facts: samples that are no numbers, two hosts with one key.
type Warning struct {
	// Code is a short fixed word for metrics, such as "not-finite".
	Code string
	// Subject names the series or host.
	Subject string
	// Text is for people.
	Text string
	// Count is how many of them there are.
	Count int
}

// Reading is the facts of one slot and what is to be said of them.
type Reading struct {
	Facts    *account.Batch
	Warnings []Warning
	// Mark is the newest place that the facts follow from, of a source that reads a
	// log ([Logged]); zero for others.
	Mark account.Mark
}

// Source tells what hosts did. Its methods may be called from several
// goroutines.
type Source interface {
	// Info returns what the source is; always the same.
	Info() Info
	// Read yields one reading for each slot of the request, in order of time.
	// Its facts are valid and sorted ([account.Batch.Sort]), without KnownAt,
	// which is the ledger's to set, and cut where the request says. A slot in
	// which nothing was seen has no facts; it is not left out.
	//
	// A slot's facts do not depend on which other slots are asked for with it,
	// and cuts do not change their sum. A replayable source gives the same facts
	// again as long as what it observed is the same.
	//
	// An error is yielded once, as the last pair; the readings before it are
	// good. It wraps [ErrUnavailable], [ErrGone], [ErrReply] or [ErrRequest], or is
	// that of the context. A failure is never a reading of zeros. The readings
	// are the caller's to keep and change.
	Read(ctx context.Context, r Request) iter.Seq2[Reading, error]
}

// Logged is a source that reads a log which goes on. It tells which slots the log has
// something of, so that the ledger finds out, after a restart too, which closed slots
// lack lines that came late.
type Logged interface {
	Source
	// Marks returns the slots of which there is something, in order of time, with the
	// newest place of the log that tells of each: those of the last days at least.
	Marks() []SlotMark
}

// Remembering is a source that may answer from its memory of what it observes.
type Remembering interface {
	Source
	// Fresh returns a source that asks anew, to compare with what was answered before.
	Fresh() Source
}

// SlotMark is a slot and the newest place in a log that tells of it.
type SlotMark struct {
	Slot account.Span
	Mark account.Mark
}
