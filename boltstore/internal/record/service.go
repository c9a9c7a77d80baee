package record

import (
	"encoding/binary"

	"github.com/google/uuid"

	"github.com/bindset/bindset/service"
)

// EncodeService returns the record of a service on a host whose latest scan is
// given, all but its bindings, with times as binding.Time makes them; what is empty
// in it comes back as nil:
//
//	Name             text
//	HostID           ID
//	NetworkID        optional
//	Definition       text
//	Source.Type      text
//	Source.Rest      text
//	Position         signed number
//	Tags             list of texts
//	Virtualization   text
//	Revision         number
//	CreatedAt        time
//	UpdatedAt        time
//	Sightings        sightings; none in version 1
//
// Its key is ID.
func EncodeService(s *service.Service, latest Scan) []byte {
	r := make([]byte, 0, 128+len(s.Name)+len(s.Definition)+len(s.Source.Rest)+len(s.Virtualization))
	r = append(r, version)
	r = appendText(r, s.Name)
	r = append(r, s.HostID[:]...)
	r = appendOptional(r, s.NetworkID)
	r = appendText(r, s.Definition)
	r = appendText(r, s.Source.Type)
	r = appendText(r, s.Source.Rest)
	r = binary.AppendVarint(r, int64(s.Position))
	r = binary.AppendUvarint(r, uint64(len(s.Tags)))
	for _, tag := range s.Tags {
		r = appendText(r, tag)
	}
	r = appendText(r, s.Virtualization)
	r = binary.AppendUvarint(r, s.Revision)
	r = appendTime(r, s.CreatedAt)
	r = appendTime(r, s.UpdatedAt)
	return seal(appendSightings(r, &s.Sightings, latest), s.ID)
}

// DecodeService returns the service with an ID, without bindings. The function says
// what the latest scan of its host is.
func DecodeService(id uuid.UUID, record []byte, latest func(hostID uuid.UUID) (Scan, error)) (service.Service, error) {
	d := open(record, id)
	s := service.Service{
		ID:             id,
		Name:           d.text(),
		HostID:         d.id(),
		NetworkID:      d.optional(),
		Definition:     d.text(),
		Source:         service.Source{Type: d.text(), Rest: d.raw()},
		Position:       d.int32(),
		Tags:           list(&d, d.uvarint(), 1, d.text),
		Virtualization: d.raw(),
		Revision:       d.uvarint(),
		CreatedAt:      d.time(),
		UpdatedAt:      d.time(),
	}
	scan, err := latest(s.HostID)
	if err != nil {
		return service.Service{}, err
	}
	s.Sightings = d.sightings(scan)
	if err := d.end(); err != nil {
		return service.Service{}, corrupt("service", id, err)
	}
	return s, nil
}

// DecodeServiceName returns what DecodeService has in Name, and no more than the
// checksum makes sure of.
func DecodeServiceName(id uuid.UUID, record []byte) (string, error) {
	d := open(record, id)
	name := d.text()
	if d.err != nil {
		return "", corrupt("service", id, d.err)
	}
	return name, nil
}
