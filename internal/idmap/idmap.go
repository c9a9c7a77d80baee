// Package idmap has the table that memstore is made of: an ordered map from IDs
// to values whose old versions stay as they were.
//
// It is a PATRICIA trie over half bytes: an inner node has up to 16 children and
// stands where keys really part, so that the depth is bounded by the length of a
// key however the keys were chosen, and is about log16 of the size for IDs that
// were not. A change copies the nodes on its path and shares all others with the
// version before.
package idmap

import "iter"

// A Key is one or more IDs in a row, as big-endian words, so that keys order as
// their bytes do.
type Key interface {
	[2]uint64 | [3]uint64 | [4]uint64 | [6]uint64
}

// A Map maps keys to values. The zero Map is empty and ready for use. A copy of
// a Map is a version of it: a later change of one does not show in the other, as
// long as the change has an Edit of its own.
type Map[K Key, V any] struct {
	root *node[K, V]
	len  int
}

// An Edit names a series of changes between which nobody keeps a version: nodes
// that one of them made, the next changes in place. Whoever has kept a copy of a
// Map that is to stay as it is must go on with an Edit never used before, or
// with the zero Edit, by which every change copies.
type Edit uint64

// Len returns how many keys the map has.
func (m Map[K, V]) Len() int { return m.len }

// Get returns the value of a key, and whether there is one.
func (m Map[K, V]) Get(key K) (value V, ok bool) {
	n := m.root
	for n != nil && !n.isLeaf() {
		n = n.child(digit(key, n.depth))
	}
	if n == nil || n.key != key {
		return value, false
	}
	return n.value, true
}

// Has reports whether the map has a key.
func (m Map[K, V]) Has(key K) bool {
	_, ok := m.Get(key)
	return ok
}

// Last returns the greatest key, and whether there is one.
func (m Map[K, V]) Last() (key K, ok bool) {
	n := m.root
	if n == nil {
		return key, false
	}
	for !n.isLeaf() {
		n = n.children[len(n.children)-1]
	}
	return n.key, true
}

// From returns the keys that are not less than start, and their values, in
// order.
func (m Map[K, V]) From(start K) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		if m.root != nil {
			m.root.from(start, yield)
		}
	}
}

// All returns all keys and values, in order.
func (m Map[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		if m.root != nil {
			m.root.all(yield)
		}
	}
}

// Put sets the value of a key.
func (m *Map[K, V]) Put(edit Edit, key K, value V) {
	if m.root == nil {
		m.root, m.len = &node[K, V]{key: key, value: value, edit: edit}, 1
		return
	}
	var isNew bool
	if m.root, isNew = m.root.put(edit, key, value); isNew {
		m.len++
	}
}

// Delete removes a key, and reports whether it was there.
func (m *Map[K, V]) Delete(edit Edit, key K) bool {
	if !m.Has(key) {
		return false
	}
	m.root = m.root.without(edit, key)
	m.len--
	return true
}
