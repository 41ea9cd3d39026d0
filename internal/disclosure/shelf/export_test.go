package shelf

// Bound has a folder of fewer files be too large.
func (s *Shelf) Bound(entries, documents int) { s.most = bounds{entries, documents} }
