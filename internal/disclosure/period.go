package disclosure

import (
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/unit"
)

// The labels of rows that are folded of windows.
const (
	LabelService     = "service"
	LabelRegion      = "region"
	LabelEnvironment = "environment"
)

// Period is all that was read of a time: what a disclosure is written from. It is the
// same whatever the order of files and lines, and however many read them.
type Period struct {
	// Span is the period, half-open.
	Span account.Span
	// Rows are the accounts, in order. Their figures add up to Total exactly.
	Rows  []Row
	Total Row
	// Embodied and Transport are carbon of windows that belongs to no row. What the
	// ledger has of embodied carbon is in the rows.
	Embodied, Transport unit.Mass
	// Bounds are how low and how high the carbon of all may be.
	Bounds Bounds
	// Windows counts what was read.
	Windows  Windows
	Coverage Coverage
	// Models and Intensities are the energy by where it, or its intensity, is from.
	Models, Intensities []Source
	// Factors are what figures rest on, in order, and Uncertainty says how bounds came to be.
	Factors     []Factor
	Uncertainty *Uncertainty
	// Report are the figures that the original's report has.
	Report  Report
	Quality Quality
	// Inputs are the files, in order of their names, nil for a ledger.
	Inputs []Input
	// Ledger says what was read of the ledger, nil for files.
	Ledger *LedgerInput
}

// Row is what belongs to an account. The carbon of rows is operational carbon alone,
// but for the member Embodied of what the ledger knows.
type Row struct {
	account.Account
	account.Quantities
	// Operations are operations of services, Requests their traces.
	Operations, Requests uint64
	// Low and High bound the operational carbon of all energy, of that too whose carbon is
	// not known.
	Low, High unit.Mass
}

// Bounds are a figure of carbon that is not known better.
type Bounds struct{ Low, Mid, High unit.Mass }

// Source is the energy that has one source.
type Source struct {
	Name   string
	Energy unit.Energy
}

// Windows counts windows and their lines in a period.
type Windows struct {
	// Counted are the windows that were added up: Runtime have figures by service of
	// their own, Fallback were divided by operations.
	Counted, Runtime, Fallback uint64
	// Unattributed are those of Fallback of whose services nothing is known.
	Unattributed uint64
	// Duplicates were met again and not counted again. Outside are those of another
	// time, and Malformed lines that hold no window.
	Duplicates, Outside, Malformed uint64
	// Findings counts windows that were looked through for anti-patterns, and Waste
	// those that say how much energy these waste.
	Findings, Waste uint64
	// Dropped are spans that the windows say were received and not counted, and Late
	// those that came after their window was closed.
	Dropped, Late uint64
	Chain         ChainCounts
}

// ChainCounts counts lines by how they stand in the chain of their file.
type ChainCounts struct {
	Verified, Unchained, Breaks uint64
	// BreaksOutside are breaks between lines of another time.
	BreaksOutside uint64
}

// Coverage says how much of what should be known is known. Each is from 0 to 1.
type Coverage struct {
	// Time is the part of the period in which windows were open, as far as they say
	// when; Days and ObservedDays count its days, and LargestGap is the longest
	// run of days without a window.
	Time                           unit.Ratio
	Days, ObservedDays, LargestGap int
	// Spans is the part of spans that was counted, weighted by energy; Carbon is the
	// energy whose carbon is known, and Attributed that which has an account.
	Spans, Carbon, Attributed unit.Ratio
	// Measured, Modelled and Estimated are parts of the energy and add up to 1, if
	// there is any.
	Measured, Modelled, Estimated unit.Ratio
}

// Report holds what is only in the original's report: floats, and tags as they were
// written. Maps by service are in Services.
type Report struct {
	Requests, Operations uint64
	EnergyKWh            float64
	// CarbonKg is the total of windows: operational, embodied and transport. Each of
	// these is in gCO2e beside it.
	CarbonKg                                        float64
	OperationalGrams, EmbodiedGrams, TransportGrams float64
	// TransportUncertain is whether transport was counted by another coefficient than
	// that whose bounds are known.
	TransportUncertain     bool
	Canonical, Operational Tier
	Database, Messaging    *KindWaste
	// LegacyWaste counts windows without waste figures.
	LegacyWaste                                   uint64
	Versions, Models, Methodologies, Coefficients []string
	Calibrated                                    bool
	Services                                      []Service
	// Unattributed is what has no service.
	Unattributed *Service
}

// Tier is energy that a rule finds wasted.
type Tier struct {
	Threshold     uint64
	Operations    uint64
	KWh, CarbonKg float64
}

// KindWaste is the waste of databases or of brokers.
type KindWaste struct {
	EnergyKWh, MeasuredKWh, DeclaredKWh                float64
	Models                                             []string
	Windows, Measured, Declared, Estimated, WithCarbon uint64
	OperationalKWh, CanonicalKWh                       float64
	// OperationalGrams, CanonicalGrams and OutOfTotalGrams are nil if no window has them.
	OperationalGrams, CanonicalGrams, OutOfTotalGrams *float64
}

// Service is a service as the original's report has it.
type Service struct {
	Name string
	// Named is whether it has a row in the original's report: figures, operations or
	// patterns. Others have only tags.
	Named bool
	// Other is set on the row of the services beyond the limit.
	Other                bool
	Endpoints            int
	Operations, Requests uint64
	EnergyKWh, CarbonKg  float64
	Patterns             []Pattern
	Models               []string
	// MeasuredRatio is the mean over the windows that have one, nil if none has.
	MeasuredRatio *float64
}

// Pattern is an anti-pattern of a service.
type Pattern struct {
	Type                   string
	Occurrences, Avoidable uint64
	First, Last            time.Time
}

// Input is a file that was read.
type Input struct {
	// Name is the file's name, without its folder.
	Name string
	// SHA256 is the hash of the bytes of the file as it is stored, in hexadecimal digits.
	SHA256 string
	Bytes  int64
	// Lines are all lines that are not empty. Windows counts those of the period.
	Lines uint64
	Windows
	// First and Last are when the first and the last window of the period were scored.
	First, Last time.Time
}

// LedgerInput is what was read of a ledger.
type LedgerInput struct {
	// KnownAt is as of when, and Restatements how many slots were stated anew until then.
	KnownAt      time.Time
	Restatements int
}

// Patterns returns the anti-patterns that the original finds.
func Patterns() []string {
	return []string{
		"n_plus_one_sql", "n_plus_one_http", "n_plus_one_messaging", "redundant_sql", "redundant_http", "slow_sql", "slow_http",
		"slow_messaging", "excessive_fanout", "chatty_service", "pool_saturation", "serialized_calls",
	}
}
