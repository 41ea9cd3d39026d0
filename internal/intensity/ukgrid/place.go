package ukgrid

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// layout is how the API writes times: without seconds.
const layout = "2006-01-02T15:04Z"

// national is the region of all of Great Britain.
const national = "GB"

// regionNames are the API's names of its regions, the first of which has number 1.
func regionNames() [17]string {
	return [...]string{
		"North Scotland", "South Scotland", "North West England", "North East England", "Yorkshire", "North Wales",
		"South Wales", "West Midlands", "East Midlands", "East England", "South West England", "South England",
		"London", "South East England", "England", "Scotland", "Wales",
	}
}

// Regions returns the names of regions that [Source.Fetch] takes, besides
// postcodes. The result is the caller's.
func Regions() []string {
	names := []string{national, "GB-ENG", "GB-SCT", "GB-WLS"}
	for i, name := range regionNames() {
		names = append(names, fmt.Sprintf("GB-%d", i+1), "GB-"+name)
	}
	return names
}

// place is a region as the API knows it: a number, a postcode, or neither for the
// nation.
type place struct {
	number   int
	postcode string
}

// outward is the first half of a postcode: OX11, SW1A, M1.
var outward = regexp.MustCompile(`^[A-Z]{1,2}[0-9][0-9A-Z]?$`)

// parsePlace reads the name of a region. Case does not matter.
func parsePlace(region string) (place, bool) {
	if strings.EqualFold(region, national) {
		return place{}, true
	}
	if len(region) < 4 || !strings.EqualFold(region[:3], "GB-") {
		return place{}, false
	}
	name := region[3:]
	for i, known := range regionNames() {
		if strings.EqualFold(name, known) || name == fmt.Sprint(i+1) {
			return place{number: i + 1}, true
		}
	}
	switch upper := strings.ToUpper(name); {
	case upper == "ENG": // ISO 3166-2
		return place{number: 15}, true
	case upper == "SCT":
		return place{number: 16}, true
	case upper == "WLS":
		return place{number: 17}, true
	case outward.MatchString(upper):
		return place{postcode: upper}, true
	}
	return place{}, false
}

func (p place) national() bool { return p == place{} }

// rangePath returns the path of a range.
func (p place) rangePath(from, to time.Time) string {
	return p.path(from.Format(layout) + "/" + to.Format(layout))
}

// forecastPath returns the path of the forecast from an instant on.
func (p place) forecastPath(from time.Time) string { return p.path(from.Format(layout) + "/fw48h") }

func (p place) path(times string) string {
	switch {
	case p.national():
		return "/intensity/" + times
	case p.postcode != "":
		return "/regional/intensity/" + times + "/postcode/" + p.postcode
	}
	return fmt.Sprintf("/regional/intensity/%s/regionid/%d", times, p.number)
}
