package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dendro-carbon/dendro/internal/ledger"
)

// claimed takes a lease, prolongs one's own, or takes over one that has ended. A
// lease that goes on keeps its beginning.
const claimed = `INSERT INTO leases AS l (work, owner, holder, since_time, until_time)
	VALUES ($1, $2, $3, clock_timestamp(), clock_timestamp() + $4::bigint * interval '1 microsecond')
	ON CONFLICT (work) DO UPDATE SET owner = excluded.owner, holder = excluded.holder, until_time = excluded.until_time,
		since_time = CASE WHEN l.owner = excluded.owner AND l.until_time > clock_timestamp() THEN l.since_time ELSE excluded.since_time END
	WHERE l.owner = excluded.owner OR l.until_time <= clock_timestamp()
	RETURNING since_time`

// Claim implements [ledger.Leases].
func (s *Store) Claim(ctx context.Context, work string, term time.Duration) (ledger.Grant, error) {
	var g ledger.Grant
	err := s.db.lease(ctx, func(conn *pgx.Conn) error {
		var since time.Time
		err := conn.QueryRow(ctx, claimed, escaped(work), s.db.owner, s.db.holder, term.Microseconds()).Scan(&since)
		if g.Held = err == nil; err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		g.Fresh = s.db.note(work, g.Held, since.UnixMicro())
		// Only now: the claim may have waited for the last commit under the turn.
		var known *int64
		if err := conn.QueryRow(ctx, "SELECT last_known_us FROM ledger").Scan(&known); err != nil {
			return err
		}
		g.LastKnownAt = time.UnixMicro(0).UTC() // others may write, though nobody has
		if known != nil {
			g.LastKnownAt = time.UnixMicro(*known).UTC()
		}
		return nil
	})
	if err != nil {
		return ledger.Grant{}, s.db.Fail(ctx, "claim "+work, err)
	}
	return g, nil
}

// note remembers what this store has, and reports whether it is new.
func (d *database) note(work string, held bool, since int64) (fresh bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !held {
		if work != ledger.Turn { // the lost turn is remembered until it is released
			delete(d.claims, work)
		}
		return false
	}
	before, had := d.claims[work]
	d.claims[work] = since
	return !had || before != since
}

// guardTurn holds, in a transaction that writes, that the turn is this store's
// if it has claimed it. The lock on the row keeps others from taking it over
// before the transaction ends.
func (d *database) guardTurn(tx *transaction) error {
	d.mu.Lock()
	_, has := d.claims[ledger.Turn]
	d.mu.Unlock()
	if !has {
		return nil
	}
	var one int
	err := tx.conn.QueryRow(tx.ctx, "SELECT 1 FROM leases WHERE work = $1 AND owner = $2 FOR NO KEY UPDATE", ledger.Turn, d.owner).Scan(&one)
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("%w: this one was too slow; nothing was stored, and it is done again", ledger.ErrLease)
	}
	return err
}

// Release implements [ledger.Leases].
func (s *Store) Release(ctx context.Context, work string) error {
	err := s.db.lease(ctx, func(conn *pgx.Conn) error {
		s.db.mu.Lock()
		delete(s.db.claims, work)
		s.db.mu.Unlock()
		_, err := conn.Exec(ctx, "DELETE FROM leases WHERE work = $1 AND owner = $2", escaped(work), s.db.owner)
		return err
	})
	return s.db.Fail(ctx, "release "+work, err)
}

// releaseAll gives everything back at the end, if the database answers.
func (d *database) releaseAll() {
	d.mu.Lock()
	has := len(d.claims) > 0
	d.mu.Unlock()
	if !has {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if _, err := d.writers.Exec(ctx, "DELETE FROM leases WHERE owner = $1", d.owner); err != nil {
		d.log.Warn("leases were not given back and end by themselves", "ledger", d.name, "error", err)
	}
}

// Leases implements [ledger.Leases].
func (s *Store) Leases(ctx context.Context) ([]ledger.Lease, error) {
	var leases []ledger.Lease
	err := s.db.lease(ctx, func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, "SELECT work, holder, owner = $1, since_time, until_time FROM leases WHERE until_time > clock_timestamp() ORDER BY work", s.db.owner)
		if err != nil {
			return err
		}
		leases, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (ledger.Lease, error) {
			var l ledger.Lease
			err := row.Scan(&l.Work, &l.Holder, &l.Own, &l.Since, &l.Until)
			l.Work, l.Since, l.Until = unescaped(l.Work), l.Since.UTC(), l.Until.UTC()
			return l, err
		})
		return err
	})
	return leases, s.db.Fail(ctx, "leases", err)
}

// lease calls body with a connection, and once more where that was broken.
func (d *database) lease(ctx context.Context, body func(*pgx.Conn) error) error {
	for attempt := 0; ; attempt++ {
		if err := d.Usable(ctx); err != nil {
			return err
		}
		pool := d.writers
		if d.readOnly {
			pool = d.readers
		}
		conn, err := d.acquire(ctx, pool)
		if err != nil {
			return err
		}
		err = body(conn.Conn())
		broken := conn.Conn().IsClosed()
		conn.Release()
		if err == nil || !broken || attempt > 0 || ctx.Err() != nil {
			return err
		}
		pool.Reset()
	}
}
