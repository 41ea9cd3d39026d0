package window

// Finding is what a sum needs of an anti-pattern.
type Finding struct {
	// Kind is its type; Service is "" if it names none.
	Kind, Service string
	// Occurrences is how often the operation was repeated, all of them counted.
	Occurrences uint64
}

// Waste is what could have been avoided in a window, as its member disclosure_waste says. Its
// amounts are those of the line, which may be anything.
type Waste struct {
	// Canonical is by the threshold that all disclosures share, Operational by the operator's.
	Canonical, Operational Tier
	// Database and Messaging are nil in windows without.
	Database, Messaging *KindWaste
}

// Tier is waste by one threshold, in kWh and gCO2e.
type Tier struct {
	Threshold, Ops uint64
	KWh, Grams     float64
}

// KindWaste is the energy of databases or brokers and the waste in it, in kWh and gCO2e. What
// is nil is not known.
type KindWaste struct {
	Model                             string
	EnergyKWh, Operational, Canonical float64
	EnergyGrams                       *float64
	OperationalGrams, CanonicalGrams  *float64
}

// memory is what the windows of a decoder point at, if it reads them as values.
type memory struct {
	found               []Finding
	waste               Waste
	database, messaging KindWaste
	co2                 CO2
	sci                 Estimate
	config              ScoringConfig
	floats              []float64
	bools               []bool
}

// forget makes the memory free for the next window.
func (m *memory) forget() { m.found, m.floats, m.bools = m.found[:0], m.floats[:0], m.bools[:0] }

// float keeps a number.
func (m *memory) float(x float64) *float64 {
	m.floats = append(m.floats, x)
	return &m.floats[len(m.floats)-1]
}

// bool keeps a truth.
func (m *memory) bool(b bool) *bool {
	m.bools = append(m.bools, b)
	return &m.bools[len(m.bools)-1]
}

// findings reads the array of anti-patterns. A service that is no text is none.
func (d *Decoder) findings(list []Finding) []Finding {
	d.scanner.Array()
	for d.scanner.Next() {
		var f Finding
		d.object(func(name []byte) {
			switch string(name) {
			case "type":
				f.Kind = d.name()
			case "service":
				f.Service = d.nameOrSkip()
			case "pattern":
				f.Occurrences = d.occurrences()
			default:
				d.scanner.Skip()
			}
		})
		list = append(list, f)
	}
	return list
}

func (d *Decoder) nameOrSkip() string {
	if d.scanner.Peek() != '"' {
		d.scanner.Skip()
		return ""
	}
	return d.name()
}

func (d *Decoder) occurrences() (n uint64) {
	if d.scanner.Null() {
		return 0
	}
	d.object(func(name []byte) {
		if string(name) == "occurrences" {
			n = d.scanner.Uint()
			return
		}
		d.scanner.Skip()
	})
	return n
}

// waste reads the member disclosure_waste.
func (d *Decoder) waste() *Waste {
	if d.scanner.Null() {
		return nil
	}
	w := &d.memory.waste
	*w = Waste{}
	d.object(func(name []byte) {
		switch string(name) {
		case "canonical":
			w.Canonical = d.tier()
		case "operational":
			w.Operational = d.tier()
		case "database":
			w.Database = d.kindWaste(&d.memory.database)
		case "messaging":
			w.Messaging = d.kindWaste(&d.memory.messaging)
		default:
			d.scanner.Skip()
		}
	})
	return w
}

func (d *Decoder) tier() (t Tier) {
	if d.scanner.Null() {
		return t
	}
	d.object(func(name []byte) {
		switch string(name) {
		case "n_plus_one_threshold":
			t.Threshold = d.scanner.Uint()
		case "avoidable_io_ops":
			t.Ops = d.scanner.Uint()
		case "avoidable_kwh":
			t.KWh = d.amount()
		case "avoidable_gco2":
			t.Grams = d.amount()
		default:
			d.scanner.Skip()
		}
	})
	return t
}

func (d *Decoder) kindWaste(k *KindWaste) *KindWaste {
	if d.scanner.Null() {
		return nil
	}
	*k = KindWaste{}
	d.object(func(name []byte) {
		switch string(name) {
		case "model":
			k.Model = d.name()
		case "energy_kwh":
			k.EnergyKWh = d.amount()
		case "operational_waste_kwh":
			k.Operational = d.amount()
		case "canonical_waste_kwh":
			k.Canonical = d.amount()
		case "energy_gco2":
			k.EnergyGrams = d.optional()
		case "operational_waste_gco2":
			k.OperationalGrams = d.optional()
		case "canonical_waste_gco2":
			k.CanonicalGrams = d.optional()
		default:
			d.scanner.Skip()
		}
	})
	return k
}

// keep returns empty memory: that of the decoder if its windows are forgotten, else new one.
func keep[T any](d *Decoder, own *T) *T {
	if !d.Values {
		return new(T)
	}
	var empty T
	*own = empty
	return own
}
