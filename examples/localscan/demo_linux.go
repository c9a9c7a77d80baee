package main

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// shareAndTie lets others listen at the same place as a socket, and ties it to
// an interface, unless that is "".
func shareAndTie(interfaceName string) func(network, address string, c syscall.RawConn) error {
	return func(_, _ string, c syscall.RawConn) error {
		var err error
		set := func(fd uintptr) {
			err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
			if err == nil && interfaceName != "" {
				err = unix.BindToDevice(int(fd), interfaceName)
			}
		}
		if failed := c.Control(set); failed != nil {
			return failed
		}
		return err
	}
}
