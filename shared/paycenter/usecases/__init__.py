"""What the system does: one module per function, under the same name, and what they share."""
