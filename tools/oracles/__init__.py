"""Published SDKs as the other side of our signatures: they accept what we sign, we accept what they sign."""
