package otlp

import (
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/dendro-carbon/dendro/internal/classify"
	"github.com/dendro-carbon/dendro/internal/window"
)

// The wire types that the fields below have.
const (
	wireVarint  = field(protowire.VarintType)
	wireFixed64 = field(protowire.Fixed64Type)
	wireBytes   = field(protowire.BytesType)
	wireFixed32 = field(protowire.Fixed32Type)
)

// Fields of the messages of OTLP 1.x (opentelemetry-proto, trace/v1, common/v1,
// resource/v1).
const (
	requestResourceSpans = 1<<3 + wireBytes
	resourceResource     = 1<<3 + wireBytes
	resourceScopeSpans   = 2<<3 + wireBytes
	scopeSpans           = 2<<3 + wireBytes
	resourceAttributes   = 1<<3 + wireBytes

	spanTraceID    = 1<<3 + wireBytes
	spanSpanID     = 2<<3 + wireBytes
	spanParentID   = 4<<3 + wireBytes
	spanKind       = 6<<3 + wireVarint
	spanStart      = 7<<3 + wireFixed64
	spanEnd        = 8<<3 + wireFixed64
	spanAttributes = 9<<3 + wireBytes
	spanFlags      = 16<<3 + wireFixed32

	keyValueKey   = 1<<3 + wireBytes
	keyValueValue = 2<<3 + wireBytes

	anyString = 1<<3 + wireBytes
	anyBool   = 2<<3 + wireVarint
	anyInt    = 3<<3 + wireVarint
	anyDouble = 4<<3 + wireFixed64
	anyArray  = 5<<3 + wireBytes
	anyList   = 6<<3 + wireBytes
	anyBytes  = 7<<3 + wireBytes
)

// Decoder makes spans of requests in protobuf, one request after the other. It
// is for one goroutine. Create one with [NewDecoder].
type Decoder struct {
	names      *classify.Names
	attributes classify.Attributes
	record     classify.Record

	spans    []window.Span
	limit    int
	rejected classify.Rejections
	resource classify.Resource
}

// NewDecoder returns a decoder.
func NewDecoder() *Decoder { return &Decoder{names: classify.NewNames()} }

// Request reads an ExportTraceServiceRequest, appends its spans to spans and
// counts those that are rejected. The texts in the spans do not refer to data.
// An error says what is malformed, or that there are more than limit spans; then
// nothing of the request is to be used. Texts that are no UTF-8 are taken, with
// U+FFFD where they are not.
func (d *Decoder) Request(data []byte, spans []window.Span, limit int) ([]window.Span, classify.Rejections, error) {
	begun := len(spans)
	d.spans, d.limit, d.rejected = spans, limit, classify.Rejections{}
	m := message{data: data}
	for at := 0; ; {
		f, ok := m.next()
		if !ok {
			break
		}
		if f != requestResourceSpans {
			m.skip(f)
			continue
		}
		if err := d.resourceSpans(m.bytes()); err != nil {
			return spans[:begun], classify.Rejections{}, fmt.Errorf("resource_spans %d: %w", at, err)
		}
		at++
	}
	if m.bad {
		return spans[:begun], classify.Rejections{}, errWire
	}
	return d.spans, d.rejected, nil
}

// resourceSpans reads the spans of one resource. The resource may follow its
// spans, or come in pieces, so it is looked for first.
func (d *Decoder) resourceSpans(data []byte) error {
	d.attributes.Reset()
	m := message{data: data}
	for {
		f, ok := m.next()
		if !ok {
			break
		}
		if f != resourceResource {
			m.skip(f)
		} else if err := d.attributesOf(m.bytes(), resourceAttributes); err != nil {
			return err
		}
	}
	if m.bad {
		return errWire
	}
	d.resource = d.names.Resource(&d.attributes)
	for m = (message{data: data}); ; {
		f, ok := m.next()
		if !ok {
			return m.err()
		}
		if f != resourceScopeSpans {
			m.skip(f)
		} else if err := d.scopeSpans(m.bytes()); err != nil {
			return err
		}
	}
}

// attributesOf sets the attributes among the fields of a message.
func (d *Decoder) attributesOf(data []byte, attributes field) error {
	m := message{data: data}
	for {
		f, ok := m.next()
		if !ok {
			return m.err()
		}
		if f != attributes {
			m.skip(f)
		} else if err := d.attribute(m.bytes()); err != nil {
			return err
		}
	}
}

func (d *Decoder) scopeSpans(data []byte) error {
	m := message{data: data}
	for {
		f, ok := m.next()
		if !ok {
			return m.err()
		}
		if f != scopeSpans {
			m.skip(f)
		} else if err := d.span(m.bytes()); err != nil {
			return err
		}
	}
}

// span reads one span and appends it, or counts why not.
func (d *Decoder) span(data []byte) error {
	d.record = classify.Record{}
	d.attributes.Reset()
	if err := d.spanFields(data); err != nil {
		return err
	}
	if len(d.spans)+d.rejected.Total() >= d.limit {
		return fmt.Errorf("%w: %d are allowed", classify.ErrTooManySpans, d.limit)
	}
	d.spans = append(d.spans, window.Span{})
	span := &d.spans[len(d.spans)-1]
	if reason := d.names.Span(span, &d.record, &d.attributes); reason != classify.Accepted {
		d.spans = d.spans[:len(d.spans)-1]
		d.rejected[reason]++
		return nil
	}
	d.resource.Apply(span)
	return nil
}

func (d *Decoder) spanFields(data []byte) error {
	r := &d.record
	m := message{data: data}
	for {
		f, ok := m.next()
		if !ok {
			return m.err()
		}
		switch f {
		case spanTraceID:
			r.TraceID = m.bytes()
		case spanSpanID:
			r.SpanID = m.bytes()
		case spanParentID:
			r.ParentID = m.bytes()
		case spanKind:
			r.Kind = spanKindOf(m.varint())
		case spanStart:
			r.Start = m.fixed64()
		case spanEnd:
			r.End = m.fixed64()
		case spanFlags:
			r.Flags = m.fixed32()
		case spanAttributes:
			if err := d.attribute(m.bytes()); err != nil {
				return err
			}
		default:
			m.skip(f)
		}
	}
}

// spanKindOf narrows an enumeration, of which protobuf keeps 32 bits.
func spanKindOf(value uint64) classify.SpanKind {
	if uint32(value) > uint32(classify.KindConsumer) {
		return classify.KindUnspecified
	}
	return classify.SpanKind(value)
}

// attribute reads a KeyValue. The usual order of its fields, key and value, is
// read in one go.
func (d *Decoder) attribute(data []byte) error {
	m := message{data: data}
	if f, ok := m.next(); ok && f == keyValueKey {
		key := classify.Find(m.bytes())
		if f, ok = m.next(); ok && f == keyValueValue {
			value := m.bytes()
			if len(m.data) == 0 && !m.bad {
				if key == classify.Ignored {
					return nil
				}
				return d.value(key, value)
			}
		}
	}
	return d.attributeAnyOrder(data)
}

func (d *Decoder) attributeAnyOrder(data []byte) error {
	key := classify.Ignored
	m := message{data: data}
	for {
		f, ok := m.next()
		if !ok {
			break
		}
		if f == keyValueKey {
			key = classify.Find(m.bytes())
			continue
		}
		m.skip(f)
	}
	if m.bad || key == classify.Ignored {
		return m.err()
	}
	for m = (message{data: data}); ; {
		f, ok := m.next()
		if !ok {
			return nil
		}
		if f != keyValueValue {
			m.skip(f)
		} else if err := d.value(key, m.bytes()); err != nil {
			return err
		}
	}
}

// value sets an attribute that matters. Of several values the last counts;
// booleans, lists and bytes say nothing here.
func (d *Decoder) value(key classify.Attribute, data []byte) error {
	a := &d.attributes
	m := message{data: data}
	for {
		f, ok := m.next()
		if !ok {
			return m.err()
		}
		switch f {
		case anyString:
			a.SetText(key, m.bytes())
		case anyInt:
			a.SetNumber(key, int64(m.varint()))
		case anyDouble:
			if n, ok := whole(math.Float64frombits(m.fixed64())); ok {
				a.SetNumber(key, n)
			} else {
				a.Unset(key)
			}
		case anyBool, anyArray, anyList, anyBytes:
			a.Unset(key)
			m.skip(f)
		default:
			m.skip(f)
		}
	}
}

// whole returns a number without a fraction as an integer.
func whole(f float64) (int64, bool) {
	if f != math.Trunc(f) || f < math.MinInt64 || f >= math.MaxInt64 {
		return 0, false
	}
	return int64(f), true
}
