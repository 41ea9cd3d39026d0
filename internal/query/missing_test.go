package query_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/query"
)

// TestMissingNames holds that a name which nobody has, or which was quiet, is told: an
// empty table would say the same of both.
func TestMissingNames(t *testing.T) {
	t.Parallel()
	f := facility(t)
	f.close("2026-03-28T12:00:00Z", "2026-03-30T00:00:00Z", "", host{"IDAaaS", "Quiet", "q", 1, 1})
	for _, c := range []struct {
		name  string
		where []string
		want  []string
	}{
		{"there", []string{"group=IDAaaS_Muon"}, nil},
		{"without the label", []string{"machine="}, nil},
		{"mistyped", []string{"group=IDAaaS_Moun"}, []string{`no account around the window has group "IDAaaS_Moun": did you mean "IDAaaS_Muon"?`}},
		{"in other letters", []string{"group=idaaas_muon"}, []string{`no account around the window has group "idaaas_muon": did you mean "IDAaaS_Muon"?`}},
		{"a part", []string{"group=Laser"}, []string{`no account around the window has group "Laser": did you mean "CDAaaS_Laser"?`}},
		{"another", []string{"facility=ESRF"}, []string{`no account around the window has facility "ESRF": there are CLF, ISIS`}},
		{"one of two", []string{"group=IDAaaS_Muon", "group=IDAaaS_San"}, []string{`no account around the window has group "IDAaaS_San": did you mean "IDAaaS_SANS"?`}},
		{"no such label", []string{"grup=IDAaaS_Muon"}, []string{`no account around the window has the label "grup"; there are facility, group, machine, project`}},
		{"quiet", []string{"machine=Quiet"}, []string{`there are no figures in the window for machine "Quiet", though there are such accounts`}},
		{"not together", []string{"machine=Muon", "project=CDAaaS"}, []string{
			`there are no figures in the window for machine "Muon" and project "CDAaaS", though there are such accounts`,
		}},
	} {
		for _, known := range []string{"", "2026-04-05"} {
			if known != "" && c.name == "one of two" {
				continue // what is derived from facts is told of as a whole
			}
			a := f.ask(query.Options{}, query.Asked{Where: c.where, Window: wholeDay(), AsKnownAt: known})
			if d := cmp.Diff(c.want, a.Warnings); d != "" {
				t.Errorf("%s (%s): %s", c.name, known, d)
			}
		}
	}
	empty := query.Asked{Where: []string{"group=IDAaaS_Moun"}, Window: query.Window{From: "2020-01-01", To: "2020-01-02"}}
	if a := f.ask(query.Options{}, empty); a.Warnings != nil {
		t.Errorf("a window of which nothing is known: %v", a.Warnings)
	}
}

// TestExplainMissing holds that an account that nobody has is told with what could have
// been meant.
func TestExplainMissing(t *testing.T) {
	t.Parallel()
	f := facility(t)
	e := query.New(f.store, query.Options{})
	for where, want := range map[string]string{
		"group=IDAaaS_Moun": `group=["IDAaaS_Moun"]; group "IDAaaS_Moun": did you mean "IDAaaS_Muon"?`,
		"grup=IDAaaS_Muon":  `; there is no label "grup", but facility, group, machine, project`,
	} {
		filter, err := query.Filter("account", []string{where})
		if err != nil {
			t.Fatal(err)
		}
		_, err = e.Explain(t.Context(), query.Figure{Where: filter, Slot: at(t, "2026-03-29T00:30:00Z")})
		if !errors.Is(err, query.ErrNoFigure) || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", where, err, want)
		}
	}
}

// TestMissingNamesOfPeople holds that what is suggested are pseudonyms where people have
// such, and that a name cannot be tried out.
func TestMissingNamesOfPeople(t *testing.T) {
	t.Parallel()
	f := shared(t)
	o := query.Options{Policies: policies(), Names: pseudonyms(t), Pseudonyms: true}
	ask := func(user string) []string {
		return f.ask(o, query.Asked{Where: []string{"user=" + user}, By: []string{"user"}, Window: wholeDay()}).Warnings
	}
	there, nobody := ask("anna"), ask("hans")
	if len(there) != 1 || len(nobody) != 1 || strings.ReplaceAll(there[0], "anna", "hans") != nobody[0] {
		t.Errorf("a name can be tried out: %v and %v", there, nobody)
	}
	if got := ask(pseudonyms(t).Of("anna")); got != nil {
		t.Errorf("by pseudonym: %v", got)
	}
}
