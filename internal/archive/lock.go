package archive

import "errors"

// errHeld reports that another process has the lock. The operating system gives it
// up when that process ends, however it ends.
var errHeld = errors.New("the lock is held")
