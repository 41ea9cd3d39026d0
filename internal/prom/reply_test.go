package prom

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/go-faster/jx"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func decodeMatrix(body string) (out []decoded, infos []string, err error) {
	m := matrix{window: Window{0, 2_000_000_000_000}, f: func(s *Series) error {
		out = append(out, decoded{s.describe(), append([]Sample(nil), s.Samples...)})
		return nil
	}}
	// Small reads, so that every part once lies over the edge of a buffer.
	infos, err = readReply(jx.Decode(io.MultiReader(strings.NewReader(body)), 16), m.read)
	return out, infos, err
}

func TestMatrix(t *testing.T) {
	t.Parallel()
	const result = `"data":{"resultType":"matrix","result":[` +
		`{"metric":{"__name__":"m","host":"a\"\\\n\u00e9","empty":"","a":"1"},"values":[[1767225600.123,"12.5"],[1767225615,"NaN"],[1767225630.5,"+Inf"],[1767225645,"1e3"],[1767225660,"1e999"]]},` +
		`{"values":[[1767225600,"1"]],"metric":{"a":"2"}},{"metric":{"a":"3"},"values":[]}]}`
	want := []decoded{
		{
			`{__name__="m",a="1",host="a\"\\\né"}`,
			[]Sample{{1767225600123, 12.5}, {1767225615000, math.NaN()}, {1767225630500, math.Inf(1)}, {1767225645000, 1000}, {1767225660000, math.Inf(1)}},
		},
		{`{a="2"}`, []Sample{{1767225600000, 1}}},
	}
	for _, body := range []string{
		`{"status":"success",` + result + `}` + "\n",
		` { ` + result + ` , "status" : "success", "isPartial":false, "stats":{"x":[1,{}]}, "warnings":null, "infos":["PromQL info: y"]}`,
	} {
		got, infos, err := decodeMatrix(body)
		if d := cmp.Diff(want, got, cmpopts.EquateNaNs()); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
		if wantInfos := strings.Count(body, "infos"); len(infos) != wantInfos {
			t.Errorf("infos %q", infos)
		}
	}
}

func TestReplyThatIsNotTaken(t *testing.T) {
	t.Parallel()
	values := func(v string) string {
		return `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[` + v + `]}]}}`
	}
	for body, want := range map[string]string{
		``: "EOF", `nonsense`: "unexpected byte", `[]`: "unexpected byte", `{"status":"success"}`: "no data",
		`{"status":"error","error":"x y"}`:                                                                          `status "error" and says "x y"`,
		`{"data":{"resultType":"matrix","result":[]}}`:                                                              `status ""`,
		`{"status":"success","data":{"resultType":"vector","result":[]}}`:                                           `type "vector"`,
		`{"status":"success","data":{"resultType":"matrix"}}`:                                                       `type "matrix"`,
		`{"status":"success","data":{"resultType":"matrix","result":{}}}`:                                           "unexpected byte",
		`{"status":"success","data":{"resultType":"matrix","result":[]}} {}`:                                        "more behind",
		`{"status":"success","data":{"resultType":"matrix","result":[]}}x`:                                          "more behind",
		`{"status":"success","data":{"resultType":"matrix","result":[]}`:                                            "EOF",
		`{"status":"success","data":{"resultType":"matrix","result":[]},"warnings":["1 of 3 stores"]}`:              "incomplete: 1 of 3 stores",
		`{"status":"success","data":{"resultType":"matrix","result":[]},"isPartial":true}`:                          "incomplete",
		`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":1}}]}}`:                         "unexpected byte",
		`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"1"},"histograms":[[1,{}]]}]}}`: `series {a="1"} is a native histogram`,
		values(`[1,"x"]`): `"x" is not a number`, values(`[1,2]`): "unexpected byte", values(`[1]`): "sample of 1 parts",
		values(`[1,"2",3]`): "more than two parts", values(`["1","2"]`): "unexpected byte", values(`[1e300,"2"]`): "sample at 1e+300",
		values(`[1,"0x`): "EOF",
	} {
		_, _, err := decodeMatrix(body)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", body, err, want)
		}
	}
}

func FuzzMatrix(f *testing.F) {
	f.Add(`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"b"},"values":[[1,"2"],[1,"NaN"]]}]}}`)
	f.Add(`{"status":"success","data":null,"warnings":["x"],"infos":[]}`)
	f.Add(`{"data":[{"a":"b"},{}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		series, _, err := decodeMatrix(body)
		for _, s := range series {
			for i := 1; i < len(s.Samples); i++ {
				if s.Samples[i-1].At >= s.Samples[i].At {
					t.Fatalf("%v %v", s, err)
				}
			}
		}
		m := matrix{f: func(*Series) error { return errors.New("stop") }}
		if _, err := readReply(jx.DecodeStr(body), m.list); err == nil && strings.Contains(body, `"data":[{`) {
			t.Fatalf("%s: the error of the function was lost", body)
		}
		var values []string
		_, _ = readReply(jx.DecodeStr(body), func(d *jx.Decoder) error { return readValues(d, &values) })
	})
}

func BenchmarkMatrix(b *testing.B) {
	var body bytes.Buffer
	body.WriteString(`{"status":"success","data":{"resultType":"matrix","result":[`)
	for i := range 1000 {
		fmt.Fprintf(&body, `{"metric":{"__name__":"node_cpu_seconds_total","cpu":"7","instance":"host-%d:9100","mode":"idle"},"values":[`, i)
		for k := range 122 {
			fmt.Fprintf(&body, `[%d.123,"%d.%02d"],`, 1767225600+15*k, 12345+k, k%100)
		}
		body.Truncate(body.Len() - 1)
		body.WriteString(`]},`)
	}
	body.Truncate(body.Len() - 1)
	body.WriteString(`]}}`)
	b.ReportAllocs()
	b.SetBytes(int64(body.Len()))
	n := 0
	for b.Loop() {
		n = 0
		m := matrix{window: Window{0, 1 << 50}, f: func(s *Series) error { n += len(s.Samples); return nil }}
		if _, err := readReply(jx.Decode(bytes.NewReader(body.Bytes()), 64<<10), m.read); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/sample")
}
