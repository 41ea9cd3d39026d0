package exposition

import (
	"context"
	"sync"
	"time"
)

// all reads several readers, some at a time, so that one that does not answer does not
// hold up the others.
func all(ctx context.Context, readers []Reader, metrics []string, after time.Time, errs []error) [][]Row {
	const atOnce = 32
	rows := make([][]Row, len(readers))
	free := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	for i, r := range readers {
		free <- struct{}{}
		wg.Go(func() {
			rows[i], errs[i] = r.Rows(ctx, metrics, after)
			<-free
		})
	}
	wg.Wait()
	return rows
}
