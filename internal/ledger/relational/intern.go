package relational

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// maxPages bounds what an interner remembers, in pages of 64 values and for each of
// the two directions. What is full is emptied: the values in use come back with
// the next slot. At 300 bytes a value that is 80 MB a direction.
const maxPages = 4096

// interner stores values once and gives them small numbers, by which blobs name
// them. Numbers count from 0 in the order of first use; values that came
// together have neighbouring numbers, so they are read by pages of 64.
//
// The table in the file is the truth. What is remembered may be too little,
// never wrong: values are never changed or removed.
type interner[T comparable] struct {
	table interned[T]
	limit int // maxPages

	mu    sync.RWMutex
	pages map[int64][]T // by id / 64, as far as known

	// The writer's own: ids, and those that the transaction tx has found or
	// given, which count once it is committed.
	ids, fresh map[T]int64
	tx         Tx
}

// interned says how values of one kind are kept in a table.
type interned[T comparable] struct {
	name    string
	columns string // the columns of a value, which are unique together
	// values returns what the columns hold for a value, scan reads it back
	// from a row of id, columns and crc.
	values func(T) ([]any, error)
	scan   func(Row) (int64, T, error)
	// added, which may be nil, is told of new values, whose ids count from first.
	added func(tx Tx, first int64, values []T) error
}

func newInterner[T comparable](table interned[T]) *interner[T] {
	return &interner[T]{table: table, limit: maxPages, pages: map[int64][]T{}, ids: map[T]int64{}}
}

// values appends to dst the values of ids, which q's snapshot contains.
func (in *interner[T]) values(q Querier, ids []int64, dst []T) ([]T, error) {
	dst = slices.Grow(dst, len(ids))
	var page []T
	number := int64(-1)
	for _, id := range ids {
		if id/chunkSize != number || int(id%chunkSize) >= len(page) {
			var err error
			number = id / chunkSize
			if page, err = in.page(q, number, int(id%chunkSize)+1); err != nil {
				return nil, err
			}
		}
		dst = append(dst, page[id%chunkSize])
	}
	return dst, nil
}

// page returns a page with at least size values.
func (in *interner[T]) page(q Querier, number int64, size int) ([]T, error) {
	in.mu.RLock()
	page := in.pages[number]
	in.mu.RUnlock()
	if len(page) >= size && size > 0 {
		return page, nil
	}
	page, err := in.load(q, number)
	if err != nil {
		return nil, err
	}
	if len(page) < size || size <= 0 {
		return nil, fmt.Errorf("%w: no %s with id %d", ErrBlob, in.table.name, number*chunkSize+int64(size)-1)
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.pages) >= in.limit {
		clear(in.pages)
	}
	if len(page) > len(in.pages[number]) { // another snapshot may have seen more
		in.pages[number] = page
	}
	return page, nil
}

func (in *interner[T]) load(q Querier, number int64) ([]T, error) {
	query := fmt.Sprintf("SELECT id, %s, crc FROM %s WHERE id >= ? AND id < ? ORDER BY id", in.table.columns, in.table.name)
	page := make([]T, 0, chunkSize)
	err := q.Each(query, []any{number * chunkSize, (number + 1) * chunkSize}, func(row Row) error {
		id, v, err := in.table.scan(row)
		if err != nil {
			return err
		}
		if id != number*chunkSize+int64(len(page)) {
			return fmt.Errorf("%w: %s %d is missing", ErrBlob, in.table.name, number*chunkSize+int64(len(page)))
		}
		page = append(page, v)
		return nil
	})
	return page, err
}

// intern returns the ids of n values, storing those that are new.
func (in *interner[T]) intern(tx Tx, n int, value func(int) T) ([]int64, error) {
	in.begin(tx)
	ids := make([]int64, n)
	var unknown []T
	var places []int // of ids that are not known
	for i := range n {
		v := value(i)
		id, ok := in.ids[v]
		if !ok {
			id, ok = in.fresh[v]
		}
		if ids[i] = id; !ok {
			unknown, places = append(unknown, v), append(places, i)
		}
	}
	if len(unknown) == 0 {
		return ids, nil
	}
	if err := in.findOrInsert(tx, unknown); err != nil {
		return nil, err
	}
	for k, i := range places {
		ids[i] = in.fresh[unknown[k]]
	}
	return ids, nil
}

// begin forgets what a transaction before this one gave that was not committed.
func (in *interner[T]) begin(tx Tx) {
	if in.tx == tx {
		return
	}
	in.tx, in.fresh = tx, map[T]int64{}
	tx.AfterCommit(in.remember)
}

// remember keeps ids once the transaction that stored them is committed.
func (in *interner[T]) remember() {
	if len(in.ids)+len(in.fresh) > in.limit*chunkSize {
		clear(in.ids)
	}
	maps.Copy(in.ids, in.fresh)
	in.tx, in.fresh = nil, nil
}

// findOrInsert makes the ids of values known. New ones are numbered in the order
// given.
func (in *interner[T]) findOrInsert(tx Tx, unknown []T) error {
	var args [][]any
	var each []T
	for _, v := range unknown {
		if _, again := in.fresh[v]; again {
			continue
		}
		values, err := in.table.values(v)
		if err != nil {
			return err
		}
		in.fresh[v] = -1
		each, args = append(each, v), append(args, values)
	}
	name, columns := in.table.name, in.table.columns
	found := fmt.Sprintf("SELECT id FROM %s WHERE (%s) = (%s)", name, columns, marks(len(args[0])))
	err := tx.EachOf(found, args, func(i int, row Row) error {
		var id int64
		err := row.Scan(&id)
		in.fresh[each[i]] = id
		return err
	})
	if err != nil {
		return err
	}
	return in.insertNew(tx, each, args)
}

// insertNew stores those of some values that have no id yet; args are their columns.
func (in *interner[T]) insertNew(tx Tx, each []T, args [][]any) error {
	begin := int64(-1)
	var added []T
	for i, v := range each {
		if in.fresh[v] >= 0 {
			continue
		}
		if begin < 0 {
			if _, err := first(tx, "SELECT coalesce(max(id) + 1, 0) FROM "+in.table.name, nil, &begin); err != nil {
				return err
			}
		}
		in.fresh[v] = begin + int64(len(added))
		added = append(added, v)
		if err := insert(tx, in.table.name, "id, "+in.table.columns, append([]any{in.fresh[v]}, args[i]...)...); err != nil {
			return err
		}
	}
	if len(added) == 0 || in.table.added == nil {
		return nil
	}
	return in.table.added(tx, begin, added)
}

// text reads a stored JSON text into v.
func text(what, stored string, v any) error {
	var err error
	if labels, ok := v.(*account.Labels); ok {
		err = labels.UnmarshalJSON([]byte(stored)) // the library would look at all of it first
	} else {
		err = json.Unmarshal([]byte(stored), v)
	}
	if err != nil {
		return fmt.Errorf("%w: %s %.80q: %w", ErrBlob, what, stored, err)
	}
	return nil
}

// jsonText returns the JSON of a value as text for a column.
func jsonText(v any) (string, error) {
	if labels, ok := v.(account.Labels); ok {
		b, err := labels.MarshalJSON()
		return string(b), err
	}
	b, err := json.Marshal(v)
	return string(b), err
}

func accountTable() interned[account.Account] {
	return interned[account.Account]{
		name: "accounts", columns: "labels, kind", added: storeLabels,
		values: func(a account.Account) ([]any, error) {
			var read account.Kind
			if err := read.UnmarshalText([]byte(a.Kind.String())); err != nil {
				return nil, fmt.Errorf("%w: account %v: %w", ledger.ErrInvalid, a, err)
			}
			labels, err := jsonText(a.Labels)
			return []any{labels, a.Kind.String()}, err
		},
		scan: func(rows Row) (id int64, a account.Account, err error) {
			var labels, kind string
			var crc int64
			if err = rows.Scan(&id, &labels, &kind, &crc); err == nil {
				err = checkRow("accounts", crc, id, labels, kind)
			}
			if err == nil {
				err = text("labels", labels, &a.Labels)
			}
			if err == nil {
				err = a.Kind.UnmarshalText([]byte(kind))
			}
			return id, a, err
		},
	}
}

func subjectTable() interned[account.Subject] {
	return interned[account.Subject]{
		name: "subjects", columns: "host, kind, labels",
		values: func(s account.Subject) ([]any, error) {
			labels, err := jsonText(s.Labels)
			return []any{s.Host, int64(s.Kind), labels}, err
		},
		scan: func(rows Row) (id int64, s account.Subject, err error) {
			var labels string
			var crc int64
			if err = rows.Scan(&id, &s.Host, &s.Kind, &labels, &crc); err == nil {
				err = checkRow("subjects", crc, id, s.Host, int64(s.Kind), labels)
			}
			if err == nil {
				err = text("labels", labels, &s.Labels)
			}
			return id, s, err
		},
	}
}

// jsonTable is a table of values in one column of JSON.
func jsonTable[T comparable](table, column string) interned[T] {
	return interned[T]{
		name: table, columns: column,
		values: func(v T) ([]any, error) {
			stored, err := jsonText(v)
			return []any{stored}, err
		},
		scan: func(rows Row) (id int64, v T, err error) {
			var stored string
			var crc int64
			if err = rows.Scan(&id, &stored, &crc); err == nil {
				err = checkRow(table, crc, id, stored)
			}
			if err == nil {
				err = text(column, stored, &v)
			}
			return id, v, err
		},
	}
}
