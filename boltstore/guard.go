package boltstore

import (
	"fmt"
	"runtime/debug"
)

// protect calls fn and makes damage to the file, where fn meets it, an error that
// is ErrDamaged. bbolt does not expect damage: it panics where a page is not what
// it should be, and where the file is shorter than it should be, the memory that
// it is mapped to faults. A page that leads back to itself is more than can be
// caught: that overflows the stack.
func protect(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = damaged(fmt.Errorf("%v", p))
		}
	}()
	return fn()
}
