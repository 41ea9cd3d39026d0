package spanfile

import "github.com/dendro-carbon/dendro/internal/classify"

// isRequestMember reports the member of a request of OTLP that holds spans.
func isRequestMember(name []byte) bool {
	return string(name) == "resourceSpans" || string(name) == "resource_spans"
}

// request reads the rest of a request from the value of `resourceSpans` on.
func (r *reader) request() error {
	for {
		if err := r.array(r.resourceSpans); err != nil {
			return err
		}
		for {
			name, more, err := r.nextMember(false)
			if err != nil || !more {
				return err
			}
			if isRequestMember(name) {
				break
			}
			if err := r.whole(r.skip); err != nil {
				return err
			}
		}
	}
}

// array reads an array of OTLP, for which null may stand.
func (r *reader) array(element func() error) error {
	var open bool
	if err := r.whole(func() (err error) { open, err = r.parser.array(); return err }); err != nil || !open {
		return err
	}
	return r.list(element)
}

// object reads an object of OTLP, for which null may stand, member by member;
// member scans a value and may leave it to be skipped.
func (r *reader) object(member func(name []byte) (scanned bool, err error)) error {
	var open bool
	if err := r.whole(func() (err error) { open, err = r.parser.object(); return err }); err != nil || !open {
		return err
	}
	for first := true; ; first = false {
		name, more, err := r.nextMember(first)
		if err != nil || !more {
			return err
		}
		scanned, err := member(name)
		if err == nil && !scanned {
			err = r.whole(r.skip)
		}
		if err != nil {
			return err
		}
	}
}

// resourceSpans reads the spans of one resource. Its spans may come before it.
func (r *reader) resourceSpans() error {
	r.resource, r.known, r.first = classify.Resource{}, false, len(r.batch)
	err := r.object(func(name []byte) (bool, error) {
		switch string(name) {
		case "resource":
			return true, r.takeResource()
		case "scopeSpans", "scope_spans", "instrumentationLibrarySpans", "instrumentation_library_spans":
			return true, r.array(r.scopeSpans)
		}
		return false, nil
	})
	r.known = true // as much as it will ever be
	if err == nil && len(r.batch) >= r.limits.Batch {
		err = r.flush()
	}
	return err
}

func (r *reader) takeResource() error {
	if err := r.whole(func() (err error) { r.resource, err = r.parser.resource(); return err }); err != nil {
		return err
	}
	r.known = true
	for i := r.first; i < len(r.batch); i++ {
		r.resource.Apply(&r.batch[i])
	}
	return nil
}

func (r *reader) scopeSpans() error {
	return r.object(func(name []byte) (bool, error) {
		if string(name) == "spans" {
			return true, r.array(r.span)
		}
		return false, nil
	})
}

// span reads one span of OTLP.
func (r *reader) span() error {
	r.element++
	var reason classify.Reason
	err := r.whole(func() (err error) {
		r.kept = r.kept[:0]
		reason, err = r.record()
		return err
	})
	switch {
	case err != nil:
		return err
	case reason != classify.Accepted:
		r.rejections[reason]++
		r.reject(reason.Hint())
		return nil
	}
	return r.add(r.applied(r.resource))
}
