package otlptest

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
)

// JSON returns a request in the JSON of OTLP, on one line. It is protobuf's JSON
// with ids in hexadecimal, and without white space.
func JSON(tb testing.TB, request *trace.TracesData) []byte {
	tb.Helper()
	data, err := protojson.MarshalOptions{UseEnumNumbers: true}.Marshal(request)
	var tree any
	if err == nil {
		err = json.Unmarshal(data, &tree)
	}
	if err == nil {
		err = hexIDs(tree)
	}
	if err == nil {
		data, err = json.Marshal(tree)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// hexIDs turns ids from base64 into hexadecimal, wherever they are in a tree.
func hexIDs(tree any) error {
	switch tree := tree.(type) {
	case []any:
		for _, element := range tree {
			if err := hexIDs(element); err != nil {
				return err
			}
		}
	case map[string]any:
		for name, value := range tree {
			text, isText := value.(string)
			if !isText || name != "traceId" && name != "spanId" && name != "parentSpanId" {
				if err := hexIDs(value); err != nil {
					return err
				}
				continue
			}
			id, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			tree[name] = hex.EncodeToString(id)
		}
	}
	return nil
}
