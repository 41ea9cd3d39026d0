package query_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/internal/pseudonym"
	"github.com/dendro-carbon/dendro/internal/query"
)

func pseudonyms(t testing.TB) *pseudonym.Names {
	t.Helper()
	names, err := pseudonym.New([]byte("the key of the tests"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestPseudonymsEverywhere holds that nothing an engine says names a person, that
// figures stay what they are, and that a question names the pseudonym, never the
// person: otherwise names could be tried out.
func TestPseudonymsEverywhere(t *testing.T) {
	t.Parallel()
	f := shared(t)
	names := pseudonyms(t)
	o := query.Options{Policies: policies(), Names: names, Pseudonyms: true}
	e := query.New(f.store, o)
	var said bytes.Buffer
	for _, a := range []query.Asked{
		{By: []string{"group", "user"}, Window: wholeDay(), Step: "1h"},
		{By: []string{"user", "workspace"}, Window: wholeDay(), Policy: "weighted"},
		{By: []string{"user"}, Window: wholeDay(), Compare: "even"},
		{By: []string{"user"}, Window: wholeDay(), AsKnownAt: "2026-04-05"},
	} {
		shown, plain := f.ask(o, a), f.ask(query.Options{Policies: policies()}, a)
		if *shown.Total.Energy != *plain.Total.Energy || len(shown.Nodes) != len(plain.Nodes) {
			t.Errorf("%+v: other figures under pseudonyms", a)
		}
		if err := errors.Join(shown.WriteJSON(&said), shown.WriteCSV(&said)); err != nil {
			t.Fatal(err)
		}
	}
	for _, policy := range []string{"", "weighted"} {
		x, err := e.Explain(t.Context(), query.Figure{
			Slot: at(t, "2026-03-29T01:00:00Z"), Policy: policy,
			Where: account.Filter{{Label: "user", Values: []string{names.Of("anna")}}, {Label: "group", Values: []string{"IDAaaS_Muon"}}},
		})
		if err != nil || len(x.Accounts) != 1 {
			t.Fatal(x, err)
		}
		if err := json.NewEncoder(&said).Encode(x); err != nil {
			t.Fatal(err)
		}
	}
	accounts, err := e.Accounts(t.Context(), account.NewSpan(at(t, "2026-03-29T00:00:00Z"), at(t, "2026-03-30T00:00:00Z")))
	fmt.Fprint(&said, accounts, err)
	for _, name := range []string{"anna", "ben"} {
		if strings.Contains(said.String(), name) {
			t.Errorf("%s is named in %s", name, said.String())
		}
		if strings.Count(said.String(), names.Of(name)) < 5 {
			t.Errorf("%s has no pseudonym", name)
		}
	}
}

// TestPseudonymsInFilters holds that a pseudonym keeps what its name would, and a
// name nothing.
func TestPseudonymsInFilters(t *testing.T) {
	t.Parallel()
	f := shared(t)
	names := pseudonyms(t)
	for _, policy := range []string{"", "even"} {
		plain := f.ask(query.Options{Policies: policies()}, query.Asked{Where: []string{"user=ben", "group=IDAaaS_Muon"}, Window: wholeDay(), Policy: policy})
		o := query.Options{Policies: policies(), Names: names}
		shown := f.ask(o, query.Asked{
			Where: []string{"user=" + names.Of("ben"), "group=IDAaaS_Muon"}, Window: wholeDay(), Policy: policy, Pseudonyms: "true",
		})
		if plain.Total.Energy == nil || *plain.Total.Energy != *shown.Total.Energy {
			t.Errorf("policy %q: %v and %v", policy, plain.Total.Energy, shown.Total.Energy)
		}
		tried := f.ask(o, query.Asked{Where: []string{"user=ben"}, Window: wholeDay(), Policy: policy, Pseudonyms: "true"})
		if tried.Total.Energy != nil {
			t.Errorf("policy %q: a name was found: %v", policy, tried.Total.Energy)
		}
		again := f.ask(o, query.Asked{Where: []string{"user=ben"}, Window: wholeDay(), Policy: policy})
		if again.Total.Energy == nil {
			t.Errorf("policy %q: pseudonyms without being asked for", policy)
		}
	}
	e := query.New(f.store, query.Options{})
	if _, err := e.Ask(t.Context(), query.Question{Pseudonyms: true}); !errors.Is(err, query.ErrQuestion) {
		t.Errorf("pseudonyms without a key: %v", err)
	}
	if _, err := (query.Asked{Pseudonyms: "yes"}).Parse(f.store.Calendar(), time.Now()); !errors.Is(err, query.ErrQuestion) {
		t.Errorf("%v", err)
	}
}

// TestValues holds that values are those of the accounts of a span, as they are shown.
func TestValues(t *testing.T) {
	f := facility(t)
	names, err := pseudonym.New([]byte("the key of the test"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []*query.Engine{
		query.New(f.store, query.Options{}), query.New(f.store, query.Options{Names: names, Pseudonyms: true}),
	} {
		span := account.NewSpan(at(t, "2026-03-01T00:00:00Z"), at(t, "2026-04-01T00:00:00Z"))
		accounts, err := e.Accounts(t.Context(), span)
		if err != nil || len(accounts) == 0 {
			t.Fatal(accounts, err)
		}
		want := query.Values{}
		for _, a := range accounts {
			for name, value := range a.Labels.All() {
				if want[name] == nil {
					want[name] = map[string]bool{}
				}
				want[name][value] = true
			}
		}
		got, err := e.Values(t.Context(), span)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
	}
}

// What can be asked for: policies by name, accounts by their labels.
func ExampleEngine_Policies() {
	calendar, _ := account.NewCalendar(account.DefaultStep, time.UTC)
	names, _ := pseudonym.New([]byte("the key of the example"))
	e := query.New(memory.New(calendar), query.Options{Policies: []derive.Policy{{Name: "usage"}, {Name: "even"}}, Names: names})
	fmt.Println(e.Policies(context.Background()))
	fmt.Println(e.Accounts(context.Background(), account.NewSpan(time.Unix(0, 0), time.Unix(1800, 0))))
	fmt.Println(e.Values(context.Background(), account.NewSpan(time.Unix(0, 0), time.Unix(1800, 0))))
	fmt.Println(query.Pseudonyms("yes"))
	// Output:
	// [usage even] <nil>
	// [] <nil>
	// map[] <nil>
	// false pseudonyms: "yes" is not true or false
	//   Try: use true, or leave it out
}
