package disclosure

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/unit"
)

// grouped adds rows up by labels, in order. Rows that lack one of the labels are of
// unknown kind, unless they are of another kind already.
func grouped(rows []Row, by []string) ([]Row, error) {
	places := map[account.Account]int{}
	var out []Row
	for i := range rows {
		key, err := under(&rows[i].Account, by)
		if err != nil {
			return nil, err
		}
		at, known := places[key]
		if !known {
			places[key] = len(out)
			row := rows[i]
			row.Account = key
			out = append(out, row)
			continue
		}
		if err := out[at].merge(&rows[i]); err != nil {
			return nil, fmt.Errorf("row %s: %w", key.Labels, err)
		}
	}
	slices.SortFunc(out, func(a, b Row) int {
		return cmp.Or(a.Labels.Compare(b.Labels), cmp.Compare(a.Kind, b.Kind))
	})
	return out, nil
}

// under returns the account that a row belongs to by labels.
func under(a *account.Account, by []string) (account.Account, error) {
	key := account.Account{Kind: a.Kind}
	var pairs []string
	for _, label := range by {
		value := a.Labels.Get(label)
		if value == "" && key.Kind == account.KindAccount {
			key.Kind = account.KindUnknown
		}
		pairs = append(pairs, label, value)
	}
	var err error
	key.Labels, err = account.LabelsOf(pairs...)
	return key, err
}

// merge adds another row to a row.
func (r *Row) merge(o *Row) error {
	sum, err := r.Quantities.Add(o.Quantities)
	if err != nil {
		return err
	}
	r.Quantities = sum
	if r.Low, err = unit.Sum(r.Low, o.Low); err != nil {
		return err
	}
	if r.High, err = unit.Sum(r.High, o.High); err != nil {
		return err
	}
	if r.Operations > math.MaxUint64-o.Operations || r.Requests > math.MaxUint64-o.Requests {
		return unit.ErrOverflow
	}
	r.Operations += o.Operations
	r.Requests += o.Requests
	return nil
}
