package yaml

// Ways tells how the lists of a text were read: scanned, by the library on
// their own, or with the rest of the text.
func Ways(data []byte) (scanned, alone, withRest int) {
	s := newSplit("", data, Options{})
	s.read("", Options{})
	for _, p := range s.parts {
		switch {
		case p.refused:
			withRest++
		case p.scanned:
			scanned++
		default:
			alone++
		}
	}
	return scanned, alone, withRest
}
