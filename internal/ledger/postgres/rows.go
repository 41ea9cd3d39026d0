package postgres

import (
	"database/sql"
	"encoding/binary"
	"fmt"
	"reflect"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// row is a row that was read from the connection.
type row struct {
	fields []pgconn.FieldDescription
	values [][]byte
	types  *pgtype.Map
}

// keep copies a row, whose values are the connection's until the next one.
func keep(fields []pgconn.FieldDescription, raw [][]byte, types *pgtype.Map) row {
	r := row{fields: fields, values: make([][]byte, len(raw)), types: types}
	size := 0
	for _, v := range raw {
		size += len(v)
	}
	memory := make([]byte, 0, size)
	for i, v := range raw {
		if v != nil {
			begin := len(memory)
			memory = append(memory, v...)
			r.values[i] = memory[begin:len(memory):len(memory)]
		}
	}
	return r
}

// Scan implements [relational.Row].
func (r *row) Scan(into ...any) error {
	if len(into) != len(r.values) {
		return fmt.Errorf("%d columns for %d places", len(r.values), len(into))
	}
	for i, to := range into {
		if err := r.scan(i, to); err != nil {
			return fmt.Errorf("column %s: %w", r.fields[i].Name, err)
		}
	}
	return nil
}

func (r *row) scan(i int, to any) error {
	v := r.values[i]
	switch to := to.(type) {
	case *sql.RawBytes:
		*to = v
		return nil
	case *[]byte:
		*to = v
		return nil
	case *string:
		if v == nil {
			return fmt.Errorf("NULL where a text is expected")
		}
		*to = unescaped(string(v))
		return nil
	case *sql.NullInt64:
		*to = sql.NullInt64{}
		if v == nil {
			return nil
		}
		to.Valid = true
		return r.integer(i, reflect.ValueOf(&to.Int64).Elem())
	case *int64:
		if r.fields[i].DataTypeOID == pgtype.Int8OID && r.fields[i].Format == pgx.BinaryFormatCode && len(v) == 8 {
			*to = int64(binary.BigEndian.Uint64(v))
			return nil
		}
	}
	if place := reflect.ValueOf(to).Elem(); place.CanInt() || place.CanUint() {
		return r.integer(i, place)
	}
	return r.types.Scan(r.fields[i].DataTypeOID, r.fields[i].Format, v, to)
}

// integer scans into any type that is an integer.
func (r *row) integer(i int, to reflect.Value) error {
	var n int64
	if err := r.types.Scan(r.fields[i].DataTypeOID, r.fields[i].Format, r.values[i], &n); err != nil {
		return err
	}
	if to.CanUint() {
		if n < 0 || to.OverflowUint(uint64(n)) {
			return fmt.Errorf("%d is out of range", n)
		}
		to.SetUint(uint64(n))
		return nil
	}
	if to.OverflowInt(n) {
		return fmt.Errorf("%d is out of range", n)
	}
	to.SetInt(n)
	return nil
}

// PostgreSQL has no character 0 in texts. It and the character 1 are written as
// two characters each, such that the order of texts stays.

// escapedAll returns arguments with their texts as they are stored.
func escapedAll(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		if s, ok := a.(string); ok {
			a = escaped(s)
		}
		out[i] = a
	}
	return out
}

func escaped(s string) string {
	if !strings.ContainsAny(s, "\x00\x01") {
		return s
	}
	return strings.NewReplacer("\x00", "\x01\x01", "\x01", "\x01\x02").Replace(s)
}

func unescaped(s string) string {
	if !strings.Contains(s, "\x01") {
		return s
	}
	return strings.NewReplacer("\x01\x01", "\x00", "\x01\x02", "\x01").Replace(s)
}
