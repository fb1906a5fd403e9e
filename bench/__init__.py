"""The measurements behind decisions: each program here prints the numbers for one decision."""
