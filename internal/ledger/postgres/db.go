package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/relational"
)

// database is the [relational.DB] of a store.
type database struct {
	name     string // without the password
	readOnly bool
	log      *slog.Logger
	closed   atomic.Bool

	readers, writers *pgxpool.Pool
	// turn holds a token while nobody in this process writes.
	turn chan struct{}
	// rules is the digest of the zone that this process adds up by, "" before
	// that is settled.
	rules string

	// owner and holder are who this store is in the table of leases.
	owner  int64
	holder string
	mu     sync.Mutex
	claims map[string]int64 // by work, since when it has been this store's, in µs

	presenceMu sync.Mutex
	presence   *pgx.Conn // the connection of leases, nil before the first
}

const (
	// patience is how long a question waits for one of the connections, and a
	// statement of a transaction that writes for its answer.
	patience = 30 * time.Second
	// fetched is how many rows of a long answer are read at a time: some
	// megabytes where each is a slot.
	fetched = 64
)

// Usable implements [relational.DB].
func (d *database) Usable(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if d.closed.Load() {
		return ledger.ErrClosed
	}
	return nil
}

// Read implements [relational.DB].
func (d *database) Read(ctx context.Context, body func(relational.Querier) error) error {
	if err := d.Usable(ctx); err != nil {
		return err
	}
	conn, err := d.begin(ctx, d.readers, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
	if err != nil {
		return err
	}
	defer conn.Release()
	err = body(&session{ctx: ctx, conn: conn.Conn()})
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if _, failed := conn.Exec(end, "ROLLBACK"); err == nil && ctx.Err() == nil {
		err = failed
	}
	return err
}

// begin takes a connection and begins a transaction. A connection that broke
// while it was idle, as all do when the database restarts, is replaced.
func (d *database) begin(ctx context.Context, pool *pgxpool.Pool, how string) (*pgxpool.Conn, error) {
	for attempt := 0; ; attempt++ {
		conn, err := d.acquire(ctx, pool)
		if err != nil {
			return nil, err
		}
		// The simple protocol takes several statements in one go.
		if _, err = conn.Conn().PgConn().Exec(ctx, how).ReadAll(); err == nil {
			return conn, nil
		}
		broken := conn.Conn().IsClosed()
		conn.Release()
		if !broken || attempt == 2 || ctx.Err() != nil {
			return nil, err
		}
		pool.Reset() // the others will be broken too
	}
}

// acquire takes a connection, waiting a while where all are in use.
func (d *database) acquire(ctx context.Context, pool *pgxpool.Pool) (*pgxpool.Conn, error) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := pool.Acquire(waiting)
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) && pool.Stat().AcquiredConns() >= pool.Config().MaxConns {
		return nil, fmt.Errorf("%w: %s: all %d connections were in use for %v: ask less at a time, or raise ledger.connections",
			ledger.ErrUnavailable, d.name, pool.Config().MaxConns, patience)
	}
	return conn, err
}

// session asks on one connection, within a transaction.
type session struct {
	ctx     context.Context
	conn    *pgx.Conn
	cursors int
}

// Each implements [relational.Querier]. A connection answers one question at a
// time, so the answer is read before use may ask more.
func (s *session) Each(text string, args []any, use func(relational.Row) error) error {
	rows, err := s.conn.Query(s.ctx, numbered(text), escapedAll(args)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	answer, err := keepAll(rows)
	if err != nil {
		return err
	}
	return useAll(answer, use)
}

// keepAll reads an answer to its end.
func keepAll(rows pgx.Rows) ([]row, error) {
	var answer []row
	fields := slices.Clone(rows.FieldDescriptions()) // the next answer overwrites them
	for rows.Next() {
		answer = append(answer, keep(fields, rows.RawValues(), rows.Conn().TypeMap()))
	}
	return answer, rows.Err()
}

func useAll(answer []row, use func(relational.Row) error) error {
	for i := range answer {
		if err := use(&answer[i]); err != nil {
			return err
		}
	}
	return nil
}

// Stream implements [relational.Querier]: a cursor gives a few rows at a time.
func (s *session) Stream(text string, args []any, use func(relational.Row) error) error {
	s.cursors++
	cursor := fmt.Sprintf("c%d", s.cursors)
	if _, err := s.conn.Exec(s.ctx, "DECLARE "+cursor+" BINARY NO SCROLL CURSOR FOR "+numbered(text), escapedAll(args)...); err != nil {
		return err
	}
	fetch := fmt.Sprintf("FETCH FORWARD %d FROM %s", fetched, cursor)
	for {
		answer, err := s.fetch(fetch)
		if err == nil {
			err = useAll(answer, use)
		}
		if err != nil || len(answer) < fetched {
			return err
		}
	}
}

// fetch reads the next rows of a cursor. What a cursor gives is not known in
// advance, so nothing is prepared.
func (s *session) fetch(text string) ([]row, error) {
	var answer []row
	rows := s.conn.PgConn().ExecParams(s.ctx, text, nil, nil, nil, []int16{pgx.BinaryFormatCode})
	var fields []pgconn.FieldDescription
	for rows.NextRow() {
		if fields == nil {
			fields = slices.Clone(rows.FieldDescriptions())
		}
		answer = append(answer, keep(fields, rows.Values(), s.conn.TypeMap()))
	}
	_, err := rows.Close()
	return answer, err
}

// numbered returns a question with PostgreSQL's marks for arguments: ?2 is $2, and
// each bare ? is the next one.
func numbered(text string) string {
	var b strings.Builder
	next := 0
	for i := 0; i < len(text); i++ {
		if text[i] != '?' {
			b.WriteByte(text[i])
			continue
		}
		b.WriteByte('$')
		if i+1 == len(text) || text[i+1] < '0' || text[i+1] > '9' {
			next++
			fmt.Fprint(&b, next)
		}
	}
	return b.String()
}
