package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/dendro-carbon/dendro/internal/ledger"
)

// pageSize is that of new files. A chunk of sums and the larger part of a
// slot's columns fit into few pages of it; see DESIGN.md for what was measured.
const pageSize = 8192

// writePragmas and readPragmas are part of the connection's name, so that no
// connection can be without them.
func writePragmas() []string {
	return []string{
		"busy_timeout(10000)", // a database browser may be looking on
		fmt.Sprintf("page_size(%d)", pageSize),
		"synchronous(FULL)",                       // a commit that returned survives loss of power
		"fullfsync(1)", "checkpoint_fullfsync(1)", // macOS: through the disk's own cache
		"foreign_keys(1)",
		"trusted_schema(0)", "cell_size_check(1)", // files may be damaged
		"cache_size(-16384)",
		"journal_size_limit(67108864)",
	}
}

func readPragmas() []string {
	return []string{
		"busy_timeout(10000)", "query_only(1)", "trusted_schema(0)", "cell_size_check(1)", "cache_size(-4096)",
	}
}

// dsn is the connection's name of a file.
func dsn(path string, mode string, pragmas []string) string {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // C:/x
	}
	query := url.Values{"mode": {mode}, "_pragma": pragmas}
	switch mode {
	case "rw":
		// The driver runs pragmas in the order of the alphabet, and the size of
		// pages must be set before this.
		query.Set("_journal_mode", "WAL")
	case "immutable":
		query.Set("mode", "ro")
		query.Set("immutable", "1")
	}
	return (&url.URL{Scheme: "file", Path: slashed, RawQuery: query.Encode()}).String()
}

// querier asks within one transaction, so that all its answers are of one state.
type querier interface {
	query(text string, args ...any) (*sql.Rows, error)
}

// snapshot is a state of the ledger that does not change while it is read.
type snapshot struct {
	ctx  context.Context
	conn *sql.Conn
}

func (r *snapshot) query(text string, args ...any) (*sql.Rows, error) {
	return r.conn.QueryContext(r.ctx, text, args...)
}

// each calls use on every row of a query; use scans it.
func each(q querier, text string, args []any, use func(*sql.Rows) error) error {
	rows, err := q.query(text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := use(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// first scans the first row of a query, if there is one.
func first(q querier, text string, args []any, into ...any) (bool, error) {
	found := false
	err := each(q, text, args, func(rows *sql.Rows) error {
		if found {
			return nil
		}
		found = true
		return rows.Scan(into...)
	})
	return found, err
}

// read calls body with a snapshot. Any number of snapshots may be open; they
// hold up neither each other nor the writer.
func (s *Store) read(ctx context.Context, body func(*snapshot) error) (err error) {
	if err := s.usable(ctx); err != nil {
		return err
	}
	conn, err := s.readers.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return err
	}
	defer func() {
		_, failed := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		if err == nil && ctx.Err() == nil {
			err = failed
		}
	}()
	return body(&snapshot{ctx, conn})
}

// errStop tells a reader that its caller has left the loop.
var errStop = errors.New("the caller has enough")

// stream makes an iterator of a body that yields from a snapshot. The body
// returns the error of yield at once.
func stream[T any](ctx context.Context, s *Store, doing string, body func(r *snapshot, yield func(T) error) error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		err := s.read(ctx, func(r *snapshot) error {
			return body(r, func(v T) error {
				if err := s.usable(ctx); err != nil {
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
			yield(none, s.fail(ctx, doing, err))
		}
	}
}

// usable returns why the store cannot be used, if so.
func (s *Store) usable(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.closed.Load() {
		return ledger.ErrClosed
	}
	return nil
}

// writer is the one connection that writes.
type writer struct {
	// turn holds a token while nobody writes.
	turn chan struct{}
	db   *sql.DB
	conn *sql.Conn
	// statements are prepared once: a commit runs a hundred, and parsing one
	// takes longer than running it.
	statements map[string]*sql.Stmt
	encoder    encoder
	columns    columnReader
}

func newWriter(ctx context.Context, db *sql.DB) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	w := &writer{turn: make(chan struct{}, 1), db: db, conn: conn, statements: map[string]*sql.Stmt{}}
	w.turn <- struct{}{}
	return w, nil
}

func (w *writer) prepared(text string) (*sql.Stmt, error) {
	if s, ok := w.statements[text]; ok {
		return s, nil
	}
	s, err := w.conn.PrepareContext(context.Background(), text)
	if err == nil {
		w.statements[text] = s
	}
	return s, err
}

// close ends the connection; what is left of the journal goes into the file.
func (w *writer) close() error {
	var failed []error
	for _, s := range w.statements {
		failed = append(failed, s.Close())
	}
	return errors.Join(append(failed, w.conn.Close(), w.db.Close())...)
}

// transaction is the writer within a transaction. Its statements are not
// interrupted: each is short, and whether a COMMIT happened must be certain. The
// context is looked at between them.
type transaction struct {
	ctx    context.Context
	writer *writer
	hooks  []func()
}

// exec runs a statement.
func (tx *transaction) exec(text string, args ...any) error {
	if err := tx.ctx.Err(); err != nil {
		return err
	}
	return tx.always(text, args...)
}

// insert stores a row with its checksum; values are int64, string and nil.
func (tx *transaction) insert(table, columns string, values ...any) error {
	text := fmt.Sprintf("INSERT INTO %s (%s, crc) VALUES (%s)", table, columns, marks(len(values)+1))
	return tx.exec(text, append(values, rowChecksum(values...))...)
}

func marks(n int) string { return strings.Repeat(", ?", n)[2:] }

func (tx *transaction) always(text string, args ...any) error {
	s, err := tx.writer.prepared(text)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(context.Background(), args...)
	return err
}

func (tx *transaction) query(text string, args ...any) (*sql.Rows, error) {
	if err := tx.ctx.Err(); err != nil {
		return nil, err
	}
	s, err := tx.writer.prepared(text)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(context.Background(), args...)
}

// afterwards calls f once the transaction is committed.
func (tx *transaction) afterwards(f func()) { tx.hooks = append(tx.hooks, f) }

// write runs body in a transaction: all of it is stored, durably, when write
// returns nil, and nothing otherwise.
func (s *Store) write(ctx context.Context, doing string, body func(*transaction) error) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	if s.writer == nil {
		return fmt.Errorf("%s: %w", doing, ledger.ErrReadOnly)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.writer.turn:
		defer func() { s.writer.turn <- struct{}{} }()
	}
	if err := s.usable(ctx); err != nil { // Close may have had the turn before
		return err
	}
	tx := &transaction{ctx: ctx, writer: s.writer}
	return s.fail(ctx, doing, tx.run(body))
}

func (tx *transaction) run(body func(*transaction) error) error {
	if err := tx.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := body(tx)
	if err == nil {
		err = tx.exec("COMMIT")
	}
	if err != nil {
		// SQLite has rolled back by itself after a full disk and the like, and
		// then there is nothing to roll back.
		_ = tx.always("ROLLBACK")
		return err
	}
	for _, hook := range tx.hooks {
		hook()
	}
	return nil
}
