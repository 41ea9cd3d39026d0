package relational

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/unit"
)

// quantityColumns is how many integers [account.Quantities] has; arrays of that
// length are what its methods take and return, so the compiler checks it.
const quantityColumns = 13

// encoder turns values into blobs. Its memory is used again by the next one.
type encoder struct {
	columns [][]int64
}

// table returns cleared columns of n values each.
func (e *encoder) table(columns, n int) [][]int64 {
	for len(e.columns) < columns {
		e.columns = append(e.columns, nil)
	}
	for i := range columns {
		if cap(e.columns[i]) < n {
			e.columns[i] = make([]int64, n)
		}
		e.columns[i] = e.columns[i][:n]
	}
	return e.columns[:columns]
}

// factFields is how many integers a fact has besides its subject and origin.
const factFields = 10

func factValues(f *account.Fact) [factFields]int64 {
	return [...]int64{
		int64(f.From), int64(f.To),
		int64(f.Busy), int64(f.Idle), int64(f.Observed), int64(f.Expected), int64(f.Bridged),
		int64(f.Measured), int64(f.Metered), int64(f.Scored),
	}
}

func factOf(v *[factFields]int64) account.Fact {
	return account.Fact{
		From: unit.Duration(v[0]), To: unit.Duration(v[1]), Busy: unit.Duration(v[2]), Idle: unit.Duration(v[3]),
		Observed: unit.Duration(v[4]), Expected: unit.Duration(v[5]), Bridged: unit.Duration(v[6]),
		Measured: unit.Joules(v[7]), Metered: unit.Duration(v[8]), Scored: unit.Energy(v[9]),
	}
}

// batch encodes facts: their count, the ids of their subjects and origins, which
// are given by index into those of the batch, and their fields. What no fact is
// of is left out.
func (e *encoder) batch(p place, facts []account.Fact, subjects, origins []int64) []byte {
	b := binary.AppendUvarint([]byte{blobFormat}, uint64(len(facts)))
	columns := e.table(2+factFields, len(facts))
	for i := range facts {
		columns[0][i], columns[1][i] = subjects[facts[i].Subject], origins[facts[i].Origin]
		for k, v := range factValues(&facts[i]) {
			columns[2+k][i] = v
		}
	}
	return seal(appendColumns(b, columns), p)
}

// batchColumns is facts that index the ids of their subjects and origins, which
// stand in the order of first use.
type batchColumns struct {
	subjects, origins []int64
	facts             []account.Fact
}

// batch decodes what [encoder.batch] encoded. Everything is the caller's.
func (r *columnReader) batch(p place, blob []byte) (batchColumns, error) {
	var b batchColumns
	if err := r.open(blob, p); err != nil {
		return b, err
	}
	n, err := r.count()
	if err != nil {
		return b, err
	}
	columns, err := r.read(2+factFields, n)
	if err != nil || n == 0 {
		return b, errors.Join(err, r.end())
	}
	b.facts = make([]account.Fact, n)
	for i := range b.facts {
		var v [factFields]int64
		for k := range v {
			v[k] = columns[2+k][i]
		}
		f := factOf(&v)
		if i == 0 || columns[0][i] != columns[0][i-1] { // facts of one subject are neighbours
			b.subjects = append(b.subjects, columns[0][i])
		}
		f.Subject = len(b.subjects) - 1
		if f.Origin = slices.Index(b.origins, columns[1][i]); f.Origin < 0 { // there are few
			f.Origin = len(b.origins)
			b.origins = append(b.origins, columns[1][i])
		}
		b.facts[i] = f
	}
	return b, r.end()
}

// entries encodes the entries of a slot: their count, the ids of their accounts
// and bases, and their quantities.
func (e *encoder) entries(p place, entries []account.Entry, accounts, bases []int64) []byte {
	b := binary.AppendUvarint([]byte{blobFormat}, uint64(len(entries)))
	b = appendColumn(b, accounts, nil)
	b = appendColumn(b, bases, nil)
	columns := e.table(quantityColumns, len(entries))
	for i := range entries {
		for k, v := range entries[i].Values() {
			columns[k][i] = v
		}
	}
	return seal(appendColumns(b, columns), p)
}

// entryColumns is the entries of a slot before ids are replaced by what they
// stand for. It is valid until the next blob.
type entryColumns struct {
	accounts, bases []int64
	quantities      [][]int64
}

func (c *entryColumns) quantitiesAt(i int) account.Quantities {
	return quantitiesAt(c.quantities, i)
}

func quantitiesAt(columns [][]int64, i int) account.Quantities {
	var v [quantityColumns]int64
	for k := range v {
		v[k] = columns[k][i]
	}
	return account.QuantitiesOf(v)
}

// entries decodes what [encoder.entries] encoded.
func (r *columnReader) entries(p place, blob []byte) (entryColumns, error) {
	var c entryColumns
	if err := r.open(blob, p); err != nil {
		return c, err
	}
	n, err := r.count()
	if err != nil {
		return c, err
	}
	for _, ids := range []*[]int64{&c.accounts, &c.bases} {
		columns, err := r.read(1, n)
		if err != nil {
			return c, err
		}
		*ids = columns[0]
	}
	if c.quantities, err = r.read(quantityColumns, n); err != nil {
		return c, err
	}
	return c, r.end()
}

// chunkSize is how many accounts share one row of sums. So many sums are about a
// page of the file: a reader of one account's year by hour reads a page an hour,
// and a commit rewrites a page for each 64 accounts that it changes.
const chunkSize = 64

// chunk is the sums of up to 64 accounts over one period. Bit i of present is
// set when the account with id 64·chunk + i has entries in the period.
type chunk struct {
	present uint64
	counts  [chunkSize]int64
	sums    [chunkSize]account.Quantities
}

// add adds an entry.
func (c *chunk) add(place int, q account.Quantities) (err error) {
	c.sums[place], err = c.sums[place].Add(q)
	c.counts[place]++
	c.present |= 1 << place
	return err
}

// merge adds all of another chunk; present is to be settled.
func (c *chunk) merge(o *chunk) (err error) {
	for i := range c.sums {
		if o.counts[i] == 0 && o.sums[i].IsZero() {
			continue
		}
		c.counts[i] += o.counts[i]
		if c.sums[i], err = c.sums[i].Add(o.sums[i]); err != nil {
			return err
		}
	}
	return nil
}

// settle finds which sums are there. A sum of no entries is no sum.
func (c *chunk) settle() error {
	c.present = 0
	for i, n := range c.counts {
		switch {
		case n > 0:
			c.present |= 1 << i
		case n < 0 || !c.sums[i].IsZero():
			return fmt.Errorf("%w: sum of %d entries is %v", ErrBlob, n, c.sums[i])
		}
	}
	return nil
}

// chunk encodes sums: the bits, then the counts and quantities of those present.
func (e *encoder) chunk(p place, c *chunk) []byte {
	b := binary.LittleEndian.AppendUint64([]byte{blobFormat}, c.present)
	columns := e.table(1+quantityColumns, bits.OnesCount64(c.present))
	i := 0
	for rest := c.present; rest != 0; rest &= rest - 1 {
		place := bits.TrailingZeros64(rest)
		columns[0][i] = c.counts[place]
		for k, v := range c.sums[place].Values() {
			columns[1+k][i] = v
		}
		i++
	}
	return seal(appendColumns(b, columns), p)
}

// chunkColumns is sums as stored: the i-th set bit of present has the i-th
// values. It is valid until the next blob.
type chunkColumns struct {
	present    uint64
	counts     []int64
	quantities [][]int64
}

// chunk decodes what [encoder.chunk] encoded.
func (r *columnReader) chunk(p place, blob []byte) (chunkColumns, error) {
	var c chunkColumns
	err := r.open(blob, p)
	if err == nil {
		c.present, err = r.word()
	}
	if err != nil {
		return c, err
	}
	columns, err := r.read(1+quantityColumns, bits.OnesCount64(c.present))
	if err != nil {
		return c, err
	}
	c.counts, c.quantities = columns[0], columns[1:]
	return c, r.end()
}

// spread makes stored sums ready for changes.
func (c *chunkColumns) spread(into *chunk) {
	*into = chunk{present: c.present}
	i := 0
	for rest := c.present; rest != 0; rest &= rest - 1 {
		place := bits.TrailingZeros64(rest)
		into.counts[place] = c.counts[i]
		into.sums[place] = quantitiesAt(c.quantities, i)
		i++
	}
}
