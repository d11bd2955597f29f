"""What a person does with a phone: write, press, send a file, block."""
