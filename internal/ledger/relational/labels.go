package relational

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"

	"github.com/dendro-carbon/dendro/internal/account"
)

// The table account_labels tells in which chunks of accounts a label occurs, so that
// who asks about one of a hundred thousand accounts reads few. It is made of the
// accounts, in the transaction that stores them; a copy of a ledger gets it when it
// is opened for writing.
const (
	insertLabel   = "INSERT INTO account_labels (label, chunk) VALUES (?, ?) ON CONFLICT DO NOTHING"
	chunksOfLabel = "SELECT chunk FROM account_labels WHERE label = ?"
	anyLabel      = "SELECT chunk FROM account_labels LIMIT 1"
	allLabels     = "SELECT label, chunk FROM account_labels"
)

// labelChunk is a row of the table.
type labelChunk struct{ label, chunk int64 }

// labelOf returns the number of a label. Two labels may have one, which costs a look
// at accounts that are not asked for.
func labelOf(name, value string) int64 {
	h := fnv.New64a()
	h.Write(binary.AppendUvarint(nil, uint64(len(name))))
	h.Write([]byte(name))
	h.Write([]byte(value))
	return int64(h.Sum64())
}

// labelsOf returns the rows of accounts whose ids count from first.
func labelsOf(first int64, accounts []account.Account) map[labelChunk]bool {
	rows := map[labelChunk]bool{}
	for i := range accounts {
		for name, value := range accounts[i].Labels.All() {
			rows[labelChunk{labelOf(name, value), (first + int64(i)) / chunkSize}] = true
		}
	}
	return rows
}

// storeLabels stores the rows of new accounts.
func storeLabels(tx Tx, first int64, accounts []account.Account) error {
	rows := slices.SortedFunc(maps.Keys(labelsOf(first, accounts)), func(a, b labelChunk) int {
		return cmp.Or(cmp.Compare(a.label, b.label), cmp.Compare(a.chunk, b.chunk))
	})
	for _, row := range rows {
		if err := tx.Exec(insertLabel, row.label, row.chunk); err != nil {
			return err
		}
	}
	return nil
}

// settleLabels fills the table of a ledger that has accounts and none of it: one of
// an older version, or a copy.
func (s *Store) settleLabels(tx Tx) error {
	var some int64
	if found, err := first(tx, anyLabel, nil, &some); found || err != nil {
		return err
	}
	return s.accountPages(tx, func(number int64, page []account.Account) error {
		return storeLabels(tx, number*chunkSize, page)
	})
}

// accountPages calls use on all accounts, chunk by chunk.
func (s *Store) accountPages(q Querier, use func(number int64, page []account.Account) error) error {
	for number := int64(0); ; number++ {
		page, err := s.accounts.load(q, number)
		if err != nil || len(page) == 0 {
			return err
		}
		if err := use(number, page); err != nil {
			return err
		}
	}
}

// maxLooked is how many values of a match are looked up. Beyond it, reading accounts
// takes less.
const maxLooked = 64

// chunksFor returns the chunks that may have accounts that a filter holds for, nil
// when all may.
func chunksFor(q Querier, where account.Filter) (map[int64]bool, error) {
	var only map[int64]bool
	for _, m := range where {
		if len(m.Values) > maxLooked || slices.Contains(m.Values, "") { // a label that is missing has no row
			continue
		}
		found := map[int64]bool{}
		for _, value := range m.Values {
			err := q.Each(chunksOfLabel, []any{labelOf(m.Label, value)}, func(row Row) error {
				var chunk int64
				err := row.Scan(&chunk)
				found[chunk] = only == nil || only[chunk]
				return err
			})
			if err != nil {
				return nil, err
			}
		}
		only = found
	}
	if only == nil {
		return nil, nil
	}
	var some int64
	if filled, err := first(q, anyLabel, nil, &some); err != nil || !filled {
		return nil, err
	}
	return only, nil
}

// checkLabels holds that the table, where it is filled, is what follows from the
// accounts.
func (s *Store) checkLabels(q Querier) error {
	var stored, want labelSum
	err := q.Stream(allLabels, nil, func(row Row) error {
		var one labelChunk
		err := row.Scan(&one.label, &one.chunk)
		stored.add(one)
		return err
	})
	if err != nil || stored.rows == 0 {
		return err
	}
	err = s.accountPages(q, func(number int64, page []account.Account) error {
		for row := range labelsOf(number*chunkSize, page) {
			want.add(row)
		}
		return nil
	})
	if err == nil && stored != want {
		err = fmt.Errorf("%w: labels of accounts: %d rows are not the %d that follow from the accounts", ErrBlob, stored.rows, want.rows)
	}
	return err
}

// labelSum sums up rows in any order.
type labelSum struct {
	rows int
	sum  uint64
}

func (s *labelSum) add(row labelChunk) {
	h := fnv.New64a()
	h.Write(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, uint64(row.label)), uint64(row.chunk)))
	s.rows++
	s.sum += h.Sum64()
}
