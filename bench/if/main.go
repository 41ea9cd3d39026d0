// Command if runs Impact Framework's if-run from npm and dendro run on the same
// manifests, one after the other, and prints a table of both: wall time,
// processor time, peak memory and their ratios. On a machine that does other
// things the processor time is the fairer comparison.
//
//	make build && go run ./bench/if            # every case, some minutes
//	go run ./bench/if -cases 10x1440           # one
//
// IF_RUN names the program if it is installed; else it is installed from npm
// into the user's cache folder.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/dendro-carbon/dendro/internal/testenv/gen"
)

func main() {
	cases := flag.String("cases", "10x1440,100x1440,timesync300", "cases: COMPONENTSxSTEPS, timesyncROWS; comma-separated")
	dendro := flag.String("dendro", "bin/dendro", "the program to measure")
	runs := flag.Int("runs", 5, "runs of dendro; the median counts")
	skipIF := flag.Bool("skip-if", false, "measure Dendro alone")
	flag.Parse()
	if err := compare(strings.Split(*cases, ","), *dendro, *runs, *skipIF); err != nil {
		fmt.Fprintln(os.Stderr, "bench/if:", err)
		os.Exit(1)
	}
}

func compare(cases []string, dendro string, runs int, skipIF bool) error {
	dir, err := os.MkdirTemp("", "dendro-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ifRun := ""
	if !skipIF {
		if ifRun, err = impactFramework(); err != nil {
			return err
		}
	}
	fmt.Println("| case | in MB | out MB | if-run wall s | CPU s | MB | dendro wall s | CPU s | MB | wall ratio | CPU ratio | memory |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|---|---|---|")
	for _, name := range cases {
		if err := one(dir, name, dendro, ifRun, runs); err != nil {
			return fmt.Errorf("case %s: %w", name, err)
		}
	}
	return nil
}

func one(dir, name, dendro, ifRun string, runs int) error {
	in, out := filepath.Join(dir, name+".yml"), filepath.Join(dir, name+"-out")
	if err := generate(in, name); err != nil {
		return err
	}
	var all []usage
	for range runs {
		u, err := measure(dendro, "run", "-q", "-m", in, "-o", out+".yaml")
		if err != nil {
			return err
		}
		all = append(all, u)
	}
	slices.SortFunc(all, func(a, b usage) int { return int(a.wall - b.wall) })
	ours := all[len(all)/2]
	row := fmt.Sprintf("| %s | %.1f | %.1f ", name, megabytes(in), megabytes(out+".yaml"))
	if ifRun == "" {
		fmt.Printf("%s| | | | %.3f | %.3f | %d | | | |\n", row, ours.wall.Seconds(), ours.cpu.Seconds(), ours.rss>>20)
		return nil
	}
	theirs, err := measure(ifRun, "-m", in, "-o", out+"-if")
	if err != nil {
		return err
	}
	fmt.Printf("%s| %.1f | %.1f | %d | %.3f | %.3f | %d | %.0f | %.0f | 1/%.1f |\n", row,
		theirs.wall.Seconds(), theirs.cpu.Seconds(), theirs.rss>>20, ours.wall.Seconds(), ours.cpu.Seconds(), ours.rss>>20,
		theirs.wall.Seconds()/ours.wall.Seconds(), theirs.cpu.Seconds()/ours.cpu.Seconds(), float64(theirs.rss)/float64(ours.rss))
	return nil
}

// generate writes the manifest of a case.
func generate(path, name string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var components, steps int
	if _, err := fmt.Sscanf(name, "timesync%d", &steps); err == nil {
		err = timeSync(f, steps)
		return err
	}
	if _, err := fmt.Sscanf(name, "%dx%d", &components, &steps); err != nil {
		return fmt.Errorf("write it as 100x1440 or timesync300: %w", err)
	}
	if err := gen.Manifest(f, components, steps, "both"); err != nil {
		return err
	}
	return f.Close()
}

// timeSync writes one component of one-minute observations that time-sync
// brings to five minutes.
func timeSync(w io.Writer, steps int) error {
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	const layout = "2006-01-02T15:04:05.000Z"
	var b strings.Builder
	fmt.Fprintf(&b, "name: time-sync\ninitialize:\n  plugins:\n    sync:\n      path: builtin\n      method: TimeSync\n      config:\n"+
		"        start-time: '%s'\n        end-time: '%s'\n        interval: 300\n        allow-padding: true\n"+
		"      parameter-metadata:\n        inputs:\n          energy:\n            unit: kWh\n            description: energy\n"+
		"            aggregation-method:\n              time: sum\n              component: sum\n"+
		"tree:\n  children:\n    a:\n      pipeline:\n        compute:\n          - sync\n      inputs:\n",
		start.Format(layout), start.Add(time.Duration(steps)*time.Minute).Format(layout))
	for i := range steps {
		fmt.Fprintf(&b, "        - timestamp: '%s'\n          duration: 60\n          energy: %g\n",
			start.Add(time.Duration(i)*time.Minute).Format(layout), float64(i%7)/4)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// usage is what one run of a program took.
type usage struct {
	wall time.Duration
	cpu  time.Duration // of all processors, user and system
	rss  int64         // bytes
}

func measure(program string, args ...string) (usage, error) {
	cmd := exec.Command(program, args...)
	begin := time.Now()
	text, err := cmd.CombinedOutput()
	u := usage{wall: time.Since(begin)}
	if err != nil {
		return u, fmt.Errorf("%s: %w\n%s", program, err, text)
	}
	u.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if r, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.rss = r.Maxrss << 10
	}
	return u, nil
}

func megabytes(path string) float64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return float64(info.Size()) / 1e6
}

// impactFramework returns the path of if-run, installed if need be.
func impactFramework() (string, error) {
	if path := os.Getenv("IF_RUN"); path != "" {
		return path, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "dendro-bench-if")
	path := filepath.Join(dir, "node_modules", ".bin", "if-run")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	out, err := exec.Command("npm", "install", "--prefix", dir, "--no-audit", "--no-fund", "@grnsft/if@1.1.0").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("install Impact Framework: %w\n%s", err, out)
	}
	return path, nil
}
