package builtin

import (
	"context"
	"fmt"
	"strings"

	"github.com/dendro-carbon/dendro/internal/manifest/plugin"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/table"
	"github.com/dendro-carbon/dendro/internal/value"
)

// csvOutput is what is taken of the records of a table: all columns, or some
// under names of their own.
//
// An empty cell is null by default, which plugins take for missing. Under
// LooseLookup it is the text "nan", as in Impact Framework.
type csvOutput struct {
	all   bool
	pairs []csvPair
	loose bool
}

// csvPair takes a column under a name.
type csvPair struct{ column, name string }

// classColumn is the class of what names a column that the table lacks.
const classColumn = "MissingCSVColumnError"

// csvForms accepts the forms of output: a text, a list of texts, a list of
// lists of texts.
func csvForms(v value.Value, path string, r *plugin.Report) bool {
	form := plugin.AnyOf(plugin.Text(0), plugin.ListOf(plugin.Text(0)), plugin.ListOf(plugin.ListOf(plugin.Text(0))))
	var try plugin.Report
	if form(v, path, &try); !try.OK() {
		r.Add(path, "invalid_union", "Invalid input") // what zod says of a union of a union
		return false
	}
	return true
}

// csvOutputOf reads the output of a config whose types are right. A list is a
// column and its new name, a list of lists is several of these.
func csvOutputOf(s *plugin.Settings) csvOutput {
	out := csvOutput{loose: s.Options.LooseLookup}
	v := s.Config.Get("output")
	if name, ok := v.Str(); ok {
		out.all = name == "*"
		out.pairs = []csvPair{{name, name}}
		return out
	}
	list := v.List()
	if len(list) > 0 && list[0].Kind() == value.List {
		for _, item := range list {
			out.pairs = append(out.pairs, readPair(s, item.List()))
		}
		return out
	}
	out.pairs = []csvPair{readPair(s, list)}
	return out
}

// readPair reads a column and its new name. Impact Framework ignores what comes
// behind these two, and takes an empty list for a column called undefined.
func readPair(s *plugin.Settings, list []value.Value) csvPair {
	texts := make([]string, len(list))
	for i, v := range list {
		texts[i], _ = v.Str()
	}
	if !s.Options.LooseLookup && (len(list) == 0 || len(list) > 2) {
		s.Fail(diag.New(plugin.InputValidation, "\"output\" has a list of %s.", plugin.Plural(len(list), "name")).
			WithHint("[a, b] takes column a and calls it b; for several columns write a list of lists: [[a], [b, c]]"), "output")
	}
	pair := csvPair{column: value.Value{}.String()}
	if len(list) > 0 {
		pair = csvPair{texts[0], texts[0]}
	}
	if len(list) > 1 && texts[1] != "" {
		pair.name = texts[1]
	}
	return pair
}

// missing returns a problem for each column that the table lacks.
func (o csvOutput) missing(records *frame.Frame, file string) diag.List {
	var problems diag.List
	if o.all {
		return nil
	}
	for _, pair := range o.pairs {
		if records.Find(pair.column) < 0 {
			problems = append(problems, missingColumn(records, file, pair.column))
		}
	}
	return problems
}

func missingColumn(records *frame.Frame, file, name string) *diag.Problem {
	var names []string
	for _, column := range records.Columns() {
		names = append(names, column.Name())
	}
	return diag.New(classColumn, "There is no column with the name: %s.", name).
		WithHint("%s has %s", file, strings.Join(names, ", "))
}

// columns returns the columns taken of the records, without those named.
func (o csvOutput) columns(records *frame.Frame, without ...string) []*frame.Column {
	var columns []*frame.Column
	if o.all {
		for _, column := range records.Columns() {
			if !contains(without, column.Name()) {
				columns = append(columns, o.cells(column))
			}
		}
		return columns
	}
	for _, pair := range o.pairs {
		if column := records.Column(pair.column); column != nil {
			columns = append(columns, o.cells(column).Renamed(pair.name))
		}
	}
	return columns
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}

// cells returns a column with its empty cells as this output has them.
func (o csvOutput) cells(column *frame.Column) *frame.Column {
	if !o.loose || !holdsEmpty(column) {
		return column
	}
	vals := make([]value.Value, column.Len())
	for row := range vals {
		vals[row] = column.At(row)
		if s, ok := vals[row].Str(); ok && s == "" {
			vals[row] = value.OfText("nan")
		}
	}
	return frame.NewColumn(column.Name(), vals)
}

func holdsEmpty(column *frame.Column) bool {
	if one, ok := column.Constant(); ok {
		s, isText := one.Str()
		return isText && s == ""
	}
	if column.Rep() == frame.Texts {
		return contains(column.Texts(), "")
	}
	return column.Rep() == frame.Mixed
}

// open reads the table that a plugin takes its records from.
func open(c *plugin.Call, ctx context.Context, path string) (*frame.Frame, error) {
	if c.Env.Files == nil {
		return nil, diag.New(table.ClassRead, "Failed reading the file: %s. \nError: files cannot be read here", path)
	}
	return c.Env.Files.Table(ctx, path, plugin.Dialect{CastLoosely: c.Options.LooseLookup})
}

// noticeCells reports cells of the columns that Impact Framework reads as
// something else.
func noticeCells(c *plugin.Call, columns []*frame.Column) {
	for _, column := range columns {
		empty, text := "", ""
		for row := range column.Len() {
			v := column.At(row)
			if s, ok := v.Str(); ok && text == "" {
				if f, cast := table.CastLoose(s); cast {
					text = fmt.Sprintf("%s is the text %q, not the number %s", column.Name(), s, value.NumberText(f))
				}
			}
			if v.Kind() == value.Null {
				empty = "an empty cell of " + column.Name() + " is null, not the text nan"
			}
			if _, constant := column.Constant(); constant {
				break
			}
		}
		for _, detail := range []string{empty, text} {
			if detail != "" {
				c.Notice("loose-lookup", detail)
			}
		}
	}
}
