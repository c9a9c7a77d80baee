package main

func Example() {
	main()
	// Output:
	// valid: 1 binding kept, 0 dropped, 0 absorbed, 1 skipped
	//   kept     8080/tcp on all interfaces
	//   skipped  80/tcp on all interfaces  no-low-ports low_port: 80/tcp is not for public services; listen on a port from 1024 on
}
