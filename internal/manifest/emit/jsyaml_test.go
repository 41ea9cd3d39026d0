package emit_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/golden"
	"github.com/dendro-carbon/dendro/internal/manifest/emit"
	"github.com/dendro-carbon/dendro/internal/testenv"
	"github.com/dendro-carbon/dendro/internal/value"
)

// recorded holds values with what js-yaml 4.3.2 wrote for them: one pair a
// line. TestAgainstJSYAML writes it under -update.
const recorded = "testdata/jsyaml.ndjson"

func TestRecordedJSYAML(t *testing.T) {
	t.Parallel()
	file, err := os.Open(recorded)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, n := bufio.NewScanner(file), 0
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var pair struct {
			Value json.RawMessage
			YAML  string
		}
		if err := json.Unmarshal(lines.Bytes(), &pair); err != nil {
			t.Fatal(err)
		}
		if got := written(t, decode(t, pair.Value)); got != pair.YAML {
			t.Errorf("%s\ngot:\n%s\nwant:\n%s", pair.Value, got, pair.YAML)
		}
		n++
	}
	if lines.Err() != nil || n < 500 {
		t.Errorf("read %d cases: %v", n, lines.Err())
	}
}

// TestAgainstJSYAML compares with js-yaml itself. DENDRO_JSYAML names a folder
// in which `npm install js-yaml@4.3.2` was run.
func TestAgainstJSYAML(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("DENDRO_JSYAML")
	if folder == "" {
		testenv.Skip(t, "js-yaml", "DENDRO_JSYAML names no folder with js-yaml 4 in its node_modules")
	}
	values := chosenValues()
	for seed := range uint64(150) {
		values = append(values, randomValue(rand.New(rand.NewPCG(seed, 1)), 0))
	}
	record := len(values)
	for seed := range uint64(20_000) {
		values = append(values, randomValue(rand.New(rand.NewPCG(seed, 2)), 0))
	}
	want := jsYAML(t, folder, values)
	failures := 0
	for i, v := range values {
		if got := written(t, v); got != want[i] {
			t.Errorf("%s\ngot:\n%s\nwant:\n%s", encode(v), got, want[i])
			if failures++; failures > 10 {
				t.FailNow()
			}
		}
	}
	if golden.Update() {
		writeRecorded(t, values[:record], want)
	}
}

func written(t *testing.T, v value.Value) string {
	t.Helper()
	var b strings.Builder
	if err := emit.Value(&b, v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func writeRecorded(t *testing.T, values []value.Value, yaml []string) {
	var b bytes.Buffer
	for i, v := range values {
		text, _ := json.Marshal(yaml[i])
		fmt.Fprintf(&b, "{\"value\": %s, \"yaml\": %s}\n", encode(v), text)
	}
	golden.Equal(t, recorded, b.Bytes())
}

func jsYAML(t *testing.T, folder string, values []value.Value) []string {
	var in bytes.Buffer
	for _, v := range values {
		in.WriteString(encode(v) + "\n")
	}
	folder, _ = filepath.Abs(folder)
	node := exec.Command("node", "testdata/dump.js", folder)
	node.Stdin, node.Stderr = &in, os.Stderr
	out, err := node.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	var texts []string
	for line := range bytes.Lines(out) {
		var text string
		if err := json.Unmarshal(line, &text); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, text)
	}
	if len(texts) != len(values) {
		t.Fatalf("got %d texts for %d values", len(texts), len(values))
	}
	return texts
}

// chosenValues returns values of every kind in the places where it matters.
func chosenValues() []value.Value {
	var values []value.Value
	for _, s := range hard {
		text := value.OfText(s)
		key := value.NewMap(1)
		key.Set(s, value.OfMap(pairsOf("a", text, "b", value.OfList([]value.Value{text}))))
		values = append(values, text, value.OfMap(key), value.OfList([]value.Value{text, text}))
	}
	for _, f := range hardNumbers() {
		values = append(values, value.OfNumber(f))
	}
	for _, ms := range []int64{0, 1, -1, 1702339200000, -62167219200001, -62167219200000, 253402300800000, 8.64e15, -8.64e15} {
		values = append(values, value.OfTime(ms))
	}
	empty := []value.Value{
		value.OfMap(nil), value.OfList(nil),
		{},
		value.OfNull(), value.OfBool(true),
		value.OfMap(pairsOf("a", value.Value{})), value.OfList([]value.Value{{}, {}}),
	}
	for _, v := range empty {
		values = append(values, value.OfMap(pairsOf("a", v, "b", value.OfList([]value.Value{v, v}))),
			value.OfList([]value.Value{value.OfList([]value.Value{v, value.OfMap(pairsOf("a", v))}), v}))
	}
	return values
}

func hardNumbers() []float64 {
	numbers := []float64{
		0, math.Copysign(0, -1), 1, -1, 0.1, 1e20, 1e21, 1.5e21, 1e22, 1.5e300, math.MaxFloat64, 5e-324, 1e-6, 1e-7, 1.5e-7,
		-1e-7, 123456789012345680000, 1 << 53, 1<<53 + 2, 0.1 + 0.2, 1.0 / 3, 100.5, 1e15 + 0.5, math.NaN(), math.Inf(1), math.Inf(-1),
	}
	return numbers
}

func hardTexts() []string {
	long := strings.Repeat("word ", 30)
	texts := []string{
		"", " ", "  ", "\n", "\n\n", " \n", "\n ", "a", "a b", " a", "a ", "a\n", "a\n\n", "a\n\n\n", "\na", "\n\na", "\n a", " a\nb", "a\n b\nc",
		"a\n\n b\n\nc", "a:b", "a: b", "a:", ":a", "a #b", "a#b", "#a", "- a", "-a", "-", "?", "? a", "?a", "[a", "]a", "{a", "a, b", "a]", "&a", "*a", "!a", "|a", ">a",
		"'a", "a'b", "it's", "''", "\"a", "a\"b", "%a", "@a", "`a", "=", "=a", "a=", "~", "~a", "null", "Null", "NULL", "nUll", "nullx", "true", "True", "TRUE", "false",
		"False", "FALSE", "y", "Y", "yes", "n", "no", "on", "off", "On", "OFF", "<<", "<", ".", "..", "...", "---", "--- a", "... a", "1", "-1", "+1", "01", "1.", ".1", "-.1",
		"+.1", "1e3", "1e+3", "1e", "1.5e-3x", "0x1F", "0xg", "0o17", "0o8", "0b11", "0b2", "-0x1", "0x", "1_000", "_1", "1_", "0x_1", "1e400", "-1e400", ".inf", "-.inf", "+.inf",
		".Inf", ".INF", ".iNF", ".nan", ".NaN", "-.nan", "12:30", "12:30:45", "12:30:45.5", "1:2.3.4", ":1", "1:", "1:2:", "_:_", "+1:2", "2023-12-12", "2023-1-2", "2023-12-1",
		"2023-12-12T00:00", "2023-12-12T00:00:00", "2023-12-12T00:00Z", "2023-12-12T00:00:00Z", "2023-12-12T00:00:00.000Z", "2023-12-12 00:00:00", "2023-12-12  0:00:00.",
		"2023-12-12t1:00:00 +1", "2023-12-12T00:00:00+01:00", "2023-12-12T00:00:00+01:0", "2023-12-12T00:00:00 Zx", "2023-12-12T00:00:00-1:00", "2023-12-12T000:00:00", "12023-12-12",
		"2023-12-12T00:00:00.5 - 1", "a\tb", "\ta", "a\t", "a\rb", "a\r\nb", "\x00", "\x07\x08\x0b\x0c\x1b\x1f\x7f", "\u0080\u0085\u00a0\u2028\u2029\ufeff", "é", "Ω mega", "日本語", "🌳", "🌳 tree",
		"a🌳", "\ufffd", "\ue000", "\ufdd0", "a\u200bb", "\\", "a\\b", "C:\\dir", "http://x.y/z?a=b#c", "a:#b", "a: #b", "x:\ny", "x: y\nz", "co2", "gpu0/energy", "m5.large", "eu-west-1", "1a", "1 a", "50%",
		strings.Repeat("x", 80), strings.Repeat("x", 79), strings.Repeat("x", 78), strings.Repeat("x", 76), strings.Repeat("x", 200), long, long + "end", " " + long, long + "\n", long + "\n\n" + long,
		"short\n" + long + "end\n", "a\n " + long + "\nb", long + " two  spaces " + long, strings.Repeat("🌳 ", 60), strings.Repeat("🌳", 40), strings.Repeat("é ", 50) + "e", strings.Repeat("x", 100) + " " + strings.Repeat("y", 100) + " z",
		"a " + strings.Repeat("x", 100), strings.Repeat("x", 100) + " b", strings.Repeat("x", 100) + "  b c", "\n" + long + "end", "\n " + long, long + "\t", strings.Repeat("k", 1022), strings.Repeat("k", 1024), strings.Repeat("k", 1025),
		strings.Repeat("'", 600), strings.Repeat("🌳", 512), strings.Repeat("🌳", 513), strings.Repeat("7", 300), strings.Repeat("7", 320), "0x" + strings.Repeat("F", 256), "0x" + strings.Repeat("F", 255), "0x0" + strings.Repeat("F", 255), "0b" + strings.Repeat("1", 1100),
	}
	return texts
}

func pairsOf(kv ...any) *value.Map {
	m := value.NewMap(len(kv) / 2)
	for i := 0; i < len(kv); i += 2 {
		m.Set(kv[i].(string), kv[i+1].(value.Value))
	}
	return m
}

// randomValue returns a value of any kind, nested up to a depth of five.
func randomValue(r *rand.Rand, depth int) value.Value {
	kind := r.IntN(12)
	switch {
	case kind < 3 && depth < 5:
		m := value.NewMap(0)
		for range r.IntN(5) {
			m.Set("k"+randomText(r), randomValue(r, depth+1)) // k: JavaScript moves keys that are integers
		}
		return value.OfMap(m)
	case kind < 5 && depth < 5:
		list := make([]value.Value, r.IntN(4))
		for i := range list {
			list[i] = randomValue(r, depth+1)
		}
		return value.OfList(list)
	case kind < 9:
		return value.OfText(randomText(r))
	case kind < 11:
		return value.OfNumber(randomNumber(r))
	}
	return []value.Value{value.OfNull(), value.OfBool(true), value.OfBool(false), value.OfTime(r.Int64N(4e12) - 2e12), {}}[r.IntN(5)]
}

func randomNumber(r *rand.Rand) float64 {
	switch r.IntN(4) {
	case 0:
		return math.Float64frombits(r.Uint64())
	case 1:
		return float64(r.Int64N(2e6)-1e6) / math.Pow(10, float64(r.IntN(12)))
	case 2:
		return float64(r.Int64N(1 << 62))
	}
	return r.Float64()
}

// hard is what hardTexts returns.
var hard = hardTexts()

// randomText strings together pieces that mean something in YAML.
func randomText(r *rand.Rand) string {
	pieces := []string{" ", " ", " ", "  ", "\n", "\n", "a", "word", "verylongwordindeed", ":", "#", "-", "'", "\"", ",", "é", "🌳", "1", ".", "0x", "e", "2023-12-12", "T00:00:00", "Z"}
	var b strings.Builder
	switch r.IntN(8) {
	case 0:
		return hard[r.IntN(len(hard))]
	case 1:
		b.WriteString(string(rune(r.IntN(0x300))))
	case 2:
		b.WriteString(string(rune(r.IntN(0x11000))))
	}
	for range r.IntN([]int{3, 8, 60}[r.IntN(3)]) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

// encode writes a value in the notation of testdata/dump.js: null, booleans
// and texts as in JSON, anything else as {"is": kind, "of": content}.
func encode(v value.Value) string {
	switch v.Kind() {
	case value.Absent:
		return `{"is":"absent"}`
	case value.Number:
		f, _ := v.Float()
		text := value.NumberText(f)
		if f == 0 && math.Signbit(f) {
			text = "-0"
		}
		return fmt.Sprintf(`{"is":"number","of":%q}`, text)
	case value.Time:
		ms, _ := v.Millis()
		return fmt.Sprintf(`{"is":"time","of":%d}`, ms)
	case value.Text:
		text, _ := v.Str()
		quoted, _ := json.Marshal(text)
		return string(quoted)
	case value.List:
		var items []string
		for _, item := range v.List() {
			items = append(items, encode(item))
		}
		return `{"is":"list","of":[` + strings.Join(items, ",") + `]}`
	case value.Object:
		var items []string
		for key, item := range v.Map().All() {
			quoted, _ := json.Marshal(key)
			items = append(items, fmt.Sprintf("[%s,%s]", quoted, encode(item)))
		}
		return `{"is":"object","of":[` + strings.Join(items, ",") + `]}`
	}
	return v.String() // null, true, false
}

func decode(t *testing.T, text []byte) value.Value {
	var tagged struct {
		Is string
		Of json.RawMessage
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		t.Fatal(err)
	}
	switch plain := plain.(type) {
	case nil:
		return value.OfNull()
	case bool:
		return value.OfBool(plain)
	case string:
		return value.OfText(plain)
	}
	must(t, json.Unmarshal(text, &tagged))
	switch tagged.Is {
	case "number":
		var number string
		must(t, json.Unmarshal(tagged.Of, &number))
		if number == "-0" {
			return value.OfNumber(math.Copysign(0, -1))
		}
		return value.OfNumber(value.ParseFloat(number))
	case "time":
		var ms int64
		must(t, json.Unmarshal(tagged.Of, &ms))
		return value.OfTime(ms)
	case "list":
		var items []json.RawMessage
		must(t, json.Unmarshal(tagged.Of, &items))
		list := make([]value.Value, 0, len(items))
		for _, item := range items {
			list = append(list, decode(t, item))
		}
		return value.OfList(list)
	case "object":
		return decodeObject(t, tagged.Of)
	}
	return value.Value{}
}

func decodeObject(t *testing.T, text []byte) value.Value {
	var items [][2]json.RawMessage
	must(t, json.Unmarshal(text, &items))
	m := value.NewMap(len(items))
	for _, item := range items {
		var key string
		must(t, json.Unmarshal(item[0], &key))
		m.Set(key, decode(t, item[1]))
	}
	return value.OfMap(m)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
