package idmap

import "math/bits"

// A node is a leaf, which has one key and its value, or an inner node, which has
// two children or more: they agree, with each other and with its key, in all
// digits before depth, and differ in the digit there.
type node[K Key, V any] struct {
	key      K
	value    V
	children []*node[K, V] // by digit; nil in a leaf
	edit     Edit          // the one that made the node
	digits   uint16        // which digits the children have
	depth    uint8         // the place of the digit in which the children differ
}

// digit returns the half byte of a key at a place.
func digit[K Key](key K, place uint8) uint16 {
	return uint16(key[place/16]>>(60-4*(place%16))) & 15
}

// parting returns the place of the first digit in which two keys differ, and
// whether they do.
func parting[K Key](a, b K) (place uint8, differ bool) {
	for i := range len(a) {
		if bad := a[i] ^ b[i]; bad != 0 {
			return uint8(16*i + bits.LeadingZeros64(bad)/4), true
		}
	}
	return 0, false
}

func (n *node[K, V]) isLeaf() bool { return n.children == nil }

// slot returns where the child with a digit is, or would be.
func (n *node[K, V]) slot(digit uint16) int {
	return bits.OnesCount16(n.digits & (1<<digit - 1))
}

// child returns the child with a digit, nil where there is none.
func (n *node[K, V]) child(digit uint16) *node[K, V] {
	if n.digits&(1<<digit) == 0 {
		return nil
	}
	return n.children[n.slot(digit)]
}

// own returns the node where this edit made it, else a copy to change.
func (n *node[K, V]) own(edit Edit) *node[K, V] {
	if n.edit == edit && edit != 0 {
		return n
	}
	c := *n
	c.edit = edit
	if !n.isLeaf() {
		c.children = append(make([]*node[K, V], 0, len(n.children)), n.children...)
	}
	return &c
}

// put returns the node with a value set, and whether the key is new.
func (n *node[K, V]) put(edit Edit, key K, value V) (changed *node[K, V], isNew bool) {
	place, differ := parting(n.key, key)
	switch {
	case n.isLeaf() && !differ:
		n = n.own(edit)
		n.value = value
		return n, false
	case n.isLeaf() || differ && place < n.depth:
		return fork(edit, place, n, &node[K, V]{key: key, value: value, edit: edit}), true
	}
	d := digit(key, n.depth)
	old := n.child(d)
	if old == nil {
		return n.withChild(edit, d, &node[K, V]{key: key, value: value, edit: edit}), true
	}
	child, isNew := old.put(edit, key, value)
	if child == old {
		return n, isNew
	}
	n = n.own(edit)
	n.children[n.slot(d)] = child
	return n, isNew
}

// fork returns an inner node over two nodes that part at a place.
func fork[K Key, V any](edit Edit, place uint8, a, b *node[K, V]) *node[K, V] {
	da, db := digit(a.key, place), digit(b.key, place)
	if da > db {
		a, b = b, a
	}
	return &node[K, V]{
		key: a.key, children: []*node[K, V]{a, b}, edit: edit, digits: 1<<da | 1<<db, depth: place,
	}
}

// withChild returns the inner node with one child more.
func (n *node[K, V]) withChild(edit Edit, digit uint16, child *node[K, V]) *node[K, V] {
	at := n.slot(digit)
	children := make([]*node[K, V], len(n.children)+1)
	copy(children, n.children[:at])
	children[at] = child
	copy(children[at+1:], n.children[at:])
	return n.withChildren(edit, children, n.digits|1<<digit)
}

// without returns the node without a key that it has; nil where nothing is left.
func (n *node[K, V]) without(edit Edit, key K) *node[K, V] {
	if n.isLeaf() {
		return nil
	}
	d := digit(key, n.depth)
	at := n.slot(d)
	old := n.children[at]
	child := old.without(edit, key)
	switch {
	case child == old:
		return n
	case child != nil:
		n = n.own(edit)
		n.children[at] = child
		return n
	case len(n.children) == 2:
		return n.children[1-at]
	}
	children := make([]*node[K, V], 0, len(n.children)-1)
	children = append(append(children, n.children[:at]...), n.children[at+1:]...)
	return n.withChildren(edit, children, n.digits&^(1<<d))
}

// withChildren returns the inner node with other children.
func (n *node[K, V]) withChildren(edit Edit, children []*node[K, V], digits uint16) *node[K, V] {
	if n.edit == edit && edit != 0 {
		n.children, n.digits = children, digits
		return n
	}
	return &node[K, V]{key: n.key, children: children, edit: edit, digits: digits, depth: n.depth}
}

// all yields every key and value below the node, in order.
func (n *node[K, V]) all(yield func(K, V) bool) bool {
	if n.isLeaf() {
		return yield(n.key, n.value)
	}
	for _, child := range n.children {
		if !child.all(yield) {
			return false
		}
	}
	return true
}

// from yields every key that is not less than start, in order.
func (n *node[K, V]) from(start K, yield func(K, V) bool) bool {
	place, differ := parting(n.key, start)
	switch {
	case !differ && n.isLeaf():
		return yield(n.key, n.value)
	case differ && (n.isLeaf() || place < n.depth):
		// All keys below the node are on the same side of start.
		return digit(n.key, place) < digit(start, place) || n.all(yield)
	}
	d := digit(start, n.depth)
	at := n.slot(d)
	for i, child := range n.children[at:] {
		ok := true
		if i == 0 && n.digits&(1<<d) != 0 {
			ok = child.from(start, yield)
		} else {
			ok = child.all(yield)
		}
		if !ok {
			return false
		}
	}
	return true
}
