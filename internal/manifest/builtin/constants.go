package builtin

// SecondsIn returns the length of a unit of time by one of the names that
// TimeConverter knows, 0 if there is none of that name.
func SecondsIn(unit string) float64 { return secondsOf(unit) }

// EmbodiedSetting returns the value of a number of SciEmbodied's config when the
// config does not give it; ok is false if there is no such number.
func EmbodiedSetting(key string) (f float64, ok bool) {
	for _, e := range embodiedSettings() {
		if e.key == key {
			return e.otherwise, true
		}
	}
	return 0, false
}
