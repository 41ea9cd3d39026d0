package builtin

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/value"
)

// csvLookup gives each row what the first record of a table has whose columns
// equal metrics of the row.
type csvLookup struct {
	path   string
	query  []csvPair // column of the table, metric of the row
	output csvOutput

	mu    sync.Mutex
	index *csvIndex // of the table last read; guarded by mu
}

func bindCSVLookup(s *settings) runner {
	s.require()
	s.check(field{"filepath", text(0)}, field{"query", recordOf(text(0))}, field{"output", csvForms})
	p := &csvLookup{path: s.text("filepath"), output: csvOutputOf(s)}
	for column, metric := range s.config.Get("query").Map().All() {
		name, _ := metric.Str()
		p.query = append(p.query, csvPair{column, name})
	}
	return p
}

func (p *csvLookup) check(*call) error { return nil }

func (p *csvLookup) compute(ctx context.Context, c *call) (*frame.Frame, error) {
	records, err := c.open(ctx, p.path)
	if err != nil {
		return nil, err
	}
	if !c.options.LooseLookup {
		if problems := p.missing(records); len(problems) > 0 {
			return nil, problems
		}
	}
	m := &csvMatcher{csvIndex: p.indexOf(records), c: c, query: p.query}
	if c.options.LookupConsumesRow && p.output.all {
		m.consumed = make(map[int32]bool)
	}
	found, err := m.match(ctx)
	missing := p.output.missing(records, p.path)
	var unmet *diag.Problem
	switch {
	case errors.As(err, &unmet) && (unmet.Row == 1 || len(missing) == 0):
		return nil, p.describe(unmet, m)
	case unmet == nil && err != nil:
		return nil, err
	case len(missing) > 0 && c.in.Len() > 0:
		return nil, missing
	}
	p.report(c, records, m)
	out := c.in
	for _, column := range p.output.columns(records, p.columns()...) {
		out = out.With(gathered(column, found))
	}
	return out, nil
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
func (p *csvLookup) indexOf(records *frame.Frame) *csvIndex {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.index == nil || p.index.records != records {
		p.index = newCSVIndex(records, p.columns(), p.output.loose)
	}
	return p.index
}

// describe completes the problem of a row that meets no record.
func (p *csvLookup) describe(problem *diag.Problem, m *csvMatcher) error {
	if problem.Hint != "" {
		return problem
	}
	var wanted []string
	for _, pair := range p.query {
		v := m.c.at(problem.Row-1, pair.name)
		wanted = append(wanted, fmt.Sprintf("%s = %s", pair.column, describe(v)))
	}
	problem.Hint = fmt.Sprintf("no record of %s has %s", p.path, strings.Join(wanted, " and "))
	if len(p.query) == 1 {
		problem.Hint += "; " + p.query[0].column + " is one of " + m.sample()
	}
	return problem
}

// report says where Impact Framework's result differs, and what is not clear.
func (p *csvLookup) report(c *call, records *frame.Frame, m *csvMatcher) {
	if m.ambiguous > 0 {
		c.warn(fmt.Sprintf("%s of %s meet more than one record with the same %s; the first is taken",
			plural(m.ambiguous, "row"), plural(c.in.Len(), "row"), strings.Join(p.columns(), " and ")))
	}
	if c.options.LooseLookup {
		return
	}
	if p.output.all && m.repeated {
		c.notice("lookup-once", "rows of this component meet the same record of "+p.path)
	}
	c.noticeCells(p.output.columns(records, p.columns()...))
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
		if len(nums) == 0 {
			return frame.NewNumbers(name, nums)
		}
		return numbersColumn(name, nums)
	}
	vals := make([]value.Value, len(rows))
	for i, row := range rows {
		vals[i] = column.At(int(row))
	}
	return frame.NewColumn(name, vals)
}
