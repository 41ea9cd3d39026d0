package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
)

// question is what is asked of the ledger, and of the calculation beside it.
type question struct {
	by       []string
	from, to time.Time
	step     string // "", slot, 1h, 1d, 1mo
	where    []string
	sort     string
	top      int
	told     bool // the grid has told its actuals
}

// args returns the question as a command line.
func (q question) args() []string {
	args := []string{
		"query", "--by", strings.Join(q.by, ","), "--from", q.from.UTC().Format(time.RFC3339), "--to", q.to.UTC().Format(time.RFC3339),
		"--sort", q.sort, "--top", fmt.Sprint(q.top), "--format", "json",
	}
	if q.step != "" {
		args = append(args, "--step", q.step)
	}
	for _, where := range q.where {
		args = append(args, "--where", where)
	}
	return args
}

// branch is a node of the tree that a question asks for.
type branch struct {
	name, kind string
	sum        figures
	series     map[int64]*figures // by the start of the period
	children   []*branch
}

// tree adds entries up.
func (w *world) tree(q question) *branch {
	root := &branch{series: map[int64]*figures{}}
	for _, m := range w.machines {
		labels := named(m.labels)
		if !holds(q.where, labels) {
			continue
		}
		for at, f := range w.entries(m, q.told) {
			if at < q.from.UnixMicro() || at >= q.to.UnixMicro() {
				continue
			}
			b := root
			b.add(w, q, at, f)
			for _, level := range q.by {
				b = b.child(labels[level])
				b.add(w, q, at, f)
			}
		}
	}
	root.arrange(q)
	return root
}

// named returns the labels with those that are made of them.
func named(labels map[string]string) map[string]string {
	out := map[string]string{}
	for name, value := range labels {
		out[name] = value
	}
	if p, m := labels["cloud_project_name"], labels["machine_name"]; p != "" && m != "" {
		out["group"] = p + "_" + m
	}
	out["facility"] = map[string]string{"IDAaaS": "ISIS", "CDAaaS": "CLF", "DDAaaS": "Development", "TDAaaS": "Training"}[labels["cloud_project_name"]]
	return out
}

// holds reports whether labels have the values that are asked for: those of one
// label are alternatives.
func holds(where []string, labels map[string]string) bool {
	want := map[string][]string{}
	for _, one := range where {
		name, value, _ := strings.Cut(one, "=")
		want[name] = append(want[name], value)
	}
	for name, values := range want {
		if !slices.Contains(values, labels[name]) {
			return false
		}
	}
	return true
}

func (b *branch) add(w *world, q question, at int64, f figures) {
	b.sum.add(f)
	if q.step != "" {
		from := w.period(q, time.UnixMicro(at)).UnixMicro()
		if b.series[from] == nil {
			b.series[from] = &figures{}
		}
		b.series[from].add(f)
	}
}

func (b *branch) child(value string) *branch {
	kind := "account"
	if value == "" {
		value, kind = "unknown", "unknown"
	}
	for _, c := range b.children {
		if c.name == value && c.kind == kind {
			return c
		}
	}
	c := &branch{name: value, kind: kind, series: map[int64]*figures{}}
	b.children = append(b.children, c)
	return c
}

// arrange sorts siblings and folds what is beyond the top, from the leaves up.
func (b *branch) arrange(q question) {
	for _, c := range b.children {
		c.arrange(q)
	}
	slices.SortFunc(b.children, func(x, y *branch) int {
		order := 0
		switch q.sort {
		case "carbon":
			order = cmp.Compare(y.sum.carbon, x.sum.carbon)
		case "energy":
			order = cmp.Compare(y.sum.energy, x.sum.energy)
		}
		return cmp.Or(strings.Compare(x.kind, y.kind), order, strings.Compare(x.name, y.name)) // account < unknown
	})
	accounts := slices.IndexFunc(b.children, func(c *branch) bool { return c.kind != "account" })
	if accounts < 0 {
		accounts = len(b.children)
	}
	if q.top == 0 || accounts <= q.top {
		return
	}
	other := &branch{name: "other", kind: "other", series: map[int64]*figures{}}
	for _, c := range b.children[q.top:accounts] {
		other.sum.add(c.sum)
		for at, f := range c.series {
			if other.series[at] == nil {
				other.series[at] = &figures{}
			}
			other.series[at].add(*f)
		}
	}
	b.children = append(slices.Delete(b.children, q.top, accounts), other)
}

// period returns the start of the period that holds an instant, cut to the window.
func (w *world) period(q question, at time.Time) time.Time {
	local := at.In(w.zone)
	y, m, d := local.Date()
	from := at.Truncate(w.slot)
	switch q.step {
	case "1h":
		// All instants of an hour of the clock show the same hour and offset.
		for _, offset := local.Zone(); ; from = from.Add(-w.slot) {
			before := from.Add(-w.slot).In(w.zone)
			if _, o := before.Zone(); o != offset || before.Hour() != local.Hour() {
				break
			}
		}
	case "1d":
		from = time.Date(y, m, d, 0, 0, 0, 0, w.zone)
	case "1mo":
		from = time.Date(y, m, 1, 0, 0, 0, 0, w.zone)
	}
	if from.Before(q.from) {
		from = q.from
	}
	return from
}

// lines writes the tree as the lines of a table, one for each node and period.
func (w *world) lines(q question) []string {
	var out []string
	var walk func(b *branch, path []string)
	walk = func(b *branch, path []string) {
		out = append(out, fmt.Sprintf("%q %s %s", path, b.kind, &b.sum))
		if q.step != "" {
			for from := q.from; from.Before(q.to); {
				to := from.Add(w.slot)
				for to.Before(q.to) && w.period(q, to).Equal(from) {
					to = to.Add(w.slot)
				}
				f := b.series[from.UnixMicro()]
				if f == nil {
					f = &figures{}
				}
				out = append(out, fmt.Sprintf("  %s %s %s", from.UTC().Format(time.RFC3339), to.UTC().Format(time.RFC3339), f))
				from = to
			}
		}
		for _, c := range b.children {
			walk(c, append(slices.Clone(path), c.name))
		}
	}
	walk(w.tree(q), []string{})
	return out
}

// String writes figures as the answer gives them, in integers: null where nothing
// is known.
func (f *figures) String() string {
	amount := func(v int64) string {
		if f.observed == 0 && f.energy == 0 && f.busy == 0 && f.idle == 0 {
			return "null"
		}
		return fmt.Sprint(v)
	}
	carbon, busyCarbon := amount(f.carbon), amount(f.busyCarbon)
	if f.carbonEnergy == 0 && f.energy != 0 {
		carbon, busyCarbon = "null", "null"
	}
	intensity := "null"
	if f.carbonEnergy != 0 {
		intensity = fmt.Sprint(share(f.carbon, 1_000_000_000, f.carbonEnergy))
	}
	return fmt.Sprintf("energy %s carbon %s embodied null busy %s idle %s intensity %s coverage %s carbon coverage %s estimated %s busy energy %s busy carbon %s",
		amount(f.energy), carbon, amount(f.busy), amount(f.idle), intensity,
		ratio(f.observed, f.expected), ratio(f.carbonEnergy, f.energy), ratio(f.estimated, f.energy), amount(f.busyEnergy), busyCarbon)
}

// ratio is in 1e-9; what is not all is not shown as all, and what is something not
// as nothing.
func ratio(part, whole int64) string {
	if whole == 0 {
		return "null"
	}
	const one = 1_000_000_000
	r := share(part, one, whole)
	switch {
	case r == one && part < whole:
		r--
	case r == 0 && part > 0:
		r++
	}
	return fmt.Sprint(r)
}

// shown is figures as the answer gives them.
type shown struct {
	Energy      *json.Number `json:"energy_kwh"`
	Operational *json.Number `json:"operational_gco2e"`
	Embodied    *json.Number `json:"embodied_gco2e"`
	Busy        *json.Number `json:"cpu_busy_s"`
	Idle        *json.Number `json:"cpu_idle_s"`
	Intensity   *json.Number `json:"intensity_gco2e_per_kwh"`
	Coverage    *json.Number `json:"coverage"`
	Carbon      *json.Number `json:"carbon_coverage"`
	Estimated   *json.Number `json:"estimated_share"`
	BusyEnergy  *json.Number `json:"busy_energy_kwh"`
	BusyCarbon  *json.Number `json:"busy_operational_gco2e"`
	Provisional bool         `json:"provisional"`
	Series      []struct {
		From, To string
		shown
	} `json:"series"`
}

// answer is what the program answers.
type answer struct {
	From      string   `json:"from"`
	To        string   `json:"to"`
	AsKnownAt string   `json:"as_known_at"`
	Zone      string   `json:"time_zone"`
	By        []string `json:"by"`
	Total     shown    `json:"total"`
	Nodes     []struct {
		Path []string `json:"path"`
		Kind string   `json:"kind"`
		shown
	} `json:"nodes"`
}

// lines writes an answer as [world.lines] writes what it has to be.
func (a *answer) lines() []string {
	out := a.Total.lines(nil, "")
	for _, n := range a.Nodes {
		out = append(out, n.shown.lines(n.Path, n.Kind)...)
	}
	return out
}

func (s *shown) lines(path []string, kind string) []string {
	out := []string{fmt.Sprintf("%q %s %s", path, kind, s)}
	for _, p := range s.Series {
		out = append(out, fmt.Sprintf("  %s %s %s", p.From, p.To, &p.shown))
	}
	return out
}

func (s *shown) String() string {
	text := fmt.Sprintf("energy %s carbon %s embodied %s busy %s idle %s intensity %s coverage %s carbon coverage %s estimated %s busy energy %s busy carbon %s",
		integer(s.Energy, 9), integer(s.Operational, 6), integer(s.Embodied, 6), integer(s.Busy, 6), integer(s.Idle, 6),
		integer(s.Intensity, 6), integer(s.Coverage, 9), integer(s.Carbon, 9), integer(s.Estimated, 9), integer(s.BusyEnergy, 9), integer(s.BusyCarbon, 6))
	if s.Provisional {
		text += " provisional"
	}
	return text
}

// integer returns a decimal times a power of ten, which has to be a whole number.
func integer(n *json.Number, digits int64) string {
	if n == nil {
		return "null"
	}
	r, ok := new(big.Rat).SetString(n.String())
	if !ok {
		return "not a number: " + n.String()
	}
	r.Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(digits), nil)))
	if !r.IsInt() {
		return "not exact: " + n.String()
	}
	return r.Num().String()
}
