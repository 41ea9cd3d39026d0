// Package ledger is the port to where facts and entries are kept: contracts that
// every store fulfils, and which ledgertest proves.
//
// A store keeps three append-only records (facts, holdings, intensities), the
// methods that applied, and, as a cache of the newest revision under the method
// of the day, the entries of each slot and their sums by hour, day and month. A slot
// changes in one transaction: facts, entries, sums, revision and restatement
// together or not at all.
//
// For every store: methods may be called from several goroutines; a context that
// ends makes a call return its error soon and changes nothing that was not
// committed; instants are kept to the microsecond and come back in UTC; texts are
// UTF-8 of any length, the character 0 included, and others are [ErrInvalid]
// ([account.VisibleText] makes them such); what a store
// returns belongs to the caller, who may keep and change it; what a caller passes
// in is not kept or changed. Iterators yield an error once, as their last pair,
// with a zero value; breaking off a loop releases what the iterator holds; an
// iterator sees one consistent state of the store.
package ledger

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
)

var (
	// ErrConflict reports that a slot is not at the revision that a commit
	// builds on: somebody else committed it.
	ErrConflict = errors.New("slot is at another revision")
	// ErrInvalid reports a commit, query or value that breaks a rule of its type.
	ErrInvalid = errors.New("not valid for the ledger")
	// ErrLocked reports that another process writes to the store. Its text says
	// which, as far as the store knows.
	ErrLocked = errors.New("the ledger is in use by another writer")
	// ErrReadOnly reports a write to a store that was opened for reading.
	ErrReadOnly = errors.New("the ledger is open for reading only")
	// ErrUnavailable reports a store that cannot be reached for now. What was
	// stored is as it was; whether what was asked for is stored may not be
	// known, and asking again is safe.
	ErrUnavailable = errors.New("the ledger cannot be reached")
	// ErrLease reports a write by a process that lost its turn ([Turn]) to
	// another one. Nothing of it was stored.
	ErrLease = errors.New("another process has the turn")
	// ErrForgotten reports facts that were dropped by [Retention]. Entries and
	// sums of their slots stay.
	ErrForgotten = errors.New("the facts were dropped by retention.facts")
	// ErrClosed reports the use of a store after Close.
	ErrClosed = errors.New("the ledger is closed")
)

// Reason says why a slot changed after it was closed.
type Reason string

// The reasons. The empty reason is that of the first close.
const (
	ReasonLate      Reason = "late"
	ReasonIntensity Reason = "intensity"
	ReasonHolding   Reason = "holding"
	ReasonMethod    Reason = "method"
)

// Commit is one revision of one slot.
type Commit struct {
	Slot account.Span
	// Revision is 1 for the first close and one more for each restatement.
	Revision int
	// KnownAt is when the revision became known; later than that of the
	// revision before.
	KnownAt time.Time
	// Reason is empty in revision 1 and not empty in later ones.
	Reason Reason
	// Note says more, for people: which source, which holding.
	Note string
	// Facts are new facts of the slot, nil when there are none. Its KnownAt is
	// that of the commit.
	Facts *account.Batch
	// Mark is how far the log of a source was read (package source, Logged) that the
	// revision follows from; zero where there is none.
	Mark account.Mark
	// Entries are all entries of the slot in this revision, in canonical
	// order; they replace those of the revision before.
	Entries []account.Entry
}

// Writer changes slots.
type Writer interface {
	// Commit stores revisions of slots, one of each: facts are appended,
	// entries replaced, the sums of the hour, day and month that contain the
	// slot changed by the difference, and, for revisions above 1, a restatement
	// recorded; all of all commits or nothing, and durable when it returns nil.
	// Neighbours together cost less than one by one.
	//
	// Commit is idempotent: a commit that says in everything what the newest
	// revision of the slot says changes nothing. Otherwise it returns
	// [ErrConflict] unless the slot is at Revision - 1, and [ErrInvalid] for a
	// commit that breaks a rule of its type or is of a slot for the second time.
	Commit(ctx context.Context, commits ...Commit) error
}

// SlotState is the newest revision of a slot.
type SlotState struct {
	Slot     account.Span
	Revision int
	// FirstKnownAt is when the slot was closed, KnownAt when it was last
	// changed.
	FirstKnownAt, KnownAt time.Time
	// Total is the sum of its entries.
	Total account.Quantities
	// Forgotten says that its facts were dropped by [Retention]: the slot
	// cannot be derived again.
	Forgotten bool
	// Mark is that of the newest revision.
	Mark account.Mark
}

// Query asks for quantities.
type Query struct {
	// Span is rounded outwards to whole periods of Step.
	Span account.Span
	// Step is the length of time by which rows are summed.
	Step account.Step
	// Where keeps accounts.
	Where account.Filter
}

// Row is the sum of one account's entries over one period.
type Row struct {
	// Period is a whole slot, hour, day or month of the store's calendar.
	Period  account.Span
	Account account.Account
	account.Quantities
}

// Restatement records that a closed slot changed.
type Restatement struct {
	Slot     account.Span
	Revision int
	KnownAt  time.Time
	Reason   Reason
	Note     string
	// Before and After are the slot's totals.
	Before, After account.Quantities
}

// Reader reads slots, facts and figures.
type Reader interface {
	// Slots yields the closed slots that overlap a span, in order of time.
	Slots(ctx context.Context, s account.Span) iter.Seq2[SlotState, error]
	// Facts yields the facts of each slot that overlaps a span, in order of
	// time, as [account.Resolve] gives them for at; zero is now. Slots of
	// which nothing was known at that time are left out. It ends with
	// [ErrForgotten] at the first slot whose facts of that time were dropped.
	Facts(ctx context.Context, s account.Span, at time.Time) iter.Seq2[*account.Batch, error]
	// Entries yields the entries of each slot that overlaps a span in their
	// newest revision, with their basis, in order of slot and then in
	// canonical order, for the accounts that where holds for.
	Entries(ctx context.Context, s account.Span, where account.Filter) iter.Seq2[SlotEntry, error]
	// Rows yields sums in order of period, then account; rows of an account
	// with no entry in a period are left out. It returns [ErrInvalid] for an
	// unknown step.
	Rows(ctx context.Context, q Query) iter.Seq2[Row, error]
	// Restatements yields what became known in (after, until], in order of
	// KnownAt, then slot; a zero until is no bound.
	Restatements(ctx context.Context, after, until time.Time) iter.Seq2[Restatement, error]
}

// SlotEntry is an entry with its slot.
type SlotEntry struct {
	Slot account.Span
	account.Entry
}

// Intensities keeps carbon intensities.
type Intensities interface {
	// PutIntensities appends values in one transaction. A value that says the
	// same as the newest one stored of its source, region, span and kind
	// ([account.Intensity.SameAs]) is left out. It returns those that were
	// added, in canonical order, and [ErrInvalid] for a value that
	// [ValidIntensity] or [CheckOrder] refuses; then none is added.
	PutIntensities(ctx context.Context, values []account.Intensity) ([]account.Intensity, error)
	// Intensities yields, in canonical order, all revisions of values whose
	// span overlaps s and that were known at an instant; zero is now.
	Intensities(ctx context.Context, s account.Span, at time.Time) iter.Seq2[account.Intensity, error]
}

// Holdings keeps who held which host.
type Holdings interface {
	// PutHoldings appends revisions in one transaction. A revision that says the
	// same as the newest one stored of its ID ([account.Holding.SameAs]) is left
	// out. It returns those that were added, in the order given, and
	// [ErrInvalid] for one that [ValidHolding] or [CheckOrder] refuses; then
	// none is added.
	PutHoldings(ctx context.Context, revisions []account.Holding) ([]account.Holding, error)
	// Holdings yields, in canonical order, all revisions known at an instant
	// (zero is now) of every holding of which any revision overlaps s.
	Holdings(ctx context.Context, s account.Span, at time.Time) iter.Seq2[account.Holding, error]
}

// MethodRecord is a method and since when it applied.
type MethodRecord struct {
	KnownAt time.Time
	Method  derive.Method
}

// Methods keeps the methods under which entries were derived.
type Methods interface {
	// PutMethod appends a method, unless the newest one has the same
	// [EncodeMethod]. It returns whether it was added, and [ErrInvalid] for a
	// method that is not valid or that [CheckOrder] refuses.
	PutMethod(ctx context.Context, m MethodRecord) (bool, error)
	// Methods yields all methods in order of KnownAt.
	Methods(ctx context.Context) iter.Seq2[MethodRecord, error]
}

// Status is what an operator asks first.
type Status struct {
	// First and Last are the oldest and newest closed slot, zero when there is
	// none.
	First, Last account.Span
	// Slots counts closed slots, Accounts different accounts, Restatements
	// revisions above the first.
	Slots, Accounts, Restatements int64
	// LastKnownAt is the latest KnownAt of anything in the store. A writer
	// must not use an earlier one, even when clocks jump.
	LastKnownAt time.Time
}

// Store is all of it. The application gives each part of the program the
// smallest interface that it needs.
type Store interface {
	Writer
	Knowledge
	Retention
	Leases
	// Status returns the state of the store.
	Status(ctx context.Context) (Status, error)
	// Close releases the store. It is idempotent; every other method returns
	// [ErrClosed] afterwards.
	Close() error
}
