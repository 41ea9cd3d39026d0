package relational

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"log/slog"
	"sort"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
)

// storedCalendar is what the file says of its slots and sums.
type storedCalendar struct {
	step        time.Duration
	zone, rules string
}

func readCalendar(q Querier) (c storedCalendar, found bool, err error) {
	var step int64
	found, err = first(q, "SELECT slot_us, zone, zone_rules FROM ledger", nil, &step, &c.zone, &c.rules)
	c.step = time.Duration(step) * time.Microsecond
	return c, found, err
}

// refuse returns [ErrCalendar] when the slots are of another length. Facts are
// of slots, so no conversion is exact.
func (c storedCalendar) refuse(path string, asked account.Calendar) error {
	if c.step == asked.Grid().Step() {
		return nil
	}
	return fmt.Errorf("%w: %s has slots of %v, configured are %v: set the slot back to %[3]v, or give another path and backfill",
		ErrCalendar, path, c.step, asked.Grid().Step())
}

// calendar returns the calendar that is stored, or any for a ledger without one,
// which is empty.
func (c storedCalendar) calendar(found bool) (account.Calendar, error) {
	if !found {
		return account.NewCalendar(account.DefaultStep, time.UTC)
	}
	zone, err := time.LoadLocation(c.zone)
	if err != nil {
		return account.Calendar{}, fmt.Errorf("zone of the ledger: %w", err)
	}
	return account.NewCalendar(c.step, zone)
}

// Settle stores the calendar of a new ledger, builds the sums again when the zone,
// or what the zone database says of it, has changed, and makes what helps to find
// accounts where it is missing.
func (s *Store) Settle(ctx context.Context, log *slog.Logger) error {
	return s.db.Write(ctx, "calendar", func(tx Tx) error {
		if err := checkCopied(tx, s.name); err != nil {
			return err
		}
		if err := s.settleLabels(tx); err != nil {
			return err
		}
		stored, found, err := readCalendar(tx)
		if err == nil && s.calendar == (account.Calendar{}) {
			s.calendar, err = stored.calendar(found)
		}
		if err != nil {
			return err
		}
		zone, rules := s.calendar.Zone().String(), ZoneRules(s.calendar.Zone())
		if !found {
			return tx.Exec("INSERT INTO ledger (one, slot_us, zone, zone_rules) VALUES (1, ?, ?, ?)",
				s.calendar.Grid().Step().Microseconds(), zone, rules)
		}
		if err := stored.refuse(s.name, s.calendar); err != nil || (stored.zone == zone && stored.rules == rules) {
			return err
		}
		if stored.rules != rules {
			log.InfoContext(ctx, "building sums of another time zone", "path", s.name, "from", stored.zone, "to", zone)
			if err := s.rebuildSums(tx); err != nil {
				return err
			}
		}
		return tx.Exec("UPDATE ledger SET zone = ?, zone_rules = ?", zone, rules)
	})
}

// CheckCalendar is Settle for who only reads.
func (s *Store) CheckCalendar(ctx context.Context) error {
	return s.db.Read(ctx, func(r Querier) error {
		if err := checkCopied(r, s.name); err != nil {
			return err
		}
		stored, found, err := readCalendar(r)
		if err == nil && s.calendar == (account.Calendar{}) {
			s.calendar, err = stored.calendar(found)
		}
		if err != nil || !found { // a ledger whose creation was cut off is empty
			return err
		}
		if err := stored.refuse(s.name, s.calendar); err != nil || stored.rules == ZoneRules(s.calendar.Zone()) {
			return err
		}
		return fmt.Errorf("%w: %s has sums by the days of %s, configured is %s: open it once for writing, which builds them again",
			ErrCalendar, s.name, stored.zone, s.calendar.Zone())
	})
}

// ZoneRules returns a digest of a zone's offsets from UTC and when they change,
// for the years in which [account.NewCalendar] looks at them.
func ZoneRules(zone *time.Location) string {
	digest := sha256.New()
	offset := func(t time.Time) int {
		_, seconds := t.In(zone).Zone()
		return seconds
	}
	day := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)
	fmt.Fprintln(digest, day.Unix(), offset(day))
	was := offset(day)
	for end := day.AddDate(85, 0, 0); day.Before(end); day = day.Add(24 * time.Hour) {
		then := offset(day.Add(24 * time.Hour))
		if then == was {
			continue
		}
		seconds := sort.Search(24*3600, func(i int) bool { return offset(day.Add(time.Duration(i)*time.Second)) != was })
		change := day.Add(time.Duration(seconds) * time.Second)
		fmt.Fprintln(digest, change.Unix(), offset(change))
		was = then
	}
	return hex.EncodeToString(digest.Sum(nil))
}

// instant returns the instant of a column.
func instant(us int64) time.Time { return time.UnixMicro(us).UTC() }

// instantOr returns the instant of a column, zero for NULL.
func instantOr(us sql.NullInt64) time.Time {
	if !us.Valid {
		return time.Time{}
	}
	return instant(us.Int64)
}
