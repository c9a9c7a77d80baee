//go:build !linux

package boltstore_test

// meetFullDisk is for the tests that need Linux.
func meetFullDisk(string) { panic("not on this system") }
