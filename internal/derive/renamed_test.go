package derive_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/pseudonym"
)

// The method of a disclosure names nobody where people have pseudonyms.
func ExampleMethod_Renamed() {
	names, err := pseudonym.New([]byte("a key of 16 bytes or more"))
	if err != nil {
		panic(err)
	}
	m := derive.Method{Policy: derive.Policy{Weights: []derive.WeightRule{{Where: account.Filter{{Label: "user", Values: []string{"anna"}}}, Weight: 3}}}}
	fmt.Println(m.Renamed(names).Policy.Weights[0].Where)
	// Output: [{user [p-s1pprknzb9qaxnb5]}]
}

// TestRenamed holds that no rule of a method names anybody, and that the method itself
// stays what it was.
func TestRenamed(t *testing.T) {
	t.Parallel()
	names, err := pseudonym.New([]byte("a key of 16 bytes or more"))
	if err != nil {
		t.Fatal(err)
	}
	anna := account.Filter{{Label: "user", Values: []string{"anna"}}, {Label: "machine", Values: []string{"Muon"}}}
	m := derive.Method{
		Names:    []derive.LabelRule{{Label: "team", From: []string{"user"}, Map: map[string]string{"anna": "soft matter"}}, {Label: "site", From: []string{"machine"}, Map: map[string]string{"Muon": "R80"}}},
		Models:   []derive.ModelRule{{Where: anna}},
		Places:   []derive.PlaceRule{{Where: anna, Region: "GB"}},
		Embodied: []derive.EmbodiedRule{{Where: anna}},
		Policy:   derive.Policy{Weights: []derive.WeightRule{{Where: anna, Weight: 2}}},
	}
	text := func(m derive.Method) string {
		out, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	before := text(m)
	shown := text(m.Renamed(names))
	if strings.Contains(shown, "anna") || strings.Count(shown, names.Of("anna")) != 5 || !strings.Contains(shown, `"soft matter"`) || strings.Count(shown, "Muon") != 5 {
		t.Errorf("shown is %s", shown)
	}
	if text(m) != before {
		t.Errorf("the method has become %s", text(m))
	}
}
