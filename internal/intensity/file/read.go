package file

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/unit"
)

// maxProblems is how many problems of a file are told at once.
const maxProblems = 20

// reader reads one file.
type reader struct {
	config  *Config
	csv     *csv.Reader
	columns columns
	table   *table
	list    diag.List
}

// columns are the positions of the columns, -1 of those that are missing.
type columns struct{ from, to, duration, value, region, kind, version int }

// readTable reads a file. The error is a [diag.List] when the content is not
// right, and whatever in gave otherwise.
func readTable(in io.Reader, c *Config) (*table, error) {
	r := &reader{config: c, csv: csv.NewReader(in), table: &table{regions: map[string]*series{}}}
	r.csv.ReuseRecord = true
	r.csv.FieldsPerRecord = -1 // told here, with what to do
	names, err := r.csv.Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, diag.List{r.at(1, "the file is empty").WithHint("begin with a line that names its columns: from,to,gco2e_per_kwh")}
	case err != nil:
		return nil, r.broken(err)
	}
	n := len(names)
	if !r.header(names) {
		return nil, r.list.Err()
	}
	for len(r.list) < maxProblems {
		record, err := r.csv.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, r.broken(err)
		}
		r.record(record, n)
	}
	if len(r.list) == 0 {
		r.list = r.table.finish(c.Path)
	}
	if err := r.list.Err(); err != nil {
		return nil, err
	}
	return r.table, nil
}

// at returns a problem of a line.
func (r *reader) at(line int, format string, args ...any) *diag.Problem {
	p := diag.New("", format, args...)
	p.File, p.Line = r.config.Path, line
	return p
}

// broken returns the error for a file whose reading ended early.
func (r *reader) broken(err error) error {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return err
	}
	return append(r.list, r.at(parse.Line, "%v", parse.Err).WithHint("write a field with quotes or commas in quotes, and quotes in it twice"))
}

// header finds the columns.
func (r *reader) header(names []string) bool {
	r.columns = columns{-1, -1, -1, -1, -1, -1, -1}
	places := map[string]*int{
		"from": &r.columns.from, "timestamp": &r.columns.from, "to": &r.columns.to, "duration": &r.columns.duration,
		"gco2e_per_kwh": &r.columns.value, "intensity_gco2e_per_kwh": &r.columns.value, "intensity": &r.columns.value,
		"region": &r.columns.region, "kind": &r.columns.kind, "version": &r.columns.version,
	}
	for i, name := range names {
		name = strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))
		place := places[name]
		switch {
		case place == nil:
			r.list = append(r.list, r.at(1, "column %q is not known", name).
				WithHint("use from (or timestamp), to or duration, gco2e_per_kwh (or intensity), region, kind, version"))
		case *place >= 0:
			r.list = append(r.list, r.at(1, "columns %d and %d both say %s", *place+1, i+1, name).WithHint("keep one of them"))
		default:
			*place = i
		}
	}
	missing := func(bad bool, format string, args ...any) {
		if bad {
			r.list = append(r.list, r.at(1, format, args...))
		}
	}
	c := &r.columns
	missing(c.from < 0, "there is no column from")
	missing(c.value < 0, "there is no column gco2e_per_kwh")
	missing(c.to < 0 && c.duration < 0 && r.config.Step == 0, "there is no column to or duration, and no step is configured")
	missing(c.to >= 0 && c.duration >= 0, "there are columns to and duration; keep one of them")
	missing(c.region < 0 && r.config.Region == "", "there is no column region, and no region is configured")
	return len(r.list) == 0
}

// record reads one row.
func (r *reader) record(fields []string, want int) {
	line, _ := r.csv.FieldPos(0)
	if len(fields) != want {
		r.list = append(r.list, r.at(line, "the row has %d fields, the header %d", len(fields), want))
		return
	}
	field := func(i int) string {
		if i < 0 {
			return ""
		}
		return strings.TrimSpace(fields[i])
	}
	one, err := r.value(field)
	switch {
	case err != nil:
		r.list = append(r.list, r.at(line, "%v", err))
	case field(r.columns.value) != "": // empty is not known: a gap and no zero
		r.table.add(row{one, line})
	}
}

// value reads the fields of a row.
func (r *reader) value(field func(int) string) (account.Intensity, error) {
	c := &r.columns
	out := account.Intensity{
		Region: r.config.Region, Source: r.config.Name, Accounting: r.config.Accounting,
		Version: strings.Clone(field(c.version)),
	}
	if c.region >= 0 {
		if out.Region = strings.Clone(field(c.region)); out.Region == "" {
			return out, errors.New("the region is empty")
		}
	}
	if !utf8.ValidString(out.Region) || !utf8.ValidString(out.Version) {
		return out, errors.New("region or version is not UTF-8")
	}
	if kind := field(c.kind); kind != "" {
		if err := out.Kind.UnmarshalText([]byte(kind)); err != nil {
			return out, err
		}
	}
	var err error
	if out.Span, err = r.span(field); err != nil {
		return out, err
	}
	if text := field(c.value); text != "" {
		if out.Value, err = unit.ParseIntensity(text); err != nil {
			return out, fmt.Errorf("gco2e_per_kwh: %w", err)
		}
	}
	if out.Value < 0 {
		return out, fmt.Errorf("gco2e_per_kwh %s is negative", field(c.value))
	}
	return out, nil
}

// span reads beginning and end.
func (r *reader) span(field func(int) string) (account.Span, error) {
	from, err := instant(field(r.columns.from))
	if err != nil {
		return account.Span{}, fmt.Errorf("from: %w", err)
	}
	to := from.Add(r.config.Step)
	switch end, length := field(r.columns.to), field(r.columns.duration); {
	case end != "":
		if to, err = instant(end); err != nil {
			return account.Span{}, fmt.Errorf("to: %w", err)
		}
	case length != "":
		seconds, err := unit.ParseDuration(length)
		if err != nil || seconds > maxDuration {
			return account.Span{}, fmt.Errorf("duration %q: use seconds, such as 1800", length)
		}
		to = from.Add(time.Duration(seconds) * time.Microsecond)
	}
	if !from.Before(to) {
		return account.Span{}, fmt.Errorf("the value ends at %s, not after %s", to.Format(time.RFC3339), from.Format(time.RFC3339))
	}
	return account.NewSpan(from, to), nil
}

// maxDuration is a century.
const maxDuration = unit.Duration(100 * 366 * 24 * 3600 * 1_000_000)

// instant reads a time. Years that microseconds or JSON cannot write are not
// accepted.
func instant(text string) (time.Time, error) {
	for _, layout := range [...]string{
		time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04Z07:00",
	} {
		t, err := time.Parse(layout, text)
		if err == nil && t.UTC().Year() >= 1970 && t.UTC().Year() < 9000 {
			return account.Instant(t), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not an instant with its zone, such as 2026-01-28T12:30:00Z", text)
}
