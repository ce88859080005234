"""Every port as a short fake that remembers what it saw; the contract tests hold them to what the real adapters do."""
