package specpower_test

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/meter/specpower"
)

// What an instance draws follows from its type.
func ExampleTypes_Find() {
	types, err := specpower.Load()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, of := range []struct {
		provider specpower.Provider
		name     string
	}{{specpower.AWS, "m5n.large"}, {specpower.AWS, "m7i.2xlarge"}, {specpower.GCP, "e2-micro"}, {specpower.Azure, "Standard_D8as_v5"}} {
		t, err := types.Find(of.provider, of.name, 0)
		fmt.Printf("%s: %v vCPUs, %.4g W to %.4g W %v (%s)\n", t.Name, t.VCPUs, t.Idle, t.Max, err, t.Assumes())
	}
	_, err = types.Find(specpower.AWS, "q1.tiny", 0)
	fmt.Println(err)
	// Output:
	// m5n.large: 2 vCPUs, 1.28 W to 7.94 W <nil> ()
	// m7i.2xlarge: 8 vCPUs, 5.92 W to 28 W <nil> (the power of its processors is not known: the mean of a vCPU at aws stands for it)
	// e2-micro: 2 vCPUs, 0.1769 W to 7.19 W <nil> (it shares processors and is promised 0.125 of them, so its idle power is that part)
	// Standard_D8as_v5: 8 vCPUs, 3.6 W to 16.16 W <nil> ()
	// aws "q1.tiny" is in no table, and its name does not tell its vCPUs
}

func TestFind(t *testing.T) {
	t.Parallel()
	types, err := specpower.Load()
	if err != nil {
		t.Fatal(err)
	}
	const mean = "?"
	for _, c := range []struct {
		provider   specpower.Provider
		name       string
		given      float64
		vcpus      float64
		idle, most float64
		processors string
	}{
		{specpower.AWS, "m5.4xlarge", 0, 16, 16 * 0.65, 16 * 4.26, "Skylake"},
		{specpower.AWS, "C5.LARGE", 0, 2, 2 * (0.64 + 0.65) / 2, 2 * (3.97 + 4.26) / 2, "Cascade Lake|Skylake"},
		{specpower.AWS, "c5.metal", 0, 96, 96 * (0.64 + 0.65) / 2, 96 * (3.97 + 4.26) / 2, "Cascade Lake|Skylake"},
		{specpower.AWS, "c4.8xlarge", 0, 36, 36, 36 * 4.74, "Haswell"},
		{specpower.AWS, "m8g.metal-24xl", 0, 96, 96 * 0.47, 96 * 1.69, "AWS Graviton2"},
		{specpower.AWS, "m7g.medium", 0, 1, 0.47, 1.69, "AWS Graviton2"},
		{specpower.AWS, "m6i.xlarge", 0, 4, 4 * 0.74, 4 * 3.5, mean},
		{specpower.AWS, "m9z.16xlarge", 0, 64, 64 * 0.74, 64 * 3.5, mean},
		{specpower.AWS, "q1.tiny", 3, 3, 3 * 0.74, 3 * 3.5, mean},
		{specpower.AWS, "t3.nano", 0, 2, 2 * 0.05 * 0.64, 2 * 3.97, "Cascade Lake"},
		{specpower.GCP, "n2-standard-8", 0, 8, 8 * 0.64, 8 * 3.97, "Cascade Lake|Ice Lake"},
		{specpower.GCP, "n2d-highcpu-224", 0, 224, 224 * 0.46, 224 * 1.855, "AMD EPYC 2nd Gen|AMD EPYC 3rd Gen"},
		{specpower.GCP, "n2-custom-6-3072-ext", 0, 6, 6 * 0.64, 6 * 3.97, "Cascade Lake|Ice Lake"},
		// Of five processors the median, since two of them draw a multiple of the others.
		{specpower.GCP, "custom-4-8192", 0, 4, 4, 4 * 4.74, "Skylake|Broadwell|Haswell|Sandy Bridge|Ivy Bridge"},
		{specpower.GCP, "c4-standard-192-lssd", 0, 192, 192 * 0.74, 192 * 3.5, mean},
		{specpower.Azure, "Standard D2s v5", 0, 2, 2 * 0.74, 2 * 3.54, "Ice Lake"},
		{specpower.Azure, "d2as_v4", 0, 2, 2 * 0.47, 2 * 1.69, "AMD EPYC 2nd Gen"},
		{specpower.Azure, "Standard_D14_v2", 0, 16, 16 * 0.75, 16 * 4.165, "Cascade Lake|Skylake|Broadwell|Haswell"},
		{specpower.Azure, "Standard_E104is_v6", 0, 104, 104 * 0.74, 104 * 3.54, mean},
		{specpower.Azure, "Standard_E4-2as_v5", 0, 4, 4 * 0.74, 4 * 3.54, mean},
	} {
		got, err := types.Find(c.provider, c.name, c.given)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-12*b }
		if got.VCPUs != c.vcpus || !near(got.Idle, c.idle) || !near(got.Max, c.most) || c.processors != mean && strings.Join(got.Processors, "|") != c.processors {
			t.Errorf("%s: %+v, want %+v", c.name, got, c)
		}
	}
	for _, c := range []struct {
		provider specpower.Provider
		name     string
	}{{specpower.AWS, "xlarge"}, {specpower.AWS, "m5.99999xlarge"}, {specpower.GCP, "a2-highgpu-1g"}, {specpower.Azure, "Standard_D15_v1"}, {"ibm", "m5.large"}, {specpower.GCP, ""}} {
		if got, err := types.Find(c.provider, c.name, 0); err == nil {
			t.Errorf("%s %q: %+v", c.provider, c.name, got)
		}
	}
}

// Every row of the tables is found, and has a power that a machine may have.
func TestTables(t *testing.T) {
	t.Parallel()
	types, err := specpower.Load()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open("data/instances.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows := 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Split(lines.Text(), ",")
		if strings.HasPrefix(fields[0], "#") {
			continue
		}
		rows++
		got, err := types.Find(specpower.Provider(fields[0]), fields[1], 0)
		if err != nil || fmt.Sprint(got.VCPUs) != fields[2] || !(got.Idle > 0 && got.Idle < got.Max && got.Max <= got.VCPUs*9) {
			t.Errorf("%q: %+v, %v", lines.Text(), got, err)
		}
		if got.Accelerators != (fields[4] != "") || (got.Share < 1) != (fields[3] != "") {
			t.Errorf("%q: %+v", lines.Text(), got)
		}
	}
	if rows < 900 {
		t.Errorf("%d rows", rows)
	}
}

// Figures that are given go before those of the type, one by one; what rests on an
// assumption is told.
func TestInstances(t *testing.T) {
	t.Parallel()
	p := serve(t)
	watts := func(i specpower.Instance, own ...specpower.Type) (float64, []string) {
		t.Helper()
		c := specpower.Defaults()
		c.Own, c.Instances = own, []specpower.Instance{i}
		c.Instances[0].Services = []string{"a"}
		s, err := specpower.New(c, p)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Read(t.Context(), past20s())
		if err != nil || len(got) == 0 {
			t.Fatal(got, err)
		}
		return got[0].Value, s.Info().Notes
	}
	m5n := specpower.Instance{Query: "1 50", Provider: specpower.AWS, Type: "m5n.large"}
	idle, most := m5n, m5n
	idle.Idle, most.Max = 2, 10
	for _, c := range []struct {
		is   specpower.Instance
		want float64
	}{
		{m5n, (1.28 + 7.94) / 2},
		{idle, (2 + 7.94) / 2},
		{most, (1.28 + 10) / 2},
		// Google tells a ratio, and of a shared instance that of what is promised: 4 is half of all.
		{specpower.Instance{Query: "1 0.5", Provider: specpower.GCP, Type: "n2-standard-2"}, (1.28 + 7.94) / 2},
		{specpower.Instance{Query: "1 50", Unit: specpower.Percent, Provider: specpower.GCP, Type: "n2-standard-2"}, (1.28 + 7.94) / 2},
		{specpower.Instance{Query: "1 4", Provider: specpower.GCP, Type: "e2-micro"}, (0.176875 + 7.19) / 2},
		{specpower.Instance{Query: "1 9", Provider: specpower.GCP, Type: "e2-micro"}, 7.19},
		{specpower.Instance{Query: "1 100", Provider: specpower.AWS, Type: "t3.nano"}, 7.94},
	} {
		got, notes := watts(c.is)
		if math.Abs(got-c.want) > 1e-12*c.want {
			t.Errorf("%+v: %v W, want %v", c.is, got, c.want)
		}
		if shared := c.is.Type == "e2-micro" || c.is.Type == "t3.nano"; shared != (len(notes) == 1) {
			t.Errorf("%s: %q", c.is.Type, notes)
		}
	}
	own := specpower.Type{Provider: specpower.AWS, Name: "M5N.large", Idle: 1, Max: 3}
	if got, notes := watts(m5n, own); got != 2 || notes != nil {
		t.Errorf("own type: %v W, %q", got, notes)
	}
	p4d := specpower.Instance{Query: "1 0", Provider: specpower.AWS, Type: "p4d.24xlarge"}
	if _, notes := watts(p4d); len(notes) != 1 || !strings.Contains(notes[0], "p4d.24xlarge of a") || !strings.Contains(notes[0], "accelerators is not counted") {
		t.Errorf("%q", notes)
	}
	p4d.Idle, p4d.Max = 400, 3000
	if got, notes := watts(p4d); got != 400 || notes != nil {
		t.Errorf("given: %v W, %q", got, notes)
	}
}
