//go:build !linux

package main

import (
	"errors"
	"syscall"
)

// shareAndTie does neither: how is a matter of each system. What Linux opens, is
// written by hand here.
func shareAndTie(interfaceName string) func(network, address string, c syscall.RawConn) error {
	if interfaceName == "" {
		return nil
	}
	return func(string, string, syscall.RawConn) error { return errors.ErrUnsupported }
}
