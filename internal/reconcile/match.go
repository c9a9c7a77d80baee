package reconcile

// matching pairs observed entries with stored ones, each with one at most.
type matching struct {
	stored []int  // for every observed entry, the stored one that it is, or none
	taken  []bool // for every stored entry, whether an observed one is it
}

const none = -1

func newMatching(observed, stored int) matching {
	m := matching{stored: make([]int, observed), taken: make([]bool, stored)}
	for i := range m.stored {
		m.stored[i] = none
	}
	return m
}

// by matches, in order, the k-th unmatched observed entry that has a key with
// the k-th unmatched stored entry that has it. The key functions may say that an
// entry has none.
func by[K comparable](m matching, observed, stored func(i int) (key K, ok bool)) {
	waiting := make(map[K][]int)
	for i, taken := range m.taken {
		if key, ok := stored(i); ok && !taken {
			waiting[key] = append(waiting[key], i)
		}
	}
	for i, at := range m.stored {
		key, ok := observed(i)
		if at != none || !ok || len(waiting[key]) == 0 {
			continue
		}
		m.stored[i], m.taken[waiting[key][0]] = waiting[key][0], true
		waiting[key] = waiting[key][1:]
	}
}
