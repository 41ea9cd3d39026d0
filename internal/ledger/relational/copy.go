package relational

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
)

var (
	// ErrNotEmpty reports a ledger that something is to be copied into and that
	// holds something else.
	ErrNotEmpty = errors.New("the ledger is not empty")
	// ErrHalfCopied reports a ledger into which another one is being copied, or
	// was until that was broken off.
	ErrHalfCopied = errors.New("the ledger is a copy that is not complete")
	// ErrDiffers reports a copy whose rows are not those of its source.
	ErrDiffers = errors.New("the copy differs from its source")
)

// Copied is the outcome of a copy.
type Copied struct {
	// Rows is how many rows the ledger has, Digest the SHA-256 of all of them.
	Rows   int64
	Digest string
}

const (
	// copyGroup is how many rows one statement stores, copyGroups how many of
	// these a transaction has: some megabytes where rows are slots.
	copyGroup  = 50
	copyGroups = 10
)

// Copy copies a ledger into one that is empty, or that is the same copy broken off:
// then it goes on where that was. Both sides are read again at the end and
// compared. The source may be written to meanwhile; what is copied is its state at
// the begin. A copy broken off whose source has changed since begins anew.
//
// Progress, which may be nil, is told how many rows are copied and compared, of
// twice the number of rows. The target is opened without [Store.Settle].
func Copy(ctx context.Context, from, to *Store, progress func(done, total int64)) (Copied, error) {
	c := &copying{ctx: ctx, to: to, progress: progress}
	err := from.db.Read(ctx, func(source Querier) error {
		c.source = source
		for _, step := range []func() error{c.measure, c.begin, c.copyTables, c.compare, c.finish} {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Copied{}, from.db.Fail(ctx, "copy", err)
	}
	return Copied{Rows: c.rows, Digest: c.digest}, nil
}

// copying is a copy that is going on.
type copying struct {
	ctx      context.Context
	source   Querier
	to       *Store
	progress func(done, total int64)

	fingerprint string // of what the source holds
	rows, done  int64
	digest      string
}

// measure counts the rows of the source.
func (c *copying) measure() error {
	digest := sha256.New()
	for _, t := range tables() {
		var n int64
		if _, err := first(c.source, "SELECT count(*) FROM "+t.name, nil, &n); err != nil {
			return err
		}
		c.rows += n
		fmt.Fprintln(digest, t.name, n)
	}
	if err := digestTable(c.source, ledgerTable(), digest, nil); err != nil {
		return err
	}
	c.fingerprint = hex.EncodeToString(digest.Sum(nil))
	return nil
}

// begin makes sure that the target is empty, or this copy half done.
func (c *copying) begin() error {
	return c.to.db.Write(c.ctx, "begin of the copy", func(tx Tx) error {
		var stored string
		found, err := first(tx, "SELECT source FROM copying", nil, &stored)
		if err != nil || found && stored == c.fingerprint {
			return err
		}
		if !found {
			if err := c.wantEmpty(tx); err != nil {
				return err
			}
		}
		all := append(tables(), ledgerTable())
		for i := range all { // what refers to others first
			if err := tx.Exec("DELETE FROM " + all[len(all)-1-i].name); err != nil {
				return err
			}
		}
		if err := tx.Exec("DELETE FROM copying"); err != nil {
			return err
		}
		return tx.Exec("INSERT INTO copying (one, source) VALUES (1, ?)", c.fingerprint)
	})
}

func (c *copying) wantEmpty(tx Tx) error {
	for _, t := range append(tables(), ledgerTable()) {
		var some int64
		if found, err := first(tx, "SELECT 1 FROM "+t.name+" LIMIT 1", nil, &some); err != nil {
			return err
		} else if found {
			return fmt.Errorf("%w: %s: copy into a new one", ErrNotEmpty, c.to.name)
		}
	}
	return nil
}

func (c *copying) copyTables() error {
	for _, t := range tables() {
		if err := c.copyTable(t); err != nil {
			return fmt.Errorf("copy of %s: %w", t.name, err)
		}
	}
	return nil
}

// copyTable copies the rows of a table that the target does not have, in order.
func (c *copying) copyTable(t table) error {
	after, err := c.lastKey(t)
	if err != nil {
		return err
	}
	query := t.selected()
	if after != nil {
		query += fmt.Sprintf(" WHERE (%s) > (%s)", strings.Join(t.keys(), ", "), marks(t.key))
	}
	var rows [][]any
	err = c.source.Stream(query+t.order(""), after, func(row Row) error {
		values, err := t.scan(row)
		if err != nil {
			return err
		}
		if rows = append(rows, values); len(rows) < copyGroup*copyGroups {
			return nil
		}
		err = c.store(t, rows)
		rows = rows[:0]
		return err
	})
	if err != nil {
		return err
	}
	return c.store(t, rows)
}

// lastKey returns the key of the last row that is copied, nil when there is none.
func (c *copying) lastKey(t table) ([]any, error) {
	var key []any
	err := c.to.db.Read(c.ctx, func(q Querier) error {
		var n int64
		if _, err := first(q, "SELECT count(*) FROM "+t.name, nil, &n); err != nil || n == 0 {
			return err
		}
		c.done += n
		return q.Each(t.selected()+t.order(" DESC")+" LIMIT 1", nil, func(row Row) error {
			values, err := t.scan(row)
			key = values[:t.key]
			return err
		})
	})
	return key, err
}

// store stores rows in one transaction.
func (c *copying) store(t table, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	err := c.to.db.Write(c.ctx, "store rows", func(tx Tx) error {
		for rest := rows; len(rest) > 0; {
			n := min(copyGroup, len(rest))
			var args []any
			for _, values := range rest[:n] {
				args = append(args, values...)
			}
			if err := tx.Exec(t.inserted(n), args...); err != nil {
				return err
			}
			rest = rest[n:]
		}
		return nil
	})
	c.advance(int64(len(rows)))
	return err
}

func (c *copying) advance(rows int64) {
	c.done += rows
	if c.progress != nil {
		c.progress(c.done, 2*c.rows)
	}
}

// compare reads both sides to their end.
func (c *copying) compare() error {
	whole := sha256.New()
	return c.to.db.Read(c.ctx, func(target Querier) error {
		for _, t := range tables() {
			ours, theirs := sha256.New(), sha256.New()
			if err := digestTable(c.source, t, ours, func() { c.advance(1) }); err != nil {
				return err
			}
			if err := digestTable(target, t, theirs, nil); err != nil {
				return err
			}
			sum := ours.Sum(nil)
			if string(sum) != string(theirs.Sum(nil)) {
				return fmt.Errorf("%w: rows of %s: nothing of it is used; remove %s and copy again", ErrDiffers, t.name, c.to.name)
			}
			whole.Write(sum)
		}
		c.digest = hex.EncodeToString(whole.Sum(nil))
		return nil
	})
}

// finish makes the copy a ledger.
func (c *copying) finish() error {
	var values []any
	err := c.source.Each(ledgerTable().selected(), nil, func(row Row) error {
		var err error
		values, err = ledgerTable().scan(row)
		return err
	})
	if err != nil {
		return err
	}
	return c.to.db.Write(c.ctx, "end of the copy", func(tx Tx) error {
		if values != nil {
			if err := tx.Exec(ledgerTable().inserted(1), values...); err != nil {
				return err
			}
		}
		return tx.Exec("DELETE FROM copying")
	})
}

// digestTable writes all rows of a table, in order of their keys, into a digest.
func digestTable(q Querier, t table, into hash.Hash, each func()) error {
	return q.Stream(t.selected()+t.order(""), nil, func(row Row) error {
		values, err := t.scan(row)
		if err != nil {
			return err
		}
		for _, v := range values {
			switch v := v.(type) {
			case []byte:
				fmt.Fprintf(into, "b%d:", len(v))
				into.Write(v)
			case string:
				fmt.Fprintf(into, "t%d:", len(v))
				_, err = io.WriteString(into, v)
			default:
				fmt.Fprintf(into, "i%v;", v)
			}
		}
		if each != nil {
			each()
		}
		return err
	})
}

// checkCopied refuses a ledger that is a copy half done.
func checkCopied(q Querier, name string) error {
	var source string
	found, err := first(q, "SELECT source FROM copying", nil, &source)
	if err == nil && found {
		err = fmt.Errorf("%w: %s: go on with the same dendro copy, or remove it", ErrHalfCopied, name)
	}
	return err
}

// table is a table as it is copied.
type table struct {
	name string
	// columns have a letter for their kind before their name: i for integers, t
	// for texts, b for blobs. The first key of them are the key.
	columns []string
	key     int
}

func newTable(name string, key int, columns string) table {
	return table{name, strings.Fields(columns), key}
}

// tables returns all tables but ledger, and account_labels, which follows from the
// others; those that others refer to first.
func tables() []table {
	revisions := newTable("revisions", 2, "")
	for _, name := range strings.Split(revisionColumns(), ", ") {
		kind := "i:"
		if name == "reason" || name == "note" {
			kind = "t:"
		}
		revisions.columns = append(revisions.columns, kind+name)
	}
	revisions.columns = append(revisions.columns, "i:crc")
	return []table{
		newTable("accounts", 1, "i:id t:labels t:kind i:crc"),
		newTable("subjects", 1, "i:id t:host i:kind t:labels i:crc"),
		newTable("origins", 1, "i:id t:origin i:crc"),
		newTable("bases", 1, "i:id t:basis i:crc"),
		revisions,
		newTable("facts", 2, "i:from_us i:revision b:batch"),
		newTable("entries", 1, "i:from_us i:revision b:entries"),
		newTable("sums", 3, "t:step i:from_us i:chunk b:sums"),
		newTable("intensities", 6, "t:region t:source i:from_us i:to_us i:kind i:known_us i:ug_per_kwh t:scope t:approach t:version i:magnitude i:crc"),
		newTable("holdings", 2, "t:id i:known_us t:host i:from_us i:to_us t:holder t:shared i:reserved i:withdrawn t:details i:crc"),
		newTable("methods", 1, "i:known_us t:method i:crc"),
		newTable("marks", 2, "i:from_us i:revision i:file i:seq i:crc"),
		newTable("pins", 1, "t:name i:from_us i:to_us i:since_us i:crc"),
	}
}

// ledgerTable is the table of one row that says what the whole has in common.
func ledgerTable() table {
	return newTable("ledger", 1, "i:one i:slot_us t:zone t:zone_rules i:last_known_us")
}

func (t table) names() []string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c[2:]
	}
	return names
}

func (t table) keys() []string { return t.names()[:t.key] }

func (t table) selected() string {
	return "SELECT " + strings.Join(t.names(), ", ") + " FROM " + t.name
}

func (t table) order(direction string) string {
	return " ORDER BY " + strings.Join(t.keys(), direction+", ") + direction
}

// inserted stores n rows.
func (t table) inserted(n int) string {
	row := "(" + marks(len(t.columns)) + ")"
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES %s", t.name, strings.Join(t.names(), ", "), strings.Repeat(", "+row, n)[2:])
}

// scan reads a row; the values are the caller's.
func (t table) scan(row Row) ([]any, error) {
	into, values := make([]any, len(t.columns)), make([]any, len(t.columns))
	for i, c := range t.columns {
		switch c[0] {
		case 't':
			into[i] = new(string)
		case 'b':
			into[i] = new([]byte)
		default:
			into[i] = new(sql.NullInt64)
		}
	}
	if err := row.Scan(into...); err != nil {
		return nil, err
	}
	for i := range into {
		switch v := into[i].(type) {
		case *string:
			values[i] = *v
		case *[]byte:
			values[i] = *v
		case *sql.NullInt64:
			if v.Valid {
				values[i] = v.Int64
			}
		}
	}
	return values, nil
}
