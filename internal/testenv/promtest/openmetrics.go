package promtest

import (
	"bufio"
	"bytes"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Writer writes OpenMetrics text, series by series.
type Writer struct {
	b      *bufio.Writer
	prefix []byte
	line   []byte
}

// NewWriter returns a writer to w. Its errors come out of [Writer.Close].
func NewWriter(w io.Writer) *Writer { return &Writer{b: bufio.NewWriterSize(w, 1<<16)} }

// Series begins a series: name, then label and value in turn. Values may hold
// any text.
func (w *Writer) Series(name string, labels ...string) {
	w.prefix = append(append(w.prefix[:0], name...), '{')
	for i := 0; i < len(labels); i += 2 {
		if i > 0 {
			w.prefix = append(w.prefix, ',')
		}
		w.prefix = append(append(w.prefix, labels[i]...), `="`...)
		w.prefix = append(append(w.prefix, escaper().Replace(labels[i+1])...), '"')
	}
	w.prefix = append(w.prefix, "} "...)
}

func escaper() *strings.Replacer { return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`) }

// Sample writes one sample of the series. Times are cut to milliseconds, which
// is what Prometheus keeps.
func (w *Writer) Sample(at time.Time, value float64) {
	w.line = strconv.AppendFloat(append(w.line[:0], w.prefix...), value, 'g', -1, 64)
	w.line = append(w.line, ' ')
	w.line = strconv.AppendFloat(w.line, float64(at.UnixMilli())/1000, 'f', 3, 64)
	w.b.Write(append(w.line, '\n')) // bufio keeps the error for Close
}

// Close ends the text and returns the first error of writing.
func (w *Writer) Close() error {
	w.b.WriteString("# EOF\n")
	return w.b.Flush()
}

// Fleet is machines that node_exporter watches, for benchmarks: the same Fleet
// gives the same samples.
type Fleet struct {
	// Hosts is the number of machines and CPUs that of the processors of each.
	Hosts, CPUs int
	// From and To are the first and the last scrape, Step apart. Every host is
	// scraped at another offset within Step.
	From, To time.Time
	Step     time.Duration
}

// Modes returns the CPU modes of node_exporter.
func Modes() []string {
	return []string{"idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"}
}

// Groups is the number of machine types among which the hosts of a fleet are
// spread.
const Groups = 780

// Write writes node_cpu_seconds_total and node_boot_time_seconds of the fleet.
func (f Fleet) Write(w io.Writer) error {
	out := NewWriter(w)
	for host := range f.Hosts {
		target := []string{
			"cloud_project_name", "IDAaaS", "instance", Instance(host),
			"machine_name", "Machine " + strconv.Itoa(host%Groups),
		}
		shift := f.Step * time.Duration(host*389%1000) / 1000
		out.Series("node_boot_time_seconds", target...)
		for at := f.From.Add(shift); !at.After(f.To); at = at.Add(f.Step) {
			out.Sample(at, float64(f.From.Unix()-86_400*int64(1+host%30)))
		}
		for cpu := range f.CPUs {
			for mode, name := range Modes() {
				out.Series("node_cpu_seconds_total", slices.Concat(target, []string{"cpu", strconv.Itoa(cpu), "mode", name})...)
				f.samples(out, shift, uint64(host*1_000_003+cpu*101+mode), mode == 0)
			}
		}
	}
	return out.Close()
}

// samples writes a counter of hundredths of seconds, as the kernel counts them:
// an idle one that takes most of each step, or one that grows now and then.
func (f Fleet) samples(out *Writer, shift time.Duration, seed uint64, idle bool) {
	step := uint64(f.Step / (10 * time.Millisecond))
	value := seed % 100_000_000
	for at := f.From.Add(shift); !at.After(f.To); at = at.Add(f.Step) {
		out.Sample(at, float64(value)/100)
		seed = seed*6364136223846793005 + 1442695040888963407
		switch random := seed >> 40; {
		case idle:
			value += step - random%(step/8+1)
		case random%4 == 0:
			value += random % (step/16 + 1)
		}
	}
}

// Instance returns the instance label of a host of a fleet.
func Instance(host int) string {
	return "host-172-16-" + strconv.Itoa(host/250) + "-" + strconv.Itoa(host%250) + ".example.org:9100"
}

// milliseconds turns OpenMetrics text into the older format of Prometheus, whose
// times are in milliseconds, and leaves out NaN and infinities, which
// VictoriaMetrics does not take. A label's value holds no plain newline, so a
// line is a sample, and ends with its time.
type milliseconds struct {
	w    io.Writer
	rest []byte
}

func (m *milliseconds) Write(p []byte) (int, error) {
	m.rest = append(m.rest, p...)
	end := bytes.LastIndexByte(m.rest, '\n') + 1
	var out []byte
	for line := range bytes.Lines(m.rest[:end]) {
		at := bytes.LastIndexByte(line, ' ')
		value := line[bytes.LastIndexByte(line[:max(at, 0)], ' ')+1 : max(at, 0)]
		seconds, fraction, ok := bytes.Cut(bytes.TrimSpace(line[at+1:]), []byte("."))
		if ok && !bytes.Contains(value, []byte("N")) && !bytes.Contains(value, []byte("I")) {
			out = append(append(append(append(out, line[:at+1]...), seconds...), fraction...), '\n')
		}
	}
	m.rest = m.rest[:copy(m.rest, m.rest[end:])]
	_, err := m.w.Write(out)
	return len(p), err
}
