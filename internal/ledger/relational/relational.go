// Package relational is what ledgers in SQL databases have in common: the tables,
// the questions, and what is in their blobs. An adapter brings a [DB], which knows
// how to connect, to begin and end transactions, and what its errors mean.
//
// Facts, entries and sums are stored as columns in blobs, one for each slot or
// for 64 accounts of a period, and not as rows: a reader of a year is bounded by
// memory and not by SQL. So SQL finds and orders blobs; what is in them is added
// up by package account alone. Every database holds the same rows, to the byte.
//
// What a reader would get wrong: SQL here is what SQLite and PostgreSQL both
// understand, with ? or ?1 for arguments. Texts are compared byte by byte, as Go
// does; the adapter's tables see to that.
package relational

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/dendro-carbon/dendro/internal/account"
)

// ErrCalendar reports a ledger with slots of another length, or, when it is
// opened for reading, with sums of another zone.
var ErrCalendar = errors.New("the ledger has another calendar")

// Row is one row of an answer.
type Row interface {
	// Scan copies the columns of the row. What goes into a sql.RawBytes is
	// valid until the function that was given the row returns.
	Scan(into ...any) error
}

// Querier asks within one transaction, so that all its answers are of one state.
// Both methods call use on every row of an answer and return its error; use may
// ask further questions.
type Querier interface {
	// Each is for short answers, which may be read to their end first.
	Each(text string, args []any, use func(Row) error) error
	// Stream is for answers of any length.
	Stream(text string, args []any, use func(Row) error) error
}

// Tx is a transaction that writes.
type Tx interface {
	Querier
	// EachOf asks one question for each of several rows of arguments, and calls
	// use on the rows of all answers, with the index of what they answer. A
	// database that is far away is asked all at once.
	EachOf(text string, args [][]any, use func(int, Row) error) error
	// Exec runs a statement, at the latest before the next question or the end:
	// an error of it may be that of those. Arguments are the transaction's from
	// then on.
	Exec(text string, args ...any) error
	// AfterCommit calls f once the transaction is committed.
	AfterCommit(f func())
}

// DB is a database with the tables of a ledger.
type DB interface {
	// Read calls body with a state that does not change while it is read. Any
	// number of them may be open; they hold up neither each other nor a writer.
	Read(ctx context.Context, body func(Querier) error) error
	// Write calls body in a transaction, one at a time: all of it is stored,
	// durably, when Write returns nil, and nothing otherwise. Its errors are
	// those of Fail.
	Write(ctx context.Context, doing string, body func(Tx) error) error
	// Usable returns why the database cannot be used, if so.
	Usable(ctx context.Context) error
	// Fail makes of an error what the caller gets: what was being done, where,
	// and for a person what to do; nil of nil.
	Fail(ctx context.Context, doing string, err error) error
}

// Store is a ledger in a database: all of [ledger.Store] but leases and Close.
type Store struct {
	db       DB
	name     string
	calendar account.Calendar

	accounts *interner[account.Account]
	subjects *interner[account.Subject]
	origins  *interner[account.Origin]
	bases    *interner[account.Basis]

	// Of the one transaction that writes.
	encoder encoder
	columns columnReader
}

// New returns the ledger in a database, which name tells to people. It is used
// after [Store.Settle] or [Store.CheckCalendar]. The zero calendar stands for that
// of the ledger.
func New(db DB, name string, c account.Calendar) *Store {
	return &Store{
		db: db, name: name, calendar: c,
		accounts: newInterner(accountTable()),
		subjects: newInterner(subjectTable()),
		origins:  newInterner(jsonTable[account.Origin]("origins", "origin")),
		bases:    newInterner(jsonTable[account.Basis]("bases", "basis")),
	}
}

// Calendar implements [ledger.Store].
func (s *Store) Calendar() account.Calendar { return s.calendar }

// first scans the first row of a query, if there is one.
func first(q Querier, text string, args []any, into ...any) (bool, error) {
	found := false
	err := q.Each(text, args, func(row Row) error {
		if found {
			return nil
		}
		found = true
		return row.Scan(into...)
	})
	return found, err
}

// insert stores a row with its checksum; values are int64, string and nil.
func insert(tx Tx, table, columns string, values ...any) error {
	text := fmt.Sprintf("INSERT INTO %s (%s, crc) VALUES (%s)", table, columns, marks(len(values)+1))
	return tx.Exec(text, append(values, rowChecksum(values...))...)
}

func marks(n int) string { return strings.Repeat(", ?", n)[2:] }

// errStop tells a reader that its caller has left the loop.
var errStop = errors.New("the caller has enough")

// stream makes an iterator of a body that yields from one state. The body
// returns the error of yield at once.
func stream[T any](ctx context.Context, s *Store, doing string, body func(q Querier, yield func(T) error) error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		err := s.db.Read(ctx, func(q Querier) error {
			return body(q, func(v T) error {
				if err := s.db.Usable(ctx); err != nil {
					return err
				}
				if !yield(v, nil) {
					return errStop
				}
				return nil
			})
		})
		if err != nil && !errors.Is(err, errStop) {
			var none T
			yield(none, s.db.Fail(ctx, doing, err))
		}
	}
}
