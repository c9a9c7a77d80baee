package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/service"
)

const storeKinds = "mem"

// openStore opens the store that the flag -store names, KIND or KIND:WHERE, and
// returns what closes it. A new kind of store goes in here, and nowhere else.
func openStore(ctx context.Context, name string) (store service.Store, closeStore func(), err error) {
	kind, _, _ := strings.Cut(name, ":")
	switch kind {
	case "mem":
		return memstore.New(), func() {}, nil
	default:
		return nil, nil, fmt.Errorf("-store %q: there is no such kind of store; use %s", name, storeKinds)
	}
}
