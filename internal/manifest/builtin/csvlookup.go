package builtin

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/dendro-carbon/dendro/internal/manifest/plugin"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/lookup"
	"github.com/dendro-carbon/dendro/internal/value"
)

// csvLookup gives each row what the first record of a table has whose columns
// equal metrics of the row.
type csvLookup struct {
	path   string
	query  []csvPair // column of the table, metric of the row
	output csvOutput

	mu    sync.Mutex
	index *lookup.Index // of the table last read; guarded by mu
}

func bindCSVLookup(s *plugin.Settings) plugin.Runner {
	s.Require()
	s.Check(plugin.Key("filepath", plugin.Text(0)), plugin.Key("query", plugin.RecordOf(plugin.Text(0))), plugin.Key("output", csvForms))
	p := &csvLookup{path: s.Text("filepath"), output: csvOutputOf(s)}
	for column, metric := range s.Config.Get("query").Map().All() {
		name, _ := metric.Str()
		p.query = append(p.query, csvPair{column, name})
	}
	return p
}

func (p *csvLookup) Check(*plugin.Call) error { return nil }

func (p *csvLookup) Compute(ctx context.Context, c *plugin.Call) (*frame.Frame, error) {
	records, err := open(c, ctx, p.path)
	if err != nil {
		return nil, err
	}
	if !c.Options.LooseLookup {
		if problems := p.missing(records); len(problems) > 0 {
			return nil, problems
		}
	}
	found, err := p.indexOf(records).Find(ctx, p.queryOf(c))
	if err != nil {
		return nil, err
	}
	missing := p.output.missing(records, p.path)
	switch {
	case found.Unmet >= 0 && (found.Unmet == 0 || len(missing) == 0):
		return nil, p.unmet(c, records, found)
	case len(missing) > 0 && c.In.Len() > 0: // found in the first row that meets a record
		return nil, missing
	}
	p.report(c, records, found)
	out := c.In
	for _, column := range p.output.columns(records, p.columns()...) {
		out = out.With(gathered(column, found.Records))
	}
	return out, nil
}

// queryOf returns the rows as the index looks them up.
func (p *csvLookup) queryOf(c *plugin.Call) lookup.Query {
	q := lookup.Query{Rows: c.In.Len(), Consume: c.Options.LookupConsumesRow && p.output.all}
	for _, pair := range p.query {
		metric := lookup.Metric{At: func(row int) value.Value { return c.At(row, pair.name) }}
		if column := c.In.Column(c.Name(pair.name)); column != nil && c.In.Complete(column.Name()) {
			metric.Column = column
		}
		q.Metrics = append(q.Metrics, metric)
	}
	return q
}

func (p *csvLookup) columns() []string {
	names := make([]string, len(p.query))
	for i, pair := range p.query {
		names[i] = pair.column
	}
	return names
}

// missing returns what query and output name and the table lacks.
func (p *csvLookup) missing(records *frame.Frame) diag.List {
	var problems diag.List
	for _, pair := range p.query {
		if records.Find(pair.column) < 0 {
			problems = append(problems, missingColumn(records, p.path, pair.column))
		}
	}
	return append(problems, p.output.missing(records, p.path)...)
}

// indexOf returns the index of a table. All components look up the same table,
// and the work on it is done once.
func (p *csvLookup) indexOf(records *frame.Frame) *lookup.Index {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.index == nil || p.index.Records() != records {
		p.index = lookup.NewIndex(records, p.columns(), p.output.loose)
	}
	return p.index
}

// unmet is the problem of the rows that meet no record.
func (p *csvLookup) unmet(c *plugin.Call, records *frame.Frame, found lookup.Result) *diag.Problem {
	row := found.Unmet
	problem := diag.New("QueryDataNotFoundError",
		"One or more of the given query parameters are not found in the target CSV file column headers.").AtRow(row)
	problem.Rows = found.More
	var wanted []string
	for _, pair := range p.query {
		v := c.At(row, pair.name)
		if !c.Options.LooseLookup && v.IsNullish() {
			return missingMetric(c, row, pair.name, found.More)
		}
		wanted = append(wanted, fmt.Sprintf("%s = %s", pair.column, plugin.Describe(v)))
	}
	problem.Hint = fmt.Sprintf("no record of %s has %s", p.path, strings.Join(wanted, " and "))
	if len(p.query) == 1 {
		if column := records.Column(p.query[0].column); column != nil {
			problem.Hint += "; " + column.Name() + " is one of " + sample(column)
		}
	}
	return problem
}

func missingMetric(c *plugin.Call, row int, name string, more int) *diag.Problem {
	data := c.Name(name)
	problem := diag.New("MissingInputDataError", "%s is missing from the input array, or has nullish value.", data).
		AtRow(row).WithMetric(data).WithHint("%s", c.Hint(row, data, c.At(row, name)))
	problem.Rows = more
	return problem
}

// sample lists some values of a column.
func sample(column *frame.Column) string {
	const most = 5
	var values []string
	for record := range min(column.Len(), most) {
		values = append(values, plugin.Describe(column.At(record)))
	}
	if column.Len() > most {
		values = append(values, fmt.Sprintf("… (%d records)", column.Len()))
	}
	return strings.Join(values, ", ")
}

// report says where Impact Framework's result differs, and what is not clear.
func (p *csvLookup) report(c *plugin.Call, records *frame.Frame, found lookup.Result) {
	if found.Ambiguous > 0 {
		c.Warn(fmt.Sprintf("%s of %s meet more than one record with the same %s; the first is taken",
			plugin.Plural(found.Ambiguous, "row"), plugin.Plural(c.In.Len(), "row"), strings.Join(p.columns(), " and ")))
	}
	if c.Options.LooseLookup {
		return
	}
	if p.output.all && found.Repeated {
		c.Notice("lookup-once", "rows of this component meet the same record of "+p.path)
	}
	noticeCells(c, p.output.columns(records, p.columns()...))
}

// gathered returns the values of a column in the rows with the given indexes.
func gathered(column *frame.Column, rows []int32) *frame.Column {
	name := column.Name()
	if one, ok := column.Constant(); ok {
		return frame.NewConstant(name, len(rows), one)
	}
	if v, ok := column.Vec(); ok {
		nums := make([]float64, len(rows))
		for i, row := range rows {
			nums[i] = v.At(int(row))
		}
		return frame.NumbersOf(name, nums)
	}
	vals := make([]value.Value, len(rows))
	for i, row := range rows {
		vals[i] = column.At(int(row))
	}
	return frame.NewColumn(name, vals)
}
