package record

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"net/netip"
	"time"

	"github.com/google/uuid"
)

// The append functions write one field each, see doc.go. A *decoder takes them
// off again.

func appendOptional(b []byte, id uuid.UUID) []byte {
	if id == uuid.Nil {
		return append(b, 0)
	}
	return append(append(b, 1), id[:]...)
}

func appendText[T string | json.RawMessage](b []byte, s T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(b, 0)
	}
	b = binary.AppendUvarint(b, uint64(t.Nanosecond()/1000)+1)
	return binary.AppendVarint(b, t.Unix())
}

// The forms of an IP address.
const (
	noAddress = iota
	ipv4
	ipv6
	ipv6Zone
)

func appendAddress(b []byte, a netip.Addr) []byte {
	switch {
	case !a.IsValid():
		return append(b, noAddress)
	case a.Is4():
		four := a.As4()
		return append(append(b, ipv4), four[:]...)
	}
	sixteen := a.As16()
	if a.Zone() == "" {
		return append(append(b, ipv6), sixteen[:]...)
	}
	return appendText(append(append(b, ipv6Zone), sixteen[:]...), a.Zone())
}

// What can be wrong with a field.
var (
	errShort     = errors.New("it ends too soon")
	errLong      = errors.New("there is something behind its end")
	errForm      = errors.New("a field has a form that is not known")
	errNotUnique = errors.New("a field is not in its one form")
)

// A decoder takes fields off a record. After the first error it returns zero
// values.
type decoder struct {
	rest    []byte
	version byte
	err     error
}

func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err = err
	}
	d.rest = nil
}

// end returns the first error, also where something is left.
func (d *decoder) end() error {
	if d.err == nil && len(d.rest) > 0 {
		return errLong
	}
	return d.err
}

// take returns the next n bytes of the record itself.
func (d *decoder) take(n uint64) []byte {
	if n > uint64(len(d.rest)) {
		d.fail(errShort)
		return nil
	}
	taken := d.rest[:n:n]
	d.rest = d.rest[n:]
	return taken
}

func (d *decoder) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) id() (id uuid.UUID) {
	copy(id[:], d.take(uint64(len(id))))
	return id
}

func (d *decoder) optional() uuid.UUID {
	switch d.byte() {
	case 0:
		return uuid.Nil
	case 1:
		id := d.id()
		if id == uuid.Nil {
			d.fail(errNotUnique)
		}
		return id
	default:
		d.fail(errForm)
		return uuid.Nil
	}
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.rest)
	switch {
	case n == 0:
		d.fail(errShort)
		return 0
	case n < 0:
		d.fail(errForm)
		return 0
	case n > 1 && d.rest[n-1] == 0:
		d.fail(errNotUnique)
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

func (d *decoder) varint() int64 {
	v := d.uvarint()
	return int64(v>>1) ^ -int64(v&1) // zigzag, as binary.Varint
}

func (d *decoder) int32() int32 {
	v := d.varint()
	if v < math.MinInt32 || v > math.MaxInt32 {
		d.fail(errForm)
		return 0
	}
	return int32(v)
}

func (d *decoder) text() string { return string(d.take(d.uvarint())) }

// raw returns a text, nil for an empty one.
func (d *decoder) raw() []byte { return append([]byte(nil), d.take(d.uvarint())...) }

func (d *decoder) time() time.Time {
	micros := d.uvarint()
	if micros == 0 {
		return time.Time{}
	}
	second := d.varint()
	if micros > 1e6 {
		d.fail(errForm)
		return time.Time{}
	}
	t := time.Unix(second, int64(micros-1)*1000).UTC()
	if t.IsZero() {
		d.fail(errNotUnique)
	}
	return t
}

func (d *decoder) address() netip.Addr {
	switch d.byte() {
	case noAddress:
		return netip.Addr{}
	case ipv4:
		var four [4]byte
		copy(four[:], d.take(4))
		return netip.AddrFrom4(four)
	case ipv6:
		return netip.AddrFrom16(d.sixteen())
	case ipv6Zone:
		a := netip.AddrFrom16(d.sixteen())
		zone := d.text()
		if zone == "" {
			d.fail(errNotUnique)
		}
		return a.WithZone(zone)
	default:
		d.fail(errForm)
		return netip.Addr{}
	}
}

func (d *decoder) sixteen() (a [16]byte) {
	copy(a[:], d.take(16))
	return a
}

// list takes off n elements that are at least size bytes each; nil for none.
func list[T any](d *decoder, n uint64, size int, element func() T) []T {
	if n > uint64(len(d.rest)/size) {
		d.fail(errShort)
	}
	if d.err != nil || n == 0 {
		return nil
	}
	elements := make([]T, n)
	for i := range elements {
		elements[i] = element()
	}
	return elements
}
