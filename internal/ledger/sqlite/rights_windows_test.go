package sqlite_test

import "errors"

func dropRights() error { return errors.New("no users to change to") }
