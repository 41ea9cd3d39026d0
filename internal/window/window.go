package window

// Window is a scored window, in the wire shape of a perf-sentinel report, with what
// Dendro knows beyond it in Detail. Texts in JSON ([Raw]) are compact or as they were
// read.
type Window struct {
	Analysis Analysis
	// Findings is an array: anti-patterns that arrived with an archive. Dendro looks
	// for none itself.
	Findings    Raw
	Green       Green
	QualityGate Raw
	// Endpoints are the operations by service and endpoint, in this order.
	Endpoints       []EndpointOps
	BinaryVersion   string
	DetectionConfig Raw
	DisclosureWaste Raw
	// Found and Waste are Findings and DisclosureWaste as values, in windows of a [Decoder] with
	// Values; there, the texts are nil.
	Found []Finding
	Waste *Waste
	// Detail is nil in windows that Dendro did not score.
	Detail *Detail
	// Extra are members that are not known, in the order of the line.
	Extra []Member
}

// Raw is the text of a JSON value, or nil for none.
type Raw []byte

// Member is a member of an object that is not known.
type Member struct {
	Name  string
	Value Raw
}

// Analysis counts what was looked at.
type Analysis struct {
	DurationMS uint64
	// Events are the operations that were scored.
	Events uint64
	// Traces are the traces that they belong to: the functional unit.
	Traces uint64
	Extra  []Member
}

// EndpointOps are the operations of an endpoint of a service.
type EndpointOps struct {
	Service, Endpoint string
	Ops               uint64
}

// Green is the member green_summary: operations, energy and carbon of the spans whose
// region is resolved.
type Green struct {
	TotalOps, AvoidableOps              uint64
	SQLOps, AvoidableSQLOps             uint64
	MessagingOps, AvoidableMessagingOps uint64
	WasteRatio                          float64
	WasteBand                           string
	// Offenders is an array: endpoints by operations per trace.
	Offenders                         Raw
	CO2                               *CO2
	Regions                           []Region
	Transport                         *float64 // gCO2e, a copy of that in CO2
	ScoringConfig                     *ScoringConfig
	EnergyKWh                         float64
	EnergyModel                       string
	ServiceEnergyKWh, ServiceCarbonKg Amounts // operational carbon alone
	ServiceMeasuredRatio              Amounts
	ServiceRegion, ServiceModel       Labels
	DatabaseWaste, MessagingWaste     Raw
	Extra                             []Member
}

// CO2 is carbon, in gCO2e.
type CO2 struct {
	Total, Avoidable      Estimate
	Operational, Embodied float64
	Transport             *float64
	SCIPerTrace           *Estimate
	FunctionalUnit        string
	Extra                 []Member
}

// Estimate is a figure of carbon with its bounds, in gCO2e.
type Estimate struct {
	Low, Mid, High     float64
	Model, Methodology string
}

// Region is what was counted in a region.
type Region struct {
	Status    string // known, out_of_table or unresolved
	Region    string
	Intensity float64 // gCO2e/kWh, weighted by operations
	PUE       float64
	Ops       uint64
	Grams     float64
	Source    string
	Estimated *bool
	Method    string
}

// ScoringConfig is how a window was scored, as far as the compatible fields say it.
type ScoringConfig struct {
	APIVersion, EmissionFactorType, TemporalGranularity string
	ElectricityMaps                                     *bool
	EmbodiedPerRequest, NetworkKWhPerByte               *float64
	PerOperation, HourlyProfiles                        *bool
}

// Amount is a number of a service.
type Amount struct {
	Service string
	Value   float64
}

// Amounts are numbers by service, sorted by its name, each name once.
type Amounts []Amount

// Get returns the number of a service.
func (a Amounts) Get(service string) (value float64, ok bool) {
	i, ok := search(len(a), service, func(i int) string { return a[i].Service })
	if !ok {
		return 0, false
	}
	return a[i].Value, true
}

// Label is a text of a service.
type Label struct{ Service, Value string }

// Labels are texts by service, sorted by its name, each name once.
type Labels []Label

// Get returns the text of a service.
func (l Labels) Get(service string) (value string, ok bool) {
	i, ok := search(len(l), service, func(i int) string { return l[i].Service })
	if !ok {
		return "", false
	}
	return l[i].Value, true
}

// search finds a name among n sorted names.
func search(n int, name string, at func(int) string) (int, bool) {
	low, high := 0, n
	for low < high {
		if mid := (low + high) / 2; at(mid) < name {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, low < n && at(low) == name
}
