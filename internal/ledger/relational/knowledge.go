package relational

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"math/bits"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// intensityColumns are the columns that [scanIntensity] reads.
const intensityColumns = "region, source, from_us, to_us, kind, known_us, ug_per_kwh, scope, approach, version, magnitude"

const newestIntensity = "SELECT " + intensityColumns + `, crc FROM intensities
	WHERE region = ? AND source = ? AND from_us = ? AND to_us = ? AND kind = ? ORDER BY known_us DESC LIMIT 1`

// intensityValues are what intensityColumns hold.
func intensityValues(v *account.Intensity) []any {
	from, to := v.Span.From.UnixMicro(), v.Span.To.UnixMicro()
	return []any{
		v.Region, v.Source, from, to, int64(v.Kind), v.KnownAt.UnixMicro(), int64(v.Value),
		v.Accounting.Scope, v.Accounting.Approach, v.Version, int64(bits.Len64(uint64(to - from))),
	}
}

func scanIntensity(rows Row) (account.Intensity, error) {
	var v account.Intensity
	var from, to, known, magnitude, crc int64
	err := rows.Scan(&v.Region, &v.Source, &from, &to, &v.Kind, &known, &v.Value,
		&v.Accounting.Scope, &v.Accounting.Approach, &v.Version, &magnitude, &crc)
	v.Span, v.KnownAt = account.Span{From: instant(from), To: instant(to)}, instant(known)
	if err == nil {
		err = checkRow("intensities", crc, intensityValues(&v)...)
	}
	return v, err
}

// PutIntensities implements [ledger.Intensities].
func (s *Store) PutIntensities(ctx context.Context, values []account.Intensity) ([]account.Intensity, error) {
	var added []account.Intensity
	err := s.db.Write(ctx, "store intensities", func(tx Tx) error {
		for _, v := range values {
			isNew, err := putIntensity(tx, &v)
			if err != nil {
				return err
			}
			if isNew {
				added = append(added, v)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(added, account.Intensity.Compare)
	return added, nil
}

// putIntensity stores a value unless it says the same as the newest; v becomes
// what is stored.
func putIntensity(tx Tx, v *account.Intensity) (isNew bool, err error) {
	if err := ledger.ValidIntensity(*v); err != nil {
		return false, err
	}
	v.Span, v.KnownAt = account.NewSpan(v.Span.From, v.Span.To), account.Instant(v.KnownAt)
	var old account.Intensity
	found := false
	err = tx.Each(newestIntensity,
		[]any{v.Region, v.Source, v.Span.From.UnixMicro(), v.Span.To.UnixMicro(), int64(v.Kind)}, func(rows Row) error {
			found = true
			old, err = scanIntensity(rows)
			return err
		})
	if err != nil || found && old.SameAs(*v) {
		return false, err
	}
	if err := ledger.CheckOrder(fmt.Sprintf("intensity of %q by %q", v.Region, v.Source), v.KnownAt, old.KnownAt); err != nil {
		return false, err
	}
	if err := insert(tx, "intensities", intensityColumns, intensityValues(v)...); err != nil {
		return false, err
	}
	return true, noteTime(tx, v.KnownAt)
}

// intensitiesOfSpan looks at one magnitude of length after the other: of spans
// shorter than 2^m, those that overlap ?2 to ?3 begin after ?2 - 2^m.
const intensitiesOfSpan = `
	WITH RECURSIVE magnitudes (m) AS (
		SELECT min(magnitude) FROM intensities
		UNION ALL
		SELECT (SELECT min(magnitude) FROM intensities WHERE magnitude > m) FROM magnitudes WHERE m IS NOT NULL
	)
	SELECT ` + intensityColumns + `, crc FROM magnitudes CROSS JOIN intensities
	WHERE magnitude = m AND from_us > ?1 - (CAST(1 AS BIGINT) << m) AND from_us < ?2 AND to_us > ?1 AND known_us <= ?3
	ORDER BY region, source, from_us, to_us, kind, known_us`

// Intensities implements [ledger.Intensities].
func (s *Store) Intensities(ctx context.Context, span account.Span, at time.Time) iter.Seq2[account.Intensity, error] {
	return stream(ctx, s, "intensities", func(r Querier, yield func(account.Intensity) error) error {
		if span.IsEmpty() {
			return nil
		}
		return r.Stream(intensitiesOfSpan, []any{span.From.UnixMicro(), ceilMicro(span.To), knownBy(at)}, func(rows Row) error {
			v, err := scanIntensity(rows)
			if err != nil {
				return err
			}
			return yield(v)
		})
	})
}

const holdingColumns = "id, known_us, host, from_us, to_us, holder, shared, reserved, withdrawn"

// detailsColumn stands apart: rows without details have the checksum of the others
// alone, as before there were any.
const detailsColumn = ", details"

const newestHolding = "SELECT " + holdingColumns + detailsColumn + ", crc FROM holdings WHERE id = ? ORDER BY known_us DESC LIMIT 1"

// details is what the column of that name holds.
type details struct {
	Experiments []account.Experiment `json:"experiments,omitempty"`
	HostLabels  account.Labels       `json:"host_labels,omitzero"`
}

// detailsOf returns the text of a holding's details, empty when there are none.
func detailsOf(h *account.Holding) (string, error) {
	if len(h.Experiments) == 0 && h.HostLabels.Len() == 0 {
		return "", nil
	}
	return jsonText(details{h.Experiments, h.HostLabels})
}

// holdingValues are what holdingColumns hold.
func holdingValues(h *account.Holding) ([]any, error) {
	holder, err := jsonText(h.Holder)
	if err != nil {
		return nil, err
	}
	shared, err := jsonText(h.Shared)
	if err != nil {
		return nil, err
	}
	var to any
	if !h.To.IsZero() {
		to = h.To.UnixMicro()
	}
	withdrawn := int64(0)
	if h.Withdrawn {
		withdrawn = 1
	}
	// Reservations above the largest int64 are kept as the negative number of
	// the same bits.
	return []any{h.ID, h.KnownAt.UnixMicro(), h.Host, h.From.UnixMicro(), to, holder, shared, int64(h.Reserved), withdrawn}, nil
}

func scanHolding(rows Row) (account.Holding, error) {
	var h account.Holding
	var known, from, reserved, withdrawn, crc int64
	var to sql.NullInt64
	var holder, shared, more string
	if err := rows.Scan(&h.ID, &known, &h.Host, &from, &to, &holder, &shared, &reserved, &withdrawn, &more, &crc); err != nil {
		return h, err
	}
	var end any
	if to.Valid {
		end = to.Int64
	}
	values := []any{h.ID, known, h.Host, from, end, holder, shared, reserved, withdrawn}
	var d details
	if more != "" {
		values = append(values, more)
		if err := text("details", more, &d); err != nil {
			return h, err
		}
	}
	if err := checkRow("holdings", crc, values...); err != nil {
		return h, err
	}
	h.Experiments, h.HostLabels = d.Experiments, d.HostLabels
	h.KnownAt, h.From, h.To = instant(known), instant(from), instantOr(to)
	h.Reserved, h.Withdrawn = uint64(reserved), withdrawn != 0
	err := text("holder", holder, &h.Holder)
	if err == nil && shared != "null" { // as it is for most
		err = text("shared", shared, &h.Shared)
	}
	return h, err
}

// PutHoldings implements [ledger.Holdings].
func (s *Store) PutHoldings(ctx context.Context, revisions []account.Holding) ([]account.Holding, error) {
	var added []account.Holding
	err := s.db.Write(ctx, "store holdings", func(tx Tx) error {
		for _, h := range revisions {
			isNew, err := putHolding(tx, &h)
			if err != nil {
				return err
			}
			if isNew {
				added = append(added, h)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return added, nil
}

// putHolding stores a revision unless it says the same as the newest; h becomes
// what is stored and shares nothing with the caller's.
func putHolding(tx Tx, h *account.Holding) (isNew bool, err error) {
	if err := ledger.ValidHolding(*h); err != nil {
		return false, err
	}
	var old account.Holding
	found := false
	err = tx.Each(newestHolding, []any{h.ID},
		func(rows Row) error {
			found = true
			old, err = scanHolding(rows)
			return err
		})
	*h = h.Clone()
	if err != nil || found && old.SameAs(*h) {
		return false, err
	}
	if err := ledger.CheckOrder(fmt.Sprintf("holding %q", h.ID), h.KnownAt, old.KnownAt); err != nil {
		return false, err
	}
	values, err := holdingValues(h)
	if err != nil {
		return false, err
	}
	columns := holdingColumns
	switch more, err := detailsOf(h); {
	case err != nil:
		return false, err
	case more != "":
		columns, values = columns+detailsColumn, append(values, more)
	}
	if err := insert(tx, "holdings", columns, values...); err != nil {
		return false, err
	}
	return true, noteTime(tx, h.KnownAt)
}

// Holdings implements [ledger.Holdings].
func (s *Store) Holdings(ctx context.Context, span account.Span, at time.Time) iter.Seq2[account.Holding, error] {
	return stream(ctx, s, "holdings", func(r Querier, yield func(account.Holding) error) error {
		if span.IsEmpty() {
			return nil
		}
		query := "SELECT " + holdingColumns + detailsColumn + `, crc FROM holdings
			WHERE id IN (SELECT id FROM holdings WHERE from_us < ?2 AND from_us < coalesce(to_us, ?4) AND coalesce(to_us, ?4) > ?1)
			AND known_us <= ?3 ORDER BY host, from_us, id, known_us`
		args := []any{span.From.UnixMicro(), ceilMicro(span.To), knownBy(at), account.Holding{}.Span().To.UnixMicro()}
		return r.Stream(query, args, func(rows Row) error {
			h, err := scanHolding(rows)
			if err != nil {
				return err
			}
			return yield(h)
		})
	})
}

// PutMethod implements [ledger.Methods].
func (s *Store) PutMethod(ctx context.Context, m ledger.MethodRecord) (bool, error) {
	if err := m.Method.Validate(); err != nil {
		return false, fmt.Errorf("%w: %w", ledger.ErrInvalid, err)
	}
	encoded, err := ledger.EncodeMethod(m.Method)
	if err != nil {
		return false, err
	}
	added := false
	err = s.db.Write(ctx, "store method", func(tx Tx) error {
		var known int64
		var stored string
		found, err := first(tx, "SELECT known_us, method FROM methods ORDER BY known_us DESC LIMIT 1", nil, &known, &stored)
		if err != nil || found && stored == string(encoded) {
			return err
		}
		if found {
			if err := ledger.CheckOrder("method", m.KnownAt, instant(known)); err != nil {
				return err
			}
		}
		added = true
		knownAt := account.Instant(m.KnownAt)
		if err := insert(tx, "methods", "known_us, method", knownAt.UnixMicro(), string(encoded)); err != nil {
			return err
		}
		return noteTime(tx, knownAt)
	})
	return added && err == nil, err
}

// Methods implements [ledger.Methods].
func (s *Store) Methods(ctx context.Context) iter.Seq2[ledger.MethodRecord, error] {
	return stream(ctx, s, "methods", func(r Querier, yield func(ledger.MethodRecord) error) error {
		return r.Stream("SELECT known_us, method, crc FROM methods ORDER BY known_us", nil, func(rows Row) error {
			var known, crc int64
			var stored string
			if err := rows.Scan(&known, &stored, &crc); err != nil {
				return err
			}
			if err := checkRow("methods", crc, known, stored); err != nil {
				return err
			}
			m := ledger.MethodRecord{KnownAt: instant(known)}
			if err := text("method", stored, &m.Method); err != nil {
				return err
			}
			return yield(m)
		})
	})
}
