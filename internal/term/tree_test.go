package term_test

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/golden"
	"github.com/dendro-carbon/dendro/internal/manifest/emit"
	"github.com/dendro-carbon/dendro/internal/term"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

func aggregated(kv ...any) *value.Map {
	m := value.NewMap(len(kv) / 2)
	for i := 0; i < len(kv); i += 2 {
		switch v := kv[i+1].(type) {
		case float64:
			m.Set(kv[i].(string), value.OfNumber(v))
		case string:
			m.Set(kv[i].(string), value.OfText(v))
		case value.Value:
			m.Set(kv[i].(string), v)
		}
	}
	return m
}

func node(name string, m *value.Map, children ...*tree.Node) *tree.Node {
	n := tree.New(name, "tree.children."+name)
	if len(children) > 0 {
		n.SetChildren(children)
	}
	if m != nil {
		n.SetAggregated(m)
	}
	return n
}

// over gives a node outputs of one metric.
func over(n *tree.Node, metric string, numbers ...float64) *tree.Node {
	n.SetOutputs(frame.New(len(numbers), frame.NewNumbers(metric, numbers)))
	return n
}

func document(name string, root *tree.Node) *emit.Document {
	head := value.NewMap(1)
	head.Set("name", value.OfText(name))
	return &emit.Document{Head: head, Tree: root}
}

func units(metric string) string {
	return map[string]string{"energy": "kWh", "carbon": "gCO2e", "cpu/utilization": "%", "embodied": "gCO2e"}[metric]
}

func shop() *emit.Document {
	cart := over(node("cart", aggregated("energy", 0.25, "carbon", 100.0/3, "cpu/utilization", 40.0)), "carbon", 1, 2, 3, 4, 5, 6, 7, 8)
	search := over(node("search", aggregated("energy", 0.5, "carbon", 100.0/3, "cpu/utilization", 80.0)), "carbon", 0, 8, math.NaN(), 8, 0)
	web := over(node("web", aggregated("energy", 0.75, "carbon", 200.0/3, "cpu/utilization", 60.0), cart, search), "carbon", 1, 10, 3, 12, 5)
	db := node("database (eu-west-1)", aggregated("energy", 0.125, "carbon", 100.0/3, "cpu/utilization", value.OfNull()))
	return document("shop", node("", aggregated("energy", 0.875, "carbon", 100.0, "cpu/utilization", 52.5, "region", "eu"), web, db))
}

func ExampleTree() {
	if err := term.Tree(os.Stdout, shop(), term.TreeOptions{Unit: units}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// shop                      energy           carbon                      cpu/utilization   region
	//                             kWh             gCO2e                                    %
	// tree                      0.875  100.0 %   100.00  100.0 %                        52.5       eu
	// ├─ web                    0.750   85.7 %    66.67   66.7 %  ▂▇▃█▄                 60.0        –
	// │  ├─ cart                0.250   28.6 %    33.34   33.4 %  ▂▃▄▅▅▆▇█              40.0        –
	// │  └─ search              0.500   57.1 %    33.33   33.3 %  ▁█ █▁                 80.0        –
	// └─ database (eu-west-1)   0.125   14.3 %    33.33   33.3 %                           –        –
}

func show(t *testing.T, doc *emit.Document, screen term.Screen) string {
	t.Helper()
	var b strings.Builder
	if err := term.Tree(&b, doc, term.TreeOptions{Unit: units, Screen: &screen}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTree(t *testing.T) {
	t.Parallel()
	for _, width := range []int{0, 100, 80, 60, 40, 20} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			text := show(t, shop(), term.Screen{Width: width})
			golden.Equal(t, fmt.Sprintf("testdata/shop-%d.txt", width), text)
			if coloured := show(t, shop(), term.Screen{Width: width, Colour: true}); strip(coloured) != text {
				t.Errorf("colours change the text:\n%s", strip(coloured))
			}
		})
	}
	golden.Equal(t, "testdata/shop-colour.txt", strings.ReplaceAll(show(t, shop(), term.Screen{Width: 80, Colour: true}), "\x1b", "^"))
}

func strip(s string) string {
	for _, code := range []string{"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m"} {
		s = strings.ReplaceAll(s, code, "")
	}
	return s
}

func TestTrees(t *testing.T) {
	t.Parallel()
	counted := document("counted", node("", nil, over(node("a", nil), "carbon", 1, 2, 3), node("b", nil), node("c", nil, node("d", nil))))
	counted.Tree.Children[1].SetInputs(frame.New(0))
	tests := map[string]*emit.Document{
		"counts":   counted,
		"leaf":     document("", over(node("", aggregated("carbon", 12.0)), "carbon", 1, 5, 6)),
		"small":    document("small", node("", aggregated("carbon", 3e-7), node("a", aggregated("carbon", 1e-7)), node("b", aggregated("carbon", 2e-7)))),
		"large":    document("large", node("", aggregated("carbon", 3e12), node("a", aggregated("carbon", 1e12)), node("b", aggregated("carbon", 2e12)))),
		"zero":     document("zero", node("", aggregated("carbon", 0.0), node("a", aggregated("carbon", 0.0)))),
		"odd":      document("odd", node("", aggregated("carbon", math.Inf(1), "x", math.NaN()), node("a", aggregated("carbon", math.Inf(-1), "x", 5e-324, "list", value.OfList(nil))))),
		"unicode":  document("ユニコード", node("", aggregated("carbon", 3.0), node("日本語", aggregated("carbon", 1.0)), node("🌳🌳", aggregated("carbon", 2.0)))),
		"hostile":  document("a\x1b[31mred", node("", aggregated("carbon\r", 3.0), node("x\x1b]0;title\x07y\nz", aggregated("carbon\r", 3.0)), node("\u202etxt", nil))),
		"negative": document("negative", node("", aggregated("carbon", -1.0), node("a", aggregated("carbon", -3.5)), node("b", aggregated("carbon", 2.5)))),
		"average":  document("average", node("", aggregated("carbon", 15.0), node("a", aggregated("carbon", 10.0)), node("b", aggregated("carbon", 20.0)))),
	}
	for name, doc := range tests {
		t.Run(name, func(t *testing.T) {
			golden.Equal(t, "testdata/"+name+".txt", show(t, doc, term.Screen{}))
		})
	}
}

func TestNoTree(t *testing.T) {
	t.Parallel()
	if got := show(t, &emit.Document{}, term.Screen{}); got != "" {
		t.Errorf("got %q", got)
	}
}
