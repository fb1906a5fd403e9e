"""What decisions rest on, measured: each program here prints the numbers of one."""
