package spanfile

import (
	"encoding/hex"

	"github.com/dendro-carbon/dendro/internal/classify"
	"github.com/dendro-carbon/dendro/internal/window"
)

// Members of OTLP's messages are written in lower camel case by the standard,
// and in the names of the protocol's definition by some; protobuf's own parsers
// read both. So does this one.

// record scans a span of OTLP and makes it in p.otlp. It returns why the span is
// to be rejected, if it is.
func (p *parser) record() (classify.Reason, error) {
	r, a := &p.raw, &p.attributes
	*r = classify.Record{}
	a.Reset()
	if open, err := p.object(); err != nil || !open {
		return p.names.Span(&p.otlp, r, a), err
	}
	for first := true; ; first = false {
		name, more, err := p.member(first)
		if err == nil && more {
			err = p.recordValue(r, name)
		}
		if err != nil || !more {
			return p.names.Span(&p.otlp, r, a), err
		}
	}
}

// object consumes the `{` of an object; open is false, and the value skipped,
// if it is null.
func (p *parser) object() (open bool, err error) {
	if isNull, err := p.null(); isNull || err != nil {
		return false, err
	}
	if !p.accept('{') {
		return false, p.wrong("an object")
	}
	return true, nil
}

// array is object for arrays.
func (p *parser) array() (open bool, err error) {
	if isNull, err := p.null(); isNull || err != nil {
		return false, err
	}
	if !p.accept('[') {
		return false, p.wrong("an array")
	}
	return true, nil
}

// recordValue scans the value of one member of a span.
func (p *parser) recordValue(r *classify.Record, name []byte) (err error) {
	var n uint64
	switch string(name) {
	case "traceId", "trace_id":
		r.TraceID, err = p.hexID(p.traceID[:])
	case "spanId", "span_id":
		r.SpanID, err = p.hexID(p.spanID[:])
	case "parentSpanId", "parent_span_id":
		r.ParentID, err = p.hexID(p.parentID[:])
	case "kind":
		r.Kind, err = p.spanKind()
	case "flags":
		n, _, err = p.unsigned()
		r.Flags = uint32(n)
	case "startTimeUnixNano", "start_time_unix_nano":
		r.Start, _, err = p.unsigned()
	case "endTimeUnixNano", "end_time_unix_nano":
		r.End, _, err = p.unsigned()
	case "attributes":
		err = p.keyValues(&p.attributes)
	default:
		err = p.skip()
	}
	return err
}

// hexID scans an id into memory of the size it should have. Ids of another size,
// or of other digits, are as good as none.
func (p *parser) hexID(into []byte) ([]byte, error) {
	if p.space() != '"' {
		return nil, p.skip()
	}
	text, err := p.text()
	if err != nil || len(text) != 2*len(into) {
		return nil, err
	}
	if _, err := hex.Decode(into, text); err != nil {
		return nil, nil
	}
	return into, nil
}

// spanKind scans a kind, as its number or its name.
func (p *parser) spanKind() (classify.SpanKind, error) {
	text, ok, err := p.scalar()
	if !ok || err != nil {
		return classify.KindUnspecified, err
	}
	switch string(text) {
	case "1", "SPAN_KIND_INTERNAL":
		return classify.KindInternal, nil
	case "2", "SPAN_KIND_SERVER":
		return classify.KindServer, nil
	case "3", "SPAN_KIND_CLIENT":
		return classify.KindClient, nil
	case "4", "SPAN_KIND_PRODUCER":
		return classify.KindProducer, nil
	case "5", "SPAN_KIND_CONSUMER":
		return classify.KindConsumer, nil
	}
	return classify.KindUnspecified, nil
}

// resource scans the member `resource` of OTLP.
func (p *parser) resource() (classify.Resource, error) {
	a := &p.attributes
	a.Reset()
	open, err := p.object()
	for first := true; err == nil && open; first = false {
		name, more, failed := p.member(first)
		switch {
		case failed != nil || !more:
			return p.names.Resource(a), failed
		case string(name) == "attributes":
			err = p.keyValues(a)
		default:
			err = p.skip()
		}
	}
	return p.names.Resource(a), err
}

// keyValues scans a list of attributes.
func (p *parser) keyValues(a *classify.Attributes) error {
	open, err := p.array()
	for first := true; err == nil && open; first = false {
		more, failed := p.element(first)
		if failed != nil || !more {
			return failed
		}
		err = p.keyValue(a)
	}
	return err
}

// keyValue scans one attribute. Its value may come before its key: then it is
// scanned again once the key is known.
func (p *parser) keyValue(a *classify.Attributes) error {
	key, value := classify.Ignored, -1
	open, err := p.object()
	for first := true; err == nil && open; first = false {
		name, more, failed := p.member(first)
		if failed != nil || !more {
			return p.lateValue(a, key, value, failed)
		}
		switch {
		case string(name) == "key" && p.space() == '"':
			var text []byte
			text, err = p.text()
			key = classify.Find(text)
		case string(name) == "value" && key != classify.Ignored:
			err = p.anyValue(a, key)
		case string(name) == "value":
			p.space()
			value = p.pos
			err = p.skip()
		default:
			err = p.skip()
		}
	}
	return err
}

// lateValue sets an attribute whose value began at a place before its key.
func (p *parser) lateValue(a *classify.Attributes, key classify.Attribute, value int, err error) error {
	if err != nil || key == classify.Ignored || value < 0 {
		return err
	}
	end := p.pos
	p.pos = value
	err = p.anyValue(a, key)
	p.pos = end
	return err
}

// anyValue scans the value of an attribute that matters. Of several values the
// last counts; booleans, lists and bytes say nothing here.
func (p *parser) anyValue(a *classify.Attributes, key classify.Attribute) error {
	open, err := p.object()
	for first := true; err == nil && open; first = false {
		name, more, failed := p.member(first)
		if failed != nil || !more {
			return failed
		}
		err = p.oneValue(a, key, name)
	}
	return err
}

func (p *parser) oneValue(a *classify.Attributes, key classify.Attribute, name []byte) error {
	switch string(name) {
	case "stringValue", "string_value":
		if p.space() != '"' {
			return p.skip()
		}
		text, err := p.keep()
		if err == nil {
			a.SetText(key, text)
		}
		return err
	case "intValue", "int_value", "doubleValue", "double_value":
		n, ok, err := p.integer()
		if a.Unset(key); ok && err == nil {
			a.SetNumber(key, n)
		}
		return err
	case "boolValue", "bool_value", "arrayValue", "array_value", "kvlistValue", "kvlist_value", "bytesValue", "bytes_value":
		a.Unset(key)
	}
	return p.skip()
}

// keep scans a string that has to last until the span is made: it moves what
// would lie in scratch.
func (p *parser) keep() ([]byte, error) {
	text, err := p.text()
	if err != nil || len(text) == 0 || len(p.scratch) == 0 || &text[0] != &p.scratch[0] {
		return text, err
	}
	begin := len(p.kept)
	p.kept = append(p.kept, text...)
	return p.kept[begin:], nil
}

// applied returns the span of OTLP that was scanned last, as one of a resource.
func (p *parser) applied(r classify.Resource) window.Span {
	span := p.otlp
	r.Apply(&span)
	return span
}
