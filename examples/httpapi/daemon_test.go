package main

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/service"
)

// TestTheDaemonReportsToTheServer runs both programs together. The server goes
// away and comes back empty, and is told everything again.
func TestTheDaemonReportsToTheServer(t *testing.T) {
	daemon := filepath.Join(t.TempDir(), "daemon")
	built, err := exec.CommandContext(t.Context(), "go", "build", "-o", daemon, "../daemon").CombinedOutput()
	require.NoError(t, err, "%s", built)

	const key = "BINDSET_API_KEY=shared"
	network := uuid.NewString()
	server, serverLog, url := startProgram(t, []string{key})
	cmd := exec.CommandContext(t.Context(), daemon, "-server", url, "-interval", "100ms", "-network", network)
	cmd.Env = append(os.Environ(), key)
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	defer log.Close()
	cmd.Stderr = log
	require.NoError(t, cmd.Start())

	first := waitForHost(t, url, network)
	require.NotEmpty(t, first.Services, "the server itself listens")
	require.NoError(t, server.Process.Signal(syscall.SIGTERM))
	require.NoError(t, server.Wait(), "%s", serverLog)

	server, serverLog, _ = startProgram(t, []string{key}, "-addr", strings.TrimPrefix(url, "http://"))
	again := waitForHost(t, url, network)
	require.Equal(t, first.Host.ID, again.Host.ID, "the machine is the same host")
	require.NotEmpty(t, again.Services)

	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, cmd.Wait())
	require.NoError(t, server.Process.Signal(syscall.SIGTERM))
	require.NoError(t, server.Wait(), "%s", serverLog)
}

// waitForHost returns the one host of a network, once the server has it.
func waitForHost(t *testing.T, url, network string) service.HostWithServices {
	var list struct {
		Data []service.HostWithServices `json:"data"`
	}
	require.Eventually(t, func() bool {
		r, err := http.NewRequestWithContext(t.Context(), "GET", url+"/api/v1/hosts?network_id="+network, nil)
		if err != nil {
			return false
		}
		r.Header.Set("Authorization", "Bearer shared")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		return json.NewDecoder(answer.Body).Decode(&list) == nil && len(list.Data) > 0
	}, time.Minute, 50*time.Millisecond)
	require.Len(t, list.Data, 1)
	return list.Data[0]
}
