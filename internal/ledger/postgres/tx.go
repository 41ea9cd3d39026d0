package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/relational"
)

// transaction is a session that writes. The end of the caller's context is looked
// at between statements and does not interrupt one: a broken connection would have
// to be made anew.
type transaction struct {
	session
	caller context.Context
	hooks  []func()
	// queue is statements that are not sent yet: they travel together.
	queue pgx.Batch
}

// maxQueue is how many statements wait at most, since their arguments are in memory.
const maxQueue = 512

// Each implements [relational.Querier].
func (tx *transaction) Each(text string, args []any, use func(relational.Row) error) error {
	if err := tx.flush(); err != nil {
		return err
	}
	return tx.session.Each(text, args, use)
}

// Stream implements [relational.Querier].
func (tx *transaction) Stream(text string, args []any, use func(relational.Row) error) error {
	if err := tx.flush(); err != nil {
		return err
	}
	return tx.session.Stream(text, args, use)
}

// EachOf implements [relational.Tx].
func (tx *transaction) EachOf(text string, args [][]any, use func(int, relational.Row) error) error {
	text = numbered(text)
	for begin := 0; begin < len(args); begin += maxQueue {
		answers := make([][]row, min(maxQueue, len(args)-begin))
		for i := range answers {
			tx.queue.Queue(text, escapedAll(args[begin+i])...).Query(func(rows pgx.Rows) error {
				var err error
				answers[i], err = keepAll(rows)
				return err
			})
		}
		if err := tx.flush(); err != nil {
			return err
		}
		for i, answer := range answers {
			err := useAll(answer, func(r relational.Row) error { return use(begin+i, r) })
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// Exec implements [relational.Tx].
func (tx *transaction) Exec(text string, args ...any) error {
	if err := tx.caller.Err(); err != nil {
		return err
	}
	tx.queue.Queue(numbered(text), escapedAll(args)...)
	if tx.queue.Len() < maxQueue {
		return nil
	}
	return tx.flush()
}

// flush sends what waits and reads the answers.
func (tx *transaction) flush() error {
	if err := tx.caller.Err(); err != nil || tx.queue.Len() == 0 {
		return err
	}
	queue := tx.queue
	tx.queue = pgx.Batch{}
	return tx.conn.SendBatch(tx.ctx, &queue).Close()
}

// AfterCommit implements [relational.Tx].
func (tx *transaction) AfterCommit(f func()) { tx.hooks = append(tx.hooks, f) }

// Write implements [relational.DB].
func (d *database) Write(ctx context.Context, doing string, body func(relational.Tx) error) error {
	if err := d.Usable(ctx); err != nil {
		return err
	}
	if d.readOnly {
		return fmt.Errorf("%s: %w", doing, ledger.ErrReadOnly)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-d.turn:
		defer func() { d.turn <- struct{}{} }()
	}
	if err := d.Usable(ctx); err != nil { // Close may have had the turn before
		return err
	}
	return d.Fail(ctx, doing, d.write(ctx, body))
}

// begun begins a transaction as the only one that writes. The lock leaves
// readers alone; who waits for it sees all that its holder did.
const begun = "BEGIN; LOCK TABLE ledger IN EXCLUSIVE MODE"

// write runs a transaction. Statements have a limit of time, so that a network
// that swallows everything is noticed.
func (d *database) write(ctx context.Context, body func(relational.Tx) error) error {
	conn, err := d.begin(ctx, d.writers, begun)
	if err != nil {
		return err
	}
	defer conn.Release()
	steady, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stuck := time.AfterFunc(maxTransaction, cancel)
	defer stuck.Stop()
	tx := &transaction{session: session{ctx: steady, conn: conn.Conn()}, caller: ctx}
	number, err := d.guard(tx)
	if err == nil {
		err = body(tx)
	}
	if err == nil {
		err = tx.flush()
	}
	if err != nil {
		_, _ = conn.Exec(steady, "ROLLBACK") // or the connection is broken, which does the same
		return err
	}
	if err := d.commit(ctx, conn, number); err != nil {
		return err
	}
	for _, hook := range tx.hooks {
		hook()
	}
	return nil
}

// maxTransaction is how long a transaction may take. Building all sums of years
// again is the longest.
const maxTransaction = 10 * time.Minute

// guard looks, under the lock, at whether this process may still write: it has the
// turn if it claimed it, the tables are those it knows, and nobody adds up by
// another zone. It returns the number of the transaction.
func (d *database) guard(tx *transaction) (number string, err error) {
	var version int64
	var rules string
	err = tx.conn.QueryRow(tx.ctx, `SELECT pg_current_xact_id()::text, coalesce((SELECT zone_rules FROM ledger), ''),
		(SELECT max(version_id) FROM goose_db_version WHERE is_applied)`).Scan(&number, &rules, &version)
	if err != nil {
		return "", err
	}
	known, err := latest()
	switch {
	case err != nil:
		return "", err
	case version != known:
		return "", d.otherVersion(version, known)
	case d.rules != "" && rules != d.rules:
		return "", fmt.Errorf("%w: another server of %s adds up by another time zone: give all of them one configuration and start this one again",
			relational.ErrCalendar, d.name)
	}
	return number, d.guardTurn(tx)
}

// commit ends a transaction. Where the answer does not come, the database is asked
// again whether it was committed.
func (d *database) commit(ctx context.Context, conn *pgxpool.Conn, number string) error {
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	tag, err := conn.Exec(ending, "COMMIT")
	if err == nil && tag.String() != "COMMIT" {
		return errors.New("the database rolled the transaction back")
	}
	if err == nil {
		return nil
	}
	d.log.Warn("connection lost in a commit: asking whether it was done", "ledger", d.name, "error", err)
	return d.outcome(ctx, number, err)
}

// outcome asks what became of a transaction. Who asks does not wait for the
// database longer than it may take to start again.
func (d *database) outcome(ctx context.Context, number string, failed error) error {
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	for asking.Err() == nil {
		var status *string
		err := d.askOutcome(asking, number, &status)
		switch {
		case err == nil && status != nil && *status == "committed":
			return nil
		case err == nil && status != nil && *status == "aborted":
			return failed
		}
		select { // it is being committed still, or the database starts
		case <-asking.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
	return fmt.Errorf("%w: %s: the connection broke in a commit, and whether it is stored is not known: %w: "+
		"asking again is safe", ledger.ErrUnavailable, d.name, failed)
}

func (d *database) askOutcome(ctx context.Context, number string, status **string) error {
	conn, err := pgx.ConnectConfig(ctx, d.writers.Config().ConnConfig)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return conn.QueryRow(ctx, "SELECT pg_xact_status($1::text::xid8)", number).Scan(status)
}
