package relational

import (
	"strings"

	"github.com/dendro-carbon/dendro/internal/account"
)

// revision is a row of the table of that name.
type revision struct {
	from, number, known int64
	reason, note        string
	facts               int64
	total               [quantityColumns]int64
	crc                 int64
}

// revisionColumns are the columns of a revision, all but its checksum.
func revisionColumns() string {
	names := account.QuantityNames()
	return "from_us, revision, known_us, reason, note, facts, " + strings.Join(names[:], ", ")
}

// revisionColumnsOf are all columns of a revision, the checksum last, of a table
// that has an alias.
func revisionColumnsOf(alias string) string {
	return alias + "." + strings.ReplaceAll(revisionColumns()+", crc", ", ", ", "+alias+".")
}

// into is where the columns of revisionColumnsOf go.
func (r *revision) into() []any {
	to := []any{&r.from, &r.number, &r.known, &r.reason, &r.note, &r.facts}
	for i := range r.total {
		to = append(to, &r.total[i])
	}
	return append(to, &r.crc)
}

// values are what the columns of revisionColumns hold.
func (r *revision) values() []any {
	values := []any{r.from, r.number, r.known, r.reason, r.note, r.facts}
	for _, v := range r.total {
		values = append(values, v)
	}
	return values
}

func (r *revision) check() error { return checkRow("revisions", r.crc, r.values()...) }

// scan reads the columns of revisionColumnsOf.
func (r *revision) scan(rows Row) error {
	if err := rows.Scan(r.into()...); err != nil {
		return err
	}
	return r.check()
}

// newestRevision asks for the newest revision of a slot.
func newestRevision() string {
	return "SELECT " + revisionColumnsOf("r") + " FROM revisions r WHERE r.from_us = ? ORDER BY r.revision DESC LIMIT 1"
}

// revisionsOfSlot asks for all revisions of a slot.
func revisionsOfSlot() string {
	return "SELECT " + revisionColumnsOf("r") + " FROM revisions r WHERE r.from_us = ? ORDER BY r.revision"
}

// slotsOfSpan asks for revisions with their marks.
func slotsOfSpan() string {
	return "SELECT " + revisionColumnsOf("r") + `, coalesce(m.file, 0), coalesce(m.seq, 0), coalesce(m.crc, 0) FROM revisions r
		LEFT JOIN marks m ON m.from_us = r.from_us AND m.revision = r.revision
		WHERE r.from_us >= ? AND r.from_us < ? ORDER BY r.from_us, r.revision`
}

// restatementsOfTime asks for revisions and those before them.
func restatementsOfTime() string {
	return "SELECT " + revisionColumnsOf("n") + ", " + revisionColumnsOf("b") + ` FROM revisions n
		JOIN revisions b ON b.from_us = n.from_us AND b.revision = n.revision - 1
		WHERE n.revision > 1 AND n.known_us > ? AND n.known_us <= ? ORDER BY n.known_us, n.from_us`
}
