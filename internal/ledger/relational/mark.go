package relational

import (
	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// A revision has a row of marks unless its mark is zero.
const (
	markColumns = "from_us, revision, file, seq"
	markOf      = "SELECT file, seq, crc FROM marks WHERE from_us = ? AND revision = ?"
)

func markValues(from, revision int64, m account.Mark) []any {
	return []any{from, revision, int64(m.File), int64(m.Seq)}
}

// readMark checks the columns file, seq and crc, which are 0 where there is no row.
func readMark(from, revision, file, seq, crc int64) (account.Mark, error) {
	m := account.Mark{File: uint64(file), Seq: uint64(seq)}
	if m == (account.Mark{}) && crc == 0 {
		return m, nil
	}
	return m, checkRow("marks", crc, markValues(from, revision, m)...)
}

// sameMark reports whether the stored mark of a revision is that of a commit.
func sameMark(tx Tx, c *ledger.Commit) (bool, error) {
	from, revision := c.Slot.From.UnixMicro(), int64(c.Revision)
	var file, seq, crc int64
	if _, err := first(tx, markOf, []any{from, revision}, &file, &seq, &crc); err != nil {
		return false, err
	}
	m, err := readMark(from, revision, file, seq, crc)
	return m == c.Mark, err
}
