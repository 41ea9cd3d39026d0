package builtin

import (
	"context"

	"github.com/dendro-carbon/dendro/internal/frame"
)

// csvImport appends the records of a table to the rows.
type csvImport struct {
	path   string
	output csvOutput
}

func bindCSVImport(s *settings) runner {
	s.require()
	s.check(field{"filepath", text(0)}, field{"output", csvForms})
	return &csvImport{path: s.text("filepath"), output: csvOutputOf(s)}
}

func (p *csvImport) check(*call) error { return nil }

func (p *csvImport) compute(ctx context.Context, c *call) (*frame.Frame, error) {
	records, err := c.open(ctx, p.path)
	if err != nil {
		return nil, err
	}
	if records.Len() > 0 || !c.options.LooseLookup {
		if problems := p.output.missing(records, p.path); len(problems) > 0 {
			return nil, problems
		}
	}
	columns := merged(p.output.columns(records))
	if !c.options.LooseLookup {
		c.noticeCells(columns)
	}
	imported := frame.New(records.Len(), columns...)
	if c.in.Len() == 0 {
		return imported, nil
	}
	return frame.Concat(c.in, imported), nil
}

// merged returns columns of different names: of equal ones the last, in the
// place of the first.
func merged(columns []*frame.Column) []*frame.Column {
	var out []*frame.Column
	at := make(map[string]int, len(columns))
	for _, column := range columns {
		if i, ok := at[column.Name()]; ok {
			out[i] = column
			continue
		}
		at[column.Name()] = len(out)
		out = append(out, column)
	}
	return out
}
