"""UnionPay against the `openssl` command: its SDK is in no registry."""
