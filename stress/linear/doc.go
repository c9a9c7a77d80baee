// Package linear tests that concurrent use cases on a store are linearizable: that
// what each of them returned could have been so had they run one after the other,
// each at some moment between its call and its return.
//
// The tests record what clients of a Manager did to hosts that they share, and
// porcupine looks for such an order, host by host. It is a package of tests.
package linear
