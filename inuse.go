package bindset

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/internal/label"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// shown bounds how many things a message names.
const shown = 5

// stillUsed refuses to replace an inventory, as it was, that bindings use.
func stillUsed(was *host.Inventory, services []service.Service, users []binding.Binding) error {
	owners := make(map[uuid.UUID]*service.Service, len(services))
	for i := range services {
		owners[services[i].ID] = &services[i]
	}
	uses := make([]string, 0, shown)
	for _, b := range users[:min(len(users), shown)] {
		uses = append(uses, nameOf(owners[b.ServiceID])+" uses "+was.Describe(b.Target))
	}
	return &store.EntityError{
		Code: store.ErrInUse, Entity: store.EntityHost, ID: was.HostID(), Name: was.Host().Name, Users: users,
		Problem: "what would go away is still in use: " + list(uses, len(users)) +
			"; change or delete these bindings first, or ask for Cascade",
	}
}

// stillRuns refuses to delete a host with services.
func stillRuns(h *host.Host, services []service.Service) error {
	var users []binding.Binding
	var names []string
	for i := range services {
		users = append(users, services[i].Bindings...)
		if i < shown {
			names = append(names, nameOf(&services[i]))
		}
	}
	return &store.EntityError{
		Code: store.ErrInUse, Entity: store.EntityHost, ID: h.ID, Name: h.Name, Users: users,
		Problem: "services still run on it: " + list(names, len(services)) + "; delete them first, or ask for Cascade",
	}
}

// list joins the first of n things for people.
func list(first []string, n int) string {
	text := strings.Join(first, ", ")
	if n > len(first) {
		text += fmt.Sprintf(" and %d more", n-len(first))
	}
	return text
}

// nameOf returns how people know a service.
func nameOf(s *service.Service) string {
	return cmp.Or(label.Of(s.Name), label.Of(s.Definition), s.ID.String())
}

// usersOfMissing returns, by service, the bindings that name what the inventory
// does not have.
func usersOfMissing(inv *host.Inventory, services []service.Service) (users []binding.Binding) {
	for i := range services {
		for _, b := range services[i].Bindings {
			if !inv.Has(inv.Canonical(b.Target)) {
				users = append(users, b)
			}
		}
	}
	return users
}
