// Package embedded reads the tables that come with the program: CSV with comments that tell where
// they are from. They are wrong only if somebody edited them wrongly, so an error names the
// file and the record.
package embedded

import (
	"encoding/csv"
	"fmt"
	"io/fs"
)

// Records gives the records of a table to a function, one by one, the header too if there is one. Each
// has to have as many fields; lines that begin with # are comments. It ends with the first error,
// that of the function included. A record may be kept.
func Records(files fs.FS, name string, fields int, record func([]string) error) error {
	f, err := files.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comment, r.FieldsPerRecord = '#', fields
	all, err := r.ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for i, fields := range all {
		if err := record(fields); err != nil {
			return fmt.Errorf("%s: record %d: %w", name, i+1, err)
		}
	}
	return nil
}
