package ukgrid

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/unit"
)

// implausible is more than any mix of power stations emits: coal is below
// 1,000 g/kWh. A value above is an error of units, or worse.
const implausible = unit.Intensity(10_000_000_000)

// series is what is known of half-hours, by their start in seconds since 1970 UTC.
type series map[int64]halfHourly

// halfHourly is what the API says of one half-hour.
type halfHourly struct{ actual, forecast reading }

// reading is a value, if there is one, and whether there was another.
type reading struct {
	value    unit.Intensity
	ok, torn bool
}

// take adds a value. Of two the higher counts, whichever came first.
func (r *reading) take(v unit.Intensity) {
	r.torn = r.torn || (r.ok && r.value != v)
	r.value, r.ok = max(r.value, v), true
}

// conflicts returns how many half-hours came twice with different values.
func (s series) conflicts() int {
	n := 0
	for _, h := range s {
		if h.actual.torn || h.forecast.torn {
			n++
		}
	}
	return n
}

// body is a reply. Regions come as an object or as an array of one, whatever the
// documentation says.
type body struct {
	Data  json.RawMessage `json:"data"`
	Error *apiError       `json:"error"`
}

// apiError is how the API says what is wrong.
type apiError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// regional is the reply for one region.
type regional struct {
	ID   int      `json:"regionid"`
	Data []record `json:"data"`
}

// record is one half-hour.
type record struct {
	From      string `json:"from"`
	To        string `json:"to"`
	Intensity *struct {
		Forecast *json.Number `json:"forecast"`
		Actual   *json.Number `json:"actual"`
	} `json:"intensity"`
}

// read returns what a reply says of a span. The error wraps [io.EOF] or
// [io.ErrUnexpectedEOF] when the reply ends early.
func read(text []byte, p place, span account.Span) (series, error) {
	var b body
	in := json.NewDecoder(bytes.NewReader(text))
	if err := in.Decode(&b); err != nil {
		return nil, err
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows it")
	}
	if b.Error != nil {
		return nil, b.Error
	}
	records, err := b.records(p)
	if err != nil {
		return nil, err
	}
	out := series{}
	for i, r := range records {
		if err := r.read(span, out); err != nil {
			return nil, fmt.Errorf("half-hour %d of %d, from %q: %w", i+1, len(records), r.From, err)
		}
	}
	return out, nil
}

// Error returns what the API says.
func (e *apiError) Error() string { return strings.TrimSpace(e.Code + ": " + e.Message) }

// records returns the half-hours of a reply.
func (b *body) records(p place) ([]record, error) {
	var records []record
	if len(b.Data) == 0 || string(b.Data) == "null" {
		return nil, errors.New("it has no data")
	}
	if p.national() {
		err := json.Unmarshal(b.Data, &records)
		return records, err
	}
	regions := make([]regional, 1)
	err := json.Unmarshal(b.Data, &regions[0])
	if b.Data[0] == '[' {
		regions = nil
		err = json.Unmarshal(b.Data, &regions)
	}
	switch {
	case err != nil:
		return nil, err
	case len(regions) != 1:
		return nil, fmt.Errorf("it has %d regions, one was asked for", len(regions))
	case p.number != 0 && regions[0].ID != p.number:
		return nil, fmt.Errorf("it is of region %d, %d was asked for", regions[0].ID, p.number)
	case regions[0].Data == nil:
		return nil, errors.New("the region has no data")
	}
	return regions[0].Data, nil
}

// read checks a half-hour and adds it, if it is one that was asked for.
func (r record) read(span account.Span, into series) error {
	from, err := instant(r.From)
	if err != nil {
		return err
	}
	to, err := instant(r.To)
	if err != nil {
		return err
	}
	if !to.Equal(from.Add(halfHour)) || !from.Equal(down(from)) {
		return fmt.Errorf("to %q is not a half-hour", r.To)
	}
	if r.Intensity == nil {
		return errors.New("it has no intensity")
	}
	known := into[from.Unix()]
	for _, one := range []struct {
		name string
		text *json.Number
		to   *reading
	}{{"actual", r.Intensity.Actual, &known.actual}, {"forecast", r.Intensity.Forecast, &known.forecast}} {
		if one.text == nil { // null: not known, which is not 0
			continue
		}
		v, err := unit.ParseIntensity(one.text.String())
		if err == nil && (v < 0 || v > implausible) {
			err = fmt.Errorf("%s is not plausible", v)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
		one.to.take(v)
	}
	if (account.Span{From: from, To: to}).Overlap(span).IsEmpty() || known == (halfHourly{}) {
		return nil
	}
	into[from.Unix()] = known
	return nil
}

// instant reads a time, which the API writes without seconds.
func instant(text string) (time.Time, error) {
	for _, l := range [...]string{layout, time.RFC3339} {
		if t, err := time.Parse(l, text); err == nil {
			return account.Instant(t), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time such as 2026-01-28T12:30Z", text)
}
