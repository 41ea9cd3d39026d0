package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/relational"
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

// snapshot is a state of the ledger that does not change while it is read.
type snapshot struct {
	ctx  context.Context
	conn *sql.Conn
}

// Each implements [relational.Querier].
func (r *snapshot) Each(text string, args []any, use func(relational.Row) error) error {
	rows, err := r.conn.QueryContext(r.ctx, text, args...)
	return each(rows, err, use)
}

// Stream implements [relational.Querier]. Within one connection of SQLite any
// number of questions can be open.
func (r *snapshot) Stream(text string, args []any, use func(relational.Row) error) error {
	return r.Each(text, args, use)
}

// each calls use on every row of an answer.
func each(rows *sql.Rows, err error, use func(relational.Row) error) error {
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

// Read implements [relational.DB].
func (f *file) Read(ctx context.Context, body func(relational.Querier) error) (err error) {
	if err := f.Usable(ctx); err != nil {
		return err
	}
	conn, err := f.readers.Conn(ctx)
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

// Usable implements [relational.DB].
func (f *file) Usable(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if f.closed.Load() {
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

// Exec implements [relational.Tx].
func (tx *transaction) Exec(text string, args ...any) error {
	if err := tx.ctx.Err(); err != nil {
		return err
	}
	return tx.always(text, args...)
}

func (tx *transaction) always(text string, args ...any) error {
	s, err := tx.writer.prepared(text)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(context.Background(), args...)
	return err
}

// Each implements [relational.Querier].
func (tx *transaction) Each(text string, args []any, use func(relational.Row) error) error {
	if err := tx.ctx.Err(); err != nil {
		return err
	}
	s, err := tx.writer.prepared(text)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(context.Background(), args...)
	return each(rows, err, use)
}

// EachOf implements [relational.Tx].
func (tx *transaction) EachOf(text string, args [][]any, use func(int, relational.Row) error) error {
	for i := range args {
		if err := tx.Each(text, args[i], func(row relational.Row) error { return use(i, row) }); err != nil {
			return err
		}
	}
	return nil
}

// Stream implements [relational.Querier].
func (tx *transaction) Stream(text string, args []any, use func(relational.Row) error) error {
	return tx.Each(text, args, use)
}

// AfterCommit implements [relational.Tx].
func (tx *transaction) AfterCommit(f func()) { tx.hooks = append(tx.hooks, f) }

// Write implements [relational.DB].
func (f *file) Write(ctx context.Context, doing string, body func(relational.Tx) error) error {
	if err := f.Usable(ctx); err != nil {
		return err
	}
	if f.writer == nil {
		return fmt.Errorf("%s: %w", doing, ledger.ErrReadOnly)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-f.writer.turn:
		defer func() { f.writer.turn <- struct{}{} }()
	}
	if err := f.Usable(ctx); err != nil { // Close may have had the turn before
		return err
	}
	tx := &transaction{ctx: ctx, writer: f.writer}
	return f.Fail(ctx, doing, tx.run(body))
}

func (tx *transaction) run(body func(relational.Tx) error) error {
	if err := tx.Exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := body(tx)
	if err == nil {
		err = tx.Exec("COMMIT")
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
