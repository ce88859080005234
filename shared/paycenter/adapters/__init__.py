"""The outside: AWS, HTTP, the clock and chance. Nothing else touches them."""
