package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/relational"
)

var (
	// ErrURL reports an address that names no database.
	ErrURL = errors.New("not the URL of a PostgreSQL database")
	// ErrFull reports that the database has no room on its disk. What was asked
	// for was not stored; everything stored before is as it was.
	ErrFull = errors.New("no room on the disk of the database")
	// ErrAccess reports a user who may not log in or not do what is needed.
	ErrAccess = errors.New("no access")
	// ErrDamaged reports rows that hold what was never written to them.
	ErrDamaged = errors.New("the ledger is damaged")
	// ErrForeign reports a database that cannot be, or is not, a ledger.
	ErrForeign = errors.New("the database is not one for a ledger of Dendro")
	// ErrVersion reports tables of a newer Dendro, or, for reading, of an older one.
	ErrVersion = errors.New("the ledger is of another version")
)

// displayed returns a URL for people: without its password.
func displayed(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" {
		return "postgres:(an address that cannot be shown)"
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	query := u.Query()
	query.Del("password")
	query.Del("sslpassword")
	u.RawQuery = query.Encode()
	return u.String()
}

// safe removes the text of a URL, and its password, from an error that may quote
// it.
func safe(err error, address Secret) error {
	text := strings.ReplaceAll(err.Error(), string(address), displayed(string(address)))
	if u, parsed := url.Parse(string(address)); parsed == nil && u.User != nil {
		if password, set := u.User.Password(); set && password != "" {
			text = strings.ReplaceAll(text, password, "…")
		}
	} else if parsed != nil {
		text = "it cannot be read"
	}
	return errors.New(text)
}

// Fail implements [relational.DB].
func (d *database) Fail(ctx context.Context, doing string, err error) error {
	if err == nil {
		return nil
	}
	if cause := ctx.Err(); cause != nil {
		return cause // the driver may call it a lost connection
	}
	if d.closed.Load() {
		return ledger.ErrClosed
	}
	return fmt.Errorf("%s: %w", doing, d.explain(err))
}

// explain names the kind of an error of the driver and says what to do. Errors
// that say enough are returned as they are.
func (d *database) explain(err error) error {
	for _, said := range []error{
		ErrURL, ErrFull, ErrAccess, ErrDamaged, ErrForeign, ErrVersion, relational.ErrCalendar, relational.ErrHalfCopied, relational.ErrNotEmpty, relational.ErrDiffers,
		ledger.ErrUnavailable, ledger.ErrLocked, ledger.ErrLease, ledger.ErrClosed,
	} {
		if errors.Is(err, said) {
			return err
		}
	}
	if errors.Is(err, relational.ErrBlob) {
		return d.damaged(err)
	}
	if failed, ok := errors.AsType[*pgconn.PgError](err); ok {
		return d.explainCode(failed, err)
	}
	if lost(err) {
		return d.unreachable(err)
	}
	return err
}

// lost reports an error of the connection and not of what was asked.
func lost(err error) bool {
	_, connecting := errors.AsType[*pgconn.ConnectError](err)
	_, network := errors.AsType[net.Error](err)
	return connecting || network || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "conn closed")
}

func (d *database) unreachable(err error) error {
	return fmt.Errorf("%w: %s: %w: see that the database runs and lets this machine in; it is tried again by itself",
		ledger.ErrUnavailable, d.name, err)
}

func (d *database) damaged(err error) error {
	return fmt.Errorf("%w: %s: %w: keep a copy of the database as it is, then restore it from a backup, "+
		"or begin a new ledger and backfill it from the source", ErrDamaged, d.name, err)
}

// explainCode goes by the codes of PostgreSQL's manual, appendix A.
func (d *database) explainCode(failed *pgconn.PgError, err error) error {
	switch code := failed.Code; {
	case code == "53100":
		return fmt.Errorf("%w: %s: %w: make room there and go on; nothing that was stored is lost", ErrFull, d.name, err)
	case code == "53300":
		return fmt.Errorf("%w: %s: %w: raise max_connections of the database, or lower ledger.connections of its users",
			ledger.ErrUnavailable, d.name, err)
	case code == "55P03":
		return fmt.Errorf("%w: %s: %w: another process has been writing for a minute; see pg_stat_activity", ledger.ErrLocked, d.name, err)
	case code == "25006":
		return fmt.Errorf("%w: %s: %w: this is a standby; name the primary, or add target_session_attrs=read-write", ErrAccess, d.name, err)
	case code == "3D000":
		return fmt.Errorf("%w: %s: %w: create it, for example by createdb -E UTF8", ErrForeign, d.name, err)
	case strings.HasPrefix(code, "28"), code == "42501":
		return fmt.Errorf("%w: %s: %w: give the user its password (ledger.url, PGPASSWORD or ~/.pgpass) and the right to create tables",
			ErrAccess, d.name, err)
	case strings.HasPrefix(code, "08"), strings.HasPrefix(code, "57P"), code == "25P03":
		return d.unreachable(err)
	case code == "XX001", code == "XX002":
		return d.damaged(err)
	}
	return fmt.Errorf("%s: %w", d.name, err)
}
