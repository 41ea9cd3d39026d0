// Command factors writes the table of annual carbon intensities that
// internal/intensity/static embeds, from the package @tgwf/co2 as npm serves it:
//
//	npm pack @tgwf/co2@0.19.0
//	go run -C tools ./factors "$PWD/tgwf-co2-0.19.0.tgz" > internal/intensity/static/data/ember.csv
//
// It asks no server itself, so what it writes depends on the file alone.
package main

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
)

const header = `# Annual average carbon intensity of electricity, latest year of each place.
# Data: Ember (ember-energy.org), as shipped in @tgwf/co2 %s (The Green Web Foundation).
# Licence: CC BY-SA 4.0, https://creativecommons.org/licenses/by-sa/4.0/. See ATTRIBUTION.md.
version,%[1]s
`

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "factors:", err)
		os.Exit(1)
	}
}

func run(args []string, out, notes io.Writer) error {
	if len(args) != 1 {
		return errors.New("give the file of `npm pack @tgwf/co2` as the only argument")
	}
	files, err := unpack(args[0], "package/package.json", "package/dist/esm/data/average-intensities.min.js")
	if err != nil {
		return err
	}
	var pack struct{ Version string }
	if err := json.Unmarshal(files["package.json"], &pack); err != nil {
		return err
	}
	values, err := factors(files["average-intensities.min.js"])
	if err != nil {
		return err
	}
	fmt.Fprintf(out, header, pack.Version)
	for _, place := range slices.Sorted(maps.Keys(values)) {
		if values[place] == 0 {
			fmt.Fprintf(notes, "%s is left out: 0 is the rounding of a small system, no life-cycle factor\n", place)
			continue
		}
		fmt.Fprintf(out, "%s,%s\n", place, strconv.FormatFloat(values[place], 'f', -1, 64))
	}
	return nil
}

// unpack returns files of a .tgz by their base names.
func unpack(name string, wanted ...string) (map[string][]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if !slices.Contains(wanted, h.Name) {
			continue
		}
		if files[path.Base(h.Name)], err = io.ReadAll(io.LimitReader(t, 1<<20)); err != nil {
			return nil, err
		}
	}
	if len(files) != len(wanted) {
		return nil, fmt.Errorf("%s has not all of %q", name, wanted)
	}
	return files, nil
}

// factors reads the object that the script assigns to data; its keys are quoted, so
// it is JSON.
func factors(script []byte) (map[string]float64, error) {
	object := regexp.MustCompile(`data = (\{[^}]*\})`).FindSubmatch(script)
	if object == nil {
		return nil, errors.New("no object is assigned to data")
	}
	var values map[string]float64
	err := json.Unmarshal(object[1], &values)
	return values, err
}
