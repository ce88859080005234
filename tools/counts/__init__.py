"""What an order's life costs, counted on the emulator."""
