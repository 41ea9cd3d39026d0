package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dendro-carbon/dendro/internal/value"
)

// condition is one --fail-if: a metric compared with a number.
type condition struct {
	text, metric, operator string
	limit                  float64
}

// comparisons lists the operators; those that others begin with come last.
func comparisons() []string { return []string{">=", "<=", "==", "!=", ">", "<"} }

func parseConditions(texts []string) ([]condition, error) {
	var conditions []condition
	for _, text := range texts {
		c, err := parseCondition(text)
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, c)
	}
	return conditions, nil
}

func parseCondition(text string) (condition, error) {
	for _, operator := range comparisons() {
		metric, limit, ok := strings.Cut(text, operator)
		if !ok {
			continue
		}
		c := condition{text: text, metric: strings.Trim(strings.TrimSpace(metric), `"'`), operator: operator}
		var err error
		if c.limit, err = strconv.ParseFloat(strings.TrimSpace(limit), 64); err != nil || c.metric == "" {
			break
		}
		return c, nil
	}
	return condition{}, fmt.Errorf("--fail-if %q: write a metric, one of > >= < <= == !=, and a number, such as 'carbon > 120'", text)
}

// met reports whether the condition holds. What is missing neither holds nor
// does not: it is an error.
func (c condition) met(aggregated *value.Map) (bool, error) {
	v := aggregated.Get(c.metric)
	f, ok := v.Float()
	if !ok || f != f {
		return false, fmt.Errorf("--fail-if %s: the root has no aggregated value of %q (it is %s); "+
			"add it to aggregation.metrics with type both", c.text, c.metric, v)
	}
	switch c.operator {
	case ">":
		return f > c.limit, nil
	case ">=":
		return f >= c.limit, nil
	case "<":
		return f < c.limit, nil
	case "<=":
		return f <= c.limit, nil
	case "==":
		return f == c.limit, nil
	}
	return f != c.limit, nil
}

// changedFlags returns the flags that were given, in alphabetical order.
func changedFlags(cmd *cobra.Command) []string {
	var words []string
	cmd.Flags().Visit(func(f *pflag.Flag) {
		switch v := f.Value.(type) {
		case pflag.SliceValue:
			for _, item := range v.GetSlice() {
				words = append(words, "--"+f.Name, strconv.Quote(item))
			}
		default:
			if f.Value.Type() == "bool" {
				words = append(words, "--"+f.Name+boolSuffix(f.Value.String()))
				return
			}
			words = append(words, "--"+f.Name, f.Value.String())
		}
	})
	return words
}

func boolSuffix(s string) string {
	if s == "true" {
		return ""
	}
	return "=" + s
}
