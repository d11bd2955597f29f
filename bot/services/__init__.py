"""What the department does, a noun a file: the only writers. They raise errors and write notices; they send nothing."""
