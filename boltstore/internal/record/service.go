package record

import (
	"encoding/binary"
	"fmt"

	"github.com/google/uuid"

	"github.com/bindset/bindset/service"
)

// EncodeService returns the record of a service, all but its bindings, with times
// as binding.Time makes them:
//
//	Name             text
//	HostID           ID
//	NetworkID        optional
//	Definition       text
//	Source.Type      text
//	Source.Rest      raw
//	Position         signed number
//	Tags             0 for nil, or a list of texts whose length is one more
//	Virtualization   raw
//	Revision         number
//	CreatedAt        time
//	UpdatedAt        time
//
// Its key is ID.
func EncodeService(s *service.Service) []byte {
	r := make([]byte, 0, 128+len(s.Name)+len(s.Definition)+len(s.Source.Rest)+len(s.Virtualization))
	r = append(r, version)
	r = appendText(r, s.Name)
	r = append(r, s.HostID[:]...)
	r = appendOptional(r, s.NetworkID)
	r = appendText(r, s.Definition)
	r = appendText(r, s.Source.Type)
	r = appendRaw(r, s.Source.Rest)
	r = binary.AppendVarint(r, int64(s.Position))
	r = appendTags(r, s.Tags)
	r = appendRaw(r, s.Virtualization)
	r = binary.AppendUvarint(r, s.Revision)
	r = appendTime(r, s.CreatedAt)
	r = appendTime(r, s.UpdatedAt)
	return seal(r, s.ID)
}

// DecodeService returns the service with an ID, without bindings.
func DecodeService(id uuid.UUID, record []byte) (service.Service, error) {
	d := open(record, id)
	s := service.Service{
		ID:             id,
		Name:           d.text(),
		HostID:         d.id(),
		NetworkID:      d.optional(),
		Definition:     d.text(),
		Source:         service.Source{Type: d.text(), Rest: d.raw()},
		Position:       d.int32(),
		Tags:           d.tags(),
		Virtualization: d.raw(),
		Revision:       d.uvarint(),
		CreatedAt:      d.time(),
		UpdatedAt:      d.time(),
	}
	if err := d.end(); err != nil {
		return service.Service{}, corruptService(id, err)
	}
	return s, nil
}

// DecodeServiceName returns what DecodeService has in Name, and no more than the
// checksum makes sure of.
func DecodeServiceName(id uuid.UUID, record []byte) (string, error) {
	d := open(record, id)
	name := d.text()
	if d.err != nil {
		return "", corruptService(id, d.err)
	}
	return name, nil
}

func corruptService(id uuid.UUID, err error) error {
	return fmt.Errorf("the record of service %s is corrupt: %w", id, err)
}

func appendTags(r []byte, tags []string) []byte {
	if tags == nil {
		return append(r, 0)
	}
	r = binary.AppendUvarint(r, uint64(len(tags))+1)
	for _, tag := range tags {
		r = appendText(r, tag)
	}
	return r
}

func (d *decoder) tags() []string {
	switch n := d.uvarint(); n {
	case 0:
		return nil
	case 1:
		return []string{}
	default:
		return list(d, n-1, 1, d.text)
	}
}
