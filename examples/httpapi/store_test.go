package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/examples/internal/stores"
	"github.com/bindset/bindset/pgstore/pgtest"
	"github.com/bindset/bindset/service"
)

func TestWhatIsServedFromAStoreThatLastsIsThereAgain(t *testing.T) {
	for kind, where := range map[string]func(*testing.T) string{
		"bolt":     func(t *testing.T) string { return filepath.Join(t.TempDir(), "httpapi.db") },
		"postgres": func(t *testing.T) string { return pgtest.DSN(t) },
	} {
		t.Run(kind, func(t *testing.T) {
			name := where(t)
			if !strings.HasPrefix(name, kind+"://") {
				name = kind + ":" + name
			}
			var flag stores.Flag
			require.NoError(t, flag.Set(name))
			serve := func() (*server, func() error) {
				store, closeStore, err := flag.Open(t.Context())
				require.NoError(t, err)
				return newServerOn(t, store, ""), closeStore
			}
			s, closeStore := serve()
			body := named.Replace(aHost)
			network := uuid.NewString() // others may use that database, too
			body = strings.Replace(body, idOf("$net1").String(), network, 1)
			was := s.ok("POST", "/api/v1/hosts", body)
			require.NoError(t, closeStore())

			s, closeStore = serve()
			path := "/api/v1/hosts/" + decoded[service.HostWithServices](t, was).Host.ID.String()
			require.JSONEq(t, string(was.Data), string(s.ok("GET", path, "").Data))
			s.ok("DELETE", path, "", `If-Match: "1"`)
			require.NoError(t, closeStore())
		})
	}
}
