package electricitymaps

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/fetch"
	"github.com/dendro-carbon/dendro/internal/intensity"
	"github.com/dendro-carbon/dendro/unit"
)

// row is one value, and with rows in it a reply.
type row struct {
	Zone               string    `json:"zone"`
	CarbonIntensity    *float64  `json:"carbonIntensity"`
	Datetime           time.Time `json:"datetime"`
	UpdatedAt          time.Time `json:"updatedAt"`
	EmissionFactorType Factors   `json:"emissionFactorType"`
	IsEstimated        bool      `json:"isEstimated"`
	EstimationMethod   string    `json:"estimationMethod"`
	Granularity        string    `json:"temporalGranularity"`
}

type reply struct {
	row
	History  []row  `json:"history"`
	Data     []row  `json:"data"`
	Forecast []row  `json:"forecast"`
	Error    string `json:"error"`
	Message  string `json:"message"`
}

// values are what was read, by the begin of their time in Unix seconds.
type values map[valueKey]value

type valueKey struct {
	at       int64
	forecast bool
}

type value struct {
	amount  unit.Intensity
	kind    account.IntensityKind
	method  string
	updated time.Time
}

// rowLimit is more rows than any reply of 10 days by 5 minutes has.
const rowLimit = 10_000

// read adds the values of a reply. Of two for one time the one that was updated last
// counts, and of those updated at once the higher one, so that their order does not
// matter.
func (s *Source) read(text []byte, zone string, forecast bool, now time.Time, into values) error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", intensity.ErrReply, fmt.Sprintf(format, args...))
	}
	var r reply
	if err := json.Unmarshal(text, &r); err != nil {
		return wrong("%v: %s", err, fetch.Excerpt(text))
	}
	rows := slices.Concat(r.History, r.Data, r.Forecast)
	switch {
	case r.Error != "" || r.Message != "":
		return wrong("%s", fetch.Excerpt([]byte(r.Error+r.Message)))
	case r.Zone != zone:
		return wrong("zone %q was asked for, and the reply is of %s", zone, fetch.Excerpt([]byte(r.Zone)))
	case len(rows) > rowLimit:
		return wrong("%d rows", len(rows))
	case !r.Datetime.IsZero():
		rows = append(rows, r.row)
	}
	for _, one := range rows {
		if err := s.check(one, r.row); err != nil {
			return wrong("%v: %v", one.Datetime.Format(time.RFC3339), err)
		}
		if one.CarbonIntensity == nil {
			continue
		}
		v, err := s.valueOf(one, forecast, now)
		if err != nil {
			return wrong("%v: %v", one.Datetime.Format(time.RFC3339), err)
		}
		key := valueKey{one.Datetime.Unix(), v.kind == account.IntensityForecast}
		if old, ok := into[key]; !ok || v.newer(old) {
			into[key] = v
		}
	}
	return nil
}

// newer reports whether a value holds before another one of the same time.
func (v value) newer(old value) bool {
	if c := v.updated.Compare(old.updated); c != 0 {
		return c > 0
	}
	return v.amount > old.amount
}

// check compares a row with what was asked for.
func (s *Source) check(one, whole row) error {
	for _, r := range []row{one, whole} {
		switch {
		case r.EmissionFactorType != "" && r.EmissionFactorType != s.config.Factors:
			return fmt.Errorf("factors %s, and %s were asked for", fetch.Excerpt([]byte(r.EmissionFactorType)), s.config.Factors)
		case r.Granularity != "" && r.Granularity != string(s.config.Granularity):
			return fmt.Errorf("granularity %s, and %s was asked for", fetch.Excerpt([]byte(r.Granularity)), s.config.Granularity)
		}
	}
	switch {
	case one.Zone != "" && one.Zone != whole.Zone:
		return fmt.Errorf("zone %s", fetch.Excerpt([]byte(one.Zone)))
	case one.Datetime.Year() < 2000 || one.Datetime.Year() > 2200 || !one.Datetime.Truncate(s.step).Equal(one.Datetime):
		return fmt.Errorf("not the begin of a time of %v", s.step)
	}
	return nil
}

// valueOf returns the value of a row.
func (s *Source) valueOf(one row, forecast bool, now time.Time) (value, error) {
	v := value{kind: account.IntensityActual, updated: one.UpdatedAt}
	var err error
	if *one.CarbonIntensity < 0 {
		return v, fmt.Errorf("intensity %v", *one.CarbonIntensity)
	}
	if v.amount, err = unit.IntensityFromGramsPerKWh(*one.CarbonIntensity); err != nil {
		return v, err
	}
	ends := one.Datetime.Add(s.step)
	switch {
	case forecast || one.Datetime.After(now):
		v.kind = account.IntensityForecast
	case one.IsEstimated || ends.After(now):
		v.kind, v.method = account.IntensityEstimate, clean(one.EstimationMethod)
	}
	return v, nil
}

// clean returns a text of the API that goes into the basis of figures: at most 64
// bytes, without control characters, else nothing.
func clean(text string) string {
	if len(text) > 64 || strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c == 0x7f || c == '\uFFFD' }) {
		return ""
	}
	return text
}

// values returns what was read of a span in canonical order.
func (s *Source) values(region string, span account.Span, got values) []account.Intensity {
	info := s.Info()
	var out []account.Intensity
	for key, v := range maps.All(got) {
		from := account.Instant(time.Unix(key.at, 0))
		one := account.Intensity{
			Region: region, Span: account.NewSpan(from, from.Add(s.step)), Value: v.amount, Kind: v.kind,
			Accounting: info.Accounting, Source: info.Name, Version: v.method,
		}
		if !one.Span.Overlap(span).IsEmpty() {
			out = append(out, one)
		}
	}
	slices.SortFunc(out, account.Intensity.Compare)
	return out
}
