package derive_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/golden"
	"github.com/dendro-carbon/dendro/unit"
)

// TestScenarios runs testdata/scenario/*.txtar: tables of what was observed, held
// and known, questions, and the answers that a carbon accountant can check by
// hand. `-update` writes the answers.
//
// The files of a scenario: method.json, facts.csv, holdings.csv, experiments.csv,
// intensities.csv, and for every question NAME.view (by=…, at=… for an earlier
// time, and divide=…, idle=…, sharing=…, experiments=… for another policy) and
// NAME.want. Columns of facts.csv and holdings.csv that are not known here are
// labels. A fact is of the half-hour slot that contains its `from`; known_at is
// empty for what was known from the beginning. Users who share a holding and
// members of an experiment are separated by semicolons.
func TestScenarios(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/scenario/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d scenarios, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			runScenario(t, file)
		})
	}
}

type scenario struct {
	t     *testing.T
	files map[string]string
	// totals are the whole as known at a time, which no policy and no view changes.
	totals map[time.Time]account.Quantities
}

func runScenario(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := scenario{t, map[string]string{}, map[time.Time]account.Quantities{}}
	for _, f := range archive.Files {
		s.files[f.Name] = string(f.Data)
	}
	questions := 0
	for i := range archive.Files {
		name, ok := strings.CutSuffix(archive.Files[i].Name, ".view")
		if !ok {
			continue
		}
		questions++
		got := s.answer(archive.Files[i].Data)
		j := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == name+".want" })
		switch {
		case j < 0:
			t.Errorf("%s: no answer %s.want; it is:\n%s", file, name, got)
		case golden.Update():
			archive.Files[j].Data = []byte(got)
		case string(archive.Files[j].Data) != got:
			t.Errorf("%s, question %s:\ngot:\n%s\nwant:\n%s", file, name, got, archive.Files[j].Data)
		}
	}
	if questions == 0 {
		t.Errorf("%s asks nothing", file)
	}
	if golden.Update() {
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// answer derives every slot and prints the tree of a question.
func (s scenario) answer(question []byte) string {
	s.t.Helper()
	view, at := account.View{Sort: account.SortName}, time.Time{}
	var m derive.Method
	if err := json.Unmarshal([]byte(s.files["method.json"]), &m); err != nil {
		s.t.Fatal(err)
	}
	for word := range strings.FieldsSeq(string(question)) {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "by":
			view.By = strings.Split(value, ",")
		case "at":
			at = instant(s.t, value)
		case "divide":
			m.Policy.Divide = derive.Divide(value)
		case "idle":
			m.Policy.Idle = derive.Idle(value)
		case "sharing":
			m.Policy.Sharing = derive.Sharing(value)
		case "experiments":
			m.Policy.Experiments = derive.Matching(value)
		default:
			s.t.Fatalf("question %q: use by=…, at=…, divide=…, idle=…, sharing=…, experiments=…", word)
		}
	}
	d, err := derive.New(m, derive.Known{Holdings: s.holdings(), Intensities: s.intensities(), At: at})
	if err != nil {
		s.t.Fatal(err)
	}
	fold := account.NewFold(view, 0)
	for _, batches := range s.batches() {
		if b := account.Resolve(batches, at); b != nil {
			if err := d.Fold(b, fold, 0); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	root, err := fold.Tree()
	if err != nil {
		s.t.Fatal(err)
	}
	s.checkSums(root, at)
	return printTree(root)
}

// checkSums holds that what is below a node sums to it, and that every view of what was
// known at a time has the same total.
func (s scenario) checkSums(root *account.Node, at time.Time) {
	s.t.Helper()
	if before, ok := s.totals[at]; ok && (before.Energy != root.Energy || before.Operational != root.Operational || before.Observed != root.Observed) {
		s.t.Errorf("a total of %v, %v and one of %v, %v", before.Energy, before.Operational, root.Energy, root.Operational)
	}
	s.totals[at] = root.Quantities
	s.checkNode(root)
}

func (s scenario) checkNode(n *account.Node) {
	s.t.Helper()
	var sum account.Quantities
	for _, c := range n.Children {
		var err error
		if sum, err = sum.Add(c.Quantities); err != nil {
			s.t.Fatal(err)
		}
		s.checkNode(c)
	}
	if len(n.Children) > 0 && sum != n.Quantities {
		s.t.Errorf("%q: parts are %+v, the whole is %+v", n.Name, sum, n.Quantities)
	}
}

func printTree(root *account.Node) string {
	var b strings.Builder
	line := func(depth int, name string, kind account.Kind, q account.Quantities) {
		f := q.Figures()
		if kind != account.KindAccount {
			name = "(" + name + ")"
		}
		fmt.Fprintf(&b, "%-28s %s kWh  %s g  coverage %s  carbon %s  estimated %s\n", strings.Repeat("  ", depth)+name,
			known(f.Energy, unit.Energy.Fixed), known(f.Operational, unit.Mass.Fixed), known(f.Coverage, unit.Ratio.Decimal),
			known(f.CarbonCoverage, unit.Ratio.Decimal), known(f.EstimatedShare, unit.Ratio.Decimal))
		if root.EmbodiedTime > 0 {
			fmt.Fprintf(&b, "%-28s embodied %s g, of %s of the time\n", "", known(f.Embodied, unit.Mass.Fixed), known(f.EmbodiedCoverage, unit.Ratio.Decimal))
		}
	}
	line(0, "total", account.KindAccount, root.Quantities)
	for path, n := range root.Walk() {
		line(len(path), n.Name, n.Kind, n.Quantities)
	}
	return b.String()
}

func known[Q any](v *Q, text func(Q) string) string {
	if v == nil {
		return "unknown"
	}
	return text(*v)
}

// table returns the rows of a CSV file by column.
func (s scenario) table(name string) []map[string]string {
	s.t.Helper()
	if s.files[name] == "" {
		return nil
	}
	records, err := csv.NewReader(strings.NewReader(s.files[name])).ReadAll()
	if err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
	var rows []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, column := range records[0] {
			row[column] = strings.TrimSpace(record[i])
		}
		rows = append(rows, row)
	}
	return rows
}

// knownAt is when a row became known; long ago when it does not say.
func (s scenario) knownAt(row map[string]string) time.Time {
	if row["known_at"] == "" {
		return time.Unix(0, 0).UTC()
	}
	return instant(s.t, row["known_at"])
}

// labels returns the columns that are none of the known ones.
func (s scenario) labels(row map[string]string, columns ...string) account.Labels {
	s.t.Helper()
	rest := map[string]string{}
	for name, value := range row {
		if !slices.Contains(columns, name) {
			rest[name] = value
		}
	}
	l, err := account.NewLabels(rest)
	if err != nil {
		s.t.Fatal(err)
	}
	return l
}

func (s scenario) seconds(text string) unit.Duration {
	s.t.Helper()
	if text == "" {
		return 0
	}
	d, err := unit.ParseDuration(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

// batches returns the facts by slot, one batch for each time of knowledge.
func (s scenario) batches() [][]*account.Batch {
	s.t.Helper()
	g, err := account.NewGrid(account.DefaultStep)
	if err != nil {
		s.t.Fatal(err)
	}
	var out [][]*account.Batch
	index := map[time.Time]int{}
	for _, row := range s.table("facts.csv") {
		span := span(s.t, row["from"], row["to"])
		slot := g.Slot(span.From)
		i, ok := index[slot.From]
		if !ok {
			i = len(out)
			index[slot.From] = i
			out = append(out, nil)
		}
		knownAt := s.knownAt(row)
		j := slices.IndexFunc(out[i], func(b *account.Batch) bool { return b.KnownAt.Equal(knownAt) })
		if j < 0 {
			j = len(out[i])
			out[i] = append(out[i], &account.Batch{
				Slot: slot, KnownAt: knownAt, Origins: []account.Origin{{Source: "scenario", Method: "raw samples"}},
			})
		}
		s.addFact(out[i][j], row, span)
	}
	for _, batches := range out {
		for _, b := range batches {
			b.Sort()
		}
	}
	return out
}

func (s scenario) addFact(b *account.Batch, row map[string]string, span account.Span) {
	subject := account.Subject{
		Host:   row["host"],
		Labels: s.labels(row, "host", "from", "to", "busy_s", "idle_s", "observed_s", "bridged_s", "known_at"),
	}
	i := slices.Index(b.Subjects, subject)
	if i < 0 {
		i = len(b.Subjects)
		b.Subjects = append(b.Subjects, subject)
	}
	offset := account.Span{From: b.Slot.From, To: span.From}.Length()
	f := account.Fact{
		Subject: i, From: offset, To: offset + span.Length(), Busy: s.seconds(row["busy_s"]), Idle: s.seconds(row["idle_s"]),
		Observed: span.Length(), Expected: span.Length(), Bridged: s.seconds(row["bridged_s"]),
	}
	if row["observed_s"] != "" {
		f.Observed = s.seconds(row["observed_s"])
	}
	b.Facts = append(b.Facts, f)
}

func (s scenario) holdings() []account.Holding {
	s.t.Helper()
	var out []account.Holding
	for _, row := range s.table("holdings.csv") {
		h := account.Holding{
			ID: row["id"], Host: row["host"], From: instant(s.t, row["from"]), KnownAt: s.knownAt(row),
			Holder: s.labels(row, "id", "host", "from", "to", "known_at", "withdrawn", "shared"), Withdrawn: row["withdrawn"] == "true",
		}
		for _, user := range list(row["shared"]) {
			h.Shared = append(h.Shared, mustLabels(s.t, "user", user, "workspace", h.Holder.Get("workspace")))
		}
		h.Experiments = s.experiments(append(list(row["shared"]), row["user"]))
		if row["to"] != "" {
			h.To = instant(s.t, row["to"])
		}
		out = append(out, h)
	}
	return out
}

// list returns the parts of a text with semicolons.
func list(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == ' ' })
}

// experiments returns those that any of some users is a member of.
func (s scenario) experiments(users []string) []account.Experiment {
	s.t.Helper()
	var out []account.Experiment
	for _, row := range s.table("experiments.csv") {
		e := account.Experiment{Labels: mustLabels(s.t, "experiment", row["experiment"], "pi", row["pi"]), Instrument: row["instrument"]}
		for _, member := range list(row["members"]) {
			if slices.Contains(users, member) {
				e.Members = append(e.Members, member)
			}
		}
		if row["from"] != "" {
			e.From = instant(s.t, row["from"])
		}
		if row["to"] != "" {
			e.To = instant(s.t, row["to"])
		}
		if len(e.Members) > 0 {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, account.Experiment.Compare)
	return out
}

func (s scenario) intensities() []account.Intensity {
	s.t.Helper()
	var out []account.Intensity
	for _, row := range s.table("intensities.csv") {
		v := account.Intensity{
			Region: row["region"], Span: span(s.t, row["from"], row["to"]), Source: row["source"],
			Accounting: location(), KnownAt: s.knownAt(row),
		}
		var err error
		if v.Value, err = unit.ParseIntensity(row["gco2e_per_kwh"]); err != nil {
			s.t.Fatal(err)
		}
		if err := v.Kind.UnmarshalText([]byte(row["kind"])); err != nil {
			s.t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}
