package demo

import "fmt"

// Groups is how many groups the facility has.
const Groups = 780

// What a chance is for. Each use has a number, so that uses do not go together.
const (
	ofSize uint64 = iota + 1
	ofPattern
	ofCell
	ofUser
	ofLife
	ofLoad
	ofReboot
	ofOutage
	ofSilence
	ofCampaign
	ofService
	ofGrid
	ofForecast
	ofCorrection
	ofExperiment
)

// group is a machine type of a project. At each time it has one machine, or none.
type group struct {
	number           uint64
	project, machine string
	cpus             int64
	pattern          pattern
	// cell is the time between the beginnings of its machines, in seconds, and
	// phase when they begin.
	cell, phase int64
}

// site is a project with what its machines are for.
type site struct {
	project  string
	groups   int
	subjects []string
	// patterns are what its machines do, the more frequent the more often listed.
	patterns []pattern
}

// sites returns the four projects. Together they have [Groups] groups.
func sites() []site {
	return []site{
		{"IDAaaS", 420, []string{
			"Muon", "SANS", "Tomography", "Reflectometry", "Diffraction", "Spectroscopy", "ALF", "ARGUS", "CHRONUS", "CRISP", "EMU", "ENGIN-X",
			"GEM", "HiFi", "HRPD", "IMAT", "INES", "INTER", "IRIS", "LARMOR", "LET", "LOQ", "MAPS", "MARI", "MERLIN", "MuSR", "NIMROD",
			"OFFSPEC", "OSIRIS", "PEARL", "POLARIS", "SANDALS", "TOSCA", "WISH", "ZOOM",
		}, []pattern{office, office, campaign, campaign, quiet, night}},
		{"CDAaaS", 190, []string{
			"Artemis", "Astra", "EPAC", "Gemini", "Laser", "Lattice", "Octopus", "Optics", "Plasma", "Shots", "Target", "Tomography",
			"Ultra", "Vulcan", "Wakefield", "X-ray",
		}, []pattern{office, campaign, steady, quiet, night}},
		{"DDAaaS", 110, []string{
			"Bench", "Build", "Docs", "Integration", "Mirror", "Pipeline", "Release", "Sandbox", "Staging", "Tools",
		}, []pattern{office, night, quiet, quiet, steady}},
		{"TDAaaS", 60, []string{"Course", "Exercise", "School", "Tutorial", "Workshop"}, []pattern{training, training, quiet}},
	}
}

// variants returns how the machines of one subject differ.
func variants() []string {
	return []string{
		"", " Analysis", " (Matlab)", " GPU", " Large", " Small", " Reduction", " Simulation", " Notebook", " Review", " Remote", " Test",
	}
}

// newGroups makes the groups of a seed, in order of their numbers.
func newGroups(seed uint64) ([]group, error) {
	sizes := []int64{2, 2, 4, 4, 4, 4, 8, 8, 8, 16, 16, 32}
	var out []group
	for _, s := range sites() {
		for i := range s.groups {
			n := uint64(len(out))
			out = append(out, group{
				number: n, project: s.project,
				machine: s.subjects[i%len(s.subjects)] + variants()[i/len(s.subjects)],
				cpus:    sizes[chance(seed, ofSize, n)%uint64(len(sizes))],
				pattern: s.patterns[chance(seed, ofPattern, n)%uint64(len(s.patterns))],
				cell:    between(5*day, 30*day, chance(seed, ofCell, n)),
				phase:   between(0, 30*day, chance(seed, ofCell, n, 1)),
			})
		}
	}
	if len(out) != Groups {
		return nil, fmt.Errorf("the simulated facility has %d groups, not %d", len(out), Groups)
	}
	return out, nil
}
