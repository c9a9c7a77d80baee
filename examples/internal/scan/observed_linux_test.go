package scan_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/bindset/bindset/examples/internal/netlab"
	"github.com/bindset/bindset/examples/internal/scan"
	"github.com/bindset/bindset/store"
)

// look reads this machine and observes it.
func (w watcher) look(t *testing.T) {
	t.Helper()
	m, err := scan.Read(t.Context())
	require.NoError(t, err)
	w.see(t, m)
}

func TestAnInterfaceIsRenamedBelowWhatIsBoundToIt(t *testing.T) {
	if !netlab.Own(t) {
		return
	}
	require.NoError(t, unix.Sethostname([]byte("gate")))
	netlab.Veth(t, "eth0", "eth1")
	netlab.Address(t, "eth0", "192.0.2.5/24")
	netlab.Address(t, "eth1", "198.51.100.5/24")
	for _, name := range []string{"eth0", "eth1"} {
		require.NoError(t, os.WriteFile("/proc/sys/net/ipv4/conf/"+name+"/forwarding", []byte("1"), 0))
	}
	netlab.Start(t, "dhcpd", netlab.Socket{Network: "udp4", Local: "0.0.0.0:67", Interface: "eth0"})
	netlab.Start(t, "web", on("tcp4", "192.0.2.5:80"))
	w := newWatcher()
	w.look(t)
	netlab.Rename(t, "eth0", "lan0")
	w.look(t)
	require.Equal(t, []string{
		"gate dhcpd: 67/udp on lan0 (192.0.2.5)",
		"gate router: presence at eth1 (198.51.100.5)", "gate router: presence at lan0 (192.0.2.5)",
		"gate web: 80/tcp on 192.0.2.5 (lan0)",
	}, w.lines(t))
}

func TestAHostIsRenamedAndStaysOne(t *testing.T) {
	if !netlab.Own(t) {
		return
	}
	netlab.Start(t, "sshd", on("tcp4", "0.0.0.0:22"))
	w := newWatcher()
	for _, name := range []string{"localhost", "web-1"} {
		require.NoError(t, unix.Sethostname([]byte(name)))
		w.look(t)
	}
	require.Equal(t, []string{"localhost sshd: 22/tcp on all IPv4"}, w.lines(t), "a host is not renamed by a scan")
}

func TestTwoNetworksOfOneMachineAreTwoHosts(t *testing.T) {
	if !netlab.Own(t) {
		return
	}
	require.NoError(t, unix.Sethostname([]byte("one")))
	netlab.Start(t, "nginx", on("tcp4", "0.0.0.0:80"))
	w := newWatcher()
	w.look(t)
	elsewhere := make(chan scan.Machine)
	go func() {
		runtime.LockOSThread() // and never unlock it: the thread ends here, too
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			t.Error(err)
		}
		m, _ := scan.Read(t.Context())
		elsewhere <- m
	}()
	m := <-elsewhere
	require.Empty(t, m.Sockets)
	m.Sockets = []scan.Socket{tcp("0.0.0.0:80", 1)}
	m.Name, m.Processes = "two", map[int]scan.Process{1: {PID: 1, Name: "apache2"}}
	w.see(t, m)
	require.Equal(t, []string{"one nginx: 80/tcp on all IPv4", "two apache2: 80/tcp on all IPv4"}, w.lines(t))
}

func TestANameThatIsNoUTF8StopsNoScan(t *testing.T) {
	if !netlab.Own(t) {
		return
	}
	require.NoError(t, unix.Sethostname([]byte("web\xff")))
	netlab.Veth(t, "lan\xff", "peer")
	netlab.Address(t, "lan\xff", "192.0.2.9/24")
	netlab.Start(t, "a\xffb", on("tcp4", "192.0.2.9:22"))
	w := newWatcher()
	w.look(t)
	w.look(t)
	require.Equal(t, []string{"web\uFFFD a\uFFFDb: 22/tcp on 192.0.2.9 (lan\uFFFD)"}, w.lines(t))
}

func TestInterfacesOfContainersThatAreGoneExpire(t *testing.T) {
	if !netlab.Own(t) {
		return
	}
	require.NoError(t, unix.Sethostname([]byte("host")))
	netlab.Veth(t, "eth0", "uplink")
	netlab.Address(t, "eth0", "192.0.2.5/24")
	netlab.Start(t, "sshd", on("tcp4", "192.0.2.5:22"))
	w := newWatcher()
	var last scan.Scan
	for i := range 5 {
		name := fmt.Sprint("veth", i)
		netlab.Veth(t, name, "inside")
		netlab.Address(t, name, "fe80::1/64")
		last = scanned(t)
		last.SeenAt = time.Now().Add(time.Duration(i-5) * time.Minute)
		_, err := w.manager.Observe(t.Context(), last.Discovery)
		require.NoError(t, err)
		netlab.Remove(t, name)
	}
	_, err := w.manager.Expire(t.Context(), last.Host.ID, last.SeenAt)
	require.NoError(t, err)
	require.Equal(t, []string{"host sshd: 22/tcp on 192.0.2.5 (eth0)"}, w.lines(t))
	require.NoError(t, w.manager.View(t.Context(), func(ctx context.Context, r store.Reader) error {
		h, err := r.Host(ctx, last.Host.ID)
		require.NoError(t, err)
		var names []string
		for _, f := range h.Interfaces {
			names = append(names, f.Name)
		}
		require.ElementsMatch(t, []string{"lo", "eth0", "uplink", "veth4", "inside"}, names)
		return nil
	}))
}
