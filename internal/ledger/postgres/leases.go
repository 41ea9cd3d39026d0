package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dendro-carbon/dendro/internal/ledger"
)

// A store that has leases keeps one connection for them, and on it a lock by its
// own number. When its process dies the connection goes, the lock with it, and
// others take over at once; the term is for a process that hangs.

// alive holds for a lease l whose holder has its lock: pg_locks shows a number of
// 64 bits as two.
const alive = `EXISTS (SELECT 1 FROM pg_locks k WHERE k.locktype = 'advisory' AND k.objsubid = 1
	AND k.database = (SELECT oid FROM pg_database WHERE datname = current_database())
	AND k.classid = (l.owner >> 32)::oid AND k.objid = (l.owner & 4294967295)::oid)`

// claimed takes a lease, prolongs one's own, or takes over one that has ended or
// whose holder is gone. A lease that goes on keeps its beginning.
const claimed = `INSERT INTO leases AS l (work, owner, holder, since_time, until_time)
	VALUES ($1, $2, $3, clock_timestamp(), clock_timestamp() + $4::bigint * interval '1 microsecond')
	ON CONFLICT (work) DO UPDATE SET owner = excluded.owner, holder = excluded.holder, until_time = excluded.until_time,
		since_time = CASE WHEN l.owner = excluded.owner AND l.until_time > clock_timestamp() THEN l.since_time ELSE excluded.since_time END
	WHERE l.owner = excluded.owner OR l.until_time <= clock_timestamp() OR NOT ` + alive + `
	RETURNING since_time`

// Claim implements [ledger.Leases].
func (s *Store) Claim(ctx context.Context, work string, term time.Duration) (ledger.Grant, error) {
	var g ledger.Grant
	err := s.db.lease(ctx, func(ctx context.Context, conn *pgx.Conn) error {
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
	err := s.db.lease(ctx, func(ctx context.Context, conn *pgx.Conn) error {
		s.db.mu.Lock()
		delete(s.db.claims, work)
		s.db.mu.Unlock()
		_, err := conn.Exec(ctx, "DELETE FROM leases WHERE work = $1 AND owner = $2", escaped(work), s.db.owner)
		return err
	})
	return s.db.Fail(ctx, "release "+work, err)
}

// leave gives everything back at the end: the lock goes with its connection.
func (d *database) leave() {
	d.presenceMu.Lock()
	defer d.presenceMu.Unlock()
	if d.presence == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_, err := d.presence.Exec(ctx, "DELETE FROM leases WHERE owner = $1", d.owner)
	if err = errors.Join(err, d.presence.Close(ctx)); err != nil {
		d.log.Warn("leases were not given back and end by themselves", "ledger", d.name, "error", err)
	}
}

// Leases implements [ledger.Leases].
func (s *Store) Leases(ctx context.Context) ([]ledger.Lease, error) {
	if err := s.db.Usable(ctx); err != nil {
		return nil, err
	}
	conn, err := s.db.begin(ctx, s.db.readers, "BEGIN READ ONLY")
	if err != nil {
		return nil, s.db.Fail(ctx, "leases", err)
	}
	defer conn.Release()
	leases, err := s.db.held(ctx, conn.Conn())
	_, ended := conn.Exec(ctx, "COMMIT")
	return leases, s.db.Fail(ctx, "leases", errors.Join(err, ended))
}

func (d *database) held(ctx context.Context, conn *pgx.Conn) ([]ledger.Lease, error) {
	rows, err := conn.Query(ctx, `SELECT work, holder, owner = $1, since_time, until_time FROM leases l
		WHERE until_time > clock_timestamp() AND `+alive+` ORDER BY work`, d.owner)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (ledger.Lease, error) {
		var l ledger.Lease
		err := row.Scan(&l.Work, &l.Holder, &l.Own, &l.Since, &l.Until)
		l.Work, l.Since, l.Until = unescaped(l.Work), l.Since.UTC(), l.Until.UTC()
		return l, err
	})
}

// lease calls body with the connection of leases, made anew where it is broken. The
// end of the caller's context does not break it, since all leases would go.
func (d *database) lease(ctx context.Context, body func(context.Context, *pgx.Conn) error) error {
	if err := d.Usable(ctx); err != nil {
		return err
	}
	if d.readOnly {
		return ledger.ErrReadOnly
	}
	d.presenceMu.Lock()
	defer d.presenceMu.Unlock()
	steady, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	for attempt := 0; ; attempt++ {
		err := d.appear(ctx)
		if err == nil {
			err = body(steady, d.presence)
		}
		if err == nil || d.presence == nil || !d.presence.IsClosed() || attempt > 0 || ctx.Err() != nil {
			return err
		}
	}
}

// appear makes sure of the connection of leases and its lock.
func (d *database) appear(ctx context.Context) error {
	if d.presence != nil && !d.presence.IsClosed() {
		return nil
	}
	d.presence = nil
	conn, err := pgx.ConnectConfig(ctx, d.writers.Config().ConnConfig)
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock_shared($1)", d.owner); err != nil {
		return errors.Join(err, conn.Close(ctx))
	}
	d.presence = conn
	return nil
}
