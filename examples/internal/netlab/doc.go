// Package netlab gives tests a network of their own: a Linux network namespace in
// which they make interfaces and addresses, and processes of any name that open
// sockets there.
//
//	func TestMain(m *testing.M) { os.Exit(netlab.Main(m)) }
//
//	func TestScan(t *testing.T) {
//		if !netlab.Own(t) {
//			return
//		}
//		netlab.Veth(t, "eth0", "eth1")
//		netlab.Address(t, "eth0", "192.0.2.5/24")
//		netlab.Start(t, "nginx", netlab.Socket{Network: "tcp4", Local: "192.0.2.5:80"})
//		// ...
//	}
package netlab
