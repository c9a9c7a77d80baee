package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/examples/internal/netlab"
	"github.com/bindset/bindset/examples/internal/scan"
)

func TestMain(m *testing.M) { os.Exit(netlab.Main(m)) }

func TestSocketsThatOnlySentSomethingAreNotStored(t *testing.T) {
	if !netlab.Own(t) {
		return
	}
	netlab.Start(t, "chronyd", netlab.Socket{Network: "udp4", Local: "0.0.0.0:323"})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	scans := 0
	read := func(ctx context.Context) (scan.Machine, error) {
		if scans++; scans >= 6 {
			stop()
		}
		client := netlab.Start(t, "resolver", netlab.Socket{Network: "udp4", Remote: "127.0.0.1:53"})
		defer client.Stop()
		m, err := scan.Read(context.WithoutCancel(ctx))
		require.Len(t, m.Sockets, 2)
		return m, err
	}
	id, file := uuid.New(), filepath.Join(t.TempDir(), "daemon.db")
	require.Zero(t, run(ctx, []string{"-host-id", id.String(), "-store", "bolt:" + file, "-interval", "1ms"}, read, io.Discard))
	require.GreaterOrEqual(t, scans, 6)
	services := stored(t, named(t, "bolt:"+file), id)
	require.Len(t, services, 1)
	require.Equal(t, "chronyd", services[0].Name)
}
