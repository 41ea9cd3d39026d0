package disclosure

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/canon"
	"github.com/dendro-carbon/dendro/unit"
)

// Schema is the version of the shape of [Document], and MaxDocument the most bytes of
// one that is read.
const (
	Schema      = "dendro-disclosure/v1"
	MaxDocument = 64 << 20
)

// ErrDocument is wrapped by the errors of texts that are no document in its legal form.
var ErrDocument = errors.New("not a disclosure in its legal form")

// Intent says what a document is for. An official one fulfils [Rules].
type Intent string

// The intents.
const (
	Internal Intent = "internal"
	Official Intent = "official"
)

// Confidentiality says who may see a document.
type Confidentiality string

// The levels of confidentiality. A public document does not name files and people.
const (
	Confidential Confidentiality = "internal"
	Public       Confidentiality = "public"
)

// The sources of figures, as [Scope] says them.
const (
	SourceArchives = "archives"
	SourceLedger   = "ledger"
)

// Document is a disclosure. Its one legal text is that of [Document.Text]. Quantities
// are exact decimals: rows and what is shared add up to the totals, to the last digit.
type Document struct {
	Schema string `json:"schema"`
	// ID is made of everything else: equal documents have equal ids.
	ID              string          `json:"id"`
	MadeAt          time.Time       `json:"made_at"`
	Program         Program         `json:"program"`
	Intent          Intent          `json:"intent"`
	Confidentiality Confidentiality `json:"confidentiality"`
	Organisation    *Organisation   `json:"organisation"`
	Period          Dates           `json:"period"`
	Scope           Scope           `json:"scope"`
	Method          Method          `json:"method"`
	Totals          Totals          `json:"totals"`
	// MarketBased has room for what contracts say of the same energy. Nothing
	// fills it yet: null is not known, and never 0.
	MarketBased *MarketBased `json:"market_based"`
	SCI         *Score       `json:"sci"`
	// Rows are the accounts, in order. Shared is what belongs to none of them.
	Rows     []Account `json:"rows"`
	Shared   Shared    `json:"shared"`
	Coverage Covered   `json:"coverage"`
	Quality  Stated    `json:"quality"`
	// Restates is the document that this one replaces, and what changed.
	Restates *Restated `json:"restates"`
	// Previous is the document of the time before: the chain of a series.
	Previous *Link   `json:"previous"`
	Inputs   Sources `json:"inputs"`
	Notes    Notes   `json:"notes"`
}

// Program is what made a document.
type Program struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Dates are the time that a document is about: From and To half-open, FirstDate and
// LastDate the days of the zone that it consists of.
type Dates struct {
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	TimeZone  string    `json:"time_zone"`
	FirstDate string    `json:"first_date"`
	LastDate  string    `json:"last_date"`
	Days      int       `json:"days"`
	// Type is calendar-month, calendar-quarter, calendar-year or custom.
	Type string `json:"type"`
}

// Scope is what the figures are of.
type Scope struct {
	// Source is SourceArchives or SourceLedger.
	Source string `json:"source"`
	// Boundary lists what is in the figures, and Omitted what is not.
	Boundary []string `json:"boundary"`
	Omitted  []string `json:"omitted"`
	// By is the labels of rows.
	By           []string   `json:"by"`
	Environments []string   `json:"environments,omitempty"`
	Excluded     []Excluded `json:"excluded,omitempty"`
	// Declared are the organisation's own numbers, Measured those that were counted.
	DeclaredApplications *uint32 `json:"declared_applications,omitempty"`
	MeasuredApplications int     `json:"measured_applications"`
	DeclaredRequests     *uint64 `json:"declared_requests,omitempty"`
	MeasuredRequests     uint64  `json:"measured_requests"`
}

// Excluded is what the organisation left out.
type Excluded struct {
	// What is application or environment.
	What   string `json:"what"`
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// Method says how the figures came to be.
type Method struct {
	Specification string `json:"specification"`
	// Basis is location: the carbon of the grids where energy was used.
	Basis string `json:"basis"`
	// EnergyModels and IntensitySources are where energy, and its intensity, is from,
	// with how much of the energy.
	EnergyModels     []Share `json:"energy_models"`
	IntensitySources []Share `json:"intensity_sources"`
	// Methodologies, Coefficients and Versions are those that the inputs name: the
	// methods of their carbon, the factors, and the programs that scored them.
	Methodologies []string `json:"methodologies,omitempty"`
	Coefficients  []string `json:"coefficients,omitempty"`
	Versions      []string `json:"versions,omitempty"`
	Calibrated    bool     `json:"calibrated"`
	// Factors are what the figures rest on, as far as the inputs say it, and DataSets the
	// tables that the program knows to have been used.
	Factors  []Factor `json:"factors,omitempty"`
	DataSets []Factor `json:"data_sets,omitempty"`
	// Uncertainty says how bounds came to be; nil is not told.
	Uncertainty *Uncertainty `json:"uncertainty,omitempty"`
	// Accounts is the method of the ledger: models, places, intensities, policy.
	Accounts json.RawMessage `json:"accounts,omitempty"`
}

// Share is energy that has one source.
type Share struct {
	Source string      `json:"source"`
	Energy unit.Energy `json:"energy_kwh"`
}

// Totals are the figures of all. Carbon is location-based, in three parts that add up to
// it. Energy whose carbon is not known is in Low and High alone.
type Totals struct {
	Figures
	Transport unit.Mass `json:"transport_gco2e"`
	// LocationBased is operational + embodied + transport.
	LocationBased unit.Mass `json:"location_based_gco2e"`
	// Low and High bound LocationBased.
	Low  unit.Mass `json:"location_based_low_gco2e"`
	High unit.Mass `json:"location_based_high_gco2e"`
}

// Figures are what rows and totals have. A nil figure is not known, which is not 0.
type Figures struct {
	Energy         unit.Energy `json:"energy_kwh"`
	CarbonEnergy   unit.Energy `json:"carbon_energy_kwh"` // whose carbon is known
	MeasuredEnergy unit.Energy `json:"measured_energy_kwh"`
	// EstimatedEnergy is energy that is estimated, or whose carbon is.
	EstimatedEnergy unit.Energy `json:"estimated_energy_kwh"`
	// Operational is nil if there is energy and nothing is known of its carbon.
	Operational     *unit.Mass     `json:"operational_gco2e"`
	OperationalLow  unit.Mass      `json:"operational_low_gco2e"`
	OperationalHigh unit.Mass      `json:"operational_high_gco2e"`
	Embodied        *unit.Mass     `json:"embodied_gco2e"`
	Operations      uint64         `json:"operations"`
	Requests        uint64         `json:"requests"`
	Observed        *unit.Duration `json:"observed_s,omitempty"` // host time, of ledgers
	Expected        *unit.Duration `json:"expected_s,omitempty"`
}

// Account is a row: what belongs to one account.
type Account struct {
	Labels account.Labels `json:"labels"`
	Kind   account.Kind   `json:"kind"`
	Figures
}

// Shared is carbon that belongs to no row: embodied carbon of windows is counted by
// request and transport by byte, for all services together.
type Shared struct {
	Embodied  unit.Mass `json:"embodied_gco2e"`
	Transport unit.Mass `json:"transport_gco2e"`
}

// MarketBased is carbon by contracts.
type MarketBased struct {
	Carbon      unit.Mass `json:"market_based_gco2e"`
	Instruments []string  `json:"instruments"`
}

// Score is the SCI (ISO/IEC 21031:2024): carbon per functional unit.
type Score struct {
	Unit  string `json:"functional_unit"`
	Count uint64 `json:"count"`
	// Value is LocationBased ÷ Count, Low and High its bounds; decimals.
	Value json.Number `json:"sci_gco2e_per_r"`
	Low   json.Number `json:"sci_low_gco2e_per_r"`
	High  json.Number `json:"sci_high_gco2e_per_r"`
}

// Covered says how much of what should be known is known, each from 0 to 1.
type Covered struct {
	Time         unit.Ratio `json:"time"`
	Days         int        `json:"days"`
	ObservedDays int        `json:"observed_days"`
	LargestGap   int        `json:"largest_gap_days"`
	Spans        unit.Ratio `json:"spans"`
	Carbon       unit.Ratio `json:"carbon"`
	Attributed   unit.Ratio `json:"attributed"`
	// Embodied is the part of the observed host time whose embodied carbon is known, of a ledger
	// that knows it of some; what is missing is in no figure.
	Embodied *unit.Ratio `json:"embodied,omitempty"`
	// Measured, Modelled and Estimated are parts of the energy that add up to 1.
	Measured  unit.Ratio `json:"measured"`
	Modelled  unit.Ratio `json:"modelled"`
	Estimated unit.Ratio `json:"estimated"`
}

// Stated is what is wrong with the inputs, and what was repaired or left out.
type Stated struct {
	Findings []Acknowledged `json:"findings"`
	Windows  WindowCounts   `json:"windows"`
	Chain    Chain          `json:"chain"`
	Repairs  Repaired       `json:"repairs"`
}

// Acknowledged is a finding, with the organisation's reason why the figures stand.
type Acknowledged struct {
	Finding
	Reason string `json:"acknowledged,omitempty"`
}

// WindowCounts counts windows and lines; see [Windows].
type WindowCounts struct {
	Counted      uint64 `json:"counted"`
	Runtime      uint64 `json:"runtime"`
	Fallback     uint64 `json:"fallback"`
	Unattributed uint64 `json:"unattributed"`
	Duplicates   uint64 `json:"duplicates"`
	Outside      uint64 `json:"outside"`
	Malformed    uint64 `json:"malformed"`
	Dropped      uint64 `json:"dropped_spans"`
	Late         uint64 `json:"late_spans"`
}

// Chain counts lines by how they stand in their chain; see [ChainCounts].
type Chain struct {
	Verified      uint64 `json:"verified"`
	Unchained     uint64 `json:"unchained"`
	Breaks        uint64 `json:"breaks"`
	BreaksOutside uint64 `json:"breaks_outside_period"`
}

// Repaired counts what was read as something else; see [Repairs].
type Repaired struct {
	Amounts      uint64 `json:"amounts"`
	Inconsistent uint64 `json:"inconsistent"`
	Tags         uint64 `json:"tags"`
	Services     uint64 `json:"services"`
	Cells        uint64 `json:"cells"`
}

// Link names another document by the SHA-256 of its file.
type Link struct {
	ID     string `json:"id"`
	SHA256 string `json:"sha256"`
}

// Sources are the inputs.
type Sources struct {
	Files  []File      `json:"files,omitempty"`
	Ledger *FromLedger `json:"ledger,omitempty"`
}

// File is an archive that was read.
type File struct {
	Name    string    `json:"name"`
	SHA256  string    `json:"sha256"`
	Bytes   int64     `json:"bytes"`
	Lines   uint64    `json:"lines"`
	Windows uint64    `json:"windows"`
	First   time.Time `json:"first,omitzero"`
	Last    time.Time `json:"last,omitzero"`
}

// FromLedger is what was read of a ledger.
type FromLedger struct {
	KnownAt      time.Time `json:"as_known_at"`
	Restatements int       `json:"restatements"`
}

// Notes are for readers.
type Notes struct {
	Disclaimers []string          `json:"disclaimers"`
	References  map[string]string `json:"references,omitempty"`
}

// Text returns the document's one legal text: canonical JSON with exact numbers, and one
// line feed. Its SHA-256 is that of the file.
func (d *Document) Text() ([]byte, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("disclosure: %w", err)
	}
	c := canon.Canonicalizer{Exact: true}
	out, err := c.Append(make([]byte, 0, len(text)+1), text)
	if err != nil {
		return nil, fmt.Errorf("disclosure: %w", err)
	}
	return append(out, '\n'), nil
}

// Parse reads a document. Whatever is not the text that [Document.Text] gives of it is
// refused, so that nothing can hide in one: unknown members, other spaces, other forms of
// numbers. Errors wrap [ErrDocument].
func Parse(text []byte) (*Document, error) {
	if len(text) > MaxDocument {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrDocument, MaxDocument)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var d Document
	if err := decoder.Decode(&d); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDocument, err)
	}
	if d.Schema != Schema {
		return nil, fmt.Errorf("%w: schema %q, and not %s", ErrDocument, d.Schema, Schema)
	}
	again, err := d.Text()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDocument, err)
	}
	if at := difference(text, again); at >= 0 {
		return nil, fmt.Errorf("%w: at byte %d it is not as it would be written", ErrDocument, at)
	}
	return &d, nil
}

// difference returns the first byte at which texts differ, or -1.
func difference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	if len(a) != len(b) {
		return min(len(a), len(b))
	}
	return -1
}

// identify returns the id that the document's content gives it: a UUID of version 8 made of
// the SHA-256 of its text without an id.
func (d *Document) identify() (string, error) {
	bare := *d
	bare.ID = ""
	text, err := bare.Text()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	h := hex.EncodeToString(sum[:16])
	return "urn:uuid:" + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:], nil
}

// Hash returns the SHA-256 of a file's text in hexadecimal digits, as sha256sum prints it.
func Hash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
