package prom

import (
	"errors"
	"io"

	"github.com/go-faster/jx"
)

// maxTexts is how many warnings or remarks of a reply are kept.
const maxTexts = 10

// readReply reads the envelope of the API, in whatever order its parts come, and
// gives its data to a function. A reply that is not complete is an error;
// remarks on the expression are returned.
func readReply(d *jx.Decoder, data func(*jx.Decoder) error) (infos []string, err error) {
	var status string
	var warnings []string
	partial, seen := false, false
	err = d.ObjBytes(func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "status":
			status, err = d.Str()
		case "data":
			seen = true
			err = data(d)
		case "warnings", "error":
			warnings, err = texts(d, warnings)
		case "infos":
			infos, err = texts(d, infos)
		case "isPartial": // VictoriaMetrics
			partial, err = d.Bool()
		default:
			err = d.Skip()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	warnings = append(warnings, "") // so that there is a first one
	switch {
	case !atEnd(d):
		return nil, invalid("there is more behind the reply")
	case status != "success":
		return nil, invalid("the reply has status %q and says %q", status, excerpt(warnings[0]))
	case partial || warnings[0] != "":
		return nil, &errReply{
			kind: Incomplete,
			text: "the server calls its answer incomplete: " + excerpt(warnings[0]),
			hint: "bring back what the server misses, and ask again",
		}
	case !seen:
		return nil, invalid("no data in the reply")
	}
	return infos, nil
}

// atEnd reports whether nothing follows.
func atEnd(d *jx.Decoder) bool {
	err := d.Skip()
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// texts appends a text, or a list of texts.
func texts(d *jx.Decoder, list []string) ([]string, error) {
	one := func(d *jx.Decoder) error {
		s, err := d.Str()
		if len(list) < maxTexts {
			list = append(list, s)
		}
		return err
	}
	switch d.Next() {
	case jx.Null:
		return list, d.Null()
	case jx.String:
		return list, one(d)
	}
	err := d.Arr(one)
	return list, err
}
