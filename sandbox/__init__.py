"""The whole system on one machine: emulated AWS, simulated channels, a demo shop."""
