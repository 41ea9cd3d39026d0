package window

import "math"

// sum adds floats and keeps what rounding takes off (Neumaier 1974), so that sums
// of the same numbers in another grouping agree to the last digits.
type sum struct{ value, lost float64 }

func (s *sum) add(x float64) {
	t := s.value + x
	if math.Abs(s.value) >= math.Abs(x) {
		s.lost += (s.value - t) + x
	} else {
		s.lost += (x - t) + s.value
	}
	s.value = t
}

func (s *sum) float() float64 { return s.value + s.lost }
