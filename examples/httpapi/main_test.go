package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// asProgram makes the test binary the program itself, so that tests can run that.
const asProgram = "HTTPAPI_TEST_RUNS_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// startProgram starts the program in a process of its own, and returns the URL
// that it says it listens on.
func startProgram(t *testing.T, env []string, args ...string) (*exec.Cmd, *bytes.Buffer, string) {
	program, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), program, append([]string{"-addr", "127.0.0.1:0"}, args...)...)
	cmd.Env = append(os.Environ(), append(env, asProgram+"=1")...)
	cmd.Cancel = func() error { return cmd.Process.Kill() }
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err, "%s", &stderr)
	require.Regexp(t, `^listening on http://127\.0\.0\.1:\d+\n$`, line)
	return cmd, &stderr, strings.TrimSpace(strings.TrimPrefix(line, "listening on "))
}

// request sends a request and returns the status of the answer.
func request(t *testing.T, method, url, key string, body io.Reader) int {
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	require.NoError(t, err)
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode
}

func TestTheProgramServesUntilItIsTold(t *testing.T) {
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		cmd, stderr, url := startProgram(t, []string{"BINDSET_API_KEY=from-env"})
		require.Equal(t, 200, request(t, "GET", url+"/healthz", "", nil))
		hosts := url + "/api/v1/hosts?network_id=" + idOf("$net1").String()
		require.Equal(t, 401, request(t, "GET", hosts, "", nil))
		require.Equal(t, 200, request(t, "GET", hosts, "from-env", nil))

		// A request that is open when the signal comes is finished.
		half, rest := io.Pipe()
		answered := make(chan int, 1)
		go func() {
			r, _ := http.NewRequestWithContext(t.Context(), "POST", url+"/api/v1/hosts", half)
			r.Header.Set("Authorization", "Bearer from-env")
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				answered <- 0
				return
			}
			_ = answer.Body.Close()
			answered <- answer.StatusCode
		}()
		body := named.Replace(aHost)
		_, err := io.WriteString(rest, body[:10]) // the client has sent the header by now, the server may still read it
		require.NoError(t, err)
		waitForReading(t, url)
		require.NoError(t, cmd.Process.Signal(signal))
		waitForClosing(t, strings.TrimPrefix(url, "http://"))
		_, err = io.WriteString(rest, body[10:])
		require.NoError(t, err)
		require.NoError(t, rest.Close())
		require.Equal(t, 200, <-answered, "%s", stderr)
		require.NoError(t, cmd.Wait(), "%s", stderr)
	}
}

// waitForReading returns when the server has taken up what was sent to it before:
// it has answered requests that came later.
func waitForReading(t *testing.T, url string) {
	for range 50 {
		require.Equal(t, 200, request(t, "GET", url+"/healthz", "", nil))
	}
}

// waitForClosing returns when nobody listens at an address any more.
func waitForClosing(t *testing.T, address string) {
	require.Eventually(t, func() bool {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	}, time.Minute, 5*time.Millisecond)
}

func TestTheKeyOnTheCommandLineCountsFirst(t *testing.T) {
	env := func(string) string { return "from-env" }
	c, err := parse([]string{"-api-key", "from-flag"}, env, io.Discard)
	require.NoError(t, err)
	require.Equal(t, "from-flag", c.key)
	c, err = parse(nil, env, io.Discard)
	require.NoError(t, err)
	require.Equal(t, "from-env", c.key)

	var help bytes.Buffer
	require.Zero(t, run(t.Context(), []string{"-h"}, env, io.Discard, &help))
	require.NotContains(t, help.String(), "from-env")
}

func TestWhatCannotBeServedIsSaid(t *testing.T) {
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"-port", "80"}, 2, "-port"},
		{[]string{"serve"}, 2, `"serve"`},
		{[]string{"-store", "floppy:A"}, 2, "floppy"},
		{[]string{"-store", "mem:here"}, 2, "mem:here"},
		{[]string{"-store", "bolt:"}, 2, "bolt:FILE"},
		{[]string{"-store", "bolt:" + t.TempDir()}, 1, "directory"},
		{[]string{"-store", "postgres:"}, 2, "postgres:DSN"},
		{[]string{"-store", "postgres:port=nine"}, 2, "port"},
		{[]string{"-addr", taken.Addr().String()}, 1, "in use"},
	} {
		var stdout, stderr bytes.Buffer
		require.Equal(t, c.code, run(context.Background(), c.args, func(string) string { return "" }, &stdout, &stderr))
		require.Contains(t, stderr.String(), c.says)
		require.Empty(t, stdout.String())
	}
}
