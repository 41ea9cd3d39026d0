package disclosure

// Quality lists what is wrong with a period, the worst first.
type Quality struct {
	Findings []Finding
	// Repairs counts figures that could not be and were read as 0.
	Repairs Repairs
}

// Finding is something that a reader of a disclosure should know. An official one is
// refused until it is acknowledged, with a reason, if Grave is set.
type Finding struct {
	Code  FindingCode `json:"code"`
	Grave bool        `json:"grave"`
	// Input is the file, or "" for the whole.
	Input string `json:"input,omitempty"`
	Count uint64 `json:"count"`
	// Text says it to people, with what to do.
	Text string `json:"text"`
}

// FindingCode is a kind of finding.
type FindingCode string

// The kinds of findings.
const (
	FindingChain        FindingCode = "chain-broken"
	FindingUnchained    FindingCode = "unchained"
	FindingMalformed    FindingCode = "malformed"
	FindingDuplicate    FindingCode = "duplicate"
	FindingArchive      FindingCode = "archive" // what the manifest of an archive shows
	FindingUnreadable   FindingCode = "unreadable"
	FindingFallback     FindingCode = "fallback"
	FindingNegative     FindingCode = "repaired"
	FindingInconsistent FindingCode = "inconsistent"
	FindingPartial      FindingCode = "partial"
	FindingCapped       FindingCode = "capped"
	FindingDropped      FindingCode = "dropped"
	FindingThreshold    FindingCode = "threshold"
	FindingPerimeter    FindingCode = "perimeter"
)

// Repairs counts what was read and could not be so.
type Repairs struct {
	// Amounts were negative, not finite or absurdly large, and count as 0.
	Amounts uint64
	// Inconsistent are windows whose parts do not add up to their total: the parts count.
	Inconsistent uint64
	// Tags were too long, of other characters or too many.
	Tags uint64
	// Services and Cells were folded into rows of kind other.
	Services, Cells uint64
}
