package prom_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/prom"
)

func TestParseMatcher(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]prom.Matcher{
		`cloud_project_name="IDAaaS"`:    {Label: "cloud_project_name", Op: prom.Equal, Value: "IDAaaS"},
		` mode != 'idle' `:               {Label: "mode", Op: prom.NotEqual, Value: "idle"},
		`instance=~"host-(a|b)\\..*"`:    {Label: "instance", Op: prom.Match, Value: `host-(a|b)\..*`},
		"job!~`a=\"b\"`":                 {Label: "job", Op: prom.NotMatch, Value: `a="b"`},
		`machine_name='say "hi", it\'s'`: {Label: "machine_name", Op: prom.Equal, Value: `say "hi", it's`},
		`x=""`:                           {Label: "x", Op: prom.Equal},
	} {
		got, err := prom.ParseMatcher(text)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", text, got, err, want)
		}
		again, err := prom.ParseMatcher(got.String())
		if err != nil || again != want {
			t.Errorf("%s: written %s, read %+v, %v", text, got, again, err)
		}
	}
	for _, text := range []string{
		"", "mode", "mode=idle", `="idle"`, `mode="idle" or up`, `mo-de="x"`, `mode=~"("`, `mode=="idle"`, `a="b"} or vector(1) #`,
	} {
		if got, err := prom.ParseMatcher(text); err == nil {
			t.Errorf("%s: %+v, want an error", text, got)
		}
	}
}

func TestMatcherThatIsNotUTF8(t *testing.T) {
	t.Parallel()
	if err := (prom.Matcher{Label: "x", Value: "\xff"}).Validate(); err == nil {
		t.Error("want an error")
	}
}

func TestSelector(t *testing.T) {
	t.Parallel()
	sel := prom.Metric("node_cpu_seconds_total").And(
		prom.AnyOf("instance", []string{`172.16.100.5`, "a\"} or vector(1) #\n\\", "x|y"}),
		prom.NoneOf("mode", []string{"steal"}),
		prom.AnyOf("machine_name", []string{"Artemis (Matlab)"}),
	)
	want := `{__name__="node_cpu_seconds_total",instance=~"172\\.16\\.100\\.5|a\"\\} or vector\\(1\\) #\n\\\\|x\\|y",` +
		`mode!~"steal",machine_name="Artemis (Matlab)"}`
	if got := sel.String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// FuzzQuoting: no value ends its literal or the line, the literal stands for
// the value again, and a list of values matches these and nothing else.
func FuzzQuoting(f *testing.F) {
	for _, seed := range []string{"Muon", `x"} or vector(1) #`, "a\nb", `\`, "{}()[]|.*+?^$", "\xff", "é\u2028", "'`"} {
		f.Add(seed, seed+"z")
	}
	f.Fuzz(func(t *testing.T, value, other string) {
		one := prom.Matcher{Label: "x", Op: prom.Equal, Value: value}.String()
		literal := strings.TrimPrefix(one, "x=")
		back, err := strconv.Unquote(literal)
		if err != nil || back != value || strings.ContainsAny(literal, "\n\r") || unescapedQuotes(literal) != 2 {
			t.Fatalf("%q is written %s, which is %q, %v", value, literal, back, err)
		}
		if m := (prom.Matcher{Label: "x", Op: prom.Equal, Value: value}); m.Validate() == nil {
			if read, err := prom.ParseMatcher(one); err != nil || read != m {
				t.Fatalf("%s is read as %+v, %v", one, read, err)
			}
		}
		list := prom.AnyOf("x", []string{value, "other"})
		if list.Validate() != nil { // not UTF-8
			return
		}
		anchored := regexp.MustCompile("^(?s:" + list.Value + ")$")
		if !anchored.MatchString(value) || anchored.MatchString(other) != (other == value || other == "other") {
			t.Fatalf("%s matches %q: %v, %q: %v", list, value, anchored.MatchString(value), other, anchored.MatchString(other))
		}
	})
}

func unescapedQuotes(literal string) int {
	n := 0
	for i := 0; i < len(literal); i++ {
		switch literal[i] {
		case '\\':
			i++
		case '"':
			n++
		}
	}
	return n
}
