package builtin

import (
	"context"

	"github.com/dendro-carbon/dendro/internal/manifest/plugin"

	"github.com/dendro-carbon/dendro/internal/frame"
)

// csvImport appends the records of a table to the rows.
type csvImport struct {
	path   string
	output csvOutput
}

func bindCSVImport(s *plugin.Settings) plugin.Runner {
	s.Require()
	s.Check(plugin.Key("filepath", plugin.Text(0)), plugin.Key("output", csvForms))
	return &csvImport{path: s.Text("filepath"), output: csvOutputOf(s)}
}

func (p *csvImport) Check(*plugin.Call) error { return nil }

func (p *csvImport) Compute(ctx context.Context, c *plugin.Call) (*frame.Frame, error) {
	records, err := open(c, ctx, p.path)
	if err != nil {
		return nil, err
	}
	if records.Len() > 0 || !c.Options.LooseLookup {
		if problems := p.output.missing(records, p.path); len(problems) > 0 {
			return nil, problems
		}
	}
	columns := merged(p.output.columns(records))
	if !c.Options.LooseLookup {
		noticeCells(c, columns)
	}
	imported := frame.New(records.Len(), columns...)
	if c.In.Len() == 0 {
		return imported, nil
	}
	return frame.Concat(c.In, imported), nil
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
