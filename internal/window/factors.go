package window

import (
	"math"

	"github.com/dendro-carbon/dendro/internal/diag"
)

// Factors are the numbers of the proxy model, which stands in where nothing is
// measured: an operation costs a base energy, weighed by what it does.
type Factors struct {
	// KWhPerOp is the energy of an operation of weight 1, in kWh.
	KWhPerOp float64
	// PerOperation says whether operations are weighed. If not, all weigh 1.
	PerOperation bool
	// SQL weighs statements by their verb.
	SQL SQLWeights
	// HTTP weighs requests by the size of the response.
	HTTP HTTPWeights
	// Messaging weighs messages.
	Messaging float64
	// KWhPerSecond is the energy of a second of a span that is no operation, in kWh;
	// 0 leaves such spans without cost.
	KWhPerSecond float64
	// EmbodiedPerTrace is the embodied carbon of a trace, in gCO2e.
	EmbodiedPerTrace float64
	// TransportKWhPerByte is the energy of a byte between two regions, in kWh.
	TransportKWhPerByte float64
	// Low and High are the factors by which carbon may lie below and above what the
	// model says.
	Low, High float64
}

// SQLWeights are the weights of statements.
type SQLWeights struct{ Select, Insert, Update, Delete, Other float64 }

// HTTPWeights are the weights of outgoing requests by the size of the response.
type HTTPWeights struct {
	Unknown, Small, Medium, Large float64
	// SmallBelow is the size in bytes from which a response is no longer small.
	SmallBelow int64
	// LargeAbove is the largest size in bytes of a response that is not large.
	LargeAbove int64
}

// DefaultFactors returns the factors that are used where nothing is set. They are
// those of perf-sentinel 0.11.1, so that figures of both can be compared;
// docs/METHODOLOGY.md says how little is known about each.
func DefaultFactors() Factors {
	return Factors{
		KWhPerOp:            1e-7,
		PerOperation:        true,
		SQL:                 SQLWeights{Select: 0.5, Insert: 1.5, Update: 1.5, Delete: 1.2, Other: 1},
		HTTP:                HTTPWeights{Unknown: 1, Small: 0.8, Medium: 1.2, Large: 2, SmallBelow: 10 << 10, LargeAbove: 1 << 20},
		Messaging:           1,
		EmbodiedPerTrace:    0.001,
		TransportKWhPerByte: 4e-11,
		Low:                 0.5,
		High:                2,
	}
}

// Validate returns what is wrong with the factors, as a [diag.List].
func (f Factors) Validate() error {
	var list diag.List
	for _, field := range []struct {
		name  string
		value float64
	}{
		{"kwh_per_op", f.KWhPerOp},
		{"sql.select", f.SQL.Select},
		{"sql.insert", f.SQL.Insert},
		{"sql.update", f.SQL.Update},
		{"sql.delete", f.SQL.Delete},
		{"sql.other", f.SQL.Other},
		{"http.unknown", f.HTTP.Unknown},
		{"http.small", f.HTTP.Small},
		{"http.medium", f.HTTP.Medium},
		{"http.large", f.HTTP.Large},
		{"messaging", f.Messaging},
		{"kwh_per_second", f.KWhPerSecond},
		{"embodied_gco2e_per_trace", f.EmbodiedPerTrace},
		{"transport_kwh_per_byte", f.TransportKWhPerByte},
		{"low", f.Low},
		{"high", f.High},
	} {
		if !isFactor(field.value) {
			list = append(list, diag.New("", "factors.%s: %v: give a number from 0 to 1e15", field.name, field.value))
		}
	}
	if f.HTTP.SmallBelow < 0 || f.HTTP.LargeAbove < f.HTTP.SmallBelow {
		list = append(list, diag.New("", "factors.http: small_below must be from 0 up and at most large_above"))
	}
	if f.Low > 1 || f.High < 1 {
		list = append(list, diag.New("", "factors: low must be at most 1 and high at least 1"))
	}
	return list.Err()
}

// isFactor reports whether a number can be multiplied with: no product of counts, energies
// and intensities then leaves the range of a float64.
func isFactor(x float64) bool { return x >= 0 && x <= 1e15 }

// isAmount reports whether a number can be an amount of something.
func isAmount(x float64) bool { return x >= 0 && !math.IsInf(x, 1) }

// class is a coefficient class: operations that cost the same.
type class uint8

const (
	sqlOther class = iota
	sqlSelect
	sqlInsert
	sqlUpdate
	sqlDelete
	httpUnknown
	httpSmall
	httpMedium
	httpLarge
	message
	classes // how many there are
)

// classOf returns the class of an operation.
func (f *Factors) classOf(s *Span) class {
	switch s.Kind {
	case KindSQL:
		if s.Verb <= VerbDelete {
			return sqlOther + class(s.Verb)
		}
		return sqlOther
	case KindMessaging:
		return message
	}
	switch size := s.ResponseBytes; {
	case size < 0:
		return httpUnknown
	case size < f.HTTP.SmallBelow:
		return httpSmall
	case size <= f.HTTP.LargeAbove:
		return httpMedium
	}
	return httpLarge
}

// costs returns the energy of an operation of each class, in kWh.
func (f *Factors) costs() [classes]float64 {
	weights := [classes]float64{
		sqlOther: f.SQL.Other, sqlSelect: f.SQL.Select, sqlInsert: f.SQL.Insert, sqlUpdate: f.SQL.Update, sqlDelete: f.SQL.Delete,
		httpUnknown: f.HTTP.Unknown, httpSmall: f.HTTP.Small, httpMedium: f.HTTP.Medium, httpLarge: f.HTTP.Large,
		message: f.Messaging,
	}
	for c := range weights {
		if !f.PerOperation {
			weights[c] = 1
		}
		weights[c] *= f.KWhPerOp
	}
	return weights
}
